"""What a measure kind is: one module in ``monitor/sla/measures/`` with NAME, UNIT, METHOD and its functions.

There are three families. A *timeline* measure has ``measure(view, promise)`` and reads spans. A *sample* measure has
``values(sample, latency_of)``, the exact integers a sample adds to its statistic, which a Tally keeps.
A *rule* measure has ``measure(scenes, rule, promise)`` and
takes what the contract defined. METHOD is the name with its version that statements show; a method once used stays.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from config.contract.model import Promise
from config.contract.rules import MeasureRule
from monitor.sla.figures import View
from monitor.sla.model import Item
from probes.sample import Sample

if TYPE_CHECKING:
    from monitor.sla.scene import Scene


@dataclass(frozen=True, slots=True)
class Measured:
    """A value and its bounds, exact; ``samples`` is the number of values behind a statistic. ``items``: what is judged
    one by one, where the measure has more than one figure; the value is then the worst of them."""

    value: Fraction | None
    lower: Fraction | None
    upper: Fraction | None
    samples: int | None = None
    items: tuple[Item, ...] = ()


def worst(found: Sequence[Measured], more_is_better: bool) -> Measured:
    """The worst of several figures, and what the worst is at least and at most; a bound that one of them lacks is
    none."""
    values = [one.value for one in found if one.value is not None]
    lowers = [one.lower for one in found if one.lower is not None]
    uppers = [one.upper for one in found if one.upper is not None]
    if more_is_better:
        lower = min(lowers) if len(lowers) == len(found) else None
        return Measured(min(values, default=None), lower, min(uppers, default=None))
    upper = max(uppers) if len(uppers) == len(found) else None
    return Measured(max(values, default=None), max(lowers, default=None), upper)


class TimelineMeasure(Protocol):
    """Reads the spans of a period."""

    NAME: str
    UNIT: str
    METHOD: str

    @staticmethod
    def measure(view: View, promise: Promise) -> Measured:
        """The promise's measure over the view's period."""

    @staticmethod
    def budget(view: View, promise: Promise) -> Fraction | None:
        """How much DOWN (ns) the promise allows in the whole period; None where it is no matter of lost time."""


class SampleMeasure(Protocol):
    """Reads the values that samples bring."""

    NAME: str
    UNIT: str
    METHOD: str
    POOLED: bool

    @staticmethod
    def values(sample: Sample, latency_of: str) -> Iterable[int]:
        """What one sample adds: the statistic's values (ns); for a share of packets (POOLED), sent and received."""


class RuleMeasure(Protocol):
    """Takes a measure that a contract defines."""

    NAME: str
    METHOD: str

    @staticmethod
    def measure(scenes: "Sequence[Scene]", rule: MeasureRule, promise: Promise | None) -> Measured:
        """The rule's figure over the scenes' period: one scene, or those of all services that are pooled. ``promise``
        is the one it is measured for; None where only a credit or a right reads it."""
