"""Books at rest: of targets that are up and say so once more, on schedule, very many at a time.

Most samples are such. What they add to a book is the instant of the newest word and some sums, so it is kept in arrays,
one row a book, and put into the book when somebody looks at that. The figures are those that folding each sample gives:
``Fold.coast`` takes the same samples together when a month is read.
"""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from monitor.sla.series import Bulk
from probes.sample import Outcome, Sample

Ints = NDArray[np.int64]
Source = tuple[str, str]

NEVER = -(1 << 62)
MOST = 1000
"""Samples that a row takes before its book is looked at."""
LONGEST = 1 << 40
"""Round trips (ns) that are summed: ``MOST`` samples of them stay far from what 64 bits hold."""
_fields = attrgetter("target", "outcome", "vantage", "boot", "seq", "at", "sent", "received", "rtts")


class Rest(NamedTuple):
    """A book at rest: its newest word is UP, was said at ``at`` by a boot of a vantage (``source``), and goes on with
    every UP of the same source that comes within ``gap`` ns and not after ``until``. ``sums``: whether sums are all
    that its measures of samples need."""

    at: int
    seq: int
    source: Source
    gap: int
    until: int
    sums: bool


class Sums(NamedTuple):
    """What samples come to for the measures that sum: packets sent and received, round trips, differences of
    neighbours."""

    sent: int
    received: int
    trips: int
    trip_ns: int
    pairs: int
    pair_ns: int

    def of(self, measure: str) -> Bulk:
        """What they come to for one."""
        match measure:
            case "latency":
                return Bulk(self.trips, self.trip_ns)
            case "jitter":
                return Bulk(self.pairs, self.pair_ns)
            case _:
                return Bulk(self.sent, self.received)


class Book(Protocol):
    """What the rows stand for."""

    def rest(self) -> Rest | None:
        """Where it stands, if it is at rest."""

    def absorb(self, count: int, before: int, at: int, seq: int, sums: Sums) -> None:
        """So many more samples said UP, the last at ``at``, numbered ``seq``, the one before it at ``before``."""

    def count_up(self, sample: Sample) -> None:
        """Add a sample that was taken as UP to the measures."""


