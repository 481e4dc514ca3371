"""What is shown of the last sample of each target, as one vantage saw them: a row a target, since there may be many."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from probes.columns import NONE, OUTCOMES, Columns, Ints, to_samples
from probes.sample import Outcome, Sample

Floats = NDArray[np.float64]

NS = 1e-9
NEVER = -(1 << 63)
UP = OUTCOMES.index(Outcome.UP)


class Latest:
    """``at`` is when the last sample of a row's target began (wall ns; ``NEVER`` where there was none), ``outcome`` its
    place in ``OUTCOMES``, ``latency`` seconds of an Up sample, ``delivery`` packets answered over those sent; NaN where
    there is none."""

    def __init__(self, size: int) -> None:
        self.at = np.full(size, NEVER, dtype=np.int64)
        self.outcome = np.zeros(size, dtype=np.int8)
        self.latency, self.delivery = np.full((2, size), np.nan)
        self._boot = np.full(size, -1, dtype=np.int32)
        self._boots: dict[str, int] = {}

    def pick(self, rows: Sequence[int]) -> "Latest":
        """The same with these rows only, in this order; an empty one for -1."""
        other, taken = Latest(len(rows)), np.array(rows, dtype=np.int64)
        kept = taken >= 0
        for name in ("at", "outcome", "latency", "delivery", "_boot"):
            getattr(other, name)[kept] = getattr(self, name)[taken[kept]]
        other._boots = dict(self._boots)
        return other

    def copy(self) -> "Latest":
        """What is shown, as it is now."""
        other = Latest(0)
        other.at, other.outcome = self.at.copy(), self.outcome.copy()
        other.latency, other.delivery = self.latency.copy(), self.delivery.copy()
        return other

    def take(self, samples: Columns, rows: Ints) -> None:
        """Samples of one vantage in the order in which they came, each of the target of its row (-1: of none). One that
        began before the last stands for nothing, unless it is of another boot."""
        latency, delivery = latencies(samples), deliveries(samples)
        for life, boot in self._lives(samples):
            places = life[rows[life] >= 0]
            places = places[_newest(rows[places], samples["at"][places])]
            here = rows[places]
            newer = (samples["at"][places] >= self.at[here]) | (self._boot[here] != boot)
            places, here = places[newer], here[newer]
            self.at[here], self.outcome[here] = samples["at"][places], samples["outcome"][places]
            self.latency[here], self.delivery[here], self._boot[here] = latency[places], delivery[places], boot

    def _lives(self, samples: Columns) -> list[tuple[Ints, int]]:
        """The places of samples of one boot that come one after the other, and its number."""
        boots = samples["boot"]
        edges = [0, *(np.flatnonzero(boots[1:] != boots[:-1]) + 1).tolist(), len(boots)]
        names = [samples.words[int(boots[start])] or "" for start in edges[:-1]]
        numbers = [self._boots.setdefault(name, len(self._boots)) for name in names]
        return [(np.arange(a, b), n) for a, b, n in zip(edges[:-1], edges[1:], numbers, strict=True)]


def _newest(rows: Ints, ats: Ints) -> Ints:
    """The place of each row's newest, of several of one instant the last."""
    order = np.lexsort((ats, rows))  # stable
    ordered = rows[order]
    places: Ints = order[np.append(ordered[1:] != ordered[:-1], True)] if len(rows) else order
    return places


def deliveries(samples: Columns) -> Floats:
    """Packets answered over packets sent."""
    sent, received = samples["sent"], np.maximum(samples["received"], 0)
    shares = np.full(len(samples), np.nan)
    np.divide(received, sent, out=shares, where=sent > 0)
    return shares


def latencies(samples: Columns) -> Floats:
    """Seconds of those that were Up: the mean round trip of a burst; of a request, the time it took without resolving
    the name."""
    found = np.full(len(samples), np.nan)
    up, answered = samples["outcome"] == UP, samples.rtts != NONE
    owners = np.repeat(np.arange(len(samples)), samples["packets"])[answered]
    counts = np.bincount(owners, minlength=len(samples))
    sums = np.bincount(owners, weights=samples.rtts[answered], minlength=len(samples))
    np.divide(sums * NS, counts, out=found, where=up & (counts > 0))
    places = np.flatnonzero(up & (counts == 0) & (samples["took"] != NONE))
    if len(places):
        found[places] = [_took(sample) * NS for sample in to_samples(samples.take(places))]
    return found


def _took(sample: Sample) -> int:
    return (sample.took or 0) - sum(took for name, took in sample.phases if name == "resolve")
