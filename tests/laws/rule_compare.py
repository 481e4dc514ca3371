"""Both evaluators on one world of rules. ``python -m tests.laws.rule_compare SEED`` tells the smallest history on
which they differ; ``--seeds FROM TO`` runs many."""

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from fractions import Fraction

from config.contract.noun import Noun
from monitor.sla.evidence import Facts
from monitor.sla.facts import AssumeFact, Fact
from monitor.sla.statement import build
from tests.laws.compare import _minutes
from tests.laws.rule_worlds import RuleWorld, rule_world
from tests.oracle.build import config
from tests.oracle.rule_measures import figure
from tests.oracle.ruled import outages
from tests.oracle.sources import Desk
from tests.oracle.timeline import ServiceHistory


def desks(world: RuleWorld) -> list[Desk]:
    """Every service with what was seen of it."""
    grid = world.grid
    period = range(grid.index(world.period.start), grid.index(world.period.end))
    seen: dict[str, tuple[str, ...]] = {}
    for service in world.contract.services:
        history = ServiceHistory(config(), world.contract.but(exclusions=()), service, world.facts)
        seen[service.name] = tuple(history.seen(grid.at(i)) for i in range(grid.size))
    return [Desk(world.contract, service, world.facts, grid, period, seen) for service in world.contract.services]


def differences(world: RuleWorld) -> list[str]:
    """What the two do not agree on; empty where they do."""
    statement = build(config(), world.contract, world.period, Facts(world.facts), None)
    found = {desk.service.name: desk for desk in desks(world)}
    out: list[str] = []
    for one in statement.services:
        gone = [found[one.service].gone.get(t) for t in found[one.service].period]
        excluded = sum(effect in ("absent", "out_of_base") for effect in gone) * 300 * 10**9
        if excluded != one.excluded:
            out.append(f"{one.service} excluded: {excluded / 6e10} != {one.excluded / 6e10}")
    for result in statement.promises:
        measure = world.contract.measure(result.id)
        own = list(found.values()) if measure.pool else [found[result.service]] if result.service in found else []
        if not own:
            out.append(f"{result.service} {result.id}: not judged")
            continue
        expected = figure(own, measure)
        if measure.kind == "ratio" and expected is not None and result.lower is not None and result.upper is not None:
            expected = min(max(expected, result.lower), result.upper)  # a value lies within its bounds
        if _silent(world, measure.kind):
            continue
        if result.value != expected:
            out.append(f"{result.service} {result.id}: {_told(result.value)} != {_told(expected)} (theirs last)")
        elif result.value is not None and not _within(result.lower, result.value, result.upper):
            out.append(f"{result.service} {result.id}: {result.lower} {result.value} {result.upper} bounds")
    counted = sorted((c.service, c.start, c.charged) for c in statement.counted if c.charged)
    theirs = sorted(
        (desk.service.name, desk.grid.at(o.start), o.charged)
        for desk in found.values()
        for o in outages(desk, world.contract.outage("rule"))
        if o.charged and o.start < desk.period.stop and (o.end > desk.period.start)
    )
    if counted != theirs and not _silent(world, "counted"):
        out.append(f"counted: {_list(world, counted)} != {_list(world, theirs)}")
    return out


def _silent(world: RuleWorld, kind: str) -> bool:
    """Buckets that nobody told of, beside what is void or at the end: what is open there is left to bounds."""
    bucket = world.contract.outage("rule").bucket
    if bucket is None or bucket.empty not in ("skip", "carry"):
        return False
    outages = kind in ("ratio", "total", "longest", "count", "each", "counted")
    return kind == "each" or (outages and any(term.effect == "void" for term in world.contract.exclusions))


def _within(lower: Fraction | None, value: Fraction, upper: Fraction | None) -> bool:
    return (lower is None or lower <= value) and (upper is None or value <= upper)


def _told(value: Fraction | None) -> str:
    return "none" if value is None else f"{value} ({float(value) / 6e10:g}m)"


def _list(world: RuleWorld, found: Sequence[tuple[str, int, Fraction]]) -> str:
    return str([(name, _minutes(world, start), float(charged) / 6e10) for name, start, charged in found])  # type: ignore[arg-type]


def smallest(world: RuleWorld, about: str) -> RuleWorld:
    """A world that still differs about that, with facts taken away as long as it does."""
    assumed = tuple(fact for fact in world.facts if isinstance(fact, AssumeFact))
    facts = [fact for fact in world.facts if fact not in assumed]
    size = len(facts)
    while size:
        size //= 2
        start = 0
        while start < len(facts):
            fewer = facts[:start] + facts[start + max(1, size) :]
            try:
                same = any(about in line for line in differences(replace(world, facts=(*assumed, *fewer))))
            except Exception:
                same = False
            if same:
                facts = fewer
            else:
                start += max(1, size)
    return replace(world, facts=(*assumed, *facts))


def typed(noun: Noun) -> dict[str, object]:
    """The fields that say something else than by default."""
    return {each.name: getattr(noun, each.name) for each in fields(noun) if getattr(noun, each.name) != each.default}  # type: ignore[arg-type]


def story(world: RuleWorld) -> str:
    """A world to be read by people; times in minutes from the period's start."""
    rule = world.contract.outage("rule")
    lines = [*differences(world), f"zone {world.contract.timezone}, period {_minutes(world, world.period.end)}"]  # type: ignore[arg-type]
    lines.append(f"rule {typed(rule)}")
    asked = {line.split(":")[0].split(" ")[-1] for line in lines}
    lines += [str(typed(m)) for m in world.contract.measures if m.name in asked]
    lines += [str(typed(s)) for s in world.contract.services]
    lines += [str(typed(t)) for t in world.contract.exclusions]
    lines += [str(calendar) for calendar in world.contract.calendars]
    return "\n".join(lines + [_fact(world, fact) for fact in world.facts])


def _fact(world: RuleWorld, fact: Fact) -> str:
    def shown(value: object) -> object:
        if isinstance(value, int) and value > 10**15:
            return _minutes(world, value)  # type: ignore[arg-type]
        if isinstance(value, tuple):
            return [shown(one) for one in value]
        if hasattr(value, "cause") and hasattr(value, "start"):
            return f"{shown(value.start)}-{shown(value.end)} {value.cause}"
        return value

    names = [name for name in fact.__slots__ if not name.endswith("_id")]
    said = [f"{n}={shown(getattr(fact, n))}" for n in names if getattr(fact, n) not in (None, (), False)]
    return f"{type(fact).__name__} " + " ".join(said)


def _many(first: int, last: int) -> None:
    sorts: Counter[str] = Counter()
    wrong: dict[str, list[int]] = {}
    for seed in range(first, last):
        try:
            lines = differences(rule_world(seed))
        except Exception as error:
            lines = [f"x {type(error).__name__}: {error}"]
        for line in {line.split(":")[0].split(" ")[-1] for line in lines}:
            sorts[line] += 1
            wrong.setdefault(line, []).append(seed)
    print(last - first, "worlds", sorts)
    for sort, seeds in wrong.items():
        print(sort, seeds[:12])


if __name__ == "__main__":
    if sys.argv[1] == "--seeds":
        _many(int(sys.argv[2]), int(sys.argv[3]))
    else:
        chosen = rule_world(int(sys.argv[1]))
        first = sys.argv[2] if len(sys.argv) > 2 else next(iter(differences(chosen)), "").split(":")[0]
        print(story(smallest(chosen, first)))
