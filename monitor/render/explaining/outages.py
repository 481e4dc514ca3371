"""What the contract counts as an outage: where it comes from, when it begins and ends, what of it counts."""

from collections.abc import Iterator

from config.contract.model import Contract
from config.contract.rules import Bucket, Edge, OutageRule, Source
from monitor.render.explaining.words import MODES, conditions, listed, percent, span

_MOMENTS = {
    "first_failure": "the first failure",
    "confirmation": "its confirmation",
    "report": "the report (the ticket's opening)",
    "detection": "the detection",
    "acknowledgement": "the acknowledgement",
    "response": "the response",
    "occurred": "the moment it occurred",
    "first_success": "the first success",
    "restored": "the restoration",
    "closed": "the closing of the ticket",
}
_EMPTY = {
    "good": "counts as good",
    "bad": "counts as bad",
    "skip": "is unknown",
    "carry": "is as the one before",
}
_OVERLAP = {
    "union": "Outages at the same time count once.",
    "longest": "Of outages at the same time only the longest counts.",
    "sum": "Outages at the same time each count by themselves.",
}


def outages(contract: Contract) -> Iterator[str]:
    """Every rule the contract defines."""
    for rule in contract.outages:
        of = f" of {listed(rule.services, 'and')}" if rule.services else ""
        yield f"- {rule.name}{of}: {'; '.join(_rule(rule))}. {_OVERLAP[rule.overlap]}"


def _rule(rule: OutageRule) -> Iterator[str]:
    yield _sources(rule)
    if rule.bucket is not None:
        yield _bucket(rule.bucket)
    if rule.consecutive > 1:
        yield f"only {rule.consecutive} failures one after the other are an outage"
    if rule.control is not None:
        yield f"counted only while {rule.control} is up"
    yield f"it begins with {_edge(rule.starts)} and ends with {_edge(rule.ends)}"
    yield from _qualifies(rule)
    yield from _together(rule)
    yield from _clock(rule)
    if conditions(rule.where):
        yield f"only for {conditions(rule.where)}"
    if rule.affected:
        yield f"only where at least {rule.affected} are affected"
    if rule.reported_within is not None:
        yield f"only where a ticket was opened within {span(rule.reported_within)} of its beginning"
    if rule.split is not None:
        yield f"divided at the edges of {'days' if rule.split == 'day' else 'the period'}, each part by itself"
    if rule.round is not None:
        yield f"the length of each is rounded {MODES[rule.round.mode]} to {span(int(rule.round.to))}"
    if rule.weighted:
        yield "its time counts by the share that was affected"


def _sources(rule: OutageRule) -> str:
    joint = "and" if rule.every_source else "or"
    named = [_source(source) for source in rule.sources]
    if len(named) == 1:
        return f"told by {named[0]}"
    how = "all at once by" if rule.every_source else "by any of"
    return f"told {how} {listed(named, joint)}"


def _source(source: Source) -> str:
    match source.kind:
        case "probes":
            return "our probes"
        case "tickets":
            return "tickets"
        case "counts":
            return f"the counts of {source.name}"
        case "outage":
            return f"the outages of {source.name}"
        case "measure":
            return f"the figures of {source.name}"


def _bucket(bucket: Bucket) -> str:
    if bucket.when == "measure":
        return (
            f"{_length(bucket)}, each bad if {bucket.text}{_few(bucket)}; one without a figure {_EMPTY[bucket.empty]}"
        )
    when = {
        "all_fail": "all of it failed",
        "any_fail": "any of it failed",
        "error_ratio": f"{'more than' if bucket.strict else 'at least'} {percent(bucket.ratio)} of it failed",
    }
    return f"{_length(bucket)}, each bad if {when[bucket.when]}{_few(bucket)}; an empty one {_EMPTY[bucket.empty]}"


def _length(bucket: Bucket) -> str:
    return "judged day by day" if bucket.daily else f"judged by stretches of {span(bucket.length)}"


def _few(bucket: Bucket) -> str:
    return f" and at least {bucket.minimum} were counted" if bucket.minimum > 1 else ""


def _edge(edge: Edge) -> str:
    named = [_MOMENTS[moment] for moment in edge.of]
    return named[0] if edge.pick == "one" else f"the {edge.pick} of {listed(named, 'and')}"


def _qualifies(rule: OutageRule) -> Iterator[str]:
    if rule.confirm_after:
        yield f"confirmed after {span(rule.confirm_after)}; a shorter one is none"
    if rule.least:
        what = "only what is beyond counts" if rule.excess else "then all of it counts"
        yield f"it has to last {'longer than' if rule.strict else 'at least'} {span(rule.least)}, {what}"
    if rule.accumulate is not None:
        need, window = rule.accumulate
        yield f"it counts where {span(need)} of outage come together within {span(window)}"
    if rule.grace:
        what = "only what is beyond counts" if rule.grace_beyond else "all of it counts"
        since = "" if rule.grace_from is None else f" of {_MOMENTS[rule.grace_from]}"
        yield f"restored within {span(rule.grace)}{since} it does not count, otherwise {what}"
        if rule.grace_from is not None:
            yield "without a ticket that tells of it, it does not count either"


def _together(rule: OutageRule) -> Iterator[str]:
    if rule.merge_within is not None:
        each = f" of at least {span(rule.merge_least)} each" if rule.merge_least else ""
        gap = ", the gap included" if rule.merge_span else ""
        yield f"outages{each} no more than {span(rule.merge_within)} apart are one{gap}"
    if rule.reopen == "new":
        yield "a ticket that is opened again begins another one"


def _clock(rule: OutageRule) -> Iterator[str]:
    if rule.clock is not None:
        yield f"only time within the hours of {rule.clock} counts"
    if rule.pauses is not None:
        stops = f"while waiting for {listed(rule.pauses)}" if rule.pauses else "for no pause of its ticket"
        yield f"its clock stops {stops}"
    elif any(source.kind == "tickets" for source in rule.sources):
        yield "its clock stops while its ticket is paused"
