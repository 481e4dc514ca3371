"""Calendar periods as instants, built from local rules of an IANA time zone.

A local date begins at the first instant whose local date is that date: the first occurrence of an
ambiguous midnight, the first valid instant where midnight does not exist. Two aware datetimes of one
``ZoneInfo`` subtract as wall clock, so everything here is converted to UTC before it is compared.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SECOND = 1_000_000_000
KINDS = ("day", "week", "month", "quarter", "year")
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
    """The first instant whose local date is ``day``, in ns UTC."""
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
    """The calendar period of that kind that holds the instant."""
    day = from_ns(instant, zone).date()
    period = _of(kind, day, zone)
    if instant < period.start:  # a zone that stepped back over midnight: the earlier date had not begun
        return _of(kind, _first_day(kind, day) - timedelta(days=1), zone)
    if instant >= period.end:
        return _of(kind, _next_first_day(kind, _first_day(kind, day)), zone)
    return period


def _of(kind: str, day: date, zone: ZoneInfo) -> Period:
    first = _first_day(kind, day)
    after = _next_first_day(kind, first)
    return Period(_label(kind, first), kind, start_of(first, zone), start_of(after, zone))


def _first_day(kind: str, day: date) -> date:
    match kind:
        case "day":
            return day
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
        case "year":
            return date(day.year, 1, 1)
    raise ValueError(f"no period kind {kind!r}; there are {', '.join(KINDS)}")


def _next_first_day(kind: str, first: date) -> date:
    if kind in ("day", "week"):
        return first + timedelta(days=1 if kind == "day" else 7)
    months = {"month": 1, "quarter": 3, "year": 12}[kind]
    index = first.year * 12 + first.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _label(kind: str, first: date) -> str:
    match kind:
        case "month":
            return f"{first:%Y-%m}"
        case "quarter":
            return f"{first.year}-Q{(first.month + 2) // 3}"
        case "year":
            return f"{first.year}"
        case "week":
            return f"{first.isocalendar().year}-W{first.isocalendar().week:02d}"
    return first.isoformat()


_FORMS = {
    "year": re.compile(r"(\d{4})"),
    "quarter": re.compile(r"(\d{4})-Q([1-4])"),
    "month": re.compile(r"(\d{4})-(\d{2})"),
    "week": re.compile(r"(\d{4})-W(\d{2})"),
    "day": re.compile(r"(\d{4})-(\d{2})-(\d{2})"),
}


def parse(text: str, zone: ZoneInfo) -> Period:
    """``2026-10``, ``2026-Q4``, ``2026``, ``2026-W41``, ``2026-10-05`` or ``FROM/TO``.

    FROM and TO are RFC 3339 times with offset, or local dates. Raises ValueError saying what would be right.
    """
    if "/" in text:
        start, end = (_instant(part, zone) for part in text.split("/", 1))
        if end <= start:
            raise ValueError(f"{text!r} ends before it begins")
        return Period(text, None, start, end)
    for kind, form in _FORMS.items():
        found = form.fullmatch(text)
        if found:
            return _of(kind, _first_named(kind, [int(part) for part in found.groups()], text), zone)
    raise ValueError(f"{text!r} is no period; write 2026-10, 2026-Q4, 2026, 2026-W41, 2026-10-05 or FROM/TO")


def _first_named(kind: str, parts: list[int], text: str) -> date:
    try:
        match kind:
            case "year":
                return date(parts[0], 1, 1)
            case "quarter":
                return date(parts[0], parts[1] * 3 - 2, 1)
            case "month":
                return date(parts[0], parts[1], 1)
            case "week":
                return date.fromisocalendar(parts[0], parts[1], 1)
        return date(*parts)
    except ValueError as error:
        raise ValueError(f"{text!r} is no {kind} of the calendar: {error}") from None


def _instant(text: str, zone: ZoneInfo) -> int:
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return start_of(date.fromisoformat(text), zone)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time; write 2026-10-01 or 2026-10-01T00:00:00+02:00") from None
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no offset; write {text}Z or with +hh:mm")
    return to_ns(moment)
