"""A second settlement, written plainly and slowly: what each breach costs, in whole coins, for the common shapes.

It reads a contract, the results of one closed period and what each service cost. Units are counted one after the
other, money is counted in hundredths. Written from what the contract language promises, not from the first one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from config.contract.model import Contract
from config.contract.money import Brackets, Credit, Flat, Give, Limit, PerUnit, ProRata, Table
from config.contract.noun import Operator
from monitor.sla.model import PromiseResult, Verdict

THIRTIETH = Fraction(1, 30)


@dataclass
class Line:
    """One thing owed: ``exact`` money before rounding, whole ``cents`` after it. ``held``: not paid out."""

    credit: str
    service: str
    item: str | None
    exact: Fraction
    cents: int
    of_charge: bool
    held: bool = False


def settlement(
    contract: Contract, length: int, results: Sequence[PromiseResult], costs: Mapping[str, Fraction]
) -> list[Line]:
    """Every line of a period of ``length`` ns, in the contract's order."""
    lines: list[Line] = []
    for credit in contract.credits:
        for result in results:
            if result.id in credit.promises and result.verdict is Verdict.BREACHED:
                lines += _credit(contract, credit, length, result, costs[result.service])
    _combine(contract, lines)
    _raise(contract, lines)
    _cap(contract, lines, costs)
    _suppress(contract, lines)
    return lines


