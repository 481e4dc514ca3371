"""The amount a share is taken of: a charge, the greatest or sum of several, those of earlier periods, a fixed one."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from config.contract.model import Contract
from config.contract.money import ChargeBase
from config.units import format_duration
from monitor.sla.judgement import Judgement
from monitor.sla.settle.charges import CHARGE, Charges, total
from monitor.sla.settle.money import to_money

OWN = ChargeBase()


@dataclass(frozen=True, slots=True)
class Base:
    """An amount of money and how it is called in a step; ``amount`` None where nobody says it. ``plain``: the charge
    of the service in the period, which needs no explaining."""

    amount: Fraction | None
    said: str
    plain: bool = False


def base_of(base: ChargeBase, judgement: Judgement, service: str, at: int | None = None) -> Base:
    """The base for a service, ``at`` the start of an outage (ns; None: the period's end)."""
    if base.amount is not None:
        return Base(Fraction(base.amount), f"the fixed {to_money(Fraction(base.amount), judgement.contract.currency)}")
    services = tuple(judgement.charges) if base.contract else parts(service, judgement.charges)
    if base.preceding is not None:
        amount = _preceding(base, judgement, services, judgement.period.end if at is None else at)
        return Base(amount, f"{_named(base)} of the {format_duration(base.preceding)} before")
    if base.back:
        amounts = [_in(base, judgement.charged(n), services) for n in range(1, base.back + 1)]
        found = total(amounts)
        said = "the period before" if base.back == 1 else f"the {base.back} periods before, on average,"
        return Base(None if found is None else found / base.back, f"{_named(base)} of {said}")
    found = _in(base, judgement.charges, services)
    said = f"{_named(base)} of the contract" if base.contract else _named(base)
    return Base(found, said, base == OWN)


def parts(service: str, known: Iterable[str]) -> tuple[str, ...]:
    """The services that a figure is of: one, those joined by ``+`` where they are pooled, or all (``*``)."""
    names = tuple(known)
    if service in names:
        return (service,)
    return names if service == "*" else tuple(name for name in service.split("+") if name in names)


def whole(contract: Contract, charges: Charges) -> Fraction | None:
    """What all services together cost, as far as it is known; None where nothing is."""
    known = [own for s in contract.services if (own := charges[s.name].get(CHARGE)) is not None]
    return sum(known, Fraction(0)) if known else None


def _in(base: ChargeBase, charges: Charges, services: tuple[str, ...]) -> Fraction | None:
    """The charges of a period that the base picks; of several services their sum, as far as it is known."""
    found = [_picked(base, charges, service) for service in services]
    if base.contract:
        found = [amount for amount in found if amount is not None]
    return total(found)


def _picked(base: ChargeBase, charges: Charges, service: str) -> Fraction | None:
    amounts = [_charge(name, charges, service) for name in base.of]
    known = [amount for amount in amounts if amount is not None]
    if len(known) < len(amounts) or not known:
        return None
    match base.pick:
        case "greatest":
            return max(known)
        case "least":
            return min(known)
        case "sum":
            return sum(known, Fraction(0))
    return known[0]


def _charge(name: str, charges: Charges, service: str) -> Fraction | None:
    """A charge by its name, or that of another service by ``service.name``."""
    own = charges.get(service, {})
    if name in own or "." not in name:
        return own.get(name)
    other, _, rest = name.rpartition(".")
    return charges.get(other, {}).get(rest)


def _preceding(base: ChargeBase, judgement: Judgement, services: tuple[str, ...], at: int) -> Fraction | None:
    """The charges of the time before an instant: of each period the part that lies in it."""
    start, found, n = at - (base.preceding or 0), Fraction(0), 0
    while True:
        period = judgement.period if n == 0 else judgement.ago(n)
        shared = min(period.end, at) - max(period.start, start)
        if shared > 0:
            amount = _in(base, judgement.charges if n == 0 else judgement.charged(n), services)
            if amount is None:
                return None
            found += amount * Fraction(shared, period.end - period.start)
        if period.start <= start:
            return found
        n += 1


def _named(base: ChargeBase) -> str:
    names = " and ".join(base.of)
    match base.pick:
        case "greatest" | "least":
            return f"the {base.pick} of {names}"
        case "sum":
            return f"the sum of {names}"
    return f"the {names}" if base.of != (CHARGE,) else "the charge"
