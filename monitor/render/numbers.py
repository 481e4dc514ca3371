"""Exact figures as people read them. What cannot be shown in full is rounded toward the unfavourable side of its
target, and never onto the target itself: a promise that was missed by a hair never looks kept.

The grid of digits always holds the target, so a figure reads as keeping its promise exactly when it does.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from zoneinfo import ZoneInfo

from config.periods import from_ns
from config.spans import Span

SECOND = 1_000_000_000
LEAST_DIGITS, MOST_DIGITS = 3, 12
IN_MS = ("latency", "jitter", "samples", "given")
"""Measures of how long an answer took, told in milliseconds; every other one in ns is lost or waited time."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How a figure of one promise is shown: what one shown unit is, and the target it is held against."""

    unit: str
    measure: str
    operator: str
    target: Fraction

    def display(self, value: Fraction) -> str:
        """The value with its unit, rounded toward the unfavourable side; zeros at its end say that it was rounded."""
        size = self._size()
        scaled, target = value / size, self.target / size
        digits = min(
            max(0 if self.unit in ("count", "business_days") else LEAST_DIGITS, _decimals(target)), MOST_DIGITS
        )
        shown = self._rounded(scaled, digits, target)
        while shown == target != scaled and digits < MOST_DIGITS:
            digits += 1
            shown = self._rounded(scaled, digits, target)
        return self._with_unit(shown, 0 if shown == scaled else digits)

    def display_target(self) -> str:
        """The target, exactly."""
        return self._with_unit(self.target / self._size())

    def _rounded(self, value: Fraction, digits: int, target: Fraction) -> Fraction:
        """On a grid of ``digits`` decimals: down where more is better, up where less is, away from an exact target."""
        grid = 10**digits
        down = self.operator in (">", ">=") or (self.operator == "==" and value < target)
        return Fraction(floor(value * grid) if down else ceil(value * grid), grid)

    def _size(self) -> Fraction:
        if self.unit == "ratio":
            return Fraction(1, 100)
        if self.unit == "ns":
            return Fraction(SECOND // 1000 if self.measure in IN_MS else SECOND)
        return Fraction(1)

    def _with_unit(self, value: Fraction, digits: int = 0) -> str:
        if self.unit == "ratio":
            return f"{decimal(value, digits)} %"
        if self.unit == "ns":
            return f"{decimal(value, digits)} ms" if self.measure in IN_MS else clock(value)
        if self.unit == "business_days":
            return f"{decimal(value, digits)} business {'day' if value == 1 else 'days'}"
        return decimal(value, digits)


def _decimals(value: Fraction) -> int:
    """How many digits after the point a value needs; at most MOST_DIGITS."""
    digits = 0
    while (value * 10**digits).denominator != 1 and digits < MOST_DIGITS:
        digits += 1
    return digits


def decimal(value: Fraction, least: int = 0) -> str:
    """A value as a decimal with at least so many digits after the point, and no needless zeros beyond them; what goes
    on for ever is cut at MOST_DIGITS."""
    digits = max(least, _decimals(value))
    scaled = floor(abs(value) * 10**digits)
    sign = "-" if value < 0 else ""
    return f"{sign}{scaled // 10**digits}" + (f".{scaled % 10**digits:0{digits}d}" if digits else "")


def percent(value: Fraction) -> str:
    """A share that stands against no target, cut to three digits: 99.9996 % is not 100 %."""
    return f"{decimal(Fraction(floor(value * 100_000), 1000))} %"


def clock(seconds: Fraction) -> str:
    """Seconds as ``56m09s``, ``4h00m00s``, ``0.5s``."""
    whole = floor(seconds)
    rest = f"{decimal(seconds - whole)[1:]}s"
    hours, minutes, second = whole // 3600, whole // 60 % 60, whole % 60
    if hours:
        return f"{hours}h{minutes:02d}m{second:02d}{rest}"
    return f"{minutes}m{second:02d}{rest}" if minutes else f"{second}{rest}"


def lasting(ns: int) -> str:
    """Nanoseconds as ``56m09s``, exactly."""
    return clock(Fraction(ns, SECOND))


def moment(ns: int, zone: ZoneInfo) -> str:
    """An instant in a zone, to the millisecond where it has them, with its offset: unmistakable on a night of DST."""
    local = from_ns(ns, zone)
    fraction = f".{local.microsecond // 1000:03d}" if local.microsecond // 1000 else ""
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M:%S}{fraction} {offset[:3]}:{offset[3:5]}"


def between(span: Span, zone: ZoneInfo) -> str:
    """A span in a zone and how long it is; the date stands once where it does not change."""
    start, end = moment(span[0], zone), moment(span[1], zone)
    if start[:10] == end[:10] and start[-6:] == end[-6:]:
        start, end = start[:-7], end[11:]
    return f"{start} – {end} ({lasting(span[1] - span[0])})"
