"""What follows from a breach: credits, how they go together, and what they come to at most and at least."""

from collections.abc import Iterator

from config.contract.model import Contract
from config.contract.money import (
    Brackets,
    ChargeBase,
    Combine,
    Credit,
    Flat,
    Give,
    Limit,
    PerUnit,
    ProRata,
    Table,
    Tier,
)
from config.contract.noun import Unit
from config.period_kinds import noun
from monitor.render.explaining.words import MODES, OPERATORS, conditions, figure, listed, number, percent, span

_COUNTS = {
    "started": "a part counts as a whole one",
    "full": "only whole ones count",
    "pro_rata": "parts count in proportion",
}
_RELATIONS = {
    "figure": "",
    "shortfall": "how far the figure falls short of the target",
    "excess": "how far the figure is beyond the target",
    "relative_excess": "by what share of the target the figure is beyond it",
}


def credits(contract: Contract) -> Iterator[str]:
    """All of it."""
    if not contract.credits:
        yield "The contract names no credits: a breach is stated, and nothing is owed by its terms."
        return
    for credit in contract.credits:
        yield from _credit(contract, credit)
    for rule in contract.combine:
        yield f"- {_combined(rule)}"
    yield from _caps(contract)
    if contract.floor is not None:
        least = f"{contract.floor.amount} {contract.currency or ''}".rstrip()
        if contract.floor.suppress:
            yield f"Nothing is issued unless it comes to more than {least}."
        else:
            yield f"What comes to less than {least} is raised to it."
    yield (
        "Owed only on a breach, never where the verdict is indeterminate. Tables are read with the value most "
        "favourable to the provider that unobserved time allows; amounts are rounded half up to the currency's "
        "smallest coin, each once."
    )


def _credit(contract: Contract, credit: Credit) -> Iterator[str]:
    cause = f"on a breach of {listed(credit.promises)}" if credit.promises else "whatever the verdicts are"
    name = credit.id if credit.id not in credit.promises or len(credit.promises) > 1 else listed(credit.promises)
    per = "" if credit.per == "period" else f", for each {credit.per}"
    yield f"- {name}, {cause}{per}{_base(contract, credit.base)}:"
    unit = _unit(contract, credit)
    reads = _reads(credit)
    if reads:
        yield f"  Read by {reads}."
    yield from (f"  {line}" for line in _shape(contract, credit, unit))
    yield from (f"  {line}." for line in _terms(contract, credit))


def _unit(contract: Contract, credit: Credit) -> Unit:
    """The unit of the figure that the shape reads."""
    if credit.relation == "relative_excess":
        return "ratio"
    if credit.points_of is not None:
        return "count"
    if credit.by is not None and any(rule.name == credit.by for rule in contract.measures):
        return contract.measure(credit.by).unit
    for promise in contract.promises:
        if promise.id in credit.promises or promise.id == credit.by:
            return promise.unit
    return "ns" if isinstance(credit.shape, ProRata) else "ratio"


def _reads(credit: Credit) -> str:
    if credit.points_of is not None:
        return f"what {credit.points_of} gives"
    parts = [part for part in (_RELATIONS[credit.relation], f"of {credit.by}" if credit.by else "") if part]
    return " ".join(parts).removeprefix("of ")


def _base(contract: Contract, base: ChargeBase) -> str:
    if base == ChargeBase():
        return ", in shares of the service's charge" if contract.currency else ""
    if base.amount is not None:
        return f", in shares of {base.amount} {contract.currency or ''}".rstrip()
    names = listed([name if name == "charge" else f"'{name}'" for name in base.of], "and")
    picked = names if base.pick == "one" else f"the {base.pick} of {names}"
    of = "all services" if base.contract else "the service"
    if base.preceding is not None:
        return f", in shares of {picked} of {of} over the {span(base.preceding)} before the outage"
    if base.back:
        when = "the period before" if base.back == 1 else f"the {base.back} periods before, on average"
        return f", in shares of {picked} of {of} for {when}"
    return f", in shares of {picked} of {of}"


def give(amount: Give, currency: str | None) -> str:
    """What is given."""
    match amount.unit:
        case "share":
            return percent(amount.amount)
        case "money":
            return f"{number(amount.amount)} {currency or ''}".rstrip()
        case "months":
            return f"{number(amount.amount)} {'month' if amount.amount == 1 else 'months'} of charge"
    return f"{number(amount.amount)} {amount.unit.replace('_', ' ')}"


