"""What each service cost in a period, by the name of the charge: the contract's text, and what was told since."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from config.contract.model import Contract, Service
from monitor.sla.facts import ChargeFact

CHARGE = "charge"
Charges = Mapping[str, Mapping[str, Fraction | None]]


def charges(contract: Contract, label: str, facts: Iterable[ChargeFact]) -> dict[str, dict[str, Fraction | None]]:
    """Every charge of every service in the period of that label; ``charge`` is the service's own.

    A fact replaces the charge of its name; of several of one name the sum counts. None where nobody says it in the
    contract's currency: amounts of two currencies do not add up.
    """
    told = [fact for fact in facts if fact.period == label]
    return {s.name: _of(s, [f for f in told if f.service == s.name], contract.currency) for s in contract.services}


def _of(service: Service, told: list[ChargeFact], currency: str | None) -> dict[str, Fraction | None]:
    """``charge`` is what is named so; else all that was told, where the text names no charges; else all there are."""
    found: dict[str, Fraction | None] = {name: Fraction(amount) for name, amount in service.charges}
    for fact in told:
        same = [one for one in told if one.name == fact.name]
        foreign = any(one.currency != currency for one in same)
        found[fact.name] = None if foreign else sum((one.amount for one in same), Fraction(0))
    if CHARGE in found:
        return found
    if service.charge is not None and (service.charges or not told):
        found[CHARGE] = Fraction(service.charge)
    else:
        found[CHARGE] = total(found.values())
    return found


def total(amounts: Iterable[Fraction | None]) -> Fraction | None:
    """The sum; None where one of them is not known, or there is none."""
    known: list[Fraction] = []
    for amount in amounts:
        if amount is None:
            return None
        known.append(amount)
    return sum(known, Fraction(0)) if known else None
