"""Books at rest: of targets that are up and say so once more, on schedule, very many at a time.

Most samples are such. What they add to a book is the instant of the newest word and some sums, so it is kept in arrays,
one row a book, and put into the book when somebody looks at that. The figures are those that folding each sample gives:
``Fold.coast`` takes the same samples together when a month is read.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from probes.columns import OUTCOMES, Columns, Ints, to_samples
from probes.sample import Outcome, Sample

Source = tuple[str, str]

NEVER = -(1 << 62)
MOST = 1000
"""Samples that a row takes before its book is looked at."""
LONGEST = 1 << 40
"""Round trips (ns) that are summed, and"""
WIDEST = 1 << 10
"""how many of a sample: ``MOST`` samples of them stay far from what 64 bits hold."""
AT, SEQ, GAP, UNTIL, SOURCE, SUMMED, BEFORE, COUNT, SUMS, WIDTH = *range(9), 16
"""What a row of the table holds: where its book stands (see ``Rest``), the instant before the newest word, how many
samples were taken and their sums; made even, so that it is two lines of the processor's cache."""
UP = OUTCOMES.index(Outcome.UP)


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

    def of(self, measure: str) -> tuple[int, int]:
        """How many values they come to for one, and their sum."""
        match measure:
            case "latency":
                return self.trips, self.trip_ns
            case "jitter":
                return self.pairs, self.pair_ns
            case _:
                return self.sent, self.received


SIX = len(Sums._fields)


class Book(Protocol):
    """What the rows stand for."""

    def rest(self) -> Rest | None:
        """Where it stands, if it is at rest."""

    def absorb(self, count: int, before: int, at: int, seq: int, sums: Sums) -> None:
        """So many more samples said UP, the last at ``at``, numbered ``seq``, the one before it at ``before``."""

    @property
    def dozes(self) -> bool:
        """Whether it knows no more where it stands than its row does."""

    def rouse(self, at: int, seq: int, source: Source) -> None:
        """Its newest word was said at this instant, with this number and by these."""

    def count_up(self, sample: Sample) -> None:
        """Add a sample that was taken as UP to the measures."""


