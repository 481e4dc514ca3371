"""Share of tickets: those of which every leg kept its limit, of all that have one of the legs.

A ticket is kept once no leg can pass its limit any more, and missed as soon as one has; those of which neither is known
yet are left to the bounds.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from config.contract.model import Promise
from config.contract.rules import MeasureRule
from monitor.sla.measure import Measured
from monitor.sla.tickets import Timing
from monitor.sla.timed import timed

if TYPE_CHECKING:
    from monitor.sla.scene import Scene

NAME = "tickets"
METHOD = "tickets/1"


def measure(scenes: "Sequence[Scene]", rule: MeasureRule, promise: Promise | None) -> Measured:
    """Without tickets there is no value, and none was missed; as long as the period runs there may be more."""
    found: dict[tuple[str, str | None], list[tuple[Timing, int]]] = {}
    for name, limit in rule.legs:
        for scene in scenes:
            for one in timed(scene, name, rule, promise, by_opening=True):
                found.setdefault((one.ticket.id, one.ticket.contract), []).append((one.timing, limit))
    kept = sum(1 for legs in found.values() if all(_within(timing.upper, limit) for timing, limit in legs))
    missed = sum(1 for legs in found.values() if any(timing.lower > limit for timing, limit in legs))
    value = Fraction(kept, kept + missed) if kept + missed else None
    if any(scene.now is not None and scene.now < scene.period.end for scene in scenes):
        return Measured(value, Fraction(0), Fraction(1), len(found))
    if not found:
        return Measured(None, Fraction(1), Fraction(1), 0)
    return Measured(value, Fraction(kept, len(found)), 1 - Fraction(missed, len(found)), len(found))


def _within(length: Fraction | None, limit: int) -> bool:
    return length is not None and length <= limit
