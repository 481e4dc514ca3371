"""Evidence whose samples wait in a file while a period is judged, so that memory does not grow with their number.

A judgement holds the samples of all services until it is done, and comes back to them. Here they lie in pieces in a
file without a name, of which a few are open at a time. They are read from the store once, so that what is judged is one
and the same however often it is looked at.
"""

import tempfile
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import IO

from config.spans import Span
from monitor.cli.common import UNAVAILABLE, fail
from monitor.sla.facts import Fact, HeartbeatFact
from monitor.sla.series import Bulk, Series, together
from monitor.sla.words import FOREVER
from monitor.store.lazy import Lazy
from monitor.store.packing.codec import decode, encode
from monitor.store.port import Store
from probes.columns import from_samples
from probes.sample import Outcome, Sample

PIECE = 5_000
OPEN = 4
"""How many pieces are open at a time; each takes some 1 MB."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Samples that lie together: where, how many, the first and the last of them, and the vantages they came from."""

    place: tuple[int, int]
    count: int
    first: Sample
    last: Sample
    vantages: frozenset[str]


class Shelf:
    """The file, and the pieces of it that are open. Where it cannot be written the command ends with 69."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close
        self._open: OrderedDict[tuple[int, int], Lazy] = OrderedDict()

    def put(self, samples: Sequence[Sample]) -> tuple[int, int]:
        """Lay some down; gives where they lie."""
        body = encode(from_samples(samples))
        try:
            place = self._file.seek(0, 2), self._file.write(body)
            self._file.flush()
        except OSError as error:
            fail(UNAVAILABLE, f"the temporary file for judging cannot be written (TMPDIR): {error.strerror}")
        return place

    def lay(self, samples: Sequence[Sample]) -> Piece:
        """Lay some down, at least one, and say what they are."""
        seen = frozenset(sample.vantage for sample in samples)
        return Piece(self.put(samples), len(samples), samples[0], samples[-1], seen)

    def lay_all(self, samples: Iterable[Sample]) -> Iterator[Piece]:
        """Lay them down in pieces, as they come."""
        rest = iter(samples)
        while some := list(islice(rest, PIECE)):
            yield self.lay(some)

    def get(self, place: tuple[int, int]) -> Lazy:
        """What lies at a place."""
        found = self._open.pop(place, None)
        if found is None:
            self._file.seek(place[0])
            found = Lazy(decode(self._file.read(place[1])))
        self._open[place] = found
        if len(self._open) > OPEN:
            self._open.popitem(last=False)
        return found

    def close(self) -> None:
        """Forget all of it."""
        with suppress(OSError):  # what could not be written is not missed now
            self._file.close()


class Shelved:
    """See ``monitor.sla.series.Series``: samples in order, in pieces on a shelf."""

    def __init__(self, shelf: Shelf, pieces: Iterable[Piece]) -> None:
        self._shelf = shelf
        self._places: list[tuple[int, int]] = []
        self._firsts: list[int] = []
        self._spans: list[Span] = []
        self._count = 0
        seen = set[str]()
        for piece in pieces:
            self._places.append(piece.place)
            self._firsts.append(self._count)
            self._spans.append((piece.first.at, piece.last.at + 1))
            self._count += piece.count
            seen |= piece.vantages
        self.vantages = tuple(sorted(seen))

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, place: int) -> Sample:
        place = range(self._count)[place]
        index = bisect_right(self._firsts, place) - 1
        return self._shelf.get(self._places[index])[place - self._firsts[index]]

    def __iter__(self) -> Iterator[Sample]:
        for place in self._places:
            yield from self._shelf.get(place)

    def seen_from(self, vantages: Sequence[str]) -> "Shelved":
        """See Series."""
        if all(name in vantages for name in self.vantages):
            return self
        return Shelved(self._shelf, self._shelf.lay_all(sample for sample in self if sample.vantage in vantages))

    def calm(self, place: int, gap: int, until: int) -> int:
        """See Series."""
        while place < self._count:
            index = bisect_right(self._firsts, place) - 1
            piece, first = self._shelf.get(self._places[index]), self._firsts[index]
            if place > first:
                stop = first + piece.calm(place - first, gap, until)
                if stop < first + len(piece):
                    return stop
                place = stop
            elif self._breaks(self[place - 1], piece[0], gap, until):
                return place
            else:
                place += 1
        return place

    def _breaks(self, before: Sample, sample: Sample, gap: int, until: int) -> bool:
        if sample.outcome is not Outcome.UP or sample.boot != before.boot:
            return True
        return not before.at < sample.at <= until or sample.at - before.at > gap

    def bulk(self, measure: str, spans: Sequence[Span], latency_of: str = "total") -> Bulk | None:
        """See Series."""
        found = []
        for place, (start, end) in zip(self._places, self._spans, strict=True):
            inside = [span for span in spans if span[0] < end and span[1] > start]
            if inside:
                one = self._shelf.get(place).bulk(measure, inside, latency_of)
                if one is None:
                    return None
                found.append(one)
        return together(found) if found else Bulk(0, 0)


class Shelving:
    """A store's evidence (see ``monitor.issuing.behind.Recorded``), its samples shelved."""

    def __init__(self, store: Store) -> None:
        self._store, self._shelf = store, Shelf()

    def series(self, target: str, start: int, end: int) -> Series:
        """See ``monitor.sla.series.Columnar``."""
        return Shelved(self._shelf, self._shelf.lay_all(self._store.samples(target, start, end)))

    def samples(self, target: str, start: int, end: int) -> Iterator[Sample]:
        """See Evidence."""
        return self._store.samples(target, start, end)

    def last_before(self, target: str, at: int) -> Sample | None:
        """See Evidence."""
        return self._store.last_before(target, at)

    def facts(self, start: int, end: int, recorded: int = FOREVER) -> Iterator[Fact]:
        """See Recorded."""
        return self._store.facts(start, end, recorded)

    def heartbeats(self, start: int, end: int) -> Iterator[HeartbeatFact]:
        """See Evidence."""
        return self._store.heartbeats(start, end)

    def damaged(self, target: str, start: int, end: int) -> Sequence[Span]:
        """See Evidence."""
        return self._store.damaged(target, start, end)

    @classmethod
    @contextmanager
    def of(cls, store: Store) -> Iterator["Shelving"]:
        """One whose shelf is emptied in the end."""
        made = cls(store)
        try:
            yield made
        finally:
            made._shelf.close()
