"""What one credit comes to for one service: read for each thing, multiplied, limited, priced, every step said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from config.contract.money import Credit, Escalation, Factor, Flat, Give, ProRata
from monitor.sla.judgement import Judgement
from monitor.sla.matching import matches
from monitor.sla.rounding import rounded
from monitor.sla.settle.bases import Base, base_of, parts
from monitor.sla.settle.money import as_money, number, percent, said_amount, said_give, to_money
from monitor.sla.settle.owed import Owed
from monitor.sla.settle.reading import Source, breached, made, related, scale, source
from monitor.sla.settle.shapes import Given, Scale, give, said_figure
from monitor.sla.settle.things import Thing, things
from monitor.sla.settle.worth import OF_THE_BASE, a_day, in_unit, part_of_base

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class _Case:
    """One credit of one service in one period. ``points``: what another credit gave, where that is what is read."""

    credit: Credit
    judgement: Judgement
    service: str
    found: Source | None
    points: Fraction | None

    @property
    def scale(self) -> Scale:
        if self.points is not None:
            return Scale("points", currency=self.judgement.contract.currency)
        return scale(self.credit, self.judgement, self.found, _length(self.credit, self.judgement, self.service))


def owing(
    credit: Credit,
    judgement: Judgement,
    service: str,
    points: Fraction | None = None,
    since: int | None = None,
    until: int | None = None,
) -> list[Owed]:
    """Everything owed by a credit for a service, thing by thing. ``points``: what the credit it reads has given.
    ``since``, ``until``: only for things that began in that time (ns)."""
    broken = breached(credit, judgement, service)
    if credit.promises and broken is None:
        return []
    found = None if points is not None else source(credit, judgement, service)
    case = _Case(credit, judgement, service, found, points)
    harder = _escalation(case)
    lines = []
    for thing in things(credit, judgement, service, found):
        if (since is not None and thing.start < since) or (until is not None and thing.start >= until):
            continue
        if matches(credit.where, thing.qualities) and (given := _given(case, thing)) is not None and given.amount:
            promise = None if broken is None else broken.id
            lines.append(_line(case, thing, _multiplied(case, thing, given, harder), promise))
    return _at_most(credit, [line for line in lines if line.quantity > 0])


def _length(credit: Credit, judgement: Judgement, service: str) -> int:
    """The length that a part is taken of: the period's, what of it is judged, or the mean of those before (whole
    ns)."""
    shape, periods = credit.shape, [judgement.period]
    if isinstance(shape, ProRata) and shape.judged:
        bases = [s.view.base for one in parts(service, judgement.scenes) if (s := judgement.scenes.get(one))]
        if any(bases):
            return sum(bases) // len(bases)
    if isinstance(shape, ProRata) and shape.back:
        periods = [judgement.ago(n) for n in range(1, shape.back + 1)]
    return sum(one.end - one.start for one in periods) // len(periods)


def _given(case: _Case, thing: Thing) -> Given | None:
    """What the shape gives at the bound most favourable to the provider; what was measured is said beside it."""
    credit, scale_ = case.credit, case.scale
    if isinstance(credit.shape, Flat):
        return give(credit.shape, ZERO, scale_)
    better, value = _figures(case, thing)
    if better is None:
        return None
    given = give(credit.shape, better, scale_)
    steps = (*_read(case, better), *given.steps)
    if value is not None and value != better:
        other = give(credit.shape, value, scale_)
        said = said_amount(other.amount, other.unit, scale_.currency)
        steps = (*steps, f"the measured value itself would give {said}")
    return _counted(case, thing, Given(given.amount, given.unit, steps))


def _counted(case: _Case, thing: Thing, part: Given) -> Given:
    """A part of a base that counts things instead of money: so many of them."""
    shape = case.credit.shape
    if not isinstance(shape, ProRata) or shape.unit == "share":
        return part
    base = _base(case, thing)
    counted = part.amount * (base.amount or ZERO)
    said = said_amount(counted, shape.unit, None)
    return Given(counted, shape.unit, (*part.steps, f"{percent(part.amount)} of {base.said}: {said}"))


def _base(case: _Case, thing: Thing) -> Base:
    at = thing.start if thing.key is not None else None
    return base_of(case.credit.base, case.judgement, case.service, at)


def _figures(case: _Case, thing: Thing) -> tuple[Fraction | None, Fraction | None]:
    """What the shape reads: at the favourable bound, and as measured."""
    if case.points is not None:
        return case.points, case.points
    if case.found is None:
        return None, None
    as_read = related(case.credit, case.found)
    if as_read is None:
        return None, None
    better = None if thing.better is None else as_read(thing.better)
    return better, None if thing.value is None else as_read(thing.value)


def _read(case: _Case, figure: Fraction) -> tuple[str, ...]:
    """What was read, where that is not simply the promise's own figure."""
    credit = case.credit
    if case.points is not None:
        return (f"{credit.points_of} gave {number(case.points)}",)
    if case.found is None or (credit.by is None and credit.relation == "figure" and credit.per == "period"):
        return ()
    said = said_figure(figure, case.scale.unit)
    way = {"figure": "is", "shortfall": "misses its target by", "excess": "exceeds its target by"}
    if credit.relation == "relative_excess":
        return (f"{case.found.name} exceeds its target by {said} of it",)
    return (f"{case.found.name} {way[credit.relation]} {said}",)


