"""What a unit is worth: a share and a month are of the base, a day of service is a part of it; the rest is not."""

from fractions import Fraction
from zoneinfo import ZoneInfo

from config.contract.money import Give
from config.periods import Period, day_of

OF_THE_BASE = ("share", "months")
_DAYS = {"day": Fraction(1), "hour": Fraction(1, 24), "minute": Fraction(1, 1440), "week": Fraction(7)}


def kind(unit: str) -> str:
    """A unit as it is compared: in the singular, and without saying that it is of service."""
    word = " ".join(unit.replace("_", " ").casefold().split()).removeprefix("service ")
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def part_of_base(unit: str, day: Fraction) -> Fraction | None:
    """How much of the base one of a unit is, where ``day`` is what a day is; None where it is no part of it."""
    if unit in OF_THE_BASE:
        return Fraction(1)
    length = None if unit == "money" else _DAYS.get(kind(unit))
    return None if length is None else length * day


def a_day(period: Period, timezone: str, of_period: bool) -> Fraction:
    """The part of the base that one day is: a thirtieth, or one of the period's local days."""
    if not of_period:
        return Fraction(1, 30)
    zone = ZoneInfo(timezone)
    return Fraction(1, (day_of(period.end - 1, zone) - day_of(period.start, zone)).days + 1)


def in_unit(give: Give, unit: str, day: Fraction, base: Fraction | None) -> Fraction | None:
    """As much as ``give``, counted in ``unit``; None where the two cannot be compared."""
    if give.unit == unit or (unit != "money" and kind(give.unit) == kind(unit)):
        return give.amount
    typed, wanted = _worth(give.unit, day, base), _worth(unit, day, base)
    return None if typed is None or not wanted else give.amount * typed / wanted


def _worth(unit: str, day: Fraction, base: Fraction | None) -> Fraction | None:
    """What one of it is, as a part of the base."""
    if unit == "money":
        return 1 / base if base else None
    return part_of_base(unit, day)
