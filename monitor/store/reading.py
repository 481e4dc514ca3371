"""Samples read back, wherever they lie: from chunks, from the sorted journal, from batches as they came.

Reading goes in windows, each in one snapshot, so that no reader holds the write-ahead log for long and memory is
bounded: what is asked for is halved until a window opens no more samples than can be held. A chunk never crosses
a UTC day and windows of more than a day end with one, so that nearly every chunk is opened once.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from heapq import merge
from operator import lt

from monitor.store.codec import may_hold
from monitor.store.conflicts import Identity, quarantined
from monitor.store.connection import Readers
from monitor.store.names import find
from monitor.store.rows import (
    CHUNK,
    DAY,
    JOURNAL,
    UNSORTED,
    ChunkRow,
    JournalRow,
    open_chunk,
    open_journal,
    order,
    part_of,
)
from probes.sample import Sample

_MOST = 100_000
_SHORTEST = 60_000_000_000


def read_samples(readers: Readers, targets: Sequence[str], start: int, end: int) -> Iterator[Sample]:
    """Samples of these targets with ``start <= at < end``, by ``(at, identity)``."""
    wanted = tuple(dict.fromkeys(targets))
    at = start
    while at < end:
        with readers.snapshot() as connection:
            first, last = _extent(connection, wanted, at)
            at, stop = max(at, first), min(end, last + 1)
            if at >= stop:
                return
            until = _window(connection, wanted, at, stop)
            found = _between(connection, wanted, at, until)
        yield from found
        at = until


def last_before(readers: Readers, target: str, at: int) -> Sample | None:
    """The latest sample of a target before an instant, by ``(at, identity)``."""
    with readers.snapshot() as connection:
        barred = quarantined(connection, target)
        best: Sample | None = None
        for last, samples in _backwards(connection, target, at):
            if best is not None and last < best.at:
                break
            for sample in samples():
                earlier = sample.at < at and sample.identity not in barred
                if earlier and (best is None or order(sample) > order(best)):
                    best = sample
        return best


class _Row:
    """A row not opened yet."""

    def __init__(self, row: JournalRow | ChunkRow, target: str) -> None:
        self._row, self._target = row, target

    def __call__(self) -> list[Sample]:
        row = self._row
        if len(row) == 8:
            return open_chunk(row)
        return open_journal(row, (self._target,)) if may_hold(row[6], self._target) else []


def _backwards(connection: sqlite3.Connection, target: str, at: int) -> Iterator[tuple[int, _Row]]:
    """Rows that may hold a sample of the target before ``at``, those that end latest first."""
    key = find(connection, target)
    chunks = connection.execute(
        f"SELECT {CHUNK} FROM chunks WHERE target = ? AND first_at < ? ORDER BY last_at DESC", (key, at)
    )
    sorted_rows, batches = (
        connection.execute(
            f"SELECT {JOURNAL} FROM journal WHERE part = ? AND first_at < ? ORDER BY last_at DESC", (part, at)
        )
        for part in (part_of(target), UNSORTED)
    )
    heads = [_ends(chunks, 4, target), _ends(sorted_rows, 3, target), _ends(batches, 3, target)]
    yield from merge(*heads, key=lambda end: -end[0])


def _ends(rows: Iterable[JournalRow | ChunkRow], column: int, target: str) -> Iterator[tuple[int, _Row]]:
    for row in rows:
        last = row[column]
        assert isinstance(last, int)
        yield last, _Row(row, target)


def _extent(connection: sqlite3.Connection, targets: Sequence[str], since: int) -> tuple[int, int]:
    """A span that holds all samples of the targets from ``since`` on; empty when there are none."""
    spans = [
        connection.execute(
            "SELECT min(first_at), max(last_at) FROM journal WHERE part = ? AND last_at >= ?", (part, since)
        ).fetchone()
        for part in {UNSORTED, *map(part_of, targets)}
    ]
    spans += [
        connection.execute(
            "SELECT min(first_at), max(last_at) FROM chunks WHERE target = ? AND last_at >= ?",
            (find(connection, target), since),
        ).fetchone()
        for target in targets
    ]
    known = [span for span in spans if span[0] is not None]
    if not known:
        return 0, -1
    return min(first for first, _ in known), max(last for _, last in known)


def _window(connection: sqlite3.Connection, targets: Sequence[str], start: int, end: int) -> int:
    """Where the window from ``start`` ends, so that it opens a bearable number of samples."""
    while end - start > _SHORTEST and _opened(connection, targets, start, end) > _MOST:
        half = start + (end - start) // 2
        end = half - half % DAY if half - half % DAY > start else half
    return end


def _opened(connection: sqlite3.Connection, targets: Sequence[str], start: int, end: int) -> float:
    """How many samples the rows hold that a window touches."""
    count = 0.0
    for part in {UNSORTED, *map(part_of, targets)}:
        query = "SELECT total(count) FROM journal WHERE part = ? AND last_at >= ? AND first_at < ?"
        count += connection.execute(query, (part, start, end)).fetchone()[0]
    for target in targets:
        query = "SELECT total(count) FROM chunks WHERE target = ? AND last_at >= ? AND first_at < ?"
        count += connection.execute(query, (find(connection, target), start, end)).fetchone()[0]
    return count


def _between(connection: sqlite3.Connection, targets: Sequence[str], start: int, end: int) -> list[Sample]:
    found: list[Sample] = []
    barred: set[Identity] = set()
    for target in targets:
        barred |= quarantined(connection, target)
        chunks = connection.execute(
            f"SELECT {CHUNK} FROM chunks WHERE target = ? AND last_at >= ? AND first_at < ? ORDER BY last_at",
            (find(connection, target), start, end),
        )
        for chunk in chunks:
            samples = open_chunk(chunk)
            whole = start <= chunk[3] and chunk[4] < end
            found += samples if whole else (sample for sample in samples if start <= sample.at < end)
    found += (sample for sample in _from_journal(connection, targets, start, end) if start <= sample.at < end)
    if barred:
        found = [sample for sample in found if sample.identity not in barred]
    return _ordered(found)


def _ordered(samples: list[Sample]) -> list[Sample]:
    """By ``(at, identity)``. One vantage's chunks come in order already, which is cheaper to see than to sort."""
    ats = [sample.at for sample in samples]
    if all(map(lt, ats, ats[1:])):
        return samples
    return sorted(samples, key=order)


def _from_journal(connection: sqlite3.Connection, targets: Sequence[str], start: int, end: int) -> Iterator[Sample]:
    wanted = frozenset(targets)
    for part in {UNSORTED, *map(part_of, targets)}:
        rows = connection.execute(
            f"SELECT {JOURNAL} FROM journal WHERE part = ? AND last_at >= ? AND first_at < ?", (part, start, end)
        )
        for row in rows:
            if len(wanted) > 1 or may_hold(row[6], targets[0]):
                yield from open_journal(row, wanted)
