"""Samples read back, wherever they lie: from chunks, from the sorted journal, from batches as they came.

Reading goes in windows, each in one snapshot, so that no reader holds the write-ahead log for long and memory is
bounded: what is asked for is halved until a window opens no more samples than can be held. A chunk never crosses
a UTC day and windows of more than a day end with one, so that nearly every chunk is opened once.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge

import numpy as np

from monitor.store.conflicts import quarantined
from monitor.store.connection import Readers
from monitor.store.damage import Damages
from monitor.store.names import find
from monitor.store.packing.chunk import DAY, SPAN
from monitor.store.packing.codec import may_hold
from monitor.store.packing.hours import HOUR, Hours, hours_of, joined
from monitor.store.port import StoreError
from monitor.store.rows import (
    CHUNK,
    HOURS,
    JOURNAL,
    PART,
    UNSORTED,
    ChunkRow,
    JournalRow,
    hours_in_all,
    kept,
    open_chunks,
    order,
)
from probes.columns import Columns, concat, in_order, to_samples
from probes.sample import Sample

_MOST = 100_000
_PIECE = 1_000
"""How many samples are made at a time: few enough to stay in the processor's cache."""
_SHORTEST = 60_000_000_000


def read_samples(readers: Readers, damages: Damages, targets: Sequence[str], start: int, end: int) -> Iterator[Sample]:
    """Samples of these targets with ``start <= at < end``, by ``(at, identity)``."""
    for columns in read_columns(readers, damages, targets, start, end):
        for piece in columns.cut([*range(0, len(columns), _PIECE), len(columns)]):
            yield from to_samples(piece)


def read_columns(
    readers: Readers, damages: Damages, targets: Sequence[str], start: int, end: int, barred: bool = True
) -> Iterator[Columns]:
    """The same as columns, window by window. What is damaged is noted and left out; what is in quarantine is left out
    unless not ``barred``."""
    wanted = tuple(dict.fromkeys(targets))
    at = start
    while at < end:
        with readers.snapshot() as connection:
            first, last = _extent(connection, wanted, at)
            at, stop = max(at, first), min(end, last + 1)
            if at >= stop:
                return
            until = _window(connection, wanted, at, stop)
            found = _between(connection, damages, wanted, at, until)
            for target in wanted if barred else ():
                found = _unbarred(connection, target, found)
        yield found
        at = until


