"""What the clauses stand on, in the long form: parties and dates, calendars, services."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from config.calendars import Calendar, Minutes
from config.contract.model import Contract, PartySpan, Service
from config.contract.rules import Base
from config.dump import Plain
from config.period_kinds import WEEKDAYS
from monitor.render.long.values import Clause, flat, instant, kept, listed, multiple, percent

_LEAP = 2000


def head(contract: Contract) -> Clause:
    """Who, where, since when, by what periods, and what holds for all of it."""
    zone = ZoneInfo(contract.timezone)

    def day(ns: int | None, before: str = "") -> str | None:
        return None if ns is None else before + instant(ns, zone)

    return kept(
        {
            "provider": _party(contract, "provider", contract.provider),
            "customer": _party(contract, "customer", contract.customer),
            "timezone": contract.timezone,
            "currency": contract.currency,
            "language": contract.language,
            "starts": day(contract.starts),
            "ends": day(contract.ends),
            "review by": day(contract.review_by),
            "warm up": day(contract.judged_from, "until "),
            "period": contract.period,
            "base": base(contract.base),
            "minimum coverage": percent(contract.minimum_coverage),
            "unknown": contract.unknown,
        }
    )


def _party(contract: Contract, role: str, today: str) -> Plain:
    """One name, or who it was when."""
    spans = [one for one in contract.parties if one.role == role]
    return [_span(one, ZoneInfo(contract.timezone)) for one in spans] if spans else today


def _span(one: PartySpan, zone: ZoneInfo) -> Clause:
    since = None if one.start is None else instant(one.start, zone)
    until = None if one.end is None else instant(one.end, zone)
    return kept({"name": one.name, "from": since, "until": until})


def base(of: Base) -> str:
    """What a ratio is taken of."""
    match of.kind:
        case "flat":
            return flat(of.flat or 0)
        case "scheduled":
            return f"scheduled {of.calendar}"
    return of.kind


def services(contract: Contract) -> Clause:
    """Every service by name."""
    zone = ZoneInfo(contract.timezone)
    return {one.name: _service(one, zone) for one in contract.services}


def _service(one: Service, zone: ZoneInfo) -> Clause:
    parts = one.targets or one.of
    own = one.charge is not None and "charge" not in dict(one.charges)
    return kept(
        {
            "targets": listed(one.targets) if one.targets else None,
            "of": listed(one.of) if one.of else None,
            "down when": _down_when(one.down_when, len(parts)) if parts else None,
            "charge": one.charge if own else None,
            "charges": dict(one.charges) if one.charges else None,
            "class": one.category,
            "region": one.region,
            "weight": multiple(one.weight),
            "in service from": None if one.in_service_from is None else instant(one.in_service_from, zone),
            "until": None if one.in_service_until is None else instant(one.in_service_until, zone),
        }
    )


def _down_when(needed: int, parts: int) -> str:
    if needed == 1:
        return "any"
    return "all" if needed == parts else f"{needed} of"


def calendars(contract: Contract) -> Clause:
    """Every calendar by name."""
    return {one.name: _calendar(one) for one in contract.calendars}


def _calendar(one: Calendar) -> Clause:
    hours = {WEEKDAYS[day][:3]: ranges(spans) for day, spans in enumerate(one.hours) if spans}
    free: list[Plain] = [*_dates(sorted(one.holidays)), *_yearly(sorted(one.yearly))]
    return kept({"timezone": one.timezone, "hours": hours, "holidays": free or None})


def ranges(spans: Sequence[Minutes]) -> str:
    """``10:00-12:00, 13:00-15:00``."""
    return ", ".join(f"{_clock(since)}-{_clock(to if to <= 1440 else to - 1440)}" for since, to in spans)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def window(one: Calendar) -> str:
    """The daily window of an exclusion: ``sat, sun 00:00-04:00 Europe/London``."""
    days = [WEEKDAYS[day][:3] for day, spans in enumerate(one.hours) if spans]
    spans = next(spans for spans in one.hours if spans)
    return f"{', '.join(days) if len(days) < 7 else 'daily'} {ranges(spans)} {one.timezone}"


def _dates(days: Sequence[date]) -> Iterator[str]:
    """Dates, those that follow each other as ``FROM..TO``."""
    for first, last in _runs(days):
        yield first.isoformat() if first == last else f"{first.isoformat()}..{last.isoformat()}"


def _yearly(days: Sequence[tuple[int, int]]) -> Iterator[str]:
    for first, last in _runs([date(_LEAP, *day) for day in days]):
        yield f"{first:%m-%d}" if first == last else f"{first:%m-%d}..{last:%m-%d}"


def _runs(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    start = None
    for place, day in enumerate(days):
        start = day if start is None else start
        if place + 1 == len(days) or days[place + 1] != day + timedelta(days=1):
            yield start, day
            start = None
