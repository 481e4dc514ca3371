"""Total: all the time that outages, as the contract defines them, count within the period, less what it leaves free.

A total may begin only beyond a length, or beyond what the promise on the ratio of the same outages allows.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from config.contract.model import Promise
from config.contract.rules import MeasureRule
from monitor.sla.lost import ground, lost
from monitor.sla.measure import Measured

if TYPE_CHECKING:
    from monitor.sla.scene import Scene

NAME = "total"
UNIT = "ns"
METHOD = "total/1"


def measure(scenes: "Sequence[Scene]", rule: MeasureRule, promise: Promise | None) -> Measured:
    """None of the unknown was down, or all of it. Without a base there is nothing to total."""
    grounds = [ground(scene, rule, promise) for scene in scenes]
    if not any(under.base for under in grounds):
        return Measured(None, None, None)
    found = []
    for world in ("measured", "least", "greatest"):
        pairs = zip(scenes, grounds, strict=True)
        found.append(sum((_weight(s, rule) * lost(s, rule, promise, world, g.scheduled) for s, g in pairs), ZERO))
    off = free(scenes, rule)
    value, least, greatest = (max(ZERO, down - off) for down in found)
    return Measured(value, min(least, value), max(greatest, value))


ZERO = Fraction(0)


def _weight(scene: "Scene", rule: MeasureRule) -> Fraction:
    return scene.service.weight if rule.pool else Fraction(1)


def free(scenes: "Sequence[Scene]", rule: MeasureRule) -> Fraction:
    """What is taken off: a length, and the allowance (1 − target) × base of the promise on a ratio of the same
    outages, for as many of the services as it is made."""
    off = Fraction(rule.beyond)
    if not rule.allowance:
        return off
    for scene in scenes:
        for promise in scene.contract.promises:
            ratio = _ratio_of(scene, rule, promise)
            if ratio is not None and scene.service.name in promise.services:
                off += _weight(scene, rule) * (1 - promise.target) * ground(scene, ratio, promise).base
                break
    return off


def _ratio_of(scene: "Scene", rule: MeasureRule, promise: Promise) -> MeasureRule | None:
    """The ratio of the same outages that a promise is made about, if it is."""
    if promise.rule is None:
        standard = rule.of == "outage" and promise.measure == "availability"
        return rule.but(kind="ratio", unit="ratio") if standard else None
    found = scene.contract.measure(promise.rule)
    return found if found.kind == "ratio" and found.of == rule.of else None
