"""Calendar periods as instants, built from local rules of an IANA time zone; kinds as ``config.period_kinds`` says.

A date begins with the first instant that the zone's clocks give it: the first occurrence of an
ambiguous midnight, the first valid instant where midnight does not exist. Two aware datetimes of one
``ZoneInfo`` subtract as wall clock, so everything here is converted to UTC before it is compared.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.period_kinds import MONTHS_OF, Kind, kind_of
from config.spans import FIRST_YEAR, LAST_YEAR

SECOND = 1_000_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """One calendar span accounted: ``[start, end)`` in ns UTC. ``kind`` is None for FROM/TO."""

    label: str
    kind: str | None
    start: int
    end: int


def to_ns(moment: datetime) -> int:
    """An aware datetime as exact integer nanoseconds UTC."""
    delta = moment.astimezone(UTC) - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds * 1_000


def from_ns(ns: int, zone: ZoneInfo) -> datetime:
    """Integer nanoseconds UTC as local time, cut to microseconds."""
    return (_EPOCH + timedelta(microseconds=ns // 1_000)).astimezone(zone)


def start_of(day: date, zone: ZoneInfo) -> int:
    """The instant with which ``day`` begins in the zone, in ns UTC."""
    return instant_of(datetime.combine(day, time()), zone)


def instant_of(local: datetime, zone: ZoneInfo) -> int:
    """The first instant at which a local clock shows this time or, where it is skipped, a later one; in ns UTC."""
    early = local.replace(tzinfo=zone, fold=0)
    back = early.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    if back == local:
        return to_ns(early)
    return _first_valid(local, zone)


def _first_valid(naive: datetime, zone: ZoneInfo) -> int:
    """The time falls into a gap: bisect for the transition, to the second."""
    before = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
    low, high = to_ns(before) // SECOND - 86_400, to_ns(before) // SECOND + 86_400
    while high - low > 1:
        middle = (low + high) // 2
        if from_ns(middle * SECOND, zone).replace(tzinfo=None) < naive:
            low = middle
        else:
            high = middle
    return high * SECOND


def day_of(instant: int, zone: ZoneInfo) -> date:
    """The local date an instant belongs to: the last one that has begun, also where the clock stepped back over
    midnight and shows an earlier one again."""
    day = from_ns(instant, zone).date()
    while instant < start_of(day, zone):
        day -= timedelta(days=1)
    while instant >= start_of(day + timedelta(days=1), zone):
        day += timedelta(days=1)
    return day


def containing(kind: str, instant: int, zone: ZoneInfo) -> Period:
    """The period of that kind that holds the instant; of trailing windows the one that ends with the instant's day."""
    rule, day = kind_of(kind), day_of(instant, zone)
    return _of(rule, day + timedelta(days=1) if rule.trailing else _first_day(rule, day), zone)


def previous(period: Period, n: int, zone: ZoneInfo) -> Period:
    """The n-th period of its kind before; for trailing windows the n-th that do not overlap, one ending where the
    next begins. ValueError for FROM/TO, which is of no kind."""
    return _shifted(period, -n, zone)


def following(period: Period, n: int, zone: ZoneInfo) -> Period:
    """The n-th period of its kind after; trailing windows as in ``previous``, as far as short months allow."""
    return _shifted(period, n, zone)


def _shifted(period: Period, n: int, zone: ZoneInfo) -> Period:
    if period.kind is None:
        raise ValueError(f"{period.label!r} is of no kind, so there is no other like it")
    rule = kind_of(period.kind)
    if rule.trailing:
        end = day_of(period.end, zone)
        moved = end + timedelta(days=rule.days * n) if rule.days else _by_months(end, rule.months * n, end.day)
        return _of(rule, moved, zone)
    return _of(rule, _by(rule, day_of(period.start, zone), n), zone)


def _of(rule: Kind, day: date, zone: ZoneInfo) -> Period:
    """The period that begins with a local day; of trailing windows the one that ends where the day begins."""
    first, after = (_back(rule, day), day) if rule.trailing else (day, _by(rule, day, 1))
    return Period(_label(rule, day), rule.text, start_of(first, zone), start_of(after, zone))


