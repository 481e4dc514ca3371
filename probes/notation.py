"""How instants and durations stand on a line: RFC 3339 with up to nine fractional digits, and milliseconds.

Both are exact in both directions. ``datetime`` keeps microseconds only, so it is used for whole days alone.
"""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache

from config.spans import FIRST_YEAR, LAST_YEAR

SECOND = 1_000_000_000
MILLISECOND = 1_000_000

_INSTANT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([Zz])|([+-])(\d\d):(\d\d))?", re.ASCII
)
_MS = re.compile(r"(-?)(\d{1,15})(?:\.(\d{1,6}))?", re.ASCII)
_EPOCH = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=1024)  # a sample's slot and start, and those of its neighbours, are often the same text
def instant(text: str) -> int:
    """RFC 3339 as ns since 1970 UTC. ValueError says what is wrong with the text and what would be right."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no time; write 2026-10-01T00:00:30Z or 2026-10-01T02:00:30+02:00")
    year, month, day, hour, minute, second, fraction, utc, sign, off_hour, off_minute = found.groups()
    if utc is None and sign is None:
        raise ValueError(f"{text!r} has no offset; write {text}Z or with +hh:mm")
    if second == "60":
        raise ValueError(f"{text!r} is a leap second, which UTC in ns does not tell apart; write the second after it")
    if int(hour) > 23 or int(minute) > 59 or int(second) > 59:
        raise ValueError(f"{text!r} is no time of day; the last of a day is 23:59:59.999999999")
    if fraction is not None and len(fraction) > 9:
        raise ValueError(f"{text!r} is finer than a nanosecond; at most 9 digits after the point")
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise ValueError(f"{text!r} is outside the years {FIRST_YEAR} to {LAST_YEAR}")
    days = _days(year, month, day)
    if days is None:
        raise ValueError(f"{text!r} is no day of the calendar")
    seconds = days * 86_400 + int(hour) * 3_600 + int(minute) * 60 + int(second)
    if sign is not None:
        seconds -= _offset(sign, int(off_hour), int(off_minute), text)
    return seconds * SECOND + (int(fraction.ljust(9, "0")) if fraction else 0)


@lru_cache(maxsize=4096)
def _days(year: str, month: str, day: str) -> int | None:
    """Days since 1970; None where the calendar has no such day."""
    try:
        return date(int(year), int(month), int(day)).toordinal() - _EPOCH
    except ValueError:
        return None


def _offset(sign: str, hour: int, minute: int, text: str) -> int:
    if hour > 23 or minute > 59:
        raise ValueError(f"{text!r} has no offset of a clock; offsets end at ±23:59")
    return (hour * 3_600 + minute * 60) * (1 if sign == "+" else -1)


def instant_text(ns: int) -> str:
    """An instant as RFC 3339 in UTC, with as many fractional digits as it needs."""
    seconds, fraction = divmod(ns, SECOND)
    days, seconds = divmod(seconds, 86_400)
    hour, seconds = divmod(seconds, 3_600)
    minute, second = divmod(seconds, 60)
    tail = f".{fraction:09d}".rstrip("0") if fraction else ""
    return f"{_date(days)}T{hour:02d}:{minute:02d}:{second:02d}{tail}Z"


@lru_cache(maxsize=4096)
def _date(days: int) -> str:
    return date.fromordinal(days + _EPOCH).isoformat()


def ms(value: object) -> int:
    """Milliseconds, as text or as a JSON number read exactly (int, Decimal), as ns. ValueError otherwise."""
    found = _MS.fullmatch(value if isinstance(value, str) else _plain(value))
    if found is None:
        raise ValueError(f'{shown(value)} is no number of milliseconds; write "41.2", at most 6 digits after the point')
    sign, whole, fraction = found.groups()
    ns = int(whole) * MILLISECOND + (int(fraction.ljust(6, "0")) if fraction else 0)
    return -ns if sign else ns


def _plain(value: object) -> str:
    """Digits without exponent; empty where there are none. An exponent is unfolded only within reason."""
    if isinstance(value, Decimal) and value.is_finite() and -30 < value.adjusted() < 30:
        return f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**15:
        return str(value)
    return ""


def ms_text(ns: int) -> str:
    """Nanoseconds as milliseconds, exactly and as short as can be."""
    whole, fraction = divmod(abs(ns), MILLISECOND)
    tail = f".{fraction:06d}".rstrip("0") if fraction else ""
    return f"{'-' if ns < 0 else ''}{whole}{tail}"


def shown(value: object) -> str:
    """A value of a line as it is quoted in a message: short, and never an object's memory address."""
    match value:
        case None:
            text = "null"
        case bool():
            text = "true" if value else "false"
        case str() | int():
            text = repr(value)
        case Decimal():
            text = str(value)
        case list():
            text = "a list"
        case _:
            text = "an object"
    return text if len(text) <= 60 else text[:57] + "..."
