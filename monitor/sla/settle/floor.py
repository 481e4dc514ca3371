"""Small totals: raised to an amount before any cap, or not issued at all after them.

A total is compared exactly, before it was rounded to coins.
"""

from collections.abc import Sequence
from fractions import Fraction

from config.contract.model import Contract
from monitor.sla.settle.money import as_money, to_money
from monitor.sla.settle.owed import Owed


def raised(contract: Contract, lines: Sequence[Owed]) -> list[Owed]:
    """A total above nothing raised to the floor: the last line takes what is missing."""
    floor, places = contract.floor, _paid(lines)
    if floor is None or floor.suppress or not places:
        return list(lines)
    amounts = [Fraction(line.amount or 0) for line in lines]
    total = sum((amounts[i] for i in places), Fraction(0))
    missing = Fraction(floor.amount) - total
    if total <= 0 or missing <= 0:
        return list(lines)
    last = places[-1]
    amount = as_money(amounts[last] + missing, contract.currency, None)
    said = f"raised to {amount}, for a total of {to_money(Fraction(floor.amount), contract.currency)}"
    return [line.with_amount(amount, said) if i == last else line for i, line in enumerate(lines)]


def suppressed(contract: Contract, lines: Sequence[Owed]) -> list[Owed]:
    """The money held back unless there is more of it than the floor."""
    floor, places = contract.floor, _paid(lines)
    if floor is None or not floor.suppress or not places:
        return list(lines)
    total = sum((lines[i].exact or Fraction(0) for i in places), Fraction(0))
    if total > Fraction(floor.amount):
        return list(lines)
    least = to_money(Fraction(floor.amount), contract.currency)
    why = f"the total of {to_money(total, contract.currency)} is not above {least}"
    return [line.hold_back(why) if i in places else line for i, line in enumerate(lines)]


def _paid(lines: Sequence[Owed]) -> list[int]:
    """The places of the lines that are issued in money."""
    return [place for place, line in enumerate(lines) if line.issued and line.amount is not None]
