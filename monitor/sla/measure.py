"""What a measure kind is: one module in ``monitor/sla/measures/`` with NAME, UNIT, METHOD and its functions.

There are two families. A *timeline* measure has ``measure(view, promise)`` and reads spans. A *sample* measure has
``values(sample, latency_of)``, the exact integers a sample adds to its statistic, which a Tally keeps.
METHOD is the name with its version that statements show; a method once used stays.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from config.contract.model import Promise
from monitor.sla.figures import View
from probes.sample import Sample


@dataclass(frozen=True, slots=True)
class Measured:
    """A value and its bounds, exact; ``samples`` is the number of values behind a statistic."""

    value: Fraction | None
    lower: Fraction | None
    upper: Fraction | None
    samples: int | None = None


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
