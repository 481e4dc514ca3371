"""Counts: the share of what was counted over the period that did not fail, 1 − failed / total; or one of the numbers.

No time is in it: executions, calls, orders. What nobody counted is not known to be good.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from config.contract.model import Promise
from config.contract.rules import MeasureRule
from monitor.sla.counted import Counted
from monitor.sla.measure import Measured
from monitor.sla.parted import parted

if TYPE_CHECKING:
    from monitor.sla.scene import Scene

NAME = "counts"
UNIT = "ratio"
METHOD = "counts/1"
NONE, ALL = Fraction(0), Fraction(1)


def measure(scenes: "Sequence[Scene]", rule: MeasureRule, promise: Promise | None) -> Measured:
    """The figure is its own bounds once the period is over; until then, and where no fact speaks of it and the contract
    does not say what that means, there is more or less to come."""
    return parted(scenes, rule, promise, lambda there: _taken(there, rule))


def _taken(scenes: "Sequence[Scene]", rule: MeasureRule) -> Measured:
    spoken = [
        (scene.service.weight if len(scenes) > 1 else ALL, tallied)
        for place, scene in enumerate(scenes)
        if (tallied := Counted(scene, rule.of, place == 0).within(scene.span)) is not None
    ]
    if not spoken:
        return Measured(None, None, None, 0)
    total = sum((weight * one.total for weight, one in spoken), NONE)
    failed = sum((weight * one.failed for weight, one in spoken), NONE)
    told = any(one.told for _, one in spoken)
    runs = any(scene.now is not None and scene.now < scene.period.end for scene in scenes)
    if rule.number == "share":
        return _share(total, failed, rule, runs)
    number = failed if rule.number == "failed" else total
    if not told and rule.empty != "good":
        return Measured(None, NONE, None, 0)
    return Measured(number, number, None if runs else number, int(total))


def _share(total: Fraction, failed: Fraction, rule: MeasureRule, runs: bool) -> Measured:
    said = {"good": ALL, "bad": NONE}.get(rule.empty or "")
    value = 1 - failed / total if total else said
    if runs or value is None:
        return Measured(value, NONE, ALL, int(total))
    return Measured(value, value, value, int(total))