class Calm:
    """The rows of some books, at most one book of each target."""

    def __init__(self, books: Mapping[str, Book]) -> None:
        self._books = list(books.values())
        self._row = {name: row for row, name in enumerate(books)}
        self._sources: dict[Source, int] = {}
        self._at, self._seq, self._before, self._gap, self._until, self._source, self._count = np.zeros(
            (7, len(books)), dtype=np.int64
        )
        self._sums = np.zeros((len(Sums._fields), len(books)), dtype=np.int64)
        self._summed = np.zeros(len(books), dtype=np.bool_)
        self._until[:] = NEVER
        for name in books:
            self.arm(name)

    def arm(self, target: str) -> None:
        """Its book changed: from here on its samples are taken together if it is at rest. To be called after
        ``wake``."""
        row = self._row[target]
        found = self._books[row].rest()
        if found is None:
            self._until[row] = NEVER
            return
        self._at[row], self._seq[row], self._gap[row], self._until[row] = found.at, found.seq, found.gap, found.until
        self._source[row] = self._sources.setdefault(found.source, len(self._sources))
        self._summed[row] = found.sums

    def look(self, target: str) -> None:
        """Put what was taken into the target's book."""
        row = self._row[target]
        if count := int(self._count[row]):
            sums = Sums(*self._sums[:, row].tolist())
            self._books[row].absorb(count, int(self._before[row]), int(self._at[row]), int(self._seq[row]), sums)
            self._count[row] = 0
            self._sums[:, row] = 0

    def wake(self, target: str) -> None:
        """As ``look``; and what comes next is the book's own to take, until it is armed again."""
        self.look(target)
        self._until[self._row[target]] = NEVER

    def look_at_all(self) -> None:
        """Put everything that was taken into the books."""
        names = list(self._row)
        for row in np.flatnonzero(self._count).tolist():
            self.look(names[row])

    def take(self, samples: Sequence[Sample]) -> list[Sample]:
        """Take the samples that say UP once more; gives the others, in order, those without a book among them."""
        if not samples:
            return []
        targets, outcomes, vantages, boots, *rest = zip(*map(_fields, samples), strict=True)
        known = self._row.get
        rows = np.array([known(target, -1) for target in targets], dtype=np.int64)
        try:
            seqs, ats = np.array(rest[:2], dtype=np.int64)
        except OverflowError:  # from people's hands; the books know integers of any size
            return list(samples)
        taken = self._calm(rows, ats, self._source_of(vantages, boots))
        if outcomes.count(Outcome.UP) < len(outcomes):
            taken &= np.array([outcome is Outcome.UP for outcome in outcomes])
        if len(set(targets)) < len(targets):
            taken &= _alone(rows)
        places = np.flatnonzero(taken)
        if len(places):
            self._rest_on(rows[places], ats[places], seqs[places])
            self._add(samples, places, rows, *rest[2:])
        return [samples[place] for place in np.flatnonzero(~taken).tolist()]

    def _source_of(self, vantages: Sequence[str], boots: Sequence[str]) -> int | Ints:
        """The number of each sample's source, -1 where no book at rest has it."""
        if vantages.count(vantages[0]) == len(vantages) and boots.count(boots[0]) == len(boots):
            return self._sources.get((vantages[0], boots[0]), -1)
        pairs = zip(vantages, boots, strict=True)
        return np.array([self._sources.get(source, -1) for source in pairs], dtype=np.int64)

    def _calm(self, rows: Ints, ats: Ints, sources: int | Ints) -> NDArray[np.bool_]:
        """Which follow the newest word of a book at rest."""
        since = ats - self._at[rows]
        calm = (rows >= 0) & (since > 0) & (since <= self._gap[rows]) & (ats <= self._until[rows])
        calm &= (self._source[rows] == sources) & (self._count[rows] < MOST)
        return calm

    def _rest_on(self, rows: Ints, ats: Ints, seqs: Ints) -> None:
        self._before[rows] = self._at[rows]
        self._at[rows], self._seq[rows] = ats, seqs
        self._count[rows] += 1

    def _add(
        self,
        samples: Sequence[Sample],
        places: Ints,
        rows: Ints,
        sent: Sequence[int | None],
        received: Sequence[int | None],
        trips: Sequence[tuple[int | None, ...]],
    ) -> None:
        """Add these samples to the sums where sums will do and every packet was answered, else one by one."""
        widths = list(map(len, trips))
        width = max(set(widths), key=widths.count)
        whole = [
            len(one) == width == here == there and None not in one
            for one, here, there in zip(trips, sent, received, strict=True)
        ]
        alike = np.array(whole, dtype=np.bool_)[places] & self._summed[rows[places]] & (width > 0)
        summed = places[alike]
        if not self._add_whole([trips[place] for place in summed.tolist()], rows[summed]):
            alike[:] = False
        for place in places[~alike].tolist():
            self._books[rows[place]].count_up(samples[place])

    def _add_whole(self, found: Sequence[tuple[int | None, ...]], rows: Ints) -> bool:
        """Runs of equally many packets that were all answered; False where their sums may be too large."""
        if not found:
            return True
        try:
            trips = np.array(found, dtype=np.int64)
        except OverflowError:
            return False
        if trips.max() > LONGEST or trips.min() < 0:
            return False
        width = trips.shape[1]
        gaps = np.abs(np.diff(trips, axis=1)).sum(axis=1)
        for row, values in enumerate((width, width, width, trips.sum(axis=1), width - 1, gaps)):
            self._sums[row, rows] += values
        return True


def _alone(rows: Ints) -> NDArray[np.bool_]:
    """Which rows stand once; the others come one after the other."""
    _, back, counts = np.unique(rows, return_inverse=True, return_counts=True)
    single: NDArray[np.bool_] = counts[back] == 1
    return single
