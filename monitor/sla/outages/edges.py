"""When an outage that was observed starts and ends for the contract: by what was seen, or by what its ticket says."""

from dataclasses import replace
from typing import TYPE_CHECKING

from config.contract.rules import Edge, Moment, OutageRule
from config.spans import clip, subtract, union
from monitor.sla.facts import TicketFact
from monitor.sla.matching import Qualities
from monitor.sla.outages import tickets
from monitor.sla.outages.raw import Raw

if TYPE_CHECKING:
    from monitor.sla.scene import Scene

SEEN_START: tuple[Moment, ...] = ("first_failure",)
SEEN_END: tuple[Moment, ...] = ("first_success",)


def confirmed(raw: Raw, rule: OutageRule) -> bool:
    """Whether it lasted long enough to be one at all."""
    return sum(end - start for start, end in raw.spans) >= rule.confirm_after


def moved(raw: Raw, scene: "Scene", rule: OutageRule) -> Raw | None:
    """The outage from where to where it counts; None where that never began."""
    ticket = ticket_of(raw, scene, rule) if _needs_ticket(rule) else None
    if ticket is not None and rule.pauses is not None:
        raw = replace(raw, stops=tickets.stops(rule, ticket, raw.end))
    if rule.starts.of == SEEN_START and rule.ends.of == SEEN_END:
        return raw
    start = tickets.picked(rule.starts, [_began(name, raw, rule, ticket) for name in rule.starts.of])
    end = _end(rule.ends, raw, ticket)
    last = end
    if last is None:
        last = raw.end if raw.open else max(raw.end, tickets.horizon(scene))
    if start is None or start >= last:
        return None
    spans = clip(raw.spans, start, last)
    added = subtract([(start, last)], [(raw.start, raw.end)])
    return replace(raw, start=start, end=last, open=end is None, spans=tuple(union([*spans, *added])))


def ticket_of(raw: Raw, scene: "Scene", rule: OutageRule) -> TicketFact | None:
    """The ticket that an outage was handled under: the first that was opened of those that ran while it did."""
    until = tickets.horizon(scene) + 1 if raw.open else raw.end
    for ticket in tickets.faults(scene, rule):
        if ticket.start < until and (ticket.end is None or ticket.end > raw.start):
            return ticket
    return None


def described(raw: Raw, scene: "Scene", rule: OutageRule, cause: str | None) -> Raw:
    """An outage that was observed with what is said of it: by the states judged elsewhere, and by its ticket where the
    rule reads tickets too."""
    facts = [
        f
        for f in scene.known.states.get(scene.service.name, ())
        if f.state == "down" and any(f.start < end and f.end > start for start, end in raw.spans)
    ]
    severity = next((f.severity for f in facts if f.severity is not None), None)
    affected = max((f.affected for f in facts if f.affected is not None), default=None)
    ticket = None
    if any(source.kind == "tickets" for source in rule.sources):
        ticket = ticket_of(raw, scene, rule)
    if ticket is not None:
        severity, cause = severity or ticket.severity, cause or ticket.cause
        affected = ticket.affected if affected is None else affected
        raw = replace(raw, ticket=ticket.id, stops=tickets.stops(rule, ticket, raw.end))
    known = Qualities(severity, scene.service.category, cause, scene.service.region, "fault")
    return replace(raw, known=known, affected=affected)


def _needs_ticket(rule: OutageRule) -> bool:
    return rule.pauses is not None or rule.starts.of != SEEN_START or rule.ends.of != SEEN_END


def _began(name: Moment, raw: Raw, rule: OutageRule, ticket: TicketFact | None) -> int | None:
    """Of what was observed the first failure, and its confirmation; detected is what is confirmed, if no ticket says
    otherwise."""
    if name == "first_failure":
        return raw.start
    told = None if ticket is None else tickets.moment(ticket, name)
    if told is None and name in ("confirmation", "detection"):
        return raw.start + rule.confirm_after
    return told if told is None or name == "occurred" else max(told, raw.start)


def _end(edge: Edge, raw: Raw, ticket: TicketFact | None) -> int | None:
    seen = None if raw.open else raw.end
    ends: list[int | None] = []
    for name in edge.of:
        if name == "first_success":
            ends.append(seen)
        else:
            ends.append(None if ticket is None else tickets.moment(ticket, name))
    return tickets.picked(edge, ends)
