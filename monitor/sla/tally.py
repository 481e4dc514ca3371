"""What a sample measure keeps of the samples so far: sums, and the values only where a statistic needs them.

Tallies of several targets add up to the service's; a tally can be saved and read back.
"""

from collections import Counter
from fractions import Fraction

from config.contract.model import Promise
from monitor.sla.measure import Measured
from monitor.sla.measures import SAMPLE
from monitor.sla.series import Bulk
from probes.sample import Sample


class Tally:
    """The values of one promise. For a pooled share, ``count`` is packets sent and ``total`` packets received."""

    __slots__ = ("_module", "_pooled", "_statistic", "_threshold", "count", "histogram", "total", "under")

    def __init__(self, promise: Promise) -> None:
        self._module = SAMPLE[promise.measure]
        self._pooled: bool = self._module.POOLED
        self._statistic = promise.statistic or "mean"
        self._threshold = promise.threshold
        self.count = self.total = self.under = 0
        ranked = not self._pooled and self._statistic not in ("mean", "share under")
        self.histogram: Counter[int] | None = Counter() if ranked else None

    @property
    def sums(self) -> bool:
        """Whether counts and totals are all it needs of samples."""
        return self.histogram is None and self._threshold is None

    def add(self, sample: Sample, latency_of: str) -> None:
        """Count a sample that was Up or Down."""
        values = tuple(self._module.values(sample, latency_of))
        if self._pooled:
            if values:
                self.count += values[0]
                self.total += values[1]
            return
        for value in values:
            self.count += 1
            self.total += value
            if self._threshold is not None and value < self._threshold:
                self.under += 1
            if self.histogram is not None:
                self.histogram[value] += 1

    def add_all(self, many: Bulk) -> None:
        """Count what many samples came to."""
        self.count += many.count
        self.total += many.total
        if self._threshold is not None:
            self.under += sum(1 for value in many.values() if value < self._threshold)
        if self.histogram is not None:
            self.histogram.update(many.values())

    def add_sums(self, count: int, total: int) -> None:
        """Count values that are no more than so many and their sum; where ``sums`` is true."""
        self.count += count
        self.total += total

    def merge(self, other: "Tally") -> None:
        """Add another target's values."""
        self.count += other.count
        self.total += other.total
        self.under += other.under
        if self.histogram is not None and other.histogram is not None:
            self.histogram.update(other.histogram)

    def measured(self) -> Measured:
        """The statistic, exact; both bounds are the value."""
        value = self._value() if self.count else None
        return Measured(value, value, value, self.count)

    def _value(self) -> Fraction:
        if self._pooled:
            delivered = Fraction(self.total, self.count)
            return delivered if self._module.NAME == "packet-delivery" else 1 - delivered
        if self._statistic == "mean":
            return Fraction(self.total, self.count)
        if self._statistic == "share under":
            return Fraction(self.under, self.count)
        return Fraction(self._ranked(rank_of(self._statistic)))

    def _ranked(self, share: Fraction) -> int:
        """Nearest rank: the smallest value that at least this share of the values does not exceed."""
        assert self.histogram is not None
        rank = max(1, -(-self.count * share.numerator // share.denominator))
        seen = 0
        for value in sorted(self.histogram):
            seen += self.histogram[value]
            if seen >= rank:
                return value
        raise AssertionError("a histogram holds fewer values than were counted")

    def save(self) -> list[object]:
        """As plain data."""
        histogram = None if self.histogram is None else sorted(self.histogram.items())
        return [self.count, self.total, self.under, histogram]

    def restore(self, saved: list[object]) -> None:
        """From what ``save`` gave for a promise of the same measure and statistic."""
        count, total, under, histogram = saved
        assert isinstance(count, int) and isinstance(total, int) and isinstance(under, int)
        self.count, self.total, self.under = count, total, under
        if self.histogram is not None:
            assert isinstance(histogram, list)
            self.histogram = Counter(dict(histogram))


def rank_of(statistic: str) -> Fraction:
    """median, max or pNN as a share of the values."""
    if statistic == "median":
        return Fraction(1, 2)
    if statistic == "max":
        return Fraction(1)
    return Fraction(statistic.removeprefix("p")) / 100
