"""The legs of a ticket: stretches between two of its instants, and what a clock says of them.

A ticket is seen as it stood at an instant: what came later has not happened. Of a leg that has not ended it is known
how long it took at least; of one whose end nobody told though the ticket is over, also how long at most.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from config.contract.rules import Edge
from config.spans import Span
from monitor.sla.facts import FAULT, Pause, TicketFact
from monitor.sla.outages.tickets import moment, picked
from monitor.sla.stopwatch import Stopwatch
from monitor.sla.words import FOREVER

UPDATE_GAP = "update gap"
DELIVERY = "delivery"
FIRST = Edge(of=("first_failure",))
_INSTANTS = (
    *("detected", "confirmed", "occurred", "acknowledged", "responded", "repair_started", "restored", "closed"),
    *("notified", "requested", "delivered"),
)


@dataclass(frozen=True, slots=True)
class Leg:
    """From ``start`` to ``end`` (ns), None where that has not come or nobody told it; then it came no later than
    ``latest``, where that is known. ``marks`` are instants between, for a leg that is measured from each to the next.
    """

    start: int
    end: int | None
    latest: int | None = None
    marks: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Timing:
    """What a leg took, in ns or business days: measured, at least, at most (None: it still runs)."""

    value: Fraction | None
    lower: Fraction
    upper: Fraction | None


def as_of(ticket: TicketFact, now: int) -> TicketFact | None:
    """The ticket as it stood at ``now``, None where it was not opened."""
    if ticket.opened > now:
        return None
    later: dict[str, object] = {name: None for name in _INSTANTS if (getattr(ticket, name) or now) > now}
    later |= {name: tuple(at for at in getattr(ticket, name) if at <= now) for name in ("reopened", "updates")}
    later["pauses"] = tuple(_pause_as_of(pause, now) for pause in ticket.pauses if pause.start <= now)
    return replace(ticket, **later)  # type: ignore[arg-type]


def _pause_as_of(pause: Pause, now: int) -> Pause:
    return pause if pause.end is None or pause.end <= now else replace(pause, end=None)


def pauses_of(ticket: TicketFact) -> list[Span]:
    """When the ticket waited; a pause that has not ended reaches FOREVER."""
    return [(pause.start, FOREVER if pause.end is None else pause.end) for pause in ticket.pauses]


def restored(ticket: TicketFact) -> int | None:
    """The last restoration; where only its closing is told, that. None while it is open, or open again."""
    return _for_good(ticket, moment(ticket, "restored"))


def _for_good(ticket: TicketFact, at: int | None) -> int | None:
    return None if at is None or any(again >= at for again in ticket.reopened) else at


def began(ticket: TicketFact, edge: Edge) -> int:
    """When a contract lets an outage begin that a ticket tells of; its opening, where the ticket does not say."""
    start = picked(edge, [moment(ticket, name) for name in edge.of])
    return ticket.opened if start is None else start


def leg_of(ticket: TicketFact, name: str, starts: Edge = FIRST) -> Leg | None:
    """A leg by its name, or ``A to B`` of two instants; None where the ticket has none. ``starts``: where a repair
    begins."""
    if " to " in name:
        first, _, last = name.partition(" to ")
        return _between(ticket, getattr(ticket, first), getattr(ticket, last))
    if ticket.is_order if name != DELIVERY else not (ticket.is_order or ticket.type != FAULT):
        return None
    return _LEGS[name](ticket, starts)


def _between(ticket: TicketFact, start: int | None, end: int | None) -> Leg | None:
    """What a ticket that is over does not tell came before its end."""
    if start is None:
        return None
    return Leg(start, end, ticket.end if end is None else None)


def _notification(ticket: TicketFact, starts: Edge) -> Leg | None:
    told = [at for at in (ticket.notified, *ticket.updates) if at is not None]
    start = ticket.opened if ticket.detected is None else ticket.detected
    return _between(ticket, start, min(told, default=None))


def _update_gap(ticket: TicketFact, starts: Edge) -> Leg:
    end = restored(ticket)
    last = end if end is not None else FOREVER
    return Leg(ticket.opened, end, marks=tuple(sorted(at for at in ticket.updates if ticket.opened < at < last)))


_LEGS: Mapping[str, Callable[[TicketFact, Edge], Leg | None]] = {
    "response": lambda ticket, starts: _between(ticket, ticket.opened, ticket.responded),
    "acknowledgement": lambda ticket, starts: _between(ticket, ticket.opened, ticket.acknowledged),
    "resolution": lambda ticket, starts: Leg(ticket.opened, restored(ticket)),
    "repair": lambda ticket, starts: Leg(began(ticket, starts), restored(ticket)),
    "closure": lambda ticket, starts: Leg(ticket.opened, _for_good(ticket, ticket.closed)),
    "notification": _notification,
    UPDATE_GAP: _update_gap,
    "start of repair": lambda ticket, starts: _between(ticket, ticket.opened, ticket.repair_started),
    DELIVERY: lambda ticket, starts: _between(
        ticket, ticket.opened if ticket.requested is None else ticket.requested, ticket.delivered
    ),
}


def timing(leg: Leg, watch: Stopwatch, horizon: int, days: bool = False) -> Timing:
    """What a leg took on a clock, in ns or in business days. ``horizon``: until when it is known to run if nothing
    ended it."""
    took = watch.days if days else watch.elapsed
    if leg.end is None and leg.latest is not None:
        return Timing(None, Fraction(0), Fraction(took(leg.start, leg.latest)))
    until = max(leg.start, horizon) if leg.end is None else leg.end
    longest = Fraction(max((took(a, b) for a, b in _stretches(leg, until)), default=0))
    return Timing(longest, longest, None if leg.end is None else longest)


def _stretches(leg: Leg, until: int) -> Iterator[Span]:
    return pairwise([leg.start, *(at for at in leg.marks if at < until), until])


def due(leg: Leg, watch: Stopwatch, target: Fraction, days: bool = False) -> int | None:
    """By when a leg has to end to take at most ``target`` (ns or business days), with the stops as they happened."""
    if target.denominator != 1:
        return None
    return watch.due_day(leg.start, int(target)) if days else watch.due(leg.start, int(target))
