"""Units as people type them, read exactly: durations to integer ns, shares to fractions, money to decimals.

Nothing passes through a binary float: ``99.9%`` is ``Fraction(999, 1000)`` and ``1.5h`` is 5.4e12 ns.
A day is 24 hours and a week seven days; what is longer has no fixed length and is a calendar period instead.
A number that lacks its unit is refused, since whoever typed it meant one and the reader would guess.

Each reader takes one value as the file holds it and raises ``ValueError`` saying what is wrong, with the
value, and what would be right. The annotated types beside them are the same readers for options of kinds.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Annotated

from config.typed import After, Before, Shape

NANOSECONDS = {
    "w": 604_800_000_000_000,
    "d": 86_400_000_000_000,
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "ns": 1,
}
BYTES = {"B": 1, "kB": 10**3, "KiB": 2**10, "MB": 10**6, "MiB": 2**20, "GB": 10**9, "GiB": 2**30}
LONGEST = 36_500 * NANOSECONDS["d"]

_NUMBER = r"[0-9]{1,15}(?:\.[0-9]{1,15})?"
_DURATION = re.compile(rf"(?:{_NUMBER} ?[a-zµμ]+ ?)+")
_PART = re.compile(rf"({_NUMBER}) ?([a-zµμ]+) ?")
_SHARE = re.compile(rf"({_NUMBER}) ?%")
_SIZE = re.compile(rf"({_NUMBER}) ?([A-Za-z]+)")
_AMOUNT = re.compile(_NUMBER)
_MONEY = re.compile(rf"({_NUMBER}) ([A-Z]{{3}})")
_BARE = re.compile(r"[-+]?[0-9]*\.?[0-9]+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

DURATION_PATTERN = rf"^({_NUMBER} ?(ns|us|µs|μs|ms|s|m|h|d|w) ?)+$"
SHARE_PATTERN = rf"^{_NUMBER} ?%$"
SIZE_PATTERN = rf"^{_NUMBER} ?({'|'.join(BYTES)})$"
NAME_PATTERN = f"^{_NAME.pattern}$"
LINE_PATTERN = r"^[^\u0000-\u001f\u007f-\u009f]+$"


def duration(value: object) -> int:
    """``30s``, ``500ms``, ``1h30m``, ``1.5h``, ``400d`` as nanoseconds; zero is allowed."""
    return _duration(_text(value, "a duration", "30s, 500ms or 1h30m", "ns, us, ms, s, m, h, d, w"))


@lru_cache(maxsize=4096)  # a large configuration says the same few over and over
def _duration(value: str) -> int:
    if not _DURATION.fullmatch(value):
        raise ValueError(f"{value!r} is no duration; write it as 30s, 500ms or 1h30m")
    total, last = Fraction(0), LONGEST
    for number, unit in _PART.findall(value):
        size = NANOSECONDS.get(unit.replace("µ", "u").replace("μ", "u"))
        if size is None:
            raise ValueError(f"{value!r}: no unit of time {unit!r}; there are {', '.join(NANOSECONDS)}")
        if size >= last:
            raise ValueError(f"{value!r}: write the larger unit first and each once, as in 1h30m")
        total, last = total + Fraction(number) * size, size
    if total.denominator != 1:
        raise ValueError(f"{value!r} is finer than a nanosecond")
    if total > LONGEST:
        raise ValueError(f"{value!r} is longer than 100 years")
    return int(total)


def share(value: object) -> Fraction:
    """``99.9%`` as ``Fraction(999, 1000)``; from 0% to 100%."""
    return _share(_text(value, "a share", "99.9%", "%"))


@lru_cache(maxsize=4096)
def _share(value: str) -> Fraction:
    found = _SHARE.fullmatch(value)
    if not found:
        raise ValueError(f"{value!r} is no share; write it as 99.9%")
    result = Fraction(found[1]) / 100
    if result > 1:
        raise ValueError(f"a share cannot exceed 100%, not {value!r}")
    return result


def size(value: object) -> int:
    """``64KiB``, ``10MB``, ``512B`` as a whole number of bytes."""
    text = _text(value, "a size", "64KiB", ", ".join(BYTES))
    found = _SIZE.fullmatch(text)
    if not found:
        raise ValueError(f"{value!r} is no size; write it as 64KiB")
    if found[2] not in BYTES:
        raise ValueError(f"{value!r}: no unit of size {found[2]!r}; there are {', '.join(BYTES)}")
    total = Fraction(found[1]) * BYTES[found[2]]
    if total.denominator != 1:
        raise ValueError(f"{value!r} is no whole number of bytes")
    return int(total)


def amount(value: object) -> Decimal:
    """``1200.00`` as an exact decimal with its digits; without sign, exponent or separators."""
    text = str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _AMOUNT.fullmatch(text):
        raise ValueError(f"{said(value)} is no amount; write it as 1200.00")
    return Decimal(text)


def money(value: object) -> tuple[Decimal, str]:
    """``10 EUR`` as amount and ISO 4217 code."""
    text = _text(value, "money", "10 EUR", "a currency such as EUR")
    found = _MONEY.fullmatch(text)
    if not found:
        raise ValueError(f"{value!r} is no money; write it as 10.00 EUR")
    return Decimal(found[1]), found[2]


def count(value: object) -> int:
    """A whole number from zero on, as typed: ``3``."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{said(value)} is no count; write a whole number such as 3")
    return value