def read_hours(readers: Readers, damages: Damages, target: str, start: int, end: int) -> Hours:
    """The target's roll-ups of hours that begin in ``[start, end)``: kept with what is sealed, computed for the rest.

    A sample that was quarantined later still counts in what is kept, so then all are computed anew; and so where
    anything is damaged.
    """
    first, last = -(-start // HOUR) * HOUR, -(-end // HOUR) * HOUR
    with readers.snapshot() as connection:
        if not quarantined(connection, target):
            query = (
                f"SELECT {HOURS}, text FROM chunks JOIN names ON names.id = chunks.vantage "
                "WHERE target = ? AND last_at >= ? AND first_at < ? ORDER BY last_at"
            )
            rows = connection.execute(query, (find(connection, target), first, last)).fetchall()
            rolled = _rolled_up(damages, rows)
            if rolled is not None and not damages.samples(connection, target, first, last):
                fresh = _from_journal(connection, damages, (target,), first, last)
                return joined([rolled, *map(hours_of, fresh)]).between(first, last)
    return joined([hours_of(part) for part in read_columns(readers, damages, (target,), first, last)])


def _rolled_up(damages: Damages, rows: Sequence[tuple[int, int, int, bytes, str]]) -> Hours | None:
    """The roll-ups of chunks; None where one is damaged, which costs no sample."""
    try:
        return hours_in_all(rows)
    except StoreError as error:
        damages.note(str(error).partition(":")[0], str(error))
        return None


def last_before(readers: Readers, damages: Damages, target: str, at: int) -> Sample | None:
    """The latest sample of a target before an instant, by ``(at, identity)``."""
    with readers.snapshot() as connection:
        best: Sample | None = None
        for last, row in _backwards(connection, target, at):
            if best is not None and last < best.at:
                break
            columns = row.columns(damages)
            columns = _unbarred(connection, target, kept(columns, columns["at"] < at))
            if len(columns):  # only what may be the last is made
                last_of = np.flatnonzero(columns["at"] == columns["at"].max())
                best = max([*to_samples(columns.take(last_of)), *([best] if best else [])], key=order)
        return best


@dataclass(frozen=True, slots=True)
class _Row:
    """A row not opened yet: one of the two."""

    target: str
    chunk: ChunkRow | None = None
    journal: JournalRow | None = None

    def columns(self, damages: Damages) -> Columns:
        if self.chunk is not None:
            return concat(damages.chunk(self.chunk, self.target))
        assert self.journal is not None
        return damages.journal_of(self.journal, (self.target,))


def _backwards(connection: sqlite3.Connection, target: str, at: int) -> Iterator[tuple[int, _Row]]:
    """Rows that may hold a sample of the target before ``at``, those that end latest first."""
    key = find(connection, target)
    chunks = connection.execute(
        f"SELECT {CHUNK} FROM chunks WHERE target = ? AND first_at < ? ORDER BY last_at DESC", (key, at)
    )
    journals = [
        connection.execute(
            f"SELECT {JOURNAL} FROM journal WHERE part = ? AND first_at < ? ORDER BY last_at DESC", (part, at)
        )
        for part in _parts(connection, (target,))
    ]
    heads = [((row[4], _Row(target, chunk=row)) for row in chunks)]
    heads += [((row[3], _Row(target, journal=row)) for row in rows) for rows in journals]
    yield from merge(*heads, key=lambda end: -end[0])


def _parts(connection: sqlite3.Connection, targets: Sequence[str]) -> list[int]:
    """The parts of the journal that may hold samples of these targets."""
    known = (find(connection, target) for target in targets)
    return [UNSORTED, *{number // PART for number in known if number is not None}]


def _extent(connection: sqlite3.Connection, targets: Sequence[str], since: int) -> tuple[int, int]:
    """A span that holds all samples of the targets from ``since`` on; empty when there are none."""
    spans = [
        connection.execute(
            "SELECT min(first_at), max(last_at) FROM journal WHERE part = ? AND last_at >= ?", (part, since)
        ).fetchone()
        for part in _parts(connection, targets)
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
    while end - start > _SHORTEST and _touched(connection, targets, start, end) > _MOST:
        half = start + (end - start) // 2
        end = next((whole for whole in (half - half % (SPAN * DAY), half - half % DAY) if whole > start), half)
    return end


def _touched(connection: sqlite3.Connection, targets: Sequence[str], start: int, end: int) -> float:
    """How many samples the rows hold that a window touches."""
    count = 0.0
    for part in _parts(connection, targets):
        query = "SELECT total(count) FROM journal WHERE part = ? AND last_at >= ? AND first_at < ?"
        count += connection.execute(query, (part, start, end)).fetchone()[0]
    for target in targets:
        query = "SELECT total(count) FROM chunks WHERE target = ? AND last_at >= ? AND first_at < ?"
        count += connection.execute(query, (find(connection, target), start, end)).fetchone()[0]
    return count


def _between(connection: sqlite3.Connection, damages: Damages, targets: Sequence[str], start: int, end: int) -> Columns:
    parts: list[Columns] = []
    for target in targets:
        chunks = connection.execute(
            f"SELECT {CHUNK} FROM chunks WHERE target = ? AND last_at >= ? AND first_at < ? ORDER BY last_at",
            (find(connection, target), start, end),
        )
        parts += [_inside(columns, start, end) for columns in _opened(damages, chunks.fetchall(), target, start, end)]
    parts += _from_journal(connection, damages, targets, start, end)
    return in_order(concat(parts))


def _opened(damages: Damages, rows: Sequence[ChunkRow], target: str, start: int, end: int) -> list[Columns]:
    """What can be read of chunks: of all of them at once, unless one is damaged."""
    try:
        return [open_chunks(rows, start, end)]
    except StoreError:
        return [columns for row in rows for columns in damages.chunk(row, target, start, end)]


def _unbarred(connection: sqlite3.Connection, target: str, columns: Columns) -> Columns:
    barred = quarantined(connection, target)
    if not barred or not len(columns):
        return columns
    words = columns.words
    there = [
        (words[vantage], words[boot], seq) not in barred
        for vantage, boot, seq in zip(
            columns["vantage"].tolist(), columns["boot"].tolist(), columns["seq"].tolist(), strict=True
        )
    ]
    return kept(columns, np.array(there))


def _from_journal(
    connection: sqlite3.Connection, damages: Damages, targets: Sequence[str], start: int, end: int
) -> list[Columns]:
    found = []
    for part in _parts(connection, targets):
        rows = connection.execute(
            f"SELECT {JOURNAL} FROM journal WHERE part = ? AND last_at >= ? AND first_at < ?", (part, start, end)
        )
        for row in rows:
            if any(may_hold(row[6], target) for target in targets):
                found.append(_inside(damages.journal_of(row, targets), start, end))
    return found


def _inside(columns: Columns, start: int, end: int) -> Columns:
    ats = columns["at"]
    return kept(columns, (ats >= start) & (ats < end))
