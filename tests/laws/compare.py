"""Both evaluators on one world, and the differences as lines to read.

``python -m tests.laws.compare SEED`` prints the smallest history of that world on which they still differ.
"""

import sys
from collections.abc import Iterator
from dataclasses import replace

from monitor.sla.evidence import Facts
from monitor.sla.facts import Fact
from monitor.sla.model import Statement
from monitor.sla.statement import build
from tests.laws.worlds import World, world
from tests.oracle.figures import Figure, Totals, judge


def built(world: World) -> Statement:
    """The statement of a world's period, closed."""
    return build(world.config, world.contract, world.period, Facts(world.facts), None)


def differences(world: World) -> list[str]:
    """What the two evaluators do not agree on; empty where they do."""
    statement = built(world)
    judged = judge(world.config, world.contract, world.period, world.facts)
    out: list[str] = []
    for service in statement.services:
        ours = Totals(service.up, service.down, service.unknown, service.excluded)
        theirs = judged.totals[service.service]
        if ours != theirs:
            out.append(f"{service.service}: {ours} != {theirs}")
        if service.coverage != theirs.coverage:
            out.append(f"{service.service}: coverage {service.coverage} != {theirs.coverage}")
        mine = [(i.start, i.charged) for i in statement.incidents if i.service == service.service and i.counted]
        others = [(i.start, i.charged) for i in judged.incidents[service.service]]
        if mine != others:
            out.append(f"{service.service}: incidents {mine} != {others}")
    for result in statement.promises:
        figure = judged.figures[result.service, result.id]
        verdict = None if result.verdict is None else str(result.verdict)
        got = Figure(result.service, result.id, result.value, result.lower, result.upper, verdict or "")
        out += _unlike(got, figure)
    return out


def _unlike(got: Figure, expected: Figure) -> Iterator[str]:
    if not expected.bounded:
        expected = replace(expected, lower=got.lower, upper=got.upper, verdict=got.verdict)
    if expected.open:  # what it may still grow to is nobody's to say
        expected = replace(expected, upper=got.upper)
    for name in ("value", "lower", "upper", "verdict"):
        left, right = getattr(got, name), getattr(expected, name)
        if left != right and not (name == "verdict" and left == ""):
            yield f"{got.service} {got.promise}: {name} {left} != {right}"


def smallest(world: World, about: str = "", keep: tuple[str, ...] = ()) -> World:
    """A world that still differs (about that), with facts taken away one after the other as long as it does.

    The samples of the targets in ``keep`` stay.
    """
    kept = tuple(fact for fact in world.facts if getattr(fact, "target", None) in keep)
    loose = [fact for fact in world.facts if fact not in kept]
    size = len(loose)
    while size:
        size //= 2
        start = 0
        while start < len(loose):
            fewer = loose[:start] + loose[start + max(1, size) :]
            if any(about in line for line in differences(replace(world, facts=(*kept, *fewer)))):
                loose = fewer
            else:
                start += max(1, size)
    return replace(world, facts=(*kept, *loose))


def story(world: World) -> str:
    """A world and what the evaluators make of it, to be read by people; times in minutes from the period's start."""
    lines = [*differences(world), f"zone {world.contract.timezone}, unknown: {world.contract.unknown}"]
    lines.append(f"period of {_minutes(world, world.period.end)}")
    lines += [f"{s.name}: {s.targets}, down when {s.down_when}" for s in world.contract.services]
    lines += [f"exclusion {term!r}" for term in world.contract.exclusions]
    for target in world.config.targets.values():
        lines.append(f"{target.name}: every {target.every // 60 // 10**9}m, timeout {target.timeout // 10**9}s")
        lines[-1] += f", vantages {target.vantages}, quorum {target.quorum}"
    return "\n".join(lines + sorted(_told(world, fact) for fact in world.facts))


def _told(world: World, fact: Fact) -> str:
    fields = {name: getattr(fact, name) for name in fact.__slots__}
    instants = {"at", "start", "end", "scheduled_at", "announced_at", "recorded_at"}
    said = [
        f"{name}={_minutes(world, value) if name in instants else value}"
        for name, value in fields.items()
        if value not in (None, (), 0, False)
    ]
    return f"{type(fact).__name__} " + " ".join(said)


def _minutes(world: World, instant: int) -> str:
    return f"{(instant - world.period.start) / 60 / 10**9:g}m"


if __name__ == "__main__":
    chosen = world(int(sys.argv[1]))
    first = next(iter(differences(chosen)), "")
    print(story(smallest(chosen, " ".join(first.split()[:2]))))
