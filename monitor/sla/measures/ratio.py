"""Ratio: the share of the base that no outage counts against, 1 − D / (U + D), for the outages the contract defines.

What does not qualify as an outage counts as up. Pooled over services it is the ratio of their sums, each weighed.
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

NAME = "ratio"
UNIT = "ratio"
METHOD = "ratio/1"


def measure(scenes: "Sequence[Scene]", rule: MeasureRule, promise: Promise | None) -> Measured:
    """Bounds: the unknown all down, and all up. Nothing observed: no value; no base left: nothing."""
    base = observed = down = least = greatest = Fraction(0)
    for scene in scenes:
        under, weight = ground(scene, rule, promise), scene.service.weight
        base += weight * under.base
        observed += weight * under.observed
        down += weight * lost(scene, rule, promise, "measured", under.scheduled)
        least += weight * lost(scene, rule, promise, "least", under.scheduled)
        greatest += weight * lost(scene, rule, promise, "greatest", under.scheduled)
    if base == 0:
        return Measured(None, None, None)
    lower, upper = _left(max(greatest, down), base), _left(min(least, down), base)
    value = min(max(_left(down, observed), lower), upper) if observed else None
    return Measured(value, lower, upper)


def _left(down: Fraction, base: Fraction) -> Fraction:
    return max(Fraction(0), 1 - down / base)
