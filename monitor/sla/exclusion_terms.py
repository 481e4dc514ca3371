"""The conditions on which a cause is not charged: notice, daily window, and how much of it there may be."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from config.calendars import Calendar
from config.contract.model import Contract, ExclusionTerm, Service
from config.periods import containing
from config.spans import Span, clip, intersect, subtract, total, union
from monitor.sla.facts import ExclusionFact, StateFact, TicketFact
from monitor.sla.matching import Qualities, matches

Lapsed = list[tuple[int, int, str]]
_WORKDAYS = ((((0, 1440),),) * 5) + ((), ())


def concerns(term: ExclusionTerm, service: Service) -> bool:
    """Whether a term is about a service at all."""
    return not term.services or service.name in term.services


def meant(term: ExclusionTerm, service: Service, fact: ExclusionFact | StateFact | TicketFact) -> bool:
    """Whether a fact has the qualities that the term asks for; what it does not say itself its service has."""
    ticket = fact if isinstance(fact, TicketFact) else None
    known = Qualities(
        severity=None if isinstance(fact, ExclusionFact) else fact.severity,
        category=(ticket.category if ticket else None) or service.category,
        cause=fact.cause,
        region=(ticket.region if ticket else None) or service.region,
        type=ticket.type if ticket else None,
    )
    return matches(term.where, known)


def announced_in_time(fact: ExclusionFact, term: ExclusionTerm, contract: Contract) -> bool:
    """Whether the notice was kept. Business days are whole: the last of them is over when the span begins."""
    if term.notice is None and term.notice_days is None:
        return True
    if fact.announced_at is None or fact.start - fact.announced_at < (term.notice or 0):
        return False
    if term.notice_days is None:
        return True
    calendar = _calendar(term, contract)
    return fact.start >= calendar.nth_business_day_after(fact.announced_at, term.notice_days)[1]


def _calendar(term: ExclusionTerm, contract: Contract) -> Calendar:
    """The calendar of the notice; Monday to Friday where none is named."""
    for calendar in contract.calendars:
        if calendar.name == term.calendar:
            return calendar
    return Calendar("workdays", contract.timezone, _WORKDAYS)


def granted(
    wanted: Sequence[Span], used: Sequence[Span], times: Sequence[int], term: ExclusionTerm, zone: ZoneInfo
) -> tuple[list[Span], Lapsed]:
    """What a term gives of the time that is wanted, and what lapsed and why. ``used`` is what it gave before, ``times``
    the instants at which that began."""
    lapsed: Lapsed = []
    inside = list(wanted)
    if term.window is not None and inside:
        inside = intersect(inside, term.window.open_spans(inside[0][0], inside[-1][1]))
        lapsed += [(start, end, "outside the window") for start, end in subtract(wanted, inside)]
    if term.cap_times is not None and inside:
        period = containing(term.cap_period, inside[0][0], zone)
        if sum(period.start <= at < period.end for at in times) >= term.cap_times:
            return [], sorted(lapsed + [(start, end, "beyond the cap") for start, end in inside])
    applied = inside if term.cap is None else _within_cap(inside, used, term, zone)
    lapsed += [(start, end, "beyond the cap") for start, end in subtract(inside, applied)]
    return applied, sorted(lapsed)


def _within_cap(wanted: Sequence[Span], used: Sequence[Span], term: ExclusionTerm, zone: ZoneInfo) -> list[Span]:
    """As much of the wanted time, from its beginning, as each cap period still has to give."""
    assert term.cap is not None
    out: list[Span] = []
    for start, end in wanted:
        at = start
        while at < end:
            period = containing(term.cap_period, at, zone)
            left = term.cap - total(clip(union([*used, *out]), period.start, period.end))
            stop = min(end, period.end)
            if left > 0:
                out.append((at, min(stop, at + left)))
            at = stop
    return union(out)
