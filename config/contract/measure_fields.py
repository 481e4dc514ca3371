"""What a defined measure is made of, one value at a time: statistics, bases, roundings, legs of a ticket, units.

Every reader here takes one value as the file holds it and raises ``ValueError`` saying what would be right.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from config.contract.measures import business, statistic_named
from config.contract.noun import Mode, Rounding, Unit
from config.contract.rules import Base
from config.contract.scope import Scope
from config.errors import listed, unknown
from config.period_kinds import canonical
from config.reader import Reader
from config.units import DURATION_PATTERN, amount, boolean, duration, line, said, share

T = TypeVar("T")
LEGS = (
    "response",
    "acknowledgement",
    "resolution",
    "repair",
    "closure",
    "notification",
    "update gap",
    "start of repair",
    "delivery",
)
INSTANTS = (
    "opened",
    "detected",
    "confirmed",
    "occurred",
    "acknowledged",
    "responded",
    "repair started",
    "restored",
    "closed",
    "notified",
    "requested",
    "due",
    "delivered",
)
GIVEN_UNITS: dict[str, tuple[Unit, Fraction]] = {
    "ratio": ("ratio", Fraction(1)),
    "percent": ("ratio", Fraction(1, 100)),
    "ms": ("ns", Fraction(10**6)),
    "s": ("ns", Fraction(10**9)),
    "m": ("ns", Fraction(60 * 10**9)),
    "h": ("ns", Fraction(3600 * 10**9)),
    "count": ("count", Fraction(1)),
    "score": ("score", Fraction(1)),
    "money": ("score", Fraction(1)),
}
"""How given figures are written: their unit here, and what one of them is in it."""

MODES: dict[str, Mode] = {"half up": "half_up", "up": "up", "down": "down"}

ONLY_LEGS = "business days are those of a ticket's legs; write the hours in it, as in '16 business hours'"

_SHARE_OF = re.compile(r"share (within|under|over) (.+)")
_FROM_TO = re.compile(r"from (.+?) to (.+)")
_FLAT = re.compile(r"flat ([0-9]{1,4}) days?")
_FLAT_SPAN = re.compile(rf"flat ({DURATION_PATTERN[1:-1]})")
_SCHEDULED = re.compile(r"scheduled (\S+)")
_ROUND = re.compile(r"(\S+(?: ?%)?)(?: (half up|up|down))?(?: for (compare|display))?")
UNITS = ("day", "week", "month", "quarter", "year")
_DAY = 86_400_000_000_000


@dataclass(frozen=True, slots=True)
class Statistic:
    """One figure made of several; ``threshold`` ns, or business ``days``, is the X of ``share within X``."""

    name: str
    threshold: int | None = None
    days: bool = False

    @property
    def share(self) -> bool:
        """Whether it is a share of the values."""
        return self.threshold is not None


def statistic(value: object, kind: str) -> Statistic:
    """``mean``, ``p95``, ``share within 4h``: those that fit a kind of measure."""
    words = _words(value, "statistic", "mean, p95 or share within 4h")
    found = _SHARE_OF.fullmatch(words)
    if found and kind in ("each", "samples"):
        if (found[1] == "within") != (kind == "each") and found[1] != "over":
            raise ValueError(f"{words!r} fits {'tickets' if kind == 'samples' else 'samples'}; {_fits(kind)}")
        length, days = limit(found[2])
        if days and kind != "each":
            raise ValueError(f"{words!r}: samples are answered in no business days; {_fits(kind)}")
        return Statistic(f"share {found[1]}", length, days)
    more = {"each": ("min", "sum"), "samples": ("min",), "given": ("min", "sum", "last")}[kind]
    if words in more:
        return Statistic(words)
    try:
        return Statistic(statistic_named(words))
    except ValueError:
        raise ValueError(f"no statistic {words!r}; {_fits(kind)}") from None


def _fits(kind: str) -> str:
    return {
        "each": "there are mean, median, max, min, sum, percentiles such as p95, share within 4h, share over 4h",
        "samples": "there are mean, median, max, min, percentiles such as p95, share under 50ms, share over 50ms",
        "given": "there are mean, median, max, min, sum, last and percentiles such as p95",
    }[kind]


def base(value: object, scope: Scope) -> Base:
    """``actual``, ``flat 30 days``, ``flat 730.5h``, ``existing`` or ``scheduled CALENDAR``."""
    words = " ".join(value.split()) if isinstance(value, str) else ""
    if words == "actual":
        return Base()
    if words == "existing":
        return Base(kind="existing")
    scheduled = _SCHEDULED.fullmatch(words)
    if length := flat(words):
        return Base(kind="flat", flat=length)
    if scheduled:
        scope.calendar(scheduled[1])
        return Base(kind="scheduled", calendar=scheduled[1])
    raise ValueError(f"{said(value)} is no base; write actual, flat 30 days, existing or scheduled CALENDAR")


def flat(words: str) -> int:
    """A length of time whatever the period's, ``flat 30 days`` or ``flat 730.5h``, in ns; 0 where it is none."""
    days, other = _FLAT.fullmatch(words), _FLAT_SPAN.fullmatch(words)
    if days:
        return int(days[1]) * _DAY
    return duration(other[1]) if other and int(duration(other[1])) else 0


