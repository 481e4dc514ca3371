"""What a promise's figure is, in words: the standard measures, and those the contract defines."""

from collections.abc import Iterator

from config.contract.model import Contract, Promise
from config.contract.rules import Base, MeasureRule
from monitor.render.explaining.words import conditions, listed, rounding, span

_STANDARD = {
    "availability": "time up, over time up or down",
    "longest-outage": "the longest charged time of one incident",
    "total-outage": "all charged time down, added up",
    "outages": "incidents with any charged time",
    "latency": "of all valid answers",
    "packet-delivery": "packets answered, over packets proven sent",
    "packet-loss": "packets not answered, over packets proven sent",
    "jitter": "of the differences between neighbouring answered packets of a burst (RFC 3393)",
}
_EMPTY = {
    "good": "one in which nothing was counted is good",
    "bad": "one in which nothing was counted is bad",
    "skip": "one in which nothing was counted is left out",
    "carry": "one in which nothing was counted is as the one before",
}
_AGGREGATES = {"mean_of_ratios": "the mean of the ratios", "ratio_of_sums": "the ratio of the sums"}


def meaning(contract: Contract, promise: Promise) -> str:
    """How the promise's figure is measured."""
    if promise.rule is not None:
        return f"Measured as {defined(contract.measure(promise.rule), contract.base)}"
    text = _STANDARD[promise.measure]
    if promise.statistic == "share under" and promise.threshold is not None:
        return f"Measured as the share of valid answers that took strictly less than {span(promise.threshold)}"
    if promise.measure == "outages" and promise.threshold is not None:
        return f"Measured as the number of incidents charged for longer than {span(promise.threshold)}"
    if promise.statistic is None:
        return f"Measured as {text}"
    how = "by nearest rank" if promise.statistic[0] == "p" or promise.statistic == "median" else "exactly"
    return f"Measured as the {promise.statistic}, {how}, {text}"


def defined(rule: MeasureRule, base: Base) -> str:
    """A measure that the contract defines."""
    return "; ".join([_core(rule, base), *_ways(rule)])


def _core(rule: MeasureRule, base: Base) -> str:
    statistic = _statistic(rule)
    match rule.kind:
        case "ratio":
            return f"the share of {_base(rule.base or base)} that no outage ({rule.of}) took away"
        case "requests":
            return f"one less the error ratio of {rule.of}, {_AGGREGATES[rule.aggregate]}{_by_bucket(rule)}"
        case "counts":
            share = f"the share of {rule.of} that did not fail"
            return share if rule.number == "share" else f"the number of {rule.of}, {rule.number}"
        case "total":
            return f"the time of all outages ({rule.of}) added up{_beyond(rule)}"
        case "longest":
            return f"the longest outage ({rule.of})"
        case "count":
            return f"the number of outages ({rule.of}){_longer(rule)}"
        case "each":
            what = f"the time from one to the other of {rule.of}" if " to " in rule.of else f"the {_leg(rule.of)}"
            return f"{what}, {statistic}" if statistic else f"{what}, of each by itself"
        case "tickets":
            legs = listed([f"{_leg(leg)} within {span(limit)}" for leg, limit in rule.legs], "and")
            return f"the share of tickets with {legs}"
        case "samples":
            return f"the {statistic or 'mean'} {rule.of.replace('-', ' ')} of the samples"
        case "given":
            return f"the figure {rule.of} that is counted elsewhere and reported{f', {statistic}' if statistic else ''}"


def _leg(name: str) -> str:
    return {"update gap": "longest time without an update"}.get(name.replace("_", " "), name.replace("_", " "))


def _statistic(rule: MeasureRule) -> str:
    if rule.statistic is None:
        return ""
    return f"{rule.statistic} {span(rule.threshold)}" if rule.threshold is not None else rule.statistic


def _base(base: Base) -> str:
    match base.kind:
        case "flat":
            return f"a flat {span(base.flat or 0)}"
        case "existing":
            return "the time in which the service existed"
        case "scheduled":
            return f"the hours of {base.calendar}"
        case "actual":
            return "the period's time"


def _by_bucket(rule: MeasureRule) -> str:
    if rule.bucket is None:
        return ""
    empty = f" ({_EMPTY[rule.empty]})" if rule.empty is not None else ""
    return f" of stretches of {span(rule.bucket)}{empty}"


def _beyond(rule: MeasureRule) -> str:
    if rule.allowance:
        return ", beyond what the promised availability allows"
    return f", beyond {span(rule.beyond)}" if rule.beyond else ""


def _longer(rule: MeasureRule) -> str:
    if not rule.longer:
        return ""
    return f" that lasted {'longer than' if rule.strict_longer else 'at least'} {span(rule.longer)}"


def _ways(rule: MeasureRule) -> Iterator[str]:
    if rule.pool:
        yield f"taken over {listed(rule.services, 'and') or 'all services'} together, by their weight"
    if rule.absent == "up":
        yield "time in which the service did not exist counts as up"
    if rule.weighted:
        yield "outages count by the share that was affected"
    if rule.over is not None:
        yield f"over {rule.over}"
    if rule.per is not None:
        yield f"for each {rule.per} by itself, of which the worst counts"
    if rule.clock is not None:
        yield f"time runs within the hours of {rule.clock}"
    if conditions(rule.where):
        yield f"only for {conditions(rule.where)}"
    if rule.skip:
        yield f"without the time of {listed(rule.skip, 'and')}"
    if rule.bins is not None:
        yield f"the {rule.of_bins or 'mean'} of the means of every {span(rule.bins)}"
    if rule.less_excluded:
        yield "excluded time is taken off the sum, and the number stays"
    if rule.round is not None:
        yield rounding(rule.round, rule.unit)
