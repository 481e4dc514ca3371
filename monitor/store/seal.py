"""From batches to chunks, in small steps beside the running writer.

Three steps, each reading outside any transaction and then exchanging rows in one:

1. *sort*: where there are many batches as they came, up to 1,000 at a time become one journal row per part of
   targets (a small store never needs it);
2. *seal*: of a part, and of what was not sorted, everything before the last full hour becomes one chunk per target,
   vantage and hour (day, if the day is over), and what is younger a journal row again;
3. *merge*: when a day is over, its chunks of one target and vantage become one.

A sample is in exactly one row before and after each, so a crash anywhere loses and doubles nothing. Only upkeep
removes rows, and one upkeep runs at a time, so what was read is still there when it is exchanged.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

from monitor.store.connection import Readers, Writer, breathe
from monitor.store.rows import (
    CHUNK,
    DAY,
    HOUR,
    JOURNAL,
    UNSORTED,
    Chunk,
    JournalRow,
    by_series,
    drop_journal,
    make_chunk,
    open_chunk,
    open_journal,
    part_of,
    write_chunk,
    write_journal,
)
from probes.sample import Sample

GRACE = 120_000_000_000
"""How long after an hour's end its late samples are waited for (ns)."""
STEP_ROWS = 1_000
"""How many journal rows one step takes at most."""
_STEP_SAMPLES = 30_000
_SEAL_SAMPLES = 100_000
_MERGES_PER_TRANSACTION = 20


class Sealer:
    """The upkeep of one store. ``going`` is asked between steps and may end the work early."""

    def __init__(self, writer: Writer, readers: Readers, going: Callable[[], bool]) -> None:
        self._writer, self._readers, self._going = writer, readers, going

    def run(self, now: int) -> int:
        """Everything that is due at ``now`` (ns UTC); gives how many samples were moved into chunks."""
        boundary = (now - GRACE) // HOUR * HOUR
        while self._going() and self._sort():
            breathe()
        sealed = 0
        for part in self._parts(boundary):
            while self._going() and (moved := self._seal(part, boundary)):
                sealed += moved
                breathe()
        while self._going() and self._merge(boundary // DAY):
            breathe()
        return sealed

    def _parts(self, boundary: int) -> list[int]:
        """The parts that hold something to seal, the unsorted first."""
        query = "SELECT DISTINCT part FROM journal WHERE first_at < ? ORDER BY part"
        with self._readers.snapshot() as connection:
            return [part for (part,) in connection.execute(query, (boundary,))]

    def _sort(self) -> bool:
        rows = self._rows(UNSORTED, _STEP_SAMPLES, STEP_ROWS)
        if len(rows) < STEP_ROWS and sum(row[4] for row in rows) < _STEP_SAMPLES:
            return False
        parts: defaultdict[int, list[Sample]] = defaultdict(list)
        for row in rows:
            for sample in open_journal(row):
                parts[part_of(sample.target)].append(sample)
        with self._writer.transaction() as connection:
            drop_journal(connection, (row[0] for row in rows))
            for part, samples in sorted(parts.items()):
                write_journal(connection, samples, part)
        return True

    def _seal(self, part: int, boundary: int) -> int:
        rows = self._rows(part, _SEAL_SAMPLES, STEP_ROWS, boundary)
        samples = [sample for row in rows for sample in open_journal(row)]
        old = [sample for sample in samples if sample.at < boundary]
        if not old:
            return 0
        chunks = list(self._chunks(old, boundary))
        rest = [sample for sample in samples if sample.at >= boundary]
        with self._writer.transaction() as connection:
            for chunk in chunks:
                write_chunk(connection, chunk)
            if rest:
                write_journal(connection, rest, part)
            drop_journal(connection, (row[0] for row in rows))
        return len(old)

    def _rows(self, part: int, samples: int, limit: int, before: int | None = None) -> list[JournalRow]:
        """Up to ``limit`` rows of a part, oldest first, of about ``samples`` samples together."""
        query = (
            f"SELECT {JOURNAL} FROM journal INDEXED BY journal_part WHERE part = ? AND first_at < ? ORDER BY id LIMIT ?"
        )
        rows: list[JournalRow] = []
        count = 0
        with self._readers.snapshot() as connection:
            for row in connection.execute(query, (part, before if before is not None else 2**63 - 1, limit)):
                rows.append(row)
                count += row[4]
                if count >= samples:
                    break
        return rows

    def _chunks(self, samples: Sequence[Sample], boundary: int) -> Iterator[Chunk]:
        today = boundary // DAY
        for series in by_series(samples):
            ordered = sorted(series, key=lambda sample: sample.at)
            for day, members in groupby(ordered, key=lambda sample: sample.at // DAY):
                if day < today:
                    yield make_chunk(list(members), 1 if self._is_new(series[0], day) else 0)
                    continue
                for _, hour in groupby(members, key=lambda sample: sample.at // HOUR):
                    yield make_chunk(list(hour), 0)

    def _is_new(self, sample: Sample, day: int) -> bool:
        """True if nothing of that target, vantage and day is in a chunk yet."""
        query = (
            "SELECT 1 FROM chunks WHERE target = (SELECT id FROM names WHERE text = ?) "
            "AND vantage = (SELECT id FROM names WHERE text = ?) AND last_at >= ? AND first_at < ? LIMIT 1"
        )
        key = (sample.target, sample.vantage, day * DAY, (day + 1) * DAY)
        with self._readers.snapshot() as connection:
            return connection.execute(query, key).fetchone() is None

    def _merge(self, today: int) -> bool:
        """Some days' chunks into one each; False when no day is left to merge."""
        query = (
            f"SELECT DISTINCT first_at / {DAY}, target, vantage FROM chunks "
            f"WHERE level = 0 AND first_at / {DAY} < ? LIMIT ?"
        )
        with self._readers.snapshot() as connection:
            days = connection.execute(query, (today, _MERGES_PER_TRANSACTION)).fetchall()
            merged = [self._merged(connection, *day) for day in days]
        if merged:
            with self._writer.transaction() as connection:
                for old, chunk in merged:
                    connection.executemany("DELETE FROM chunks WHERE id = ?", [(row,) for row in old])
                    write_chunk(connection, chunk)
        return bool(merged)

    def _merged(self, connection: sqlite3.Connection, day: int, target: int, vantage: int) -> tuple[list[int], Chunk]:
        query = f"SELECT {CHUNK} FROM chunks WHERE target = ? AND vantage = ? AND last_at >= ? AND first_at < ?"
        rows = connection.execute(query, (target, vantage, day * DAY, (day + 1) * DAY)).fetchall()
        return [row[0] for row in rows], make_chunk([sample for row in rows for sample in open_chunk(row)], 1)
