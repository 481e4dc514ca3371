"""The time that outages cost a service in a period, and the base it is taken of."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from config.contract.model import Promise
from config.contract.noun import ANYTHING
from config.contract.rules import Base, MeasureRule, OutageRule
from config.spans import Span, clip, intersect, subtract, total, union
from monitor.sla.conditions import concerns
from monitor.sla.exclusions import outside_service
from monitor.sla.matching import Qualities
from monitor.sla.model import State
from monitor.sla.occurrence import Occurrence, World, overlap
from monitor.sla.outages.counting import calendar_of

if TYPE_CHECKING:
    from monitor.sla.scene import Scene


@dataclass(frozen=True, slots=True)
class Ground:
    """What a ratio is taken of, in ns: all of it, and what is known of it. ``scheduled``: where time counts at all;
    None: everywhere."""

    base: Fraction
    observed: Fraction
    scheduled: tuple[Span, ...] | None


def outage_rule(scene: "Scene", rule: MeasureRule, promise: Promise | None) -> OutageRule:
    """The outages that a measure is made of, on the clock that the promise or the measure names, if one does, and with
    what they weigh where the measure asks for it."""
    found = scene.contract.outage(rule.of)
    clock = promise.clock if promise is not None and promise.clock is not None else rule.clock
    change = {"clock": clock or found.clock, "weighted": found.weighted or rule.weighted}
    return found if (found.clock, found.weighted) == tuple(change.values()) else found.but(**change)


def outages_of(scene: "Scene", rule: MeasureRule, promise: Promise | None, world: World) -> Iterator[Occurrence]:
    """The outages that touch the period and that the measure and the promise are about; those that another promise
    stands for instead are left to it."""
    for one in scene.found(outage_rule(scene, rule, promise), world):
        known = Qualities(one.severity, one.category, one.cause, one.region, "fault")
        if concerns(scene.contract, rule, promise, scene.service.name, known):
            yield one


def whole(scene: "Scene", rule: MeasureRule, promise: Promise | None) -> bool:
    """Whether the measure is of every plain outage of its service: then the exact bounds of chains hold."""
    outage = outage_rule(scene, rule, promise)
    every = rule.where == ANYTHING
    if promise is not None:
        every = every and promise.where == ANYTHING
        every = every and not any(p.replaces == promise.id for p in scene.contract.promises)
    return outage.plain and every and (not outage.services or scene.service.name in outage.services)


def lost(
    scene: "Scene", rule: MeasureRule, promise: Promise | None, world: World, scheduled: tuple[Span, ...] | None = None
) -> Fraction:
    """What the outages count within the period: their charged time, each times what it weighs."""
    start, end = scene.span
    return sum(
        (_part(one, start, end, scheduled) * one.weight for one in outages_of(scene, rule, promise, world)),
        Fraction(0),
    )


def _part(one: Occurrence, start: int, end: int, scheduled: tuple[Span, ...] | None) -> Fraction:
    """The part of an outage within the period, and within the scheduled hours where only those count."""
    if scheduled is None:
        return one.part(start, end)
    kept = one.kept or one.spans
    length = overlap(kept, one.start, one.end)
    hours = clip(scheduled, start, end)
    inside = sum(overlap(kept, since, to) for since, to in hours)
    return one.charged * inside / length if length else Fraction(0)


def ground(scene: "Scene", rule: MeasureRule, promise: Promise | None) -> Ground:
    """The base of a service's ratio: the period less what is excluded, or as the measure or the contract says."""
    base = rule.base or scene.contract.base
    start, end = scene.span
    view = scene.states(outage_rule(scene, rule, promise))
    absent = clip(outside_service(scene.service), start, end)
    out = clip(union(view.excluded.out_of_base), start, end)
    if rule.absent == "up" and base.kind != "existing":
        out = subtract(out, absent)
    counts = subtract([(start, end)], out)
    scheduled = _scheduled(scene, base)
    if scheduled is not None:
        counts = intersect(counts, scheduled)
    charged = union(s for one in outages_of(scene, rule, promise, "measured") for s in one.kept)
    lifted = union([*view.excluded.not_down, *view.excluded.paused, *view.forgiven])
    lifted += absent if rule.absent == "up" else []
    unknown = union((p.start, p.end) for p in view.pieces if p.state is State.UNKNOWN)
    unseen = intersect(counts, subtract(subtract(unknown, union(lifted)), charged))
    length, observed = Fraction(total(counts)), Fraction(total(counts) - total(unseen))
    if base.flat is not None:
        flat = Fraction(base.flat)
        if rule.absent == "shrink" and absent:
            flat = flat * (end - start - total(absent)) / (end - start)
        return Ground(flat if length else Fraction(0), flat if observed else Fraction(0), None)
    return Ground(length, observed, None if scheduled is None else tuple(scheduled))


def _scheduled(scene: "Scene", base: Base) -> list[Span] | None:
    calendar = calendar_of(scene.contract, base.calendar) if base.kind == "scheduled" else None
    return None if calendar is None else calendar.open_spans(*scene.span)