def boolean(value: object) -> bool:
    """``true`` or ``false`` and nothing that other YAML readers take for them."""
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise ValueError(f"{said(value)} is text here, not a yes or no; write true or false")


def line(value: object) -> str:
    """Text of one line, not empty, without control characters: safe in a header, a log line or a topic."""
    if not isinstance(value, str):
        raise ValueError(f"{said(value)} is not text; put it in quotes")
    if not value.strip():
        raise ValueError("is empty; write some text")
    if _CONTROL.search(value):
        raise ValueError(f"{value!r} has a line break or control character in it; write it on one line")
    return value


def name(value: object) -> str:
    """A name of ours: a letter or digit, then letters, digits, ``_``, ``.``, ``-``; at most 63 in all."""
    if isinstance(value, str) and _NAME.fullmatch(value):
        return value
    raise ValueError(
        f"{said(value)} is no name; use letters, digits, '_', '.', '-' (at most 63, a letter or digit first)"
    )


def between(low: int, high: int, show: Callable[[int], str] = str) -> After:
    """For options: the value must lie in ``[low, high]``; ``show`` writes both as a person would type them."""

    def check(value: int) -> int:
        if not low <= value <= high:
            raise ValueError(f"must be from {show(low)} to {show(high)}, not {show(value)}")
        return value

    return After(check)


def format_duration(ns: int) -> str:
    """Nanoseconds in the units a person would type, exactly: ``1h30m``; weeks are told in days."""
    if ns == 0:
        return "0s"
    sign, rest, out = ("-" if ns < 0 else ""), abs(ns), ""
    for unit, length in NANOSECONDS.items():
        whole = rest // length if unit != "w" else 0
        if whole:
            out, rest = f"{out}{whole}{unit}", rest - whole * length
    return sign + out


def format_share(value: Fraction) -> str:
    """A share as an exact percentage, ``99.9%``; as a fraction where no finite decimal says it."""
    percent = value * 100
    digits, rest = 0, percent.denominator
    while rest % 10 == 0 or rest % 2 == 0 or rest % 5 == 0:
        rest = rest // 10 if rest % 10 == 0 else rest // (2 if rest % 2 == 0 else 5)
        digits += 1
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    scaled = percent * 10**digits
    return f"{(Decimal(int(scaled)).scaleb(-digits)):f}%"


def format_size(value: int) -> str:
    """Bytes in the largest unit that says them whole, binary units first: ``64KiB``."""
    for unit in ("GiB", "MiB", "KiB", "GB", "MB", "kB"):
        if value and value % BYTES[unit] == 0:
            return f"{value // BYTES[unit]}{unit}"
    return f"{value}B"


def _text(value: object, what: str, example: str, units: str) -> str:
    """The value as text; a bare number is told which units fit."""
    if isinstance(value, bool | None) or not isinstance(value, str | int | Decimal | float):
        raise ValueError(f"{said(value)} is not {what}; write it as {example}")
    text = str(value)
    if _BARE.fullmatch(text):
        raise ValueError(f"{text!r} has no unit; {what} is written as {example} (units: {units})")
    return text


def said(value: object) -> str:
    """A value as the file said it, for messages."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return repr(value)
    return f"'{value}'" if isinstance(value, int | Decimal | float) else f"a {_shape(value)}"


def _shape(value: object) -> str:
    return "mapping" if isinstance(value, dict) else "list"


def _typed(pattern: str, example: str) -> Shape:
    return Shape({"type": "string", "pattern": pattern, "examples": [example]})


Duration = Annotated[int, Before(duration), _typed(DURATION_PATTERN, "30s")]
Share = Annotated[Fraction, Before(share), _typed(SHARE_PATTERN, "99.9%")]
Size = Annotated[int, Before(size), _typed(SIZE_PATTERN, "64KiB")]
Amount = Annotated[Decimal, Before(amount)]
Line = Annotated[str, Before(line), _typed(LINE_PATTERN, "text")]
Name = Annotated[str, Before(name), _typed(NAME_PATTERN, "hq-router")]
