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
        yield f"- {said(promise)}, for {', '.join(promise.services)}{who}. [{promise.id}]"
        yield f"  {meaning(contract, promise)}."
        yield from (f"  {line}." for line in _terms(promise))
    yield "Each is made for each of its services by itself, and judged once a " + noun(contract.period) + "."


def _terms(promise: Promise) -> Iterator[str]:
    if conditions(promise.where):
        yield f"Only for {conditions(promise.where)}"
    if promise.clock is not None:
        yield f"Time runs within the hours of {promise.clock}"
    if promise.per is not None:
        yield f"Judged for each {promise.per} by itself"
    if promise.replaces is not None:
        yield f"Stands there instead of {promise.replaces}"


def said(promise: Promise) -> str:
    """What is promised, in words."""
    what = (promise.rule or promise.measure).replace("-", " ").replace("_", " ")
    if promise.rule is None:
        if promise.statistic == "share under" and promise.threshold is not None:
            what = f"share of samples under {span(promise.threshold)}"
        elif promise.statistic is not None:
            what = f"{promise.statistic} {what}"
        elif promise.threshold is not None:
            what = f"{what} over {span(promise.threshold)}"
    return f"{what}: {OPERATORS[promise.operator]} {figure(promise.target, promise.unit)}"
