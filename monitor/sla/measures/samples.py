"""Samples: a statistic of what samples bring (latency, jitter, packet loss and delivery), as the contract defines it.

Samples in excluded time, outside the measure's clock and in the outages it skips are left out. With buckets, the
statistic is taken in each, and another one of the buckets: the mean of 5-minute means, the worst minute.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
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
from monitor.sla.spread import figure

if TYPE_CHECKING:
    from monitor.sla.scene import Scene

NAME = "samples"
UNIT = "ns"
METHOD = "samples/1"
_KINDS = {kind.NAME: kind for kind in (jitter, latency, packet_delivery, packet_loss)}

Values = list[tuple[int, ...]]  # what each sample brings


def measure(scenes: "Sequence[Scene]", rule: MeasureRule, promise: Promise | None) -> Measured:
    """The measured value is both bounds; of too little that was observed, and while the period runs, there are none."""
    return parted(scenes, rule, promise, lambda there: _taken(there, rule, promise))


def _taken(scenes: "Sequence[Scene]", rule: MeasureRule, promise: Promise | None) -> Measured:
    if not any(scene.view.base for scene in scenes):
        return Measured(None, None, None, 0)
    bins: dict[int, Values] = defaultdict(list)
    for scene in scenes:
        for at, values in _values(scene, rule, promise):
            bins[(at - scene.anchor) // rule.bins if rule.bins else 0].append(values)
    figures = [_figure(bins[place], rule) for place in sorted(bins)]
    if not figures:
        return Measured(None, None, None, 0)
    value = figure(rule.of_bins or "mean", rule.threshold, figures) if rule.bins else figures[0]
    number = sum(_number(values, rule) for values in bins.values())
    sure = all(_settled(scene) for scene in scenes)
    return Measured(value, value if sure else None, value if sure else None, number)


def _figure(values: Values, rule: MeasureRule) -> Fraction:
    if _KINDS[rule.of].POOLED:
        sent, received = sum(one[0] for one in values), sum(one[1] for one in values)
        delivered = Fraction(received, sent)
        return delivered if rule.of == packet_delivery.NAME else 1 - delivered
    flat = [Fraction(value) for value in chain.from_iterable(values)]
    found = figure(rule.statistic or "mean", rule.threshold, flat)
    assert found is not None
    return found


def _number(values: Values, rule: MeasureRule) -> int:
    return sum(one[0] if _KINDS[rule.of].POOLED else len(one) for one in values)


def _settled(scene: "Scene") -> bool:
    """Whether enough was observed, and nothing is to come."""
    coverage = scene.view.coverage
    runs = scene.now is not None and scene.now < scene.period.end
    return not runs and coverage is not None and coverage >= scene.contract.minimum_coverage


def _values(scene: "Scene", rule: MeasureRule, promise: Promise | None) -> Iterable[tuple[int, tuple[int, ...]]]:
    kind = _KINDS[rule.of]
    kept = _kept(scene, rule, promise)
    place = 0
    for sample, state, latency_of in sorted(scene.heard(*scene.span), key=lambda one: one[0].at):
        while place < len(kept) and kept[place][1] <= sample.at:
            place += 1
        if place == len(kept):
            return
        if state is State.UNKNOWN or sample.at < kept[place][0]:
            continue
        values = tuple(kind.values(sample, latency_of))
        if values:
            yield sample.at, values


def _kept(scene: "Scene", rule: MeasureRule, promise: Promise | None) -> list[Span]:
    """Where samples count."""
    skipped = union(span for name in rule.skip for one in scene.outages(name) for span in one.spans)
    name = rule.clock if promise is None or promise.clock is None else promise.clock
    calendar = calendar_of(scene.contract, name)
    hours = [scene.span] if calendar is None else calendar.open_spans(*scene.span)
    return subtract(subtract(hours, scene.view.excluded.left_out), skipped)
