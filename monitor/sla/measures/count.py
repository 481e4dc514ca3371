"""Count: how many outages, as the contract defines them, began in the period; of those only the longer, where it says.

An outage of which nothing is charged counts for nothing. Those of several services that are pooled add up.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from config.contract.model import Promise
from config.contract.rules import MeasureRule
from monitor.sla.lost import ground, whole
from monitor.sla.measure import Measured
from monitor.sla.possible import number_of, number_of_plain

if TYPE_CHECKING:
    from monitor.sla.scene import Scene

NAME = "count"
UNIT = "count"
METHOD = "count/1"


def measure(scenes: "Sequence[Scene]", rule: MeasureRule, promise: Promise | None) -> Measured:
    """One stretch of unknown time hides at most one outage; what has not happened yet may hide any number."""
    based = [scene for scene in scenes if ground(scene, rule, promise).base]
    if not based:
        return Measured(None, None, None)
    found = [_of(scene, rule, promise) for scene in based]
    uppers = [one.upper for one in found if one.upper is not None]
    return Measured(
        sum((one.value for one in found if one.value is not None), Fraction(0)),
        sum((one.lower for one in found if one.lower is not None), Fraction(0)),
        sum(uppers, Fraction(0)) if len(uppers) == len(found) else None,
    )


def _of(scene: "Scene", rule: MeasureRule, promise: Promise | None) -> Measured:
    least, strict = rule.longer, rule.strict_longer
    if whole(scene, rule, promise) and (strict or least == 0):
        return number_of_plain(scene, least)
    if strict:
        return number_of(scene, rule, promise, lambda charged: charged > least)
    return number_of(scene, rule, promise, lambda charged: charged > 0 and charged >= least)