def coins(exact: Fraction) -> int:
    """Money in whole hundredths, half up."""
    return int((exact * 100 + Fraction(1, 2)) // 1)


def _credit(contract: Contract, credit: Credit, length: int, result: PromiseResult, base: Fraction) -> list[Line]:
    lines: list[Line] = []
    readings: list[tuple[str | None, Fraction | None, Fraction | None]] = [(None, result.lower, result.upper)]
    if credit.per != "period":
        readings = [(i.key, i.lower, i.upper) for i in result.items if i.verdict is Verdict.BREACHED]
    left, left_cents = None, 0
    if credit.at_most is not None:
        left = _money(credit.at_most, base)
        left_cents = coins(left)
    for key, lower, upper in readings:
        figure = upper if result.operator.startswith(">") else lower
        if figure is None:
            continue
        exact = _times(contract, credit, result.service) * _shape(credit, result, figure, length, base)
        if exact == 0:
            continue
        if credit.at_most_each is not None:
            exact = min(exact, _money(credit.at_most_each, base))
        if credit.at_least is not None:
            exact = max(exact, _money(credit.at_least, base))
        cents = coins(exact)
        if left is not None:
            exact = min(exact, left)
            cents = min(coins(exact), left_cents)
            left, left_cents = left - exact, left_cents - cents
        lines.append(Line(credit.id, result.service, key, exact, cents, _of_charge(credit)))
    return lines


def _of_charge(credit: Credit) -> bool:
    """Whether it is some part of what the service costs, instead of a sum of money."""
    shape = credit.shape
    match shape:
        case Table():
            return shape.rows[0].give.unit != "money"
        case Brackets():
            return shape.rows[0].give.unit != "money"
        case PerUnit() | Flat():
            return shape.give.unit != "money"
    return True


def _times(contract: Contract, credit: Credit, service: str) -> Fraction:
    times = Fraction(1)
    for factor in credit.factors:
        if contract.service(service).category in factor.where.category:
            times = times * factor.times
    return times


def _shape(credit: Credit, result: PromiseResult, figure: Fraction, length: int, base: Fraction) -> Fraction:
    """The money that the shape gives."""
    high = result.operator.startswith(">")
    unit = result.unit
    distance = result.target - figure if high else figure - result.target
    if credit.relation in ("shortfall", "excess"):
        figure, high = max(Fraction(0), distance), False
    elif credit.relation == "relative_excess":
        figure, high, unit = max(Fraction(0), distance) / result.target, False, "ratio"
    away = 1 - figure if high and unit == "ratio" else figure
    shape = credit.shape
    match shape:
        case Table():
            paid = [_money(row.give, base) for row in shape.rows if _in(row.operator, figure, row.edge)]
            return max(paid, default=Fraction(0))
        case PerUnit():
            over = away - shape.beyond
            if high and unit == "ratio" and shape.beyond > 0:
                over = shape.beyond - figure
            return _count(over, shape.unit, shape.count) * _money(shape.give, base)
        case ProRata():
            part = away if unit == "ratio" else away / Fraction(shape.flat or length)
            if shape.round is not None:
                part = (part / shape.round.to + Fraction(1, 2)) // 1 * shape.round.to
            return part * shape.times * base
        case Flat():
            return _money(shape.give, base)
        case Brackets():
            return _brackets(shape, away, base)


def _brackets(shape: Brackets, away: Fraction, base: Fraction) -> Fraction:
    total, begins = Fraction(0), Fraction(0)
    for row in shape.rows:
        ends = row.up_to
        if not shape.marginal:
            if ends is None or away <= ends:
                return _count(away, row.unit, row.count) * _money(row.give, base)
            continue
        inside = (away if ends is None or away < ends else ends) - begins
        total = total + _count(inside, row.unit, row.count) * _money(row.give, base)
        if ends is None or away <= ends:
            return total
        begins = ends
    return total


def _in(operator: Operator, figure: Fraction, edge: Fraction) -> bool:
    match operator:
        case "<":
            return figure < edge
        case "<=":
            return figure <= edge
        case ">":
            return figure > edge
        case ">=":
            return figure >= edge
        case "==":
            return figure == edge


def _count(excess: Fraction, unit: Fraction, how: str) -> Fraction:
    """One unit after the other, as long as there is some of it, or all of it, left."""
    if how == "pro_rata":
        return excess / unit if excess > 0 else Fraction(0)
    number = 0
    while excess >= unit or (how == "started" and excess > 0):
        number, excess = number + 1, excess - unit
    return Fraction(number)


def _money(give: Give, base: Fraction) -> Fraction:
    if give.unit == "money":
        return give.amount
    days = {"service days": THIRTIETH, "service hours": THIRTIETH / 24}
    return give.amount * days.get(give.unit, Fraction(1)) * base


def _combine(contract: Contract, lines: list[Line]) -> None:
    for rule in contract.combine:
        for service in {line.service for line in lines}:
            mine = [one for one in lines if one.service == service and one.credit in rule.credits and not one.held]
            sums = {name: sum((o.exact for o in mine if o.credit == name), Fraction(0)) for name in rule.credits}
            given = [name for name in rule.credits if any(o.credit == name for o in mine)]
            if rule.take == "sum" or not given:
                continue
            best = given[0]
            for name in given if rule.take == "greatest" else []:
                if sums[name] > sums[best]:
                    best = name
            for one in mine:
                one.held = one.credit != best


def _paid(lines: list[Line]) -> list[Line]:
    return [line for line in lines if not line.held]


def _raise(contract: Contract, lines: list[Line]) -> None:
    paid = _paid(lines)
    cents = sum(line.cents for line in paid)
    if contract.floor is not None and not contract.floor.suppress and 0 < cents < contract.floor.amount * 100:
        paid[-1].cents += int(contract.floor.amount * 100) - cents
        paid[-1].exact = Fraction(paid[-1].cents, 100)


def _suppress(contract: Contract, lines: list[Line]) -> None:
    if contract.floor is not None and contract.floor.suppress:
        paid = _paid(lines)
        if sum((line.exact for line in paid), Fraction(0)) <= Fraction(contract.floor.amount):
            for line in paid:
                line.held = True


def _cap(contract: Contract, lines: list[Line], costs: Mapping[str, Fraction]) -> None:
    for limit in contract.caps:
        _limit(limit, _paid(lines), costs)
    if not any(not limit.credits for limit in contract.caps):
        whole = Limit(give=Give(amount=Fraction(1)))
        _limit(whole, [line for line in _paid(lines) if line.of_charge], costs)


def _limit(limit: Limit, lines: list[Line], costs: Mapping[str, Fraction]) -> None:
    used: dict[tuple[str, str | None], int] = {}
    exactly: dict[tuple[str, str | None], Fraction] = {}
    for line in lines:
        if limit.credits and line.credit not in limit.credits:
            continue
        if limit.each == "outage" and line.item is None:
            continue
        whole = limit.of == "contract"
        scope = "" if whole else line.service, line.item if limit.each == "outage" else None
        base = sum(costs.values(), Fraction(0)) if whole else costs[line.service]
        most = _money(limit.give, base)
        room = coins(most) - used.get(scope, 0)
        if line.cents > room:
            line.cents, line.exact = room, Fraction(room, 100)
        line.exact = min(line.exact, max(Fraction(0), most - exactly.get(scope, Fraction(0))))
        used[scope] = used.get(scope, 0) + line.cents
        exactly[scope] = exactly.get(scope, Fraction(0)) + line.exact
