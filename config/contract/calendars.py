"""``calendars:`` business hours by name, and the daily windows of exclusions, which are written the same way.

    office: {timezone: Europe/London, hours: {mon-fri: "09:00-17:30", sat: "10:00-12:00"}, holidays: [2026-12-25]}

Days are ``mon``, ``mon-fri``, ``sat, sun`` or ``daily``; ``24:00`` ends a day; a range over midnight belongs to the
day it begins on. Holidays are dates, ``2026-12-25..2026-12-31``, or ``12-25`` of every year.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from config.calendars import ALWAYS, Calendar, Minutes
from config.contract import terms
from config.errors import unknown
from config.names import check_name
from config.period_kinds import WEEKDAYS
from config.reader import Fields, Reader
from config.units import said

KEYS = ("timezone", "hours", "holidays")
LONGEST_HOLIDAY = 3660
TIME = r"(?:[01][0-9]|2[0-4]):[0-5][0-9]"
HOURS_PATTERN = rf"{TIME}-{TIME}(?: ?, ?{TIME}-{TIME})*"
DAYS = "|".join(f"{day}|{day[:3]}" for day in WEEKDAYS)
DAYS_PATTERN = rf"(?:daily|(?:{DAYS})(?:-(?:{DAYS}))?(?: ?, ?(?:{DAYS})(?:-(?:{DAYS}))?)*)"
WINDOW_PATTERN = rf"(?:{DAYS_PATTERN} )?{HOURS_PATTERN}(?: [A-Za-z][A-Za-z0-9_+/-]*)?"
HOLIDAY_PATTERN = r"(?:[0-9]{4}-)?[0-9]{2}-[0-9]{2}(?: ?\.\. ?(?:[0-9]{4}-)?[0-9]{2}-[0-9]{2})?"

_RANGE = re.compile(r"([0-9]{1,2}):([0-9]{2}) ?- ?([0-9]{1,2}):([0-9]{2})")
_WINDOW = re.compile(rf"(?:([a-z][a-z, -]*) )?({_RANGE.pattern}(?: ?, ?{_RANGE.pattern})*)(?: ([A-Za-z]\S*))?")
_DATE = re.compile(r"(?:([1-9][0-9]{3})-)?([0-9]{2})-([0-9]{2})")
_NAMES = [day[:3] for day in WEEKDAYS]

Hours = tuple[tuple[Minutes, ...], ...]


def read_calendars(reader: Reader, zone: ZoneInfo) -> dict[str, Calendar | None]:
    """Every calendar by name; None where it cannot be read. ``zone`` is the contract's."""
    found: dict[str, Calendar | None] = {}
    for called, entry in reader.fields():
        check_name(entry, called)
        if called == ALWAYS:
            entry.wrong(f"{ALWAYS} is every hour of every day and always there; give yours another name", entry.key)
        found[called] = _read_calendar(entry, called, zone)
    return found


def _read_calendar(entry: Reader, called: str, zone: ZoneInfo) -> Calendar | None:
    told = len(entry.problems)
    fields = entry.fields(KEYS)
    hours: Hours = ((),) * 7
    if "hours" in fields:
        hours = _read_hours(fields.at("hours"))
    else:
        fields.missing("hours", 'hours: {mon-fri: "09:00-17:00"}')
    dates, yearly = _read_holidays(fields)
    own = fields.get("timezone", terms.zone, zone)
    if len(entry.problems) > told or fields.broken:
        return None
    if len(yearly) > 364:
        fields.at("holidays").wrong("leave no day of the year; name those on which nobody works")
        return None
    return Calendar(called, own.key, hours, dates, yearly)


def _read_hours(reader: Reader) -> Hours:
    hours: list[tuple[Minutes, ...]] = [()] * 7
    lines: dict[int, int] = {}
    fields = reader.fields()
    for typed, at in fields:
        ranges = at.read(ranges_of, ())
        try:
            days = days_of(typed)
        except ValueError as error:
            at.wrong(str(error), at.key)
            continue
        for day in days:
            if day in lines:
                at.wrong(f"{WEEKDAYS[day]} has its hours on line {lines[day]} already; write each day once", at.key)
            lines[day] = at.key.line
            hours[day] = ranges
    if not fields.entries and not fields.broken:
        reader.wrong('has no hours; write them by day: {mon-fri: "09:00-17:00"}')
    return tuple(hours)


def days_of(text: str) -> list[int]:
    """``mon-fri``, ``sat, sun``, ``daily`` as days of the week, 0 for Monday; ``fri-mon`` goes over Sunday."""
    if text.strip() == "daily":
        return list(range(7))
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        since, to = _day(first), _day(last if dash else first)
        found += [(since + i) % 7 for i in range((to - since) % 7 + 1)]
    if len(set(found)) < len(found):
        raise ValueError(f"{text!r} names a day twice; write each once")
    return found


