"""What is promised, line by line, and by whom."""

from collections.abc import Iterator

from config.contract.model import Contract, Promise
from config.period_kinds import noun
from monitor.render.explaining.measures import meaning
from monitor.render.explaining.words import OPERATORS, conditions, figure, span


def promises(contract: Contract) -> Iterator[str]:
    """Every promise with how it is measured."""
    for promise in contract.promises:
        who = f" (owed by {contract.customer})" if promise.by == "customer" else ""
        yield f"- {said(contract, promise)}, for {', '.join(promise.services)}{who}. [{promise.id}]"
        yield f"  {meaning(contract, promise)}."
        yield from (f"  {line}." for line in _terms(contract, promise))
    yield "Each is made for each of its services by itself, and judged once a " + noun(contract.period) + "."


def _terms(contract: Contract, promise: Promise) -> Iterator[str]:
    if conditions(promise.where):
        yield f"Only for {conditions(promise.where)}"
    measured_on = None if promise.rule is None else contract.measure(promise.rule).clock
    if promise.clock not in (None, measured_on):
        yield f"Time runs within the hours of {promise.clock}"
    if promise.per is not None:
        yield f"Judged for each {promise.per} by itself"
    if promise.replaces is not None:
        yield f"Stands there instead of {promise.replaces}"


def said(contract: Contract, promise: Promise) -> str:
    """What is promised, in words."""
    return f"{what(contract, promise)}: {OPERATORS[promise.operator]} {figure(promise.target, promise.unit)}"


def what(contract: Contract, promise: Promise) -> str:
    """The figure's name. Its window and its clock are told beside it."""
    if promise.rule is not None:
        rule = contract.measure(promise.rule)
        return rule.name.replace("_", " ").removesuffix(f" on {rule.clock}").removesuffix(f" per {rule.over}")
    name = promise.measure.replace("-", " ")
    if promise.statistic == "share under" and promise.threshold is not None:
        return f"share of samples under {span(promise.threshold)}"
    if promise.statistic is not None:
        return f"{promise.statistic} {name}"
    return f"{name} over {span(promise.threshold)}" if promise.threshold is not None else name