def leg(value: object) -> str:
    """A ticket's leg: ``response``, or ``from requested to delivered`` as ``requested to delivered``."""
    words = _words(value, "leg of a ticket", "response or from requested to delivered")
    found = _FROM_TO.fullmatch(words)
    if not found:
        if words in LEGS:
            return words
        raise ValueError(unknown("leg of a ticket", words, LEGS))
    for instant in found.groups():
        if instant not in INSTANTS:
            raise ValueError(unknown("instant of a ticket", instant, INSTANTS))
    if found[1] == found[2]:
        raise ValueError(f"{words!r} takes no time; name two instants")
    return f"{found[1].replace(' ', '_')} to {found[2].replace(' ', '_')}"


def read_rounding(reader: Reader, unit: Unit) -> Rounding | None:
    """``{to: 0.01%, mode: half up, for: compare}``, or short ``0.01% half up for compare``."""
    if not isinstance(reader.node.value, dict):
        return reader.read(lambda value: _short_rounding(value, unit), None)
    fields = reader.fields(("to", "mode", "for"))
    to = fields.need("to", lambda value: _step(value, unit), f"to: {_STEPS[unit]}")
    usual: Mode = "half_up"
    mode = fields.get("mode", lambda value: meant(value, "way to round", MODES), usual)
    compare = fields.get("for", _purpose, False)
    return None if to is None else Rounding(to=to, mode=mode, compare=compare)


def _short_rounding(value: object, unit: Unit) -> Rounding:
    found = _ROUND.fullmatch(" ".join(value.split())) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"{said(value)} is no rounding; write it as '{_STEPS[unit]} half up' or '… for compare'")
    mode: Mode = MODES[found[2]] if found[2] else "half_up"
    return Rounding(to=_step(found[1], unit), mode=mode, compare=found[3] == "compare")


_STEPS: dict[Unit, str] = {"ratio": "0.01%", "ns": "1m", "count": "1", "score": "0.1", "business_days": "1"}


def _step(value: object, unit: Unit) -> Fraction:
    match unit:
        case "ratio":
            step = share(value)
        case "ns":
            step = Fraction(duration(value))
        case _:
            step = Fraction(amount(value))
    if step <= 0:
        raise ValueError(f"{said(value)} is nothing to round to; write it as {_STEPS[unit]}")
    return step


def _purpose(value: object) -> bool:
    if value in ("compare", "display"):
        return value == "compare"
    raise ValueError(f"{said(value)}: figures are rounded for display, or for compare (before they are compared)")


def given_unit(value: object) -> tuple[Unit, Fraction]:
    """``score``, ``ms``, ``percent``: the unit here, and what one is in it."""
    if isinstance(value, str) and value in GIVEN_UNITS:
        return GIVEN_UNITS[value]
    raise ValueError(unknown("unit", str(value), GIVEN_UNITS))


def yes(value: object) -> bool:
    """``yes`` or ``no``, ``true`` or ``false``."""
    return value == "yes" if value in ("yes", "no") else boolean(value)


def chosen(value: object, what: str, words: tuple[str, ...]) -> str:
    """One of some words; ``mean of ratios`` and ``mean_of_ratios`` are the same."""
    plain = measure_name(value) if isinstance(value, str) else ""
    if plain in words:
        return plain
    raise ValueError(unknown(what, str(value), words))


def meant(value: object, what: str, known: Mapping[str, T]) -> T:
    """What one of some words stands for; spaces and underscores are the same."""
    words = measure_name(value) if isinstance(value, str) else ""
    if words in known:
        return known[words]
    raise ValueError(unknown(what, str(value), known))


def measure_name(typed: str) -> str:
    """A name of several words as it is kept: spaces and underscores are the same."""
    return " ".join(typed.replace("_", " ").split())


def limit(value: object) -> tuple[int, bool]:
    """A duration above zero (ns), the hours of ``4 business hours``, or ``2 business days`` as (2, True); business time
    needs a calendar."""
    working = business(value) if isinstance(value, str) else None
    return (positive(value), False) if working is None else (int(working.amount), working.days)


def positive(value: object) -> int:
    """A duration above zero."""
    length = duration(value)
    if length <= 0:
        raise ValueError(f"{said(value)} is no time at all; write a duration above zero")
    return length


def window(value: object, scope: Scope) -> str:
    """``trailing 30 days``: what is measured instead of the contract's period; any kind of period will do."""
    return canonical(line(value), scope.first_day)


def sub_period(value: object, scope: Scope) -> str | None:
    """``day``: a period within the contract's own; None where it is the contract's own."""
    kind = canonical(line(value), scope.first_day)
    if kind == scope.period:
        return None
    own, sub = scope.period.split()[0], kind.split()[0]
    if sub == "trailing" or (own in UNITS and UNITS.index(sub) >= UNITS.index(own)):
        raise ValueError(
            f"'per {kind}' is no part of the contract's period ({scope.period}); leave it out or change it"
        )
    return kind


def calendar(value: object, scope: Scope) -> str:
    """The name of a calendar that is there."""
    called = line(value)
    scope.calendar(called)
    return called


def only_calendar(scope: Scope, key: str = "clock") -> str:
    """The contract's only calendar, which business time runs on where none is named by the ``key``."""
    names = list(scope.calendars)
    if len(names) == 1:
        return names[0]
    there = f"there {listed(names)}; write '{key}: {names[0]}'" if names else "write one below 'calendars'"
    raise ValueError(f"business time runs on a calendar; {there}")


def _words(value: object, what: str, examples: str) -> str:
    if isinstance(value, str) and value.strip():
        return measure_name(value)
    raise ValueError(f"{said(value)} is no {what}; write {examples}")
