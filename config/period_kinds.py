"""Kinds of period, by the words people use: ``month``, ``month from day 15``, ``trailing 30 days``.

Several ways to say the same are one canonical text, so that two kinds are the same if their texts are. A kind that
begins late in a month begins with the last day of a shorter one. ``contract month`` and its like are anchored on the
contract's first day and become ``month from day N``.
"""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from config.errors import unknown

Unit = Literal["day", "week", "month", "quarter", "year"]
KINDS: tuple[Unit, ...] = ("day", "week", "month", "quarter", "year")
MONTHS = tuple(name.lower() for name in calendar.month_name[1:])
WEEKDAYS = tuple(name.lower() for name in calendar.day_name)
MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}
LONGEST = {"days": 3660, "months": 120}

_WORDS = "|".join(f"{name}|{name[:3]}" for name in MONTHS)
_FROM = (
    rf"week from (?:{'|'.join(f'{name}|{name[:3]}' for name in WEEKDAYS)})|month from day [0-9]{{1,2}}"
    rf"|(?:quarter|year) from (?:(?:{_WORDS})|day [0-9]{{1,2}}(?: of (?:{_WORDS}))?)"
)
_TRAILING = r"trailing [0-9]{1,4} (?:day|week|month|quarter|year)s?"
PATTERN = rf"(?:{'|'.join(KINDS)}|{_FROM}|contract (?:month|quarter|year)|{_TRAILING})"

_ANCHORED = re.compile(r"(week|month|quarter|year) from (?:day ([0-9]{1,4})(?: of ([a-z]+))?|([a-z]+))")
_WINDOW = re.compile(r"trailing ([0-9]{1,9}) (day|week|month|quarter|year)s?")
_CONTRACT = re.compile(r"contract (month|quarter|year)")


@dataclass(frozen=True, slots=True)
class Kind:
    """``day`` of the month, ``month`` of the year, ``weekday`` (0 is Monday) it begins with. ``days`` or ``months``
    is how long a trailing window is; it ends with a local day."""

    unit: Unit
    day: int = 1
    month: int = 1
    weekday: int = 0
    days: int = 0
    months: int = 0

    @property
    def trailing(self) -> bool:
        """Whether it is a window that moves on daily."""
        return bool(self.days or self.months)

    @property
    def text(self) -> str:
        """The canonical words."""
        if self.trailing:
            number, what = (self.days, "day") if self.days else (self.months, "month")
            return f"trailing {number} {what}{'s' if number > 1 else ''}"
        if self.weekday:
            return f"week from {WEEKDAYS[self.weekday]}"
        month = MONTHS[self.month - 1] if self.month > 1 else ""
        if self.day > 1:
            of = f" of {MONTHS[self.month - 1]}" if self.unit != "month" else ""
            return f"{self.unit} from day {self.day}{of}"
        return f"{self.unit} from {month}" if month else self.unit


@lru_cache(maxsize=1024)
def kind_of(text: str) -> Kind:
    """The kind as its words say; ValueError says what would be right. ``contract month`` needs ``canonical``."""
    plain = " ".join(text.split())
    if plain in KINDS:
        return Kind(next(unit for unit in KINDS if unit == plain))
    if found := _ANCHORED.fullmatch(plain):
        return _anchored(plain, *found.groups())
    if found := _WINDOW.fullmatch(plain):
        return _window(plain, int(found[1]), found[2])
    if _CONTRACT.fullmatch(plain):
        raise ValueError(f"{plain!r} begins with the contract's first day; write that as 'starts: 2026-02-15'")
    if plain.startswith("trailing"):
        raise ValueError(f"{text!r} is no window; write it as 'trailing 30 days' or 'trailing 12 months'")
    raise ValueError(unknown("period", text, KINDS))


def canonical(text: str, first_day: date | None = None) -> str:
    """The canonical words. ``first_day`` is the contract's, for ``contract month``, ``quarter`` and ``year``."""
    found = _CONTRACT.fullmatch(" ".join(text.split()))
    if found is None or first_day is None:
        return kind_of(text).text
    if found[1] == "month":
        return kind_of(f"month from day {first_day.day}").text
    return kind_of(f"{found[1]} from day {first_day.day} of {MONTHS[first_day.month - 1]}").text


def noun(text: str) -> str:
    """One word for such a period: ``month`` for ``month from day 15``, ``window`` for trailing ones."""
    kind = kind_of(text)
    return "window" if kind.trailing else kind.unit


def told(text: str) -> str:
    """The kind as a sentence has it: ``calendar month``, ``month from day 15``, ``window of the 30 days before the end
    of each day``."""
    kind = kind_of(text)
    if kind.trailing:
        return f"window of the {kind.text.removeprefix('trailing ')} before the end of each day"
    return f"calendar {text}" if text in KINDS else text


def _anchored(text: str, unit: str, day: str | None, month: str | None, name: str | None) -> Kind:
    if unit == "week":
        if name is None:
            raise ValueError(f"{text!r}: a week begins with a day of the week; write 'week from sunday'")
        return Kind("week", weekday=_place(name, WEEKDAYS, "day of the week"))
    if unit == "month" and (name is not None or month is not None):
        raise ValueError(f"{text!r}: a month begins with one of its days; write 'month from day 15'")
    number = int(day) if day is not None else 1
    named = name if name is not None else month
    place = _place(named, MONTHS, "month") + 1 if named is not None else 1
    longest = calendar.monthrange(2000, place)[1] if unit == "year" else 31
    if not 1 <= number <= longest:
        where = f" of {MONTHS[place - 1]}" if unit == "year" else ""
        raise ValueError(f"{text!r}: there is no day {number}{where}; write 1 to {longest}")
    match unit:
        case "month":
            return Kind("month", day=number)
        case "quarter":
            return Kind("quarter", day=number, month=(place - 1) % 3 + 1)
    return Kind("year", day=number, month=place)


def _window(text: str, number: int, unit: str) -> Kind:
    factor, what = {"day": (1, "days"), "week": (7, "days")}.get(unit, (MONTHS_OF.get(unit, 1), "months"))
    length = number * factor
    if not 1 <= length <= LONGEST[what]:
        raise ValueError(f"{text!r} cannot be accounted; write 1 to {LONGEST[what]} {what}")
    return Kind("day", days=length) if what == "days" else Kind("day", months=length)


def _place(name: str, names: Sequence[str], what: str) -> int:
    for place, one in enumerate(names):
        if name in (one, one[:3]):
            return place
    raise ValueError(unknown(what, name, names))