def _day(text: str) -> int:
    word = text.strip()
    if word in _NAMES or word in WEEKDAYS:
        return _NAMES.index(word[:3])
    raise ValueError(unknown("day", word, [*_NAMES, "daily"]))


def ranges_of(value: object) -> tuple[Minutes, ...]:
    """``10:00-12:00, 13:00-15:00`` as minutes of the day; past 1440 where a range runs over midnight."""
    if not isinstance(value, str):
        raise ValueError(f'{said(value)} is no hours; write "09:00-17:00" or "08:00-12:00, 13:00-17:00"')
    found = sorted(_range(part.strip(), value) for part in value.split(","))
    for (since, to), (after, _) in pairwise(found):
        if after < to:
            raise ValueError(f"{value!r}: the range from {_clock(after)} begins within the one from {_clock(since)}")
    return tuple(found)


def _range(text: str, whole: str) -> Minutes:
    found = _RANGE.fullmatch(text)
    if not found:
        raise ValueError(f'{whole!r} is no hours; write "09:00-17:00" or "08:00-12:00, 13:00-17:00"')
    numbers = [int(number) for number in found.groups()]
    since, to = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    if numbers[1] > 59 or numbers[3] > 59 or since >= 1440 or to > 1440:
        raise ValueError(f"{text!r} is past the clock; write times from 00:00 to 24:00")
    if since == to:
        raise ValueError(f"{text!r} is no time at all; the whole day is 00:00-24:00")
    return (since, to) if since < to else (since, to + 1440)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _read_holidays(fields: Fields) -> tuple[frozenset[date], frozenset[tuple[int, int]]]:
    dates: set[date] = set()
    yearly: set[tuple[int, int]] = set()
    if "holidays" in fields:
        at = fields.at("holidays")
        for item in at.items() if isinstance(at.node.value, list) else [at]:
            for one in item.read(holidays_of, ()):
                if isinstance(one, date):
                    dates.add(one)
                else:
                    yearly.add(one)
    return frozenset(dates), frozenset(yearly)


def holidays_of(value: object) -> tuple[date | tuple[int, int], ...]:
    """One entry: a date, ``FROM..TO`` with both days in it, or (month, day) of every year."""
    if not isinstance(value, str):
        raise ValueError(f"{said(value)} is no day; write 2026-12-25, 2026-12-25..2026-12-31, or 12-25 for every year")
    first, dots, last = value.partition("..")
    since, to = _holiday(first.strip(), value), _holiday((last if dots else first).strip(), value)
    if isinstance(since, date) and isinstance(to, date):
        if to < since:
            raise ValueError(f"{value!r} ends before it begins")
        if (to - since).days >= LONGEST_HOLIDAY:
            raise ValueError(f"{value!r} is longer than ten years; write the hours of a week without those days")
        return tuple(since + timedelta(days=i) for i in range((to - since).days + 1))
    if isinstance(since, date) or isinstance(to, date):
        raise ValueError(f"{value!r}: write the year on both sides, or on none for every year")
    return tuple(_every_year(since, to))


def _every_year(since: tuple[int, int], to: tuple[int, int]) -> Iterator[tuple[int, int]]:
    day = date(2000, *since)  # a leap year
    while (day.month, day.day) != to:
        yield day.month, day.day
        day = date(2000, 1, 1) if (day.month, day.day) == (12, 31) else day + timedelta(days=1)
    yield to


def _holiday(text: str, whole: str) -> date | tuple[int, int]:
    found = _DATE.fullmatch(text)
    if not found:
        raise ValueError(f"{whole!r} is no day; write 2026-12-25, 2026-12-25..2026-12-31, or 12-25 for every year")
    year, month, day = (int(part) if part else 0 for part in found.groups())
    if not 1 <= month <= 12:
        raise ValueError(f"{whole!r}: there is no month {month}; write year, month and day as in 2026-12-25")
    last = monthrange(year or 2000, month)[1]
    if not 1 <= day <= last:
        raise ValueError(f"{whole!r}: there is no day {day} in that month; it has {last}")
    return date(year, month, day) if found[1] else (month, day)


def window(value: object, zone: ZoneInfo) -> Calendar:
    """``00:00-04:00 America/Chicago``, ``sat-sun 00:00-04:00``: the hours of every such day, in the contract's zone
    unless it names one."""
    plain = " ".join(value.split()) if isinstance(value, str) else ""
    found = _WINDOW.fullmatch(plain)
    if not found:
        raise ValueError(
            f"{said(value)} is no window; write '00:00-04:00', '00:00-04:00 America/Chicago' or 'sat-sun 00:00-04:00'"
        )
    days = days_of(found[1]) if found[1] else list(range(7))
    ranges = ranges_of(found[2])
    named = found[found.re.groups]
    own = terms.zone(named) if named else zone
    return Calendar(plain, own.key, tuple(ranges if day in days else () for day in range(7)))