def _first_day(rule: Kind, day: date) -> date:
    """The day on which the period that holds ``day`` begins."""
    match rule.unit:
        case "day":
            return day
        case "week":
            return day - timedelta(days=(day.weekday() - rule.weekday) % 7)
    months = MONTHS_OF[rule.unit]
    early = (day.month - rule.month) % months
    first = _by_months(day.replace(day=1), -early, rule.day)
    return first if first <= day else _by_months(first, -months, rule.day)


def _by(rule: Kind, first: date, n: int) -> date:
    """The first day of the n-th period after the one that begins on ``first``."""
    if rule.unit in ("day", "week"):
        return first + timedelta(days=n * (1 if rule.unit == "day" else 7))
    return _by_months(first, n * MONTHS_OF[rule.unit], rule.day)


def _back(rule: Kind, end: date) -> date:
    return end - timedelta(days=rule.days) if rule.days else _by_months(end, -rule.months, end.day)


def _by_months(day: date, months: int, number: int) -> date:
    """Day ``number`` of a month counted from that of ``day``, or its last where it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(number, monthrange(year, month)[1]))


def _label(rule: Kind, first: date) -> str:
    """The year and number it begins in; a week's is the one that its Thursday has in ISO 8601."""
    match rule.unit:
        case "month":
            return f"{first:%Y-%m}"
        case "quarter":
            return f"{first.year}-Q{(first.month + 2) // 3}"
        case "year":
            return f"{first.year}"
        case "week":
            thursday = (first + timedelta(days=(3 - first.weekday()) % 7)).isocalendar()
            return f"{thursday.year}-W{thursday.week:02d}"
    return first.isoformat()


_FORMS = {
    "year": re.compile(r"(\d{4})"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "month": re.compile(r"(\d{4})-(\d{2})"),
    "week": re.compile(r"(\d{4})-W(\d{2})"),
    "day": re.compile(r"(\d{4})-(\d{2})-(\d{2})"),
}


def parse(text: str, zone: ZoneInfo, kind: str | None = None) -> Period:
    """``2026-10``, ``2026-Q4``, ``2026``, ``2026-W41``, ``2026-10-05`` or ``FROM/TO``, read for a contract accounted
    by periods of ``kind``.

    A month of a contract accounted by ``month from day 15`` is the one that begins on its 15th; a day of one accounted
    by trailing windows is the window that ends where the day begins. FROM and TO are RFC 3339 times with offset, or
    local dates; where they are exactly a period of the contract's, it is that period. Raises ValueError saying what
    would be right.
    """
    own = Kind("month") if kind is None else kind_of(kind)
    if "/" in text:
        start, end = (_instant(part, zone) for part in text.split("/", 1))
        if end <= start:
            raise ValueError(f"{text!r} ends before it begins")
        known = None if kind is None else containing(kind, end - 1, zone)
        return known if known and (known.start, known.end) == (start, end) else Period(text, None, start, end)
    for unit, form in _FORMS.items():
        found = form.fullmatch(text)
        if found:
            check_year(int(found[1]), text)
            rule = own if own.unit == unit else kind_of(unit)
            return _of(rule, _first_named(rule, [int(part) for part in found.groups()], text), zone)
    raise ValueError(f"{text!r} is no period; write 2026-10, 2026-Q4, 2026, 2026-W41, 2026-10-05 or FROM/TO")


def _first_named(rule: Kind, parts: list[int], text: str) -> date:
    try:
        match rule.unit:
            case "year":
                return _by_months(date(parts[0], rule.month, 1), 0, rule.day)
            case "quarter":
                return _by_months(date(parts[0], parts[1] * 3 - 3 + rule.month, 1), 0, rule.day)
            case "month":
                return _by_months(date(parts[0], parts[1], 1), 0, rule.day)
            case "week":
                return _first_day(rule, date.fromisocalendar(parts[0], parts[1], 4))
        return date(*parts)
    except ValueError as error:
        raise ValueError(f"{text!r} is no {rule.unit} of the calendar: {error}") from None


def _instant(text: str, zone: ZoneInfo) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time; write 2026-10-01 or 2026-10-01T00:00:00+02:00") from None
    check_year(moment.year, text)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return start_of(moment.date(), zone)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; write {text}Z or with +hh:mm")
    return to_ns(moment)


def check_year(year: int, text: str) -> None:
    """Raises ValueError where the year of what was typed is outside those that instants can be told of."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(f"{text!r} is outside the years {FIRST_YEAR} to {LAST_YEAR}")
