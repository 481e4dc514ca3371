"""Outages from tickets: a fault that people handled, from the moment it counts to the moment it is over."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from config.contract.rules import Edge, Moment, OutageRule
from config.spans import Span, clip, union
from monitor.sla.facts import FAULT, Pause, TicketFact
from monitor.sla.matching import Qualities, same_words
from monitor.sla.model import State
from monitor.sla.outages.raw import Raw
from monitor.sla.timeline import PENDING, Piece, overlay
from monitor.sla.words import FOREVER

if TYPE_CHECKING:
    from monitor.sla.scene import Scene

_ATTRIBUTES: dict[Moment, str] = {
    "confirmation": "confirmed",
    "report": "opened",
    "detection": "detected",
    "acknowledgement": "acknowledged",
    "response": "responded",
    "occurred": "occurred",
    "restored": "restored",
    "closed": "closed",
}


def horizon(scene: "Scene") -> int:
    """As far as is known of what has not ended: now, or all of a closed period."""
    return scene.period.end if scene.now is None else scene.now


def faults(scene: "Scene", rule: OutageRule) -> list[TicketFact]:
    """The tickets of the service that tell of trouble: faults, unless the rule names other types."""
    wanted = rule.where.type or (FAULT,)
    found = scene.known.tickets.get(scene.service.name, ())
    return [t for t in found if any(same_words(t.type, one) for one in wanted) and t.start < _heard(scene)]


def _heard(scene: "Scene") -> int:
    """Until when tickets are heard of: while a period runs those of later have not happened."""
    return FOREVER if scene.now is None else scene.now


def raws(scene: "Scene", rule: OutageRule) -> list[Raw]:
    """One outage for each ticket; with ``reopen: new`` one for each time that it was open."""
    out = [raw for ticket in faults(scene, rule) for raw in _of_one(scene, rule, ticket)]
    return sorted(out, key=lambda raw: (raw.start, raw.end, raw.ticket or ""))


def pieces(scene: "Scene", rule: OutageRule) -> list[Piece]:
    """The states that the tickets tell of: down while one runs, else up; what is still to come is unknown."""
    found = union(span for raw in raws(scene, rule) for span in raw.spans)
    start = min(scene.view.pieces[0].start, *(a for a, _ in found[:1]), scene.period.start)
    end = max(scene.view.pieces[-1].end, *(b + 1 for _, b in found[-1:]), scene.period.end)
    rest = [Piece(start, end, State.UP, None)]
    if scene.now is not None and scene.now < end:
        rest = overlay(rest, [Piece(max(start, scene.now), end, State.UNKNOWN, PENDING)])
    return overlay(rest, [Piece(a, b, State.DOWN, None) for a, b in found])


def moment(ticket: TicketFact, name: Moment) -> int | None:
    """An instant of a ticket. Without a word of the failure itself that is its opening; of one that was closed and
    never said to be restored, the close is its end."""
    if name == "first_failure":
        return ticket.opened if ticket.occurred is None else ticket.occurred
    if name in ("first_success", "restored"):
        return ticket.closed if ticket.restored is None else ticket.restored
    found: int | None = getattr(ticket, _ATTRIBUTES[name])
    return found


def picked(edge: Edge, instants: list[int | None]) -> int | None:
    """One edge of an outage: the earliest of the instants that are known; the latest once all of them are."""
    known = [at for at in instants if at is not None]
    if not known or (edge.pick == "latest" and len(known) < len(instants)):
        return None
    return max(known) if edge.pick == "latest" else min(known)


def _of_one(scene: "Scene", rule: OutageRule, ticket: TicketFact) -> Iterator[Raw]:
    start = picked(rule.starts, [moment(ticket, name) for name in rule.starts.of])
    if start is None or start >= _heard(scene):
        return
    end = picked(rule.ends, [moment(ticket, name) for name in rule.ends.of])
    again = max(ticket.reopened, default=None)
    reopened = end is not None and again is not None and end <= again
    if reopened and rule.reopen == "continues":
        end = None
    segments: list[tuple[int, int | None]] = [(start, end)]
    if rule.reopen == "new" and ticket.reopened:
        segments = _segments(start, end, ticket.reopened, reopened)
    for since, to in segments:
        yield from _between(scene, rule, ticket, since, to)


def _segments(start: int, end: int | None, reopened: tuple[int, ...], runs: bool) -> list[tuple[int, int | None]]:
    """The times a ticket was open. Only the last restoration is known: it ended the last of them, or, where the ticket
    was opened again since, the one before."""
    edges = [start, *sorted(at for at in reopened if at > start)]
    if runs and end is not None:
        cuts: list[int | None] = [*edges[1:-1], end, None]
    else:
        cuts = [*edges[1:], end]
    return list(zip(edges, cuts, strict=True))


def _between(scene: "Scene", rule: OutageRule, ticket: TicketFact, start: int, end: int | None) -> Iterator[Raw]:
    runs = end is None or (scene.now is not None and end > scene.now)
    last = horizon(scene) if runs or end is None else end
    if last <= start:
        return
    yield described(
        Raw(start, last, runs, ((start, last),), stops=stops(rule, ticket, last), ticket=ticket.id), scene, rule, ticket
    )


def described(raw: Raw, scene: "Scene", rule: OutageRule, ticket: TicketFact) -> Raw:
    """An outage with what its ticket says of it."""
    service = scene.service
    return replace(
        raw,
        weight=ticket.weight if rule.weighted and ticket.weight is not None else raw.weight,
        affected=ticket.affected,
        known=Qualities(
            ticket.severity,
            ticket.category or service.category,
            ticket.cause,
            ticket.region or service.region,
            ticket.type,
        ),
    )


def stops(rule: OutageRule, ticket: TicketFact, until: int) -> tuple[Span, ...]:
    """When the ticket's clock stood still: pauses of the causes that the rule names, of all where it names none."""
    chosen = [pause for pause in ticket.pauses if _stops(rule, pause)]
    spans = union((pause.start, until if pause.end is None else pause.end) for pause in chosen)
    return tuple(clip(spans, min([until, *(start for start, _ in spans)]), until))


def _stops(rule: OutageRule, pause: Pause) -> bool:
    if rule.pauses is None:
        return True
    return pause.cause is not None and any(same_words(pause.cause, one) for one in rule.pauses)
