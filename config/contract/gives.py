"""What a credit gives, as typed: ``10%``, ``25.00 EUR``, ``3 service days``, ``1 month of charge``, ``2 points``.

Shares are of the credit's base. What is counted in a word of its own is a credit in kind, kept in the plural.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from config.contract.money import Give
from config.units import amount, format_share, money, said

UNREADABLE = "?"  # for a currency whose problem has been told
NUMBER = r"[0-9]{1,15}(?:\.[0-9]{1,15})?"
GIVE_PATTERN = (
    rf"(?:{NUMBER} ?%|[0-9]{{1,9}}/[0-9]{{1,9}}(?: of charge)?|{NUMBER} [A-Z]{{3}}|{NUMBER} [a-z]+(?: [a-z]+){{0,3}})"
)
TIME_IN_KIND = ("service days", "service hours")
EXAMPLES = "10%, 25.00 EUR, 1 service day, 1 month of charge or 3 points"

_SHARE = re.compile(rf"({NUMBER}) ?%")
_FRACTION = re.compile(r"([0-9]{1,9})/([0-9]{1,9})(?: of charge)?")
_MONEY = re.compile(rf"{NUMBER} [A-Z]{{3}}")
_MONTHS = re.compile(rf"({NUMBER}) months? of charge")
_COUNTED = re.compile(rf"({NUMBER}) ([a-z]+(?: [a-z]+){{0,3}})")
_BARE = re.compile(NUMBER)
_SERVICE = {"day": "service day", "days": "service days", "hour": "service hour", "hours": "service hours"}


def give(value: object, currency: str | None, above_all: bool = False) -> Give:
    """What is given. ``currency`` is the contract's. ``above_all``: shares may exceed 100%, as limits do."""
    text = _text(value)
    if found := _SHARE.fullmatch(text):
        if Fraction(found[1]) > 100 and not above_all:
            raise ValueError(f"a share cannot exceed 100%, not {text!r}")
        return Give(amount=Fraction(found[1]) / 100)
    if found := _FRACTION.fullmatch(text):
        return Give(amount=_fraction(found[1], found[2], text))
    if _MONEY.fullmatch(text):
        return Give(amount=Fraction(amount_of_money(text, currency)), unit="money")
    if found := _MONTHS.fullmatch(text):
        return Give(amount=Fraction(found[1]), unit="months")
    found = _COUNTED.fullmatch(text)
    if not found:
        raise ValueError(f"{said(value)} is nothing to give; write {EXAMPLES}")
    return Give(amount=Fraction(found[1]), unit=_counted(found[1], found[2], currency))


def something(value: object, currency: str | None) -> Give:
    """What is given, and not nothing."""
    given = give(value, currency)
    if given.amount == 0:
        raise ValueError(f"{said(value)} pays nothing; write {EXAMPLES}")
    return given


def amount_of_money(value: object, currency: str | None) -> Decimal:
    """``25.00 EUR`` in the contract's currency."""
    if (isinstance(value, str) and re.fullmatch(NUMBER, value)) or isinstance(value, int | Decimal):
        raise ValueError(f"{said(value)} has no currency; write '{value} {_example(currency)}'")
    found, own = money(value)
    if currency is None:
        raise ValueError(f"{said(value)}: the contract names no currency; write 'currency: {own}' into it")
    if currency not in (own, UNREADABLE):
        raise ValueError(f"is in {own}, the contract in {currency}; a contract has one currency")
    return found


def amount_only(value: object, currency: str | None) -> Decimal:
    """``25.00 EUR``, or ``25.00`` in the contract's currency where nothing else can be meant."""
    return amount_of_money(value, currency) if isinstance(value, str) and " " in value else amount(value)


def multiple(value: object) -> Fraction:
    """``2``, ``0.6``, ``60%``: so many times."""
    if isinstance(value, str) and (found := _SHARE.fullmatch(value.strip())):
        return Fraction(found[1]) / 100
    try:
        return Fraction(amount(value))
    except ValueError:
        raise ValueError(f"{said(value)} is no multiple; write it as 2, 1.5 or 60%") from None


def said_give(given: Give) -> str:
    """What is given, for a message."""
    number = format_share(given.amount / 100)
    number = number[:-1] if number.endswith("%") else str(given.amount)
    match given.unit:
        case "share":
            return format_share(given.amount)
        case "months":
            return f"{number} {counted(given.amount, 'months')} of charge"
        case "money":
            return number
    return f"{number} {counted(given.amount, given.unit)}"


def counted(amount: Fraction, unit: str) -> str:
    """The word for so many of what is counted: ``service day`` of one, ``service days`` of two."""
    if amount != 1 or not unit.endswith("s") or unit.endswith("ss"):
        return unit
    return f"{unit[:-3]}y" if unit.endswith("ies") else unit[:-1]


def said_unit(unit: str) -> str:
    """What kind of thing is given, for a message."""
    return {"share": "shares of a charge", "months": "months of charge"}.get(unit, unit)


def said_units(units: Iterable[str]) -> str:
    """Several kinds of thing, for a message."""
    return " and ".join(sorted(map(said_unit, units)))


def two_kinds(given: Give, other: Give, what: str) -> str:
    """That two things which belong together are not of one kind."""
    return f"gives {said_unit(given.unit)}, the {what} {said_unit(other.unit)}; give one kind"


def payable(unit: str, in_money: bool = False) -> bool:
    """Whether so much of a unit is an amount of money, or a part of the charge."""
    return unit in ("share", "money", "months") or (in_money and unit in TIME_IN_KIND)


def comparable(unit: str, other: str) -> bool:
    """Whether amounts of two units can be held against each other: money and parts of a charge, time of service also
    against those, anything else only against itself."""
    time = (*TIME_IN_KIND, "share", "money", "months")
    return unit == other or (unit in time and other in time)


def _text(value: object) -> str:
    if isinstance(value, str):
        text = " ".join(value.split())
        if not _BARE.fullmatch(text):
            return text
    elif isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"{said(value)} is nothing to give; write {EXAMPLES}")
    raise ValueError(f"{said(value)} has no unit; write {EXAMPLES}")


def _fraction(over: str, under: str, text: str) -> Fraction:
    if int(under) == 0 or int(over) > int(under):
        raise ValueError(f"{text!r} is no part of the charge; write it as 1/30")
    return Fraction(int(over), int(under))


def _counted(number: str, words: str, currency: str | None) -> str:
    """The word something is counted in, in the plural."""
    if currency is not None and words.upper() == currency:
        raise ValueError(f"'{number} {words}' is no money; did you mean '{number} {currency}'?")
    if words in ("month", "months", "percent"):
        right = f"{number}%" if words == "percent" else f"{number} month{'' if number == '1' else 's'} of charge"
        raise ValueError(f"'{number} {words}': did you mean '{right}'?")
    words = _SERVICE.get(words, words)
    head, _, last = words.rpartition(" ")
    if last[-1] == "y" and last[-2:-1] not in ("a", "e", "o", "u", ""):
        last = last[:-1] + "ies"
    elif last[-1] != "s":
        last += "es" if last.endswith(("x", "ch", "sh")) else "s"
    return f"{head} {last}".strip()


def _example(currency: str | None) -> str:
    return "EUR" if currency in (None, UNREADABLE) else str(currency)
