"""Longest: the greatest charged duration of the outages, as the contract defines them, that began in the period.

Of several services that are pooled it is the longest of any.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from config.contract.model import Promise
from config.contract.rules import MeasureRule
from monitor.sla.lost import ground
from monitor.sla.measure import Measured, worst
from monitor.sla.possible import longest_of

if TYPE_CHECKING:
    from monitor.sla.scene import Scene

NAME = "longest"
UNIT = "ns"
METHOD = "longest/1"


def measure(scenes: "Sequence[Scene]", rule: MeasureRule, promise: Promise | None) -> Measured:
    """Outages belong whole to the period of their start. No upper bound while one of them is open."""
    based = [scene for scene in scenes if ground(scene, rule, promise).base]
    if not based:
        return Measured(None, None, None)
    return worst([longest_of(scene, rule, promise) for scene in based], False)
