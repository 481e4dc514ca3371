"""Exact figures of facts as text: a decimal, a share with ``%``, or a fraction where no decimal says it."""

import re
from decimal import Decimal
from fractions import Fraction

from probes.notation import shown

_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
_FRACTION = re.compile(r"-?[0-9]{1,40}/[0-9]{1,40}")
FIGURE_PATTERN = r"^-?[0-9]{1,40}(/[0-9]{1,40}|(\.[0-9]{1,40})? ?%?)$"


def figure(value: object) -> Fraction:
    """``4.6``, ``97.2%``, ``2/3``, or a JSON number. ValueError says what would be right."""
    text = _plain(value)
    share = text.endswith("%")
    number = text.removesuffix("%").rstrip(" ") if share else text
    if _DECIMAL.fullmatch(number):
        return Fraction(number) / (100 if share else 1)
    if not share and _FRACTION.fullmatch(number):
        try:
            return Fraction(number)
        except ZeroDivisionError:
            raise ValueError(f"{shown(value)} divides by zero") from None
    raise ValueError(f'{shown(value)} is no figure; write it as "4.6", "97.2%" or "2/3"')


def _plain(value: object) -> str:
    """The digits of a JSON number without exponent, which is unfolded only within reason; text as it is."""
    if isinstance(value, Decimal) and -30 < value.adjusted() < 30:
        return f"{value:f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def share(value: object) -> Fraction:
    """A figure from 0 to 1."""
    found = figure(value)
    if not 0 <= found <= 1:
        raise ValueError(f'{shown(value)} is no share of a whole; write it from 0 to 1, as "0.25" or "25%"')
    return found


def figure_text(value: Fraction) -> str:
    """As a decimal where it has an end, else as a fraction; reading it gives the same."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    digits = max(twos, fives)
    if rest != 1 or digits > 30:
        return f"{value.numerator}/{value.denominator}"
    scaled = abs(value.numerator) * 10**digits // value.denominator
    whole, part = divmod(scaled, 10**digits)
    return f"{'-' if value < 0 else ''}{whole}{f'.{part:0{digits}d}' if digits else ''}"
