"""From states and tickets to the outages a contract counts.

    pieces | tickets | counts ─▶ state ─▶ starts, ends ─▶ clock, pauses, exclusions ─▶ overlaps are one ─┐
                                      weighed, rounded ◀─ grace ◀─ long enough ◀─ divided ◀─ near ones merged ◀┘

Exclusions shorten an outage before it is asked whether it is long enough, and never split it.
"""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from config.contract.rules import OutageRule
from config.spans import total
from monitor.sla.chains import chains
from monitor.sla.figures import marked
from monitor.sla.occurrence import Occurrence, World
from monitor.sla.outages import counting, edges, merge, qualify, states, tickets
from monitor.sla.outages.raw import Raw
from monitor.sla.rounding import rounded
from monitor.sla.timeline import Piece

if TYPE_CHECKING:
    from monitor.sla.scene import Scene


def occurrences(scene: "Scene", rule: OutageRule, world: World) -> Iterator[Occurrence]:
    """The outages of a rule that touch the scene's period, by start; also those of which nothing counts (``charged``
    is 0) because all of it was excluded."""
    if rule.services and scene.service.name not in rule.services:
        return
    for raw in _counted(scene, rule, world):
        counts = scene.period.start <= raw.start < scene.period.end
        if counts or (raw.start < scene.period.end and raw.end > scene.period.start):
            yield _occurrence(raw, scene, rule, counts)


def _counted(scene: "Scene", rule: OutageRule, world: World) -> list[Raw]:
    found = [raw for raw in _found(scene, rule, world) if qualify.admitted(raw, scene, rule)]
    found = [counting.counted(raw, scene, rule) for raw in found if not counting.void(raw, scene)]
    found = merge.overlapping(found, rule)
    found = merge.merged(found, rule, lambda spans: counting.charged(spans, (), scene, rule))
    found = [part for raw in found for part in counting.parts(raw, scene, rule)]
    found = [counting.after_grace(raw, scene, rule) for raw in qualify.qualified(found, rule)]
    if rule.weighted:
        shares = list(_shares(scene, rule))
        found = [replace(raw, weight=counting.weighed(raw, shares)) for raw in found]
    return found


def _shares(scene: "Scene", rule: OutageRule) -> Iterator[tuple[int, int, Fraction]]:
    """What facts say of the share that was affected: states judged elsewhere, and the counts of the rule's signals."""
    for state in scene.known.states.get(scene.service.name, ()):
        if state.state == "down" and state.weight is not None:
            yield state.start, state.end, state.weight
    for source in rule.sources:
        for fact in scene.known.counts.get(source.name or "", ()) if source.kind == "counts" else ():
            if fact.weight is not None and fact.service in (None, scene.service.name):
                yield fact.start, fact.end, fact.weight


def _found(scene: "Scene", rule: OutageRule, world: World) -> list[Raw]:
    """The outages as their sources tell of them, from where to where they count."""
    if rule.overlap != "union" and not rule.every_source:
        if len(rule.sources) > 1:
            single = [rule.but(sources=(source,)) for source in rule.sources]
            return [raw for one in single for raw in _found(scene, one, world)]
        if scene.service.of and rule.sources[0].kind == "probes":
            parts = [scene.others[name] for name in scene.service.of]
            return [raw for part in parts for raw in _found(part.during(scene.period), rule, world)]
    if len(rule.sources) == 1 and rule.sources[0].kind == "tickets":
        return _ticketed(scene, rule, world)
    pieces = marked(states.pieces_of(scene, rule, world), scene.view.excluded)
    return [raw for raw in _observed(scene, rule, pieces) if raw is not None]


def _ticketed(scene: "Scene", rule: OutageRule, world: World) -> list[Raw]:
    """The outages of tickets; at the greatest there is one from now on."""
    found = tickets.raws(scene, rule)
    end = scene.period.end
    if world == "greatest" and scene.now is not None and scene.now < end:
        going_on = [raw for raw in found if raw.open]
        found = [raw for raw in found if not raw.open]
        found += [replace(raw, end=end, spans=((raw.start, end),)) for raw in going_on]
        found += [] if going_on else [Raw(scene.now, end, False, ((scene.now, end),))]
    return [raw for raw in found if edges.confirmed(raw, rule)]


def _observed(scene: "Scene", rule: OutageRule, pieces: list[Piece]) -> Iterator[Raw | None]:
    for chain in chains(pieces):
        outages = chain.outages
        if not outages:
            continue
        raw = Raw(outages[0][0], outages[-1][1], chain.open, tuple(outages))
        if edges.confirmed(raw, rule):
            yield edges.moved(edges.described(raw, scene, rule, chain.cause), scene, rule)


def _occurrence(raw: Raw, scene: "Scene", rule: OutageRule, counts: bool) -> Occurrence:
    charged = Fraction(total(raw.kept))
    if rule.round is not None:
        charged = rounded(charged, rule.round)
    return Occurrence(
        service=scene.service.name,
        start=raw.start,
        end=raw.end,
        open=raw.open,
        charged=charged,
        spans=raw.spans,
        weight=raw.weight,
        counted=counts,
        ticket=raw.ticket,
        cause=raw.known.cause,
        severity=raw.known.severity,
        category=raw.known.category,
        region=raw.known.region,
        kept=raw.kept,
    )