def _shape(contract: Contract, credit: Credit, unit: Unit) -> Iterator[str]:
    currency, shape = contract.currency, credit.shape
    match shape:
        case Table():
            for row in shape.rows:
                yield f"{_row(row, unit)}: {give(row.give, currency)}"
            if len(shape.rows) > 1:
                yield "The worst row that holds is paid; rows do not add up."
            if shape.tail is not None:
                yield f"Then {_per_unit(shape.tail, unit, currency)}"
        case PerUnit():
            yield _per_unit(shape, unit, currency)
        case ProRata():
            times = "" if shape.times == 1 else f"{number(shape.times)} times "
            of = "the period" if shape.flat is None else span(shape.flat)
            yield f"{times}the part of the base that the time lost is of {of}."
            if shape.round is not None:
                yield f"The fraction is first rounded {MODES[shape.round.mode]} to {number(shape.round.to)}."
        case Flat():
            yield f"A flat {give(shape.give, currency)}."
        case Brackets():
            for bracket in shape.rows:
                upto = f"Up to {figure(bracket.up_to, unit)}" if bracket.up_to is not None else "Beyond"
                each = f"{give(bracket.give, currency)} for each {figure(bracket.unit, unit)}"
                yield f"{upto}: {each}; {_COUNTS[bracket.count]}."
            yield (
                "Each part at its own rate." if shape.marginal else "All of it at the rate of the bracket it ends in."
            )


def _row(row: Tier, unit: Unit) -> str:
    first = f"{OPERATORS[row.operator]} {figure(row.edge, unit)}"
    if row.other is None or row.other_edge is None:
        return first
    return f"{first} and {OPERATORS[row.other]} {figure(row.other_edge, unit)}"


def _per_unit(shape: PerUnit, unit: Unit, currency: str | None) -> str:
    beyond = "what was promised" if shape.promised else figure(shape.beyond, unit)
    each = f"{give(shape.give, currency)} for each {figure(shape.unit, unit)}"
    return f"{each} beyond {beyond}; {_COUNTS[shape.count]}."


def _terms(contract: Contract, credit: Credit) -> Iterator[str]:
    currency = contract.currency
    if conditions(credit.where):
        yield f"Only for {conditions(credit.where)}"
    for step in credit.escalations:
        before = "the period before" if step.periods == 1 else f"the {step.periods} periods before"
        yield f"{number(step.times)} times that if it failed in {before} too"
    for factor in credit.factors:
        yield f"{number(factor.times)} times that for {conditions(factor.where)}"
    if credit.at_most_each is not None:
        yield f"At most {give(credit.at_most_each, currency)} each"
    if credit.at_most is not None:
        yield f"At most {give(credit.at_most, currency)} together"
    if credit.at_least is not None:
        yield f"At least {give(credit.at_least, currency)}, if anything"
    if credit.in_money:
        whole = "a thirtieth of the base" if credit.day_of == "thirtieth" else "the base by the days of the period"
        yield f"Paid in money, a day being {whole}"
    if credit.round is not None:
        yield f"Rounded {MODES[credit.round.mode]} to {number(credit.round.to)}"


def _combined(rule: Combine) -> str:
    names = listed(rule.credits, "and")
    per = f" for the same {rule.per}" if rule.per == "outage" else ""
    match rule.take:
        case "sum":
            return f"{names} add up{per}."
        case "greatest":
            return f"Of {names} only the greatest is given{per}."
        case "one":
            chooser = f"; {rule.chooser} may choose another" if rule.chooser else ""
            return f"Of {names} only one is given{per}, the first that gives anything{chooser}."


def _caps(contract: Contract) -> Iterator[str]:
    kind = noun(contract.period)
    if not contract.caps:
        yield (
            f"The credits of a {kind} add up to at most 100% of the charge of the service "
            "(the contract names no other cap)."
        )
    for limit in contract.caps:
        yield f"The credits{_named(limit)} of {_stretch(limit, kind)} add up to at most {_most(contract, limit)}."


def _named(limit: Limit) -> str:
    return f" {listed(limit.credits, 'and')}" if limit.credits else ""


def _stretch(limit: Limit, kind: str) -> str:
    match limit.each:
        case "outage":
            return "one outage"
        case "contract":
            return "the whole contract"
        case "period":
            return f"a {kind}" if limit.per is None else f"one {limit.per}"


def _most(contract: Contract, limit: Limit) -> str:
    scope = "all services together" if limit.of == "contract" else "the service"
    if limit.give.unit in ("share", "months"):
        what = percent(limit.give.amount) if limit.give.unit == "share" else give(limit.give, None)
        of = "" if limit.give.unit == "months" else f" of the charge of {scope}"
        return f"{what}{of}"
    return give(limit.give, contract.currency)
