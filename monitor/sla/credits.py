"""What is owed for breached promises, step by step: tables, amounts per unit, caps.

Tables and units read the bound most favourable to the provider. The worst matching row wins. Amounts are exact until
each is rounded, half up, to the currency's smallest coin; caps are applied to what was rounded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from config.contract.measures import format_value
from config.contract.model import Contract, Unit
from config.contract.money import Credit, Give, Limit, PerUnit, Table
from monitor.sla.model import CreditLine, PromiseResult, Verdict
from monitor.sla.verdict import holds

_COINS = {"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0, "VND": 0, "KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "TND": 3}


def to_money(amount: Fraction, currency: str | None) -> Decimal:
    """An exact amount to the currency's smallest coin, half up."""
    places = _COINS.get(currency or "", 2)
    scaled = amount * 10**places
    whole = Decimal((2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator))
    return whole.scaleb(-places).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def credits_of(
    contract: Contract, results: Sequence[PromiseResult], charges: Mapping[str, Fraction | None]
) -> tuple[CreditLine, ...]:
    """Every credit that follows from the results, capped. ``charges``: what each service cost in the period."""
    lines = [
        line
        for credit in contract.credits
        for result in results
        if result.id in credit.promises and result.verdict is Verdict.BREACHED
        for line in _line(contract, credit, result, charges[result.service])
    ]
    return _cap(contract, lines, charges)


def exposure(
    contract: Contract, results: Sequence[PromiseResult], charges: Mapping[str, Fraction | None]
) -> Decimal | None:
    """The money owed if an open period closed on the values so far; None where the contract knows no credits."""
    if not contract.credits:
        return None
    missed = [
        replace(result, verdict=Verdict.BREACHED, lower=result.value, upper=result.value)
        for result in results
        if result.below_target_so_far or result.verdict is Verdict.BREACHED
    ]
    lines = credits_of(contract, missed, charges)
    return sum((line.amount for line in lines if line.amount is not None), Decimal(0))


def _line(contract: Contract, credit: Credit, result: PromiseResult, charge: Fraction | None) -> list[CreditLine]:
    better = result.upper if result.operator in (">", ">=") else result.lower
    if better is None:
        return []
    share, steps = _share(credit, better, result.unit)
    if share == 0:
        return []
    if result.value is not None and result.value != better:
        steps.append(f"the measured value itself would give {_percent(_share(credit, result.value, result.unit)[0])}")
    amount = None
    if charge is not None:
        amount = to_money(share * charge, contract.currency)
        steps.append(f"{_percent(share)} of {to_money(charge, contract.currency)} is {amount}")
    return [CreditLine(result.id, result.id, result.service, share, amount, contract.currency, tuple(steps))]


def _share(credit: Credit, value: Fraction, unit: Unit) -> tuple[Fraction, list[str]]:
    per = credit.shape
    if isinstance(per, PerUnit):
        excess, each = max(Fraction(0), value - per.beyond), per.give.amount
        units = -(-excess // per.unit) if per.count == "started" else excess // per.unit
        return each * units, [f"{units} units beyond, each {_percent(each)}: {_percent(each * units)}"]
    rows = [row for row in per.rows if holds(row.operator, value, row.edge)] if isinstance(per, Table) else []
    if not rows:
        return Fraction(0), []
    worst = max(rows, key=lambda row: row.give.amount)
    share = worst.give.amount
    return share, [f"the worst row that holds is {worst.operator} {format_value(worst.edge, unit)}: {_percent(share)}"]


def _cap(contract: Contract, lines: list[CreditLine], charges: Mapping[str, Fraction | None]) -> tuple[CreditLine, ...]:
    """Credits add up to the cap in their order. A service's credits never exceed its charge, unless a cap says so."""
    limit = next(iter(contract.caps), Limit(give=Give(amount=Fraction(1))))
    share, whole = limit.give.amount, limit.of == "contract"
    out: list[CreditLine] = []
    left: dict[str, Decimal] = {}
    known = [charge for charge in charges.values() if charge is not None]
    for line in lines:
        charge = sum(known, Fraction(0)) if whole else charges[line.service]
        if line.amount is None or charge is None:
            out.append(line)
            continue
        scope = "the contract" if whole else line.service
        room = left.setdefault(scope, to_money(share * charge, contract.currency))
        given = min(line.amount, room)
        left[scope] = room - given
        steps = line.steps
        if given < line.amount:
            steps = (*steps, f"capped at {_percent(share)} of the charge of {scope}: {given}")
        out.append(CreditLine(line.id, line.promise, line.service, line.share, given, line.currency, steps))
    return tuple(out)


def _percent(share: Fraction) -> str:
    """A share for people, exact where it can be."""
    hundredths = share * 100
    if hundredths.denominator == 1:
        return f"{hundredths.numerator} %"
    text = f"{Decimal(hundredths.numerator) / Decimal(hundredths.denominator):f}"
    return f"{text} %"
