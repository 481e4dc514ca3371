"""Exact amounts as money, and the words in which a step of a settlement says them."""

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

from config.contract.gives import counted
from config.contract.money import Give
from config.contract.noun import Rounding
from config.units import format_share
from monitor.sla.rounding import rounded

_COINS = {"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "VND": 0, "KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "TND": 3}
_SHOWN = 6
_SMALL = 1000


def to_money(amount: Fraction, currency: str | None) -> Decimal:
    """An exact amount to the currency's smallest coin, half up."""
    return _decimal(rounded(amount, Rounding(to=coin(currency))), _places(currency))


def as_money(amount: Fraction, currency: str | None, rounding: Rounding | None) -> Decimal:
    """An exact amount as a contract rounds it; where it says nothing, to the coin, half up."""
    if rounding is None:
        return to_money(amount, currency)
    finer = 0
    while (rounding.to * 10**finer).denominator != 1 and finer < 12:
        finer += 1
    return _decimal(rounded(amount, rounding), max(finer, _places(currency)))


def coin(currency: str | None) -> Fraction:
    """The currency's smallest coin; cents where it is not known."""
    return Fraction(1, 10 ** _places(currency))


def percent(share: Fraction) -> str:
    """A share for people: exact where a decimal or a small fraction can say it, else to six places and said so."""
    exact = format_share(share)
    if exact.endswith("%"):
        return f"{exact.removesuffix('%')} %"
    return exact if share.denominator <= _SMALL else f"about {number(share * 100)} %"


def number(value: Fraction) -> str:
    """A number for people, exact where it has at most six decimals, else rounded to them."""
    if value.denominator == 1:
        return str(value.numerator)
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        return f"{exact.quantize(Decimal(1).scaleb(-_SHOWN), rounding=ROUND_HALF_UP):f}".rstrip("0").rstrip(".")


def said_give(give: Give, currency: str | None) -> str:
    """``10 %``, ``25.00 EUR``, ``3 service days``, ``1 month of charge``."""
    return said_amount(give.amount, give.unit, currency)


def said_amount(amount: Fraction, unit: str, currency: str | None) -> str:
    """So much of a unit, for people."""
    match unit:
        case "share":
            return percent(amount)
        case "money":
            return f"{to_money(amount, currency)} {currency or ''}".rstrip()
        case "months":
            return f"{number(amount)} {'month' if amount == 1 else 'months'} of charge"
    return f"{number(amount)} {counted(amount, unit)}"


def _places(currency: str | None) -> int:
    return _COINS.get(currency or "", 2)


def _decimal(amount: Fraction, places: int) -> Decimal:
    whole = amount * 10**places
    return Decimal(whole.numerator // whole.denominator).scaleb(-places)
