"""What a promise's figure is, in words: the standard measures, and those the contract defines."""

from collections.abc import Iterator

from config.contract.measure_fields import GIVEN_UNITS
from config.contract.model import Contract, Promise
from config.contract.rules import Base, MeasureRule
from config.contract.scope import OUTAGE
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
_LEGS = {
    "response": "the time from a ticket's opening to the response",
    "acknowledgement": "the time from a ticket's opening to its acknowledgement",
    "resolution": "the time from a ticket's opening to the restoration, without its pauses",
    "repair": "the time from the start of a ticket's outage to the restoration, without its pauses",
    "closure": "the time from a ticket's opening to its closing",
    "notification": "the time from the detection to the first notice of it",
    "update gap": "the longest time in which a ticket had no update",
    "start of repair": "the time from a ticket's opening to the start of the repair",
    "delivery": "the time from the order to the delivery",
}
_EMPTY = {
    "good": "one in which nothing was counted is good",
    "bad": "one in which nothing was counted is bad",
    "skip": "one in which nothing was counted is left out",
    "carry": "one in which nothing was counted is as the one before",
}
_AS = {"ratio": "as a share", "count": "as a number", "score": "as a number"}
_AGGREGATES = {"mean_of_ratios": "the mean of the ratios", "ratio_of_sums": "the ratio of the sums"}
_NUMBERS = {"failed": "those that failed", "total": "all of them"}
_UNKNOWN = {
    "indeterminate": "time that nobody observed counts neither way",
    "up": "time that nobody observed counts as up",
    "down": "time that nobody observed counts as down",
    "exclude": "time that nobody observed is left out",
}


def meaning(contract: Contract, promise: Promise) -> str:
    """How the promise's figure is measured."""
    if promise.rule is not None:
        return f"Measured as {defined(contract, contract.measure(promise.rule))}"
    text = _STANDARD[promise.measure]
    if promise.statistic == "share under" and promise.threshold is not None:
        return f"Measured as the share of valid answers that took strictly less than {span(promise.threshold)}"
    if promise.measure == "outages" and promise.threshold is not None:
        return f"Measured as the number of incidents charged for longer than {span(promise.threshold)}"
    if promise.statistic is None:
        return f"Measured as {text}"
    how = "by nearest rank" if promise.statistic[0] == "p" or promise.statistic == "median" else "exactly"
    return f"Measured as the {promise.statistic}, {how}, {text}"


def defined(contract: Contract, rule: MeasureRule) -> str:
    """A measure that the contract defines, or that something other than a promise is read from."""
    return "; ".join([_core(contract, rule), *_ways(rule)])


def _core(contract: Contract, rule: MeasureRule) -> str:
    match rule.kind:
        case "ratio":
            return f"the share of {_base(rule.base or contract.base)} that {_outage(rule, 'no')} took away"
        case "requests":
            return f"one less the error ratio of {rule.of}, {_AGGREGATES[rule.aggregate]}{_by_bucket(rule)}"
        case "counts":
            if rule.number == "share":
                return f"the share of {rule.of} that did not fail{_nothing(rule)}"
            return f"the number of {rule.of}, {_NUMBERS[rule.number]}{_nothing(rule)}"
        case "total":
            return f"the time of {_outage(rule, 'all', 's')} added up{_beyond(rule)}"
        case "longest":
            return f"the length of {_outage(rule, 'the longest')}"
        case "count":
            return f"the number of {_outage(rule, '', 's')}{_longer(rule)}"
        case "each":
            return f"{_item(contract, rule)}{_of_items(rule)}"
        case "tickets":
            legs = [f"{leg} within {_limit(limit, leg in rule.in_days)}" for leg, limit in rule.legs]
            return f"the share of tickets that had their {listed(legs, 'and')}"
        case "samples":
            return f"the {_statistic(rule) or 'mean'} of {rule.of.replace('-', ' ')} in the samples"
        case "given":
            word = next((name for name, known in GIVEN_UNITS.items() if known == (rule.unit, rule.scale)), rule.unit)
            of_several = f"; of several, their {rule.statistic}" if rule.statistic else ""
            return f"the figure {rule.of} as it is reported, {_AS.get(word, f'in {word}')}{of_several}"


def _outage(rule: MeasureRule, which: str, plural: str = "") -> str:
    """``all outages``, ``all outages of the kind slow``."""
    named = "" if rule.of == OUTAGE else f" of the kind {rule.of}"
    return f"{which} outage{plural}{named}".lstrip()


def _item(contract: Contract, rule: MeasureRule) -> str:
    if rule.of == OUTAGE or rule.of in {outage.name for outage in contract.outages}:
        return f"the length of {_outage(rule, 'each')}"
    if " to " in rule.of:
        since, to = (word.replace("_", " ") for word in rule.of.split(" to "))
        return f"the time between two instants of a ticket, from {since} to {to}"
    return _LEGS[rule.of.replace("_", " ")]


def _of_items(rule: MeasureRule) -> str:
    if rule.statistic is None:
        return ", each judged by itself"
    if rule.threshold is not None:
        within = "no more than" if rule.statistic == "share within" else "more than"
        return f": the share of those that took {within} {_limit(rule.threshold, bool(rule.in_days))}"
    return f": the {rule.statistic} of all"


def _limit(limit: int, days: bool) -> str:
    return f"{limit} business {'day' if limit == 1 else 'days'}" if days else span(limit)


def _statistic(rule: MeasureRule) -> str:
    if rule.statistic is None or rule.bins is not None:
        return rule.statistic or ""
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
    return _nothing(rule) if rule.bucket is None else f" of stretches of {span(rule.bucket)}{_nothing(rule)}"


def _nothing(rule: MeasureRule) -> str:
    return f" ({_EMPTY[rule.empty]})" if rule.empty is not None else ""


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
    elif rule.services:
        yield f"taken of {listed(rule.services, 'and')}"
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
        threshold = f" {span(rule.threshold)}" if rule.threshold is not None else ""
        yield f"of that the {rule.of_bins or 'mean'}{threshold} of every {span(rule.bins)}"
    if rule.less_excluded:
        yield "excluded time is taken off the sum, and the number stays"
    if rule.unknown is not None:
        yield _UNKNOWN[rule.unknown]
    if rule.round is not None:
        yield rounding(rule.round, rule.unit)
