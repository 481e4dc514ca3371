"""``base:`` the amount a credit's share is taken of: a charge, the greatest of several, those before, a sum.

charge | mrc | greatest of mrc, usage | least of … | sum of … | 500.00 | contract
previous period | mean of 3 periods | preceding 30 days      each may end in 'of mrc', or 'of greatest of a, b'
"""

import re
from collections.abc import Collection
from decimal import Decimal
from typing import Literal

from config.contract.gives import NUMBER, amount_only
from config.contract.money import ChargeBase
from config.errors import unknown
from config.units import NANOSECONDS, said

Pick = Literal["one", "greatest", "least", "sum"]
MOST_PERIODS = 60

_PICKED = re.compile(r"(greatest|least|sum) of (.+)")
_AMOUNT = re.compile(rf"{NUMBER}(?: [A-Z]{{3}})?")
_BACK = re.compile(r"(?:(previous period)|mean of ([0-9]{1,3}) periods?|preceding ([0-9]{1,4}) days?)(?: of (.+))?")
_PICKS: dict[str, Pick] = {"greatest": "greatest", "least": "least", "sum": "sum"}
_EXAMPLES = "charge, greatest of mrc, usage, previous period, mean of 3 periods, preceding 30 days, 500.00 or contract"


def charge_base(value: object, charges: Collection[str], currency: str | None) -> ChargeBase:
    """The base as typed; ``charges`` are the names of those there are. ValueError says what is wrong."""
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return ChargeBase(amount=amount_only(value, currency))
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{said(value)} is no base; write {_EXAMPLES}")
    words = " ".join(value.split())
    if _AMOUNT.fullmatch(words):
        return ChargeBase(amount=amount_only(words, currency))
    if words in ("contract", "affected"):
        return ChargeBase(contract=words == "contract")
    found = _BACK.fullmatch(words)
    if not found:
        return _picked(words, charges)
    base = _picked(found[4], charges) if found[4] else ChargeBase()
    if found[3]:
        return base.but(preceding=_days(found[3], words))
    return base.but(back=1 if found[1] else _periods(found[2], words))


def _picked(words: str, charges: Collection[str]) -> ChargeBase:
    found = _PICKED.fullmatch(words)
    names = [one.strip() for one in found[2].split(",")] if found else [words]
    for name in names:
        if name not in charges:
            near = [one for one in charges if ("." in one) == ("." in name)]
            raise ValueError(unknown("charge", name, near))
    if not found:
        return ChargeBase(of=(words,))
    if len(names) < 2 or len(set(names)) < len(names):
        raise ValueError(f"{words!r} picks from nothing; name two or more charges, each once")
    return ChargeBase(of=tuple(names), pick=_PICKS[found[1]])


def _days(number: str, words: str) -> int:
    if not int(number):
        raise ValueError(f"{words!r} takes in nothing; write it as preceding 30 days")
    return int(number) * NANOSECONDS["d"]


def _periods(number: str, words: str) -> int:
    if not 1 <= int(number) <= MOST_PERIODS:
        raise ValueError(f"{words!r} cannot be looked up; write 1 to {MOST_PERIODS} periods")
    return int(number)
