"""Given: figures counted elsewhere (satisfaction, quotas, answers within a time), told as value facts.

Those told of the period itself, by its label, or else those of its parts and of instants within it; of several one
statistic, the mean weighed by how many values are behind each where all of them say so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from config.contract.model import Promise
from config.contract.rules import MeasureRule
from config.periods import parse
from monitor.sla.facts import ValueFact
from monitor.sla.measure import Measured
from monitor.sla.parted import parted
from monitor.sla.spread import figure

if TYPE_CHECKING:
    from monitor.sla.scene import Scene

NAME = "given"
UNIT = "score"
METHOD = "given/1"


@dataclass(frozen=True, slots=True)
class _Told:
    """``at``: when it was, for the last of several. ``final``: it is of the period itself."""

    at: int
    value: Fraction
    n: int | None
    final: bool


def measure(scenes: "Sequence[Scene]", rule: MeasureRule, promise: Promise | None) -> Measured:
    """The value is both bounds, but while more of them may come."""
    return parted(scenes, rule, promise, lambda there: _taken(there, rule))


def _taken(scenes: "Sequence[Scene]", rule: MeasureRule) -> Measured:
    told = [one for place, scene in enumerate(scenes) for one in _told(scene, rule, place == 0)]
    if not told:
        return Measured(None, None, None, 0)
    told.sort(key=lambda one: one.at)
    value = _figure(told, rule)
    runs = any(scene.now is not None and scene.now < scene.period.end for scene in scenes)
    sure = not runs or all(one.final for one in told)
    number = sum(1 if one.n is None else one.n for one in told)
    return Measured(value, value if sure else None, value if sure else None, number)


def _figure(told: Sequence[_Told], rule: MeasureRule) -> Fraction | None:
    name = rule.statistic or "mean"
    weighed = [(one.value, one.n) for one in told if one.n is not None]
    number = sum(n for _, n in weighed)
    if name == "mean" and len(weighed) == len(told) and number:
        return sum((value * n for value, n in weighed), Fraction(0)) / number
    return figure(name, None, [one.value for one in told])


def _told(scene: "Scene", rule: MeasureRule, unnamed: bool) -> Sequence[_Told]:
    """What was told of the service, or where nothing was, of the contract as a whole (``unnamed``)."""
    facts = scene.known.values.get(rule.of, ())
    own = list(_within(scene, [fact for fact in facts if fact.service == scene.service.name], rule.scale))
    found = own or (
        list(_within(scene, [fact for fact in facts if fact.service is None], rule.scale)) if unnamed else []
    )
    whole = [one for one in found if one.final]
    return whole or found


def _within(scene: "Scene", facts: Sequence[ValueFact], scale: Fraction) -> Iterator[_Told]:
    start, end = scene.span
    zone = ZoneInfo(scene.contract.timezone)
    for fact in facts:
        if fact.period == scene.period.label:
            yield _Told(end, fact.value * scale, fact.n, True)
        elif fact.period is not None:
            period = parse(fact.period, zone)
            if start <= period.start and period.end <= end:
                yield _Told(period.end, fact.value * scale, fact.n, False)
        elif fact.at is not None and start <= fact.at < (end if scene.now is None else min(end, scene.now)):
            yield _Told(fact.at, fact.value * scale, fact.n, False)
