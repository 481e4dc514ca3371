"""``starts``, ``ends``, ``review by``, ``warm up``: when a contract holds, when it is to be looked at again, and from
when on its promises are judged."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from config import periods
from config.contract.model import NOTICE, Contract, Service
from config.contract.services import instant
from config.reader import Fields, Reader
from config.units import NANOSECONDS, duration, said

KEYS = ("starts", "ends", "review by", "warm up")

_FULL = re.compile(r"first full (month|quarter|year)")
_UNTIL = re.compile(r"until (first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth) month")
_ORDINALS = ("", *_UNTIL.pattern.partition("(")[2].partition(")")[0].split("|"))


@dataclass(frozen=True, slots=True)
class Dates:
    """Instants in ns; None where the contract does not say."""

    starts: int | None = None
    ends: int | None = None
    review_by: int | None = None
    judged_from: int | None = None


def read_dates(fields: Fields, zone: ZoneInfo) -> Dates:
    """All four; days begin in the contract's zone."""
    starts = fields.get("starts", lambda value: instant(value, zone), None)
    ends = fields.get("ends", lambda value: instant(value, zone), None)
    if starts is not None and ends is not None and ends <= starts:
        at = fields.at("ends")
        at.wrong(f"{said(at.node.value)} is not after 'starts'; write the first day on which it holds no more")
    review = fields.get("review by", lambda value: instant(value, zone), None)
    warm = fields.at("warm up") if "warm up" in fields else None
    judged = None if warm is None else _warm_up(warm, starts, "starts" in fields, zone)
    return Dates(starts, ends, review, judged)


def within(service: Service, dates: Dates) -> Service:
    """The service as the contract's days limit it: before it starts and after it ends, nothing is promised."""
    since = [at for at in (service.in_service_from, dates.starts) if at is not None]
    until = [at for at in (service.in_service_until, dates.ends) if at is not None]
    limited = {"in_service_from": max(since, default=None), "in_service_until": min(until, default=None)}
    same = limited == {name: getattr(service, name) for name in limited}
    return service if same else service.but(**limited)


def review_due(contract: Contract, now: int) -> str | None:
    """What to warn of: the contract is to be looked at again soon, or was to be. None where it is not time yet."""
    if contract.review_by is None or now < contract.review_by - NOTICE:
        return None
    zone = ZoneInfo(contract.timezone)
    day = periods.from_ns(contract.review_by, zone).date()
    days = (day - periods.from_ns(now, zone).date()).days
    if days > 0:
        return f"{contract.name} is to be reviewed by {day} ({days} {'day' if days == 1 else 'days'} left)"
    return f"{contract.name} was to be reviewed by {day}; agree on what holds now, and write a new 'review by'"


def _warm_up(reader: Reader, starts: int | None, typed: bool, zone: ZoneInfo) -> int | None:
    """From when on promises are judged."""
    value = reader.node.value
    text = " ".join(value.split()) if isinstance(value, str) else ""
    try:
        if text.startswith("until ") and not _UNTIL.fullmatch(text):
            return instant(text.removeprefix("until "), zone)
        length = None if _FULL.fullmatch(text) or _UNTIL.fullmatch(text) else duration(value)
    except ValueError:
        reader.wrong(
            f"{said(value)} is no warm-up; write first full month, 120d, until second month or until 2026-03-01"
        )
        return None
    if starts is None:
        if not typed:
            reader.wrong(f"{said(value)} counts from the contract's first day; write 'starts: 2026-01-15'")
        return None
    return _after(text, length, starts, zone)


def _after(text: str, length: int | None, starts: int, zone: ZoneInfo) -> int:
    first = periods.from_ns(starts, zone).date()
    if length is not None:
        days, rest = divmod(length, NANOSECONDS["d"])
        begins_a_day = periods.start_of(first, zone) == starts
        return periods.start_of(first + timedelta(days=days), zone) if begins_a_day and not rest else starts + length
    full = _FULL.fullmatch(text)
    if full:
        period = periods.containing(full[1], starts, zone)
        whole = period if period.start == starts else periods.containing(full[1], period.end, zone)
        return whole.end
    found = _UNTIL.fullmatch(text)
    assert found is not None
    month = first.year * 12 + first.month - 1 + _ORDINALS.index(found[1])
    return periods.start_of(date(month // 12, month % 12 + 1, 1), zone)
