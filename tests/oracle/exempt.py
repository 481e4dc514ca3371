"""What the exclusions of a contract make of each tick of a service: at most one effect, that of the first term."""

from collections.abc import Sequence
from datetime import timedelta

from config.calendars import always
from config.contract.model import Contract, ExclusionTerm, Service
from monitor.sla.facts import ExclusionFact, Fact, StateFact, TicketFact
from tests.oracle.calendar import boundaries
from tests.oracle.ticks import Grid, inside, local, reading, works


def same(left: str | None, right: str) -> bool:
    """Whether two causes are the same words."""
    return left is not None and left.replace("_", " ") == right.replace("_", " ")


def effects(contract: Contract, service: Service, facts: Sequence[Fact], grid: Grid) -> dict[int, tuple[str, str]]:
    """Effect and cause of each tick that is exempted; ``absent`` outside the time in service."""
    found: dict[int, tuple[str, str]] = {}
    if service.in_service_from is not None:
        found.update(dict.fromkeys(range(grid.index(service.in_service_from)), ("absent", "")))
    if service.in_service_until is not None:
        found.update(dict.fromkeys(range(grid.index(service.in_service_until), grid.size), ("absent", "")))
    for term in contract.exclusions:
        for tick in _ticks(contract, term, service, facts, grid, set(found)):
            found[tick] = term.effect, term.cause
    return found


def _ticks(
    contract: Contract, term: ExclusionTerm, service: Service, facts: Sequence[Fact], grid: Grid, taken: set[int]
) -> list[int]:
    """The ticks of one term: announced in time, inside its window, not yet another's, until its cap is used up."""
    if term.services and service.name not in term.services:
        return []
    if term.where.category and service.category not in term.where.category:
        return []
    spans = sorted(_spans(contract, term, service, facts, grid))
    starts = {grid.index(at) for at in boundaries(term.cap_period, grid.start, grid.at(grid.size), contract.timezone)}
    spans = _so_many(term, spans, starts)
    allowed = None if term.window is None else inside(term.window, grid)
    used, out = 0, []
    for tick in range(grid.size):
        used = 0 if tick in starts else used
        if tick in taken or (allowed is not None and tick not in allowed):
            continue
        if any(a <= tick < b for a, b in spans) and (term.cap is None or used < term.cap // 300 // 10**9):
            used += 1
            out.append(tick)
    return out


def _so_many(term: ExclusionTerm, spans: list[tuple[int, int]], starts: set[int]) -> list[tuple[int, int]]:
    """The first so many of each period, by their start."""
    if term.cap_times is None:
        return spans
    count: dict[int, int] = {}
    out = []
    for a, b in spans:
        first = max((s for s in starts if s <= a), default=-1)
        count[first] = count.get(first, 0) + 1
        if count[first] <= term.cap_times:
            out.append((a, b))
    return out


def _spans(
    contract: Contract, term: ExclusionTerm, service: Service, facts: Sequence[Fact], grid: Grid
) -> list[tuple[int, int]]:
    """What was announced in time, or happened for a cause that needs no announcement."""
    found: list[tuple[int, int | None]] = []
    unannounced = term.notice is None and term.notice_days is None
    for fact in facts:
        if isinstance(fact, ExclusionFact) and same(fact.cause, term.cause):
            if (not fact.services or service.name in fact.services) and _in_time(contract, term, fact):
                found.append((fact.start, fact.end))
        elif (isinstance(fact, StateFact) and fact.service == service.name and same(fact.cause, term.cause)) or (
            isinstance(fact, TicketFact) and fact.service == service.name and same(fact.cause, term.cause)
        ):
            found += [(fact.start, fact.end)] if unannounced else []
    late = term.extends
    return [(grid.index(a), grid.size if b is None else grid.index(b + late)) for a, b in found]


def _in_time(contract: Contract, term: ExclusionTerm, fact: ExclusionFact) -> bool:
    if term.notice is None and term.notice_days is None:
        return True
    if fact.announced_at is None:
        return False
    if term.notice_days is None:
        return fact.announced_at <= fact.start - (term.notice or 0)
    # so many whole business days lie between the day it was announced on and the instant it begins
    days = contract.calendar(term.calendar) if term.calendar else always(contract.timezone)
    day = local(fact.announced_at, days.timezone).date()
    left = term.notice_days
    while left:
        day += timedelta(days=1)
        left -= works(days, day)
    return reading(day + timedelta(days=1), 0, days.timezone) <= fact.start
