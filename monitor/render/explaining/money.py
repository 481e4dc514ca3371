"""What follows from a breach: credits, how they go together, and what they come to at most and at least."""

from collections.abc import Iterator

from config.contract.credit_checks import kinds
from config.contract.gives import counted
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
from monitor.render.explaining.measures import defined
from monitor.render.explaining.words import MODES, OPERATORS, conditions, figure, listed, number, percent, span
from monitor.render.long.values import money

_COUNTS = {
    "started": "a part counts as a whole one",
    "full": "only whole ones count",
    "pro_rata": "parts count in proportion",
}
_RELATIONS = {
    "shortfall": "how far {name} falls short of its target",
    "excess": "how far {name} is beyond its target",
    "relative_excess": "how far {name} is beyond its target, in parts of the target",
}
_PAYABLE = {"share", "months"}


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
        "What is for a breach is owed only on a breach, never where the verdict is indeterminate. Figures are read "
        "with the value most favourable to the provider that unobserved time allows; amounts are rounded half up to "
        "the currency's smallest coin, each once."
    )


def _credit(contract: Contract, credit: Credit) -> Iterator[str]:
    cause = f"on a breach of {listed(credit.promises)}" if credit.promises else "whether or not a promise was broken"
    of = f" of {listed(credit.services, 'and')}" if credit.services else ""
    per = "" if credit.per == "period" else f", for each {credit.per}"
    yield f"- {credit.id}, {cause}{of}{per}{_base(contract, credit.base) if _of_base(credit) else ''}:"
    unit = _unit(contract, credit)
    reads = _reads(contract, credit)
    if reads:
        yield f"  It goes by {reads}."
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


def _of_base(credit: Credit) -> bool:
    """Whether it is a part of a charge, or of what else there is a base of."""
    return credit.in_money or isinstance(credit.shape, ProRata) or bool(kinds(credit.shape) & _PAYABLE)


def _reads(contract: Contract, credit: Credit) -> str:
    """The figure, where it is not simply that of the promise; a measure that nobody promised is told here."""
    if credit.points_of is not None:
        return f"what {credit.points_of} gives"
    if credit.by is None:
        return ""
    if credit.relation != "figure":
        return _RELATIONS[credit.relation].format(name=credit.by)
    promised = any(credit.by in (one.id, one.rule) for one in contract.promises)
    rule = next((one for one in contract.measures if one.name == credit.by), None)
    return credit.by if promised or rule is None else f"{credit.by}: {defined(contract, rule)}"


def _base(contract: Contract, base: ChargeBase) -> str:
    """What it is a part of."""
    if base == ChargeBase():
        return ", as a part of the service's charge" if contract.currency else ""
    return f", as a part of {_amount(contract, base, ' of all services' if base.contract else ' of the service')}"


def _amount(contract: Contract, base: ChargeBase, of: str) -> str:
    """The amount, ``of`` the services that it is of."""
    if base.amount is not None:
        return f"{base.amount} {contract.currency or ''}".rstrip()
    names = listed([name if name == "charge" else f"'{name}'" for name in base.of], "and")
    picked = f"the {names}" if base.pick == "one" else f"the {base.pick} of {names}"
    if base.preceding is not None:
        return f"{picked}{of} over the {span(base.preceding)} before the outage"
    if base.back:
        when = "the period before" if base.back == 1 else f"the {base.back} periods before, on average"
        return f"{picked}{of} for {when}"
    return f"{picked}{of}"


def give(amount: Give, currency: str | None) -> str:
    """What is given."""
    match amount.unit:
        case "share":
            return percent(amount.amount)
        case "money":
            return money(amount.amount, currency)
        case "months":
            return f"{number(amount.amount)} {'month' if amount.amount == 1 else 'months'} of charge"
    return f"{number(amount.amount)} {counted(amount.amount, amount.unit)}"


def _shape(contract: Contract, credit: Credit, unit: Unit) -> Iterator[str]:
    currency, shape = contract.currency, credit.shape
    match shape:
        case Table():
            for row in shape.rows:
                yield f"{_row(row, unit)}: {give(row.give, currency)}"
            if len(shape.rows) > 1:
                yield "The worst row that holds is paid; rows do not add up."
            if shape.gaps:
                yield "For a figure that lies in no row nothing is given."
            if shape.overlaps:
                yield "Of rows that overlap the one that gives most is paid."
            if shape.tail is not None:
                yield f"On top of the last row {_per_unit(shape.tail, unit, currency)}"
        case PerUnit():
            yield _per_unit(shape, unit, currency)
        case ProRata():
            times = "As much" if shape.times == 1 else f"{number(shape.times)} times as much"
            what = "it" if shape.unit == "share" else f"the {shape.unit} that it counts"
            yield f"{times} of {what} as the time lost is of {_length(shape)}."
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


def _length(shape: ProRata) -> str:
    if shape.flat is not None:
        return span(shape.flat)
    if shape.back:
        return "the period before" if shape.back == 1 else f"the mean length of the {shape.back} periods before"
    return "the time of the period that is judged" if shape.judged else "the period"


def _row(row: Tier, unit: Unit) -> str:
    first = f"{OPERATORS[row.operator]} {figure(row.edge, unit)}"
    if row.other is None or row.other_edge is None:
        return first
    return f"{first} and {OPERATORS[row.other]} {figure(row.other_edge, unit)}"


def _per_unit(shape: PerUnit, unit: Unit, currency: str | None) -> str:
    beyond = " beyond what was promised" if shape.promised else ""
    if shape.beyond:
        beyond = f" beyond {figure(shape.beyond, unit)}"
    each = f"{give(shape.give, currency)} for each {figure(shape.unit, unit)}"
    return f"{each}{beyond}; {_COUNTS[shape.count]}."


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
    if not contract.caps and any(_of_base(credit) for credit in contract.credits):
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
    what = give(limit.give, contract.currency)
    if limit.give.unit not in ("share", "months"):
        return f"{what} for {scope}"
    charge = "the charge" if limit.base == ChargeBase() else _amount(contract, limit.base, "")
    return f"{what} of {scope}" if limit.give.unit == "months" else f"{what} of {charge} of {scope}"
