"""Requests: what was counted and did not fail, of all that was, by counts facts.

Either the ratio of the sums over the period, or the mean of the ratios of equal buckets from its start: few requests
that fail at night weigh as much there as many by day. Of a bucket in which nothing was counted the contract says what
it is; where it says nothing, one that a fact speaks of is left out, and of one that none speaks of nothing is known.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from config.contract.model import Promise
from config.contract.rules import MeasureRule
from config.spans import Span
from monitor.sla.counted import Counted, Tallied
from monitor.sla.measure import Measured
from monitor.sla.parted import parted

if TYPE_CHECKING:
    from monitor.sla.scene import Scene

NAME = "requests"
UNIT = "ratio"
METHOD = "requests/1"
NONE, ALL = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class _Bucket:
    """``good`` is None where nothing is known of it; ``total`` and ``failed`` are weighed."""

    weight: Fraction
    good: Fraction | None
    total: Fraction
    failed: Fraction


def measure(scenes: "Sequence[Scene]", rule: MeasureRule, promise: Promise | None) -> Measured:
    """Bounds: buckets of which nothing is known all bad, and all good. Nothing left of the base: nothing."""
    return parted(scenes, rule, promise, lambda there: _taken(there, rule))


def _taken(scenes: "Sequence[Scene]", rule: MeasureRule) -> Measured:
    found = [one for place, scene in enumerate(scenes) for one in _buckets(scene, rule, place == 0)]
    if not found:
        return Measured(None, None, None, 0)
    if rule.aggregate == "mean_of_ratios":
        return _mean(found)
    return _ratio(found, rule)


def _mean(found: Sequence[_Bucket]) -> Measured:
    known = [(one.weight, one.good) for one in found if one.good is not None]
    weights = sum((one.weight for one in found), NONE)
    good = sum((weight * share for weight, share in known), NONE)
    weighed = sum((weight for weight, _ in known), NONE)
    value = good / weighed if weighed else None
    return Measured(value, good / weights, (good + weights - weighed) / weights, len(known))


def _ratio(found: Sequence[_Bucket], rule: MeasureRule) -> Measured:
    """Of what nobody counted there may be any number, good or bad."""
    requests = sum((one.total for one in found), NONE)
    failed = sum((one.failed for one in found), NONE)
    said = {"good": ALL, "bad": NONE}.get(rule.empty or "")
    value = 1 - failed / requests if requests else said
    sure = value is not None and all(one.good is not None for one in found)
    return Measured(value, value if sure else NONE, value if sure else ALL, int(requests))


def _buckets(scene: "Scene", rule: MeasureRule, unnamed: bool) -> Iterator[_Bucket]:
    counted = Counted(scene, rule.of, unnamed)
    weight = scene.service.weight
    before: Fraction | None = None
    for span in _spans(scene, rule.bucket):
        tallied = counted.within(span)
        if tallied is None:
            continue
        pending = scene.now is not None and span[1] > scene.now
        good = None if pending else _good(tallied, rule, before)
        if good is None and not pending and (tallied.told or rule.empty is not None):
            continue  # left out: nothing was there to fail, nor anything before that would say how it was
        before = before if good is None else good
        yield _Bucket(weight, good, weight * tallied.total, weight * tallied.failed)


def _good(tallied: Tallied, rule: MeasureRule, before: Fraction | None) -> Fraction | None:
    if tallied.total:
        return 1 - tallied.failed / tallied.total
    match rule.empty:
        case "good":
            return ALL
        case "bad":
            return NONE
        case "carry":
            return before
    return None


def _spans(scene: "Scene", length: int | None) -> Iterator[Span]:
    """The buckets, cut at the edges of the time that is looked at."""
    start, end = scene.span
    if length is None:
        yield start, end
        return
    at = start - (start - scene.anchor) % length
    while at < end:
        yield max(at, start), min(at + length, end)
        at += length