def _escalation(case: _Case) -> Escalation | None:
    """The hardest of those whose periods all failed before; they do not compound."""
    earned = [one for one in case.credit.escalations if _failed_before(case, one.periods)]
    return max(earned, key=lambda one: one.times, default=None)


def _failed_before(case: _Case, periods: int) -> bool:
    return all(_failed(case, case.judgement.before(n)) for n in range(1, periods + 1))


def _failed(case: _Case, earlier: Judgement | None) -> bool:
    """Whether the promise failed in a period; of a credit without one, whether its shape gave something."""
    if earlier is None:
        return False
    if made(case.credit, earlier, case.service):
        return breached(case.credit, earlier, case.service) is not None
    if case.credit.promises:
        return False
    return bool(owing(case.credit.but(escalations=()), earlier, case.service))


def _multiplied(case: _Case, thing: Thing, given: Given, harder: Escalation | None) -> Given:
    currency = case.judgement.contract.currency
    for factor in case.credit.factors:
        if matches(factor.where, thing.qualities):
            given = _times(given, factor.times, _said_where(factor), currency)
    if harder is not None:
        before = "the period before" if harder.periods == 1 else f"each of the {harder.periods} periods before"
        given = _times(given, harder.times, f"for failing in {before} too", currency)
    return given


def _times(given: Given, times: Fraction, why: str, currency: str | None) -> Given:
    amount = given.amount * times
    step = f"{number(times)} times {why}: {said_amount(amount, given.unit, currency)}"
    return Given(amount, given.unit, (*given.steps, step))


def _said_where(factor: Factor) -> str:
    named = {"severity": "severity", "category": "class", "cause": "cause", "region": "region", "type": "type"}
    said = [f"{word} {' or '.join(v)}" for name, word in named.items() if (v := getattr(factor.where, name))]
    return f"for {' and '.join(said)}" if said else "for all"


def _line(case: _Case, thing: Thing, given: Given, promise: str | None) -> Owed:
    credit, judgement = case.credit, case.judgement
    day = a_day(judgement.period, judgement.contract.timezone, credit.day_of == "period")
    base = _base(case, thing)
    amount, unit, steps = given.amount, given.unit, list(given.steps)
    for limit, pick, word in ((credit.at_most_each, min, "at most"), (credit.at_least, max, "at least")):
        edge = None if limit is None else in_unit(limit, unit, day, base.amount)
        if limit is not None and edge is not None and pick(amount, edge) != amount:
            amount = edge
            steps.append(f"{word} {said_give(limit, judgement.contract.currency)} each")
    price = _price(credit, unit, base, day)
    currency = judgement.contract.currency
    owed = Owed(
        credit=credit,
        service=case.service,
        promise=promise,
        thing=thing,
        unit=unit,
        quantity=amount,
        price=price,
        base=base.amount,
        day=day,
        currency=currency,
        steps=tuple(steps),
    )
    return _priced(owed, base)


def _price(credit: Credit, unit: str, base: Base, day: Fraction) -> Fraction | None:
    """The money that one of a unit is."""
    if unit == "money":
        return Fraction(1)
    part = part_of_base(unit, day) if unit in OF_THE_BASE or credit.in_money else None
    return None if part is None or base.amount is None else part * base.amount


def _priced(owed: Owed, base: Base) -> Owed:
    """With its money, and the step that says how."""
    if not owed.priced:
        return _rounded_in_kind(owed)
    owed = owed.valued()
    if owed.share is None or owed.price is None or base.amount is None:
        return owed
    of = f"{to_money(base.amount, owed.currency)}" + ("" if base.plain else f" ({base.said})")
    what = percent(owed.share) if owed.unit == "share" else said_amount(owed.quantity, owed.unit, owed.currency)
    part = f" of {of}" if owed.unit == "share" else f", {percent(owed.share)} of {of},"
    return replace(owed, steps=(*owed.steps, f"{what}{part} is {owed.amount}"))


def _rounded_in_kind(owed: Owed) -> Owed:
    if owed.credit.round is None:
        return owed
    quantity = rounded(owed.quantity, owed.credit.round)
    if quantity == owed.quantity:
        return owed
    return owed.with_quantity(quantity, f"rounded to {said_amount(quantity, owed.unit, owed.currency)}")


def _at_most(credit: Credit, lines: Sequence[Owed]) -> list[Owed]:
    """The credit's own limit of the period, used up line by line."""
    limit = credit.at_most
    if limit is None:
        return list(lines)
    out: list[Owed] = []
    used, paid = ZERO, ZERO
    for line in lines:
        edge = in_unit(limit, line.unit, line.day, line.base)
        if edge is not None:
            line = _within(line, limit, edge, max(ZERO, edge - used), paid)
        used, paid = used + line.quantity, paid + Fraction(line.amount or 0)
        out.append(line)
    return out


def _within(line: Owed, limit: Give, edge: Fraction, room: Fraction, paid: Fraction) -> Owed:
    """The line within what is left, in its unit and, as each was rounded, in money."""
    said = f"at most {said_give(limit, line.currency)}"
    if line.quantity > room:
        left = line.with_quantity(room, "")
        shown = left.amount if left.amount is not None else said_amount(room, line.unit, line.currency)
        line = line.with_quantity(room, f"{said}: {shown}")
    if line.amount is not None and line.price is not None:
        most = as_money(edge * line.price, line.currency, line.credit.round)
        left_over = max(ZERO, Fraction(most) - paid)
        if line.amount > left_over:
            line = line.with_amount(as_money(left_over, line.currency, None), f"{said}: {number(left_over)}")
    return line
