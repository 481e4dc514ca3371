"""Credits in the long form: a list, each with its figure, its base, its shape and its limits."""

from config.contract.credit_checks import kinds
from config.contract.gives import TIME_IN_KIND
from config.contract.model import Contract
from config.contract.money import ChargeBase, Credit
from config.contract.noun import Condition, Unit
from config.dump import Plain
from config.units import NANOSECONDS
from monitor.render.long.measures import rules
from monitor.render.long.shapes import shape
from monitor.render.long.values import Clause, condition, give, kept, listed, multiple, rounding, spoken, words


def credits(contract: Contract) -> list[Plain]:
    """Every credit, in the contract's order."""
    return [_credit(contract, one) for one in contract.credits]


def _credit(contract: Contract, one: Credit) -> Clause:
    currency, whatever = contract.currency, bool(one.escalations) and not one.promises
    about = (_any_promise(contract, one),) if whatever else one.promises
    return kept(
        {
            "id": one.id,
            "for": listed(about) if about else None,
            "even if met": "accept" if whatever else None,
            "of": listed(one.services) if one.services else None,
            "by": _by(one),
            "base": base(one.base, currency),
            **shape(one.shape, unit(contract, one), currency),
            "per": one.per,
            "if": condition(one.where) or None,
            "escalate": [_after(step.periods, multiple(step.times)) for step in one.escalations] or None,
            "times": {_for(f.where): multiple(f.times) for f in one.factors} or None,
            "round": None if one.round is None else rounding(one.round, "score", purpose=one.round.compare),
            f"at most per {one.per}": None if one.at_most_each is None else give(one.at_most_each, currency),
            "at most": None if one.at_most is None else give(one.at_most, currency),
            "at least": None if one.at_least is None else give(one.at_least, currency),
            **_days(one),
        }
    )


def _any_promise(contract: Contract, one: Credit) -> str:
    """A credit that its shape alone decides, and that is harder after it was given before: it names a promise."""
    ids = [promise.id for promise in contract.promises]
    return one.by if one.by in ids else ids[0]


def _by(one: Credit) -> str | None:
    if one.points_of is not None:
        return f"points of {one.points_of}"
    return one.by if one.relation == "figure" else f"{words(one.relation)} of {one.by}"


def unit(contract: Contract, one: Credit) -> Unit | None:
    """That of the figure that the shape reads; None for a share that may be more than all."""
    if one.relation == "relative_excess":
        return None
    if one.points_of is not None:
        return "count"
    known = rules(contract)
    named = one.by is not None and one.relation == "figure"
    if named and one.by in known:
        return known[one.by].unit
    about = (one.by,) if one.by is not None else one.promises
    return next((promise.unit for promise in contract.promises if promise.id in about), "ratio")


def base(of: ChargeBase, currency: str | None) -> str:
    """The amount a share is taken of."""
    if of.amount is not None:
        return f"{of.amount:f} {currency}" if currency is not None else f"{of.amount:f}"
    if of.contract:
        return "contract"
    named = ", ".join(of.of)
    picked = named if of.pick == "one" else f"{of.pick} of {named}"
    if of.preceding is not None:
        return f"preceding {of.preceding // NANOSECONDS['d']} days of {picked}"
    if of.back:
        return f"{'previous period' if of.back == 1 else f'mean of {of.back} periods'} of {picked}"
    return picked


def _after(periods: int, times: Plain) -> Clause:
    return {"after": f"{periods} consecutive {'period' if periods == 1 else 'periods'}", "times": times}


def _for(where: Condition) -> str:
    """``class c1 or c2``."""
    return spoken(where).removeprefix(" while ").replace(" is ", " ", 1)


def _days(one: Credit) -> Clause:
    """What days and hours of service are worth, where they are given."""
    if not kinds(one.shape) & {*TIME_IN_KIND}:
        return {}
    worth = "1/30 of charge" if one.day_of == "thirtieth" else "base / days in period"
    return {"pay days as money": one.in_money, "value of day": worth}
