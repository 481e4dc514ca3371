"""Samples: a statistic of what samples bring (latency, jitter, packet loss and delivery), as the contract defines it.

Samples in excluded time, outside the measure's clock and in the outages it skips are left out. With buckets, the
statistic is taken in each, and another one of the buckets: the mean of 5-minute means, the worst minute.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING

from config.contract.model import Promise
from config.contract.rules import MeasureRule
from config.spans import Span, subtract, union
from monitor.sla.measure import Measured
from monitor.sla.measures import jitter, latency, packet_delivery, packet_loss
from monitor.sla.model import State
from monitor.sla.outages.counting import calendar_of
from monitor.sla.parted import parted
from monitor.sla.series import Bulk, together
from monitor.sla.spread import figure

if TYPE_CHECKING:
    from monitor.sla.scene import Scene

NAME = "samples"
UNIT = "ns"
METHOD = "samples/1"
_KINDS = {kind.NAME: kind for kind in (jitter, latency, packet_delivery, packet_loss)}

Bins = dict[int, Bulk]  # what the samples of each bucket come to, by its number; 0 without buckets


def measure(scenes: "Sequence[Scene]", rule: MeasureRule, promise: Promise | None) -> Measured:
    """The measured value is both bounds; of too little that was observed, and while the period runs, there are none."""
    return parted(scenes, rule, promise, lambda there: _taken(there, rule, promise))


def _taken(scenes: "Sequence[Scene]", rule: MeasureRule, promise: Promise | None) -> Measured:
    if not any(scene.view.base for scene in scenes):
        return Measured(None, None, None, 0)
    bins: dict[int, list[Bulk]] = defaultdict(list)
    for scene in scenes:
        kept = _kept(scene, rule, promise)
        found = _in_bulk(scene, rule, kept)
        for place, many in (_one_by_one(scene, rule, kept) if found is None else found).items():
            bins[place].append(many)
    figures = [_figure(together(bins[place]), rule) for place in sorted(bins)]
    if not figures:
        return Measured(None, None, None, 0)
    value = figure(rule.of_bins or "mean", rule.threshold, figures) if rule.bins else figures[0]
    number = sum(one.count for many in bins.values() for one in many)
    sure = all(_settled(scene) for scene in scenes)
    return Measured(value, value if sure else None, value if sure else None, number)


def _figure(many: Bulk, rule: MeasureRule) -> Fraction:
    if _KINDS[rule.of].POOLED:
        delivered = Fraction(many.total, many.count)
        return delivered if rule.of == packet_delivery.NAME else 1 - delivered
    statistic = rule.statistic or "mean"
    if statistic == "mean":
        return Fraction(many.total, many.count)
    found = figure(statistic, rule.threshold, many.values())
    assert found is not None
    return found


def _settled(scene: "Scene") -> bool:
    """Whether enough was observed, and nothing is to come."""
    coverage = scene.view.coverage
    runs = scene.now is not None and scene.now < scene.period.end
    return not runs and coverage is not None and coverage >= scene.contract.minimum_coverage


def _in_bulk(scene: "Scene", rule: MeasureRule, kept: Sequence[Span]) -> Bins | None:
    """Without making the samples, where that can be."""
    bins: Bins = {}
    for place, spans in _binned(kept, scene.anchor, rule.bins):
        many = scene.bulk(rule.of, spans)
        if many is None:
            return None
        if many.count:
            bins[place] = many
    return bins


def _binned(kept: Sequence[Span], anchor: int, length: int | None) -> Iterator[tuple[int, list[Span]]]:
    """Some spans, cut where buckets begin; each bucket with what lies in it."""
    if not length:
        yield 0, list(kept)
        return
    bins: dict[int, list[Span]] = defaultdict(list)
    for start, end in kept:
        while start < end:
            place = (start - anchor) // length
            cut = min(end, anchor + (place + 1) * length)
            bins[place].append((start, cut))
            start = cut
    yield from bins.items()


def _one_by_one(scene: "Scene", rule: MeasureRule, kept: Sequence[Span]) -> Bins:
    kind = _KINDS[rule.of]
    bins: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    place = 0
    for sample, state, latency_of in sorted(scene.heard(*scene.span), key=lambda one: one[0].at):
        while place < len(kept) and kept[place][1] <= sample.at:
            place += 1
        if place == len(kept):
            break
        if state is State.UNKNOWN or sample.at < kept[place][0]:
            continue
        values = tuple(kind.values(sample, latency_of))
        if values:
            bins[(sample.at - scene.anchor) // rule.bins if rule.bins else 0].append(values)
    return {place: _summed(values, kind.POOLED) for place, values in bins.items()}


def _summed(values: Sequence[tuple[int, ...]], pooled: bool) -> Bulk:
    if pooled:
        return Bulk(sum(sent for sent, _ in values), sum(received for _, received in values))
    flat = list(chain.from_iterable(values))
    return Bulk(len(flat), sum(flat), lambda: flat)


def _kept(scene: "Scene", rule: MeasureRule, promise: Promise | None) -> list[Span]:
    """Where samples count."""
    skipped = union(span for name in rule.skip for one in scene.outages(name) for span in one.spans)
    name = rule.clock if promise is None or promise.clock is None else promise.clock
    calendar = calendar_of(scene.contract, name)
    hours = [scene.span] if calendar is None else calendar.open_spans(*scene.span)
    return subtract(subtract(hours, scene.view.excluded.left_out), skipped)
