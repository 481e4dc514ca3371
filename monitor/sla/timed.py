"""The tickets that a measure is about, each with what one of its legs took on the measure's clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.calendars import always
from config.contract.model import Promise
from config.contract.rules import Edge, MeasureRule
from config.spans import Span, subtract, union
from monitor.sla.conditions import concerns
from monitor.sla.facts import TicketFact
from monitor.sla.matching import Qualities
from monitor.sla.outages.counting import calendar_of
from monitor.sla.stopwatch import Stopwatch
from monitor.sla.tickets import FIRST, UPDATE_GAP, Leg, Timing, as_of, due, leg_of, pauses_of, timing

if TYPE_CHECKING:
    from monitor.sla.scene import Scene


@dataclass(frozen=True, slots=True)
class Timed:
    """One leg of one ticket."""

    ticket: TicketFact
    name: str
    leg: Leg
    timing: Timing
    watch: Stopwatch
    qualities: Qualities

    def due(self, promise: Promise | None) -> int | None:
        """By when it has to be over; None where the promise is no limit of its length."""
        if promise is None or promise.operator not in ("<", "<=") or self.name == UPDATE_GAP:
            return None
        return due(self.leg, self.watch, promise.target, promise.unit == "business_days")


def timed(
    scene: "Scene", name: str, rule: MeasureRule, promise: Promise | None, by_opening: bool = False
) -> Iterator[Timed]:
    """A leg of every ticket of the service that the measure and the promise are about, and whose leg began
    (``by_opening``: that was opened) in the period. A ticket that its cause excludes for as long as the leg lasted is
    none of them, unless ``less: excluded`` keeps it."""
    days = name in rule.in_days or (promise is not None and promise.unit == "business_days")
    for ticket in tickets_of(scene, rule, promise):
        leg = leg_of(ticket, name, _repair_starts(scene))
        if leg is None:
            continue
        if not scene.period.start <= (ticket.opened if by_opening else leg.start) < scene.period.end:
            continue
        own = _excluded_as(ticket, scene)
        horizon = scene.period.end if scene.now is None else scene.now
        if own and not rule.less_excluded and not subtract([_lasted(leg, horizon)], own):
            continue
        watch = _watch(scene, rule, promise).stopped([*pauses_of(ticket), *own])
        yield Timed(ticket, name, leg, timing(leg, watch, horizon, days), watch, qualities(ticket, scene))


def _lasted(leg: Leg, horizon: int) -> Span:
    ends = [at for at in (leg.end, leg.latest) if at is not None]
    return leg.start, max(leg.start, ends[0] if ends else horizon)


def tickets_of(scene: "Scene", rule: MeasureRule, promise: Promise | None) -> Iterator[TicketFact]:
    """The tickets that a measure is about, as they stood."""
    by = "provider" if promise is None else promise.by
    for fact in scene.known.tickets.get(scene.service.name, ()):
        ticket = fact if scene.now is None else as_of(fact, scene.now)
        if ticket is None or ticket.by != by:
            continue
        if concerns(scene.contract, rule, promise, scene.service.name, qualities(ticket, scene)):
            yield ticket


def qualities(ticket: TicketFact, scene: "Scene") -> Qualities:
    """What conditions ask of a ticket; class and region are the service's where it says nothing else."""
    service = scene.service
    category, region = ticket.category or service.category, ticket.region or service.region
    return Qualities(ticket.severity, category, ticket.cause, region, ticket.type)


def _repair_starts(scene: "Scene") -> Edge:
    """Where the contract's outages of the service begin, if they are made of tickets."""
    for rule in scene.contract.outages:
        if any(s.kind == "tickets" for s in rule.sources) and scene.service.name in (
            rule.services or (scene.service.name,)
        ):
            return rule.starts
    return FIRST


def _watch(scene: "Scene", rule: MeasureRule, promise: Promise | None) -> Stopwatch:
    name = rule.clock if promise is None or promise.clock is None else promise.clock
    calendar = calendar_of(scene.contract, name) or always(scene.contract.timezone)
    excluded = scene.view.excluded
    return Stopwatch(calendar).stopped(excluded.all if rule.less_excluded else excluded.paused)


def _excluded_as(ticket: TicketFact, scene: "Scene") -> list[Span]:
    """The spans over which a ticket's own cause excludes it."""
    uses = [use for use in scene.view.excluded.uses if use.cause == ticket.cause]
    if not any((use.id, use.start) == (ticket.id, ticket.start) for use in uses):
        return []
    return union(span for use in uses for span in use.applied)