class Calm:
    """The rows of some books, at most one book of each target. ``numbers``: what ``take`` is told targets by; those
    from 0 on."""

    def __init__(self, books: Mapping[str, Book], numbers: Mapping[str | None, int]) -> None:
        self._books, self._numbers = list(books.values()), numbers
        self._sources: dict[tuple[str | None, str | None], int] = {}
        self._names: list[Source] = []
        self._row_of = np.full(len(numbers) + 1, -1, dtype=np.int64)  # the last for what has no number (-1)
        self._row_of[[numbers[name] for name in books]] = np.arange(len(books))
        self._table = np.zeros((len(books) + 1, WIDTH), dtype=np.int64)  # the last for what has no book (-1)
        self._table[:, UNTIL] = NEVER

    def _row(self, target: str) -> int:
        return int(self._row_of[self._numbers[target]])

    def arm(self, target: str) -> bool:
        """Its book changed: from here on its samples are taken together if it is at rest. To be called after
        ``wake``. Gives whether it is, and sums are all that it needs."""
        row = self._row(target)
        found = self._books[row].rest()
        if found is None:
            self._table[row, UNTIL] = NEVER
            return False
        source = self._sources.setdefault(found.source, len(self._sources))
        self._names += [found.source] if source == len(self._names) else []
        self._table[row, :BEFORE] = found.at, found.seq, found.gap, found.until, source, found.sums
        return found.sums

    def look(self, target: str) -> None:
        """Put what was taken into the target's book."""
        row = self._row(target)
        found = self._table[row].tolist()
        book = self._books[row]
        if book.dozes:
            book.rouse(found[AT], found[SEQ], self._names[found[SOURCE]])
        if found[COUNT]:
            self._table[row, COUNT:] = 0
            book.absorb(found[COUNT], found[BEFORE], found[AT], found[SEQ], Sums(*found[SUMS : SUMS + SIX]))

    def wake(self, target: str) -> None:
        """What comes next is the book's own to take, until it is armed again. To be called after ``look``."""
        self._table[self._row(target), UNTIL] = NEVER

    def take(self, samples: Columns, numbers: Ints) -> Ints:
        """Take the samples that say UP once more, each of the target with its number; gives the places of the others,
        in order, but of those that have no book here."""
        rows = self._row_of[numbers]
        table = self._table[rows]
        taken = self._calm(samples, rows, table)
        places = np.flatnonzero(taken)
        if len(places):
            self._rest_on(samples, places, rows, table)
        return np.flatnonzero(~taken & (rows >= 0))

    def _calm(self, samples: Columns, rows: Ints, table: Ints) -> NDArray[np.bool_]:
        """Which follow the newest word of a book at rest. What comes twice in one batch comes one after the other."""
        ats, before = samples["at"], table[:, AT]
        since = ats - before
        calm = (since > 0) & (since <= table[:, GAP]) & (ats > before) & (ats <= table[:, UNTIL])
        calm &= (table[:, COUNT] < MOST) & (table[:, SOURCE] == self._source_of(samples))
        calm &= samples["outcome"] == UP
        ordered = np.sort(rows)
        if ((ordered[1:] == ordered[:-1]) & (ordered[1:] >= 0)).any():
            calm &= _alone(rows)
        return calm

    def _source_of(self, samples: Columns) -> int | Ints:
        """The number of each sample's source, -1 where no book at rest has it."""
        size = len(samples.words)
        pairs = samples["vantage"] * size + samples["boot"]
        alike = bool((pairs == pairs[0]).all())
        found, back = (pairs[:1], None) if alike else np.unique(pairs, return_inverse=True)
        names = ((samples.words[pair // size], samples.words[pair % size]) for pair in found.tolist())
        numbers = [self._sources.get(name, -1) for name in names]
        return numbers[0] if back is None else np.array(numbers, dtype=np.int64)[back]

    def _rest_on(self, samples: Columns, places: Ints, rows: Ints, table: Ints) -> None:
        """Add the samples at these places: to the sums where these will do and every packet was answered, else to
        their books one by one."""
        if len(places) < len(rows):
            rows, table = rows[places], table[places]
        table[:, BEFORE] = table[:, AT]
        table[:, AT], table[:, SEQ] = samples["at"][places], samples["seq"][places]
        table[:, COUNT] += 1
        whole = self._add_whole(samples, places, table)
        self._table[rows] = table
        if not whole.all():
            others = np.flatnonzero(~whole)
            for row, sample in zip(rows[others].tolist(), to_samples(samples.take(places[others])), strict=True):
                self._books[row].count_up(sample)

    def _add_whole(self, samples: Columns, places: Ints, table: Ints) -> NDArray[np.bool_]:
        """Add runs of equally many packets that were all answered to the sums; gives which they are."""
        width = _width(samples["packets"][places])
        if not 0 < width <= WIDEST:
            return np.zeros(len(places), dtype=np.bool_)
        whole: NDArray[np.bool_] = (samples["sent"][places] == width) & (samples["received"][places] == width)
        whole &= (samples["packets"][places] == width) & (table[:, SUMMED] > 0)
        trips = _trips(samples, places[whole], width)
        sound = ((trips >= 0) & (trips <= LONGEST)).all(axis=1)
        if not sound.all():
            whole[whole], trips = sound, trips[sound]
        sums = np.empty((len(trips), SIX), dtype=np.int64)
        gaps = np.abs(np.diff(trips, axis=1)).sum(axis=1)
        for place, values in enumerate((width, width, width, trips.sum(axis=1), width - 1, gaps)):
            sums[:, place] = values
        table[slice(None) if whole.all() else whole, SUMS : SUMS + SIX] += sums
        return whole


def _width(packets: Ints) -> int:
    """How many packets most samples have."""
    first = int(packets[0])
    return first if (packets == first).all() else int(np.bincount(packets).argmax())


def _trips(samples: Columns, places: Ints, width: int) -> Ints:
    """The round trips of the samples at these places, which all have so many."""
    packets = samples["packets"]
    if len(samples.rtts) == len(packets) * width and (packets == width).all():
        rows = samples.rtts.reshape(-1, width)
        return rows if len(places) == len(rows) else np.take(rows, places, axis=0)
    firsts = np.cumsum(packets) - packets
    return np.take(samples.rtts, firsts[places, np.newaxis] + np.arange(width))


def _alone(rows: Ints) -> NDArray[np.bool_]:
    """Which rows stand once; the others come one after the other."""
    _, back, counts = np.unique(rows, return_inverse=True, return_counts=True)
    single: NDArray[np.bool_] = counts[back] == 1
    return single
