"""What is older than the retention goes, row by row in small steps, except the spans somebody still needs."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence

from monitor.store.connection import Readers, Writer, breathe
from monitor.store.damage import Damages
from monitor.store.packing.chunk import make_chunk
from monitor.store.port import StoreError
from monitor.store.rows import (
    CHUNK,
    JOURNAL,
    ChunkRow,
    JournalRow,
    drop_journal,
    kept,
    open_chunks,
    write_chunk,
    write_journal,
)
from probes.columns import Columns

_STEP = 50


class Pruner:
    """One pass over a store. ``keep`` names ``(target, start, end)`` spans that stay whatever their age."""

    def __init__(
        self,
        writer: Writer,
        readers: Readers,
        going: Callable[[], bool],
        before: int,
        keep: Sequence[tuple[str, int, int]],
        damages: Damages,
    ) -> None:
        self._writer, self._readers, self._going, self._before = writer, readers, going, before
        self._damages = damages
        self._keep: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        for target, start, end in keep:
            self._keep[target].append((start, end))

    def run(self) -> int:
        """Removes; gives how many samples."""
        return self._chunks() + self._journal() + self._heartbeats()

    def _chunks(self) -> int:
        query = (
            "SELECT chunks.id, text, first_at, last_at, count FROM chunks "
            "JOIN names ON names.id = chunks.target WHERE first_at < ? AND chunks.id > ? ORDER BY chunks.id LIMIT ?"
        )
        gone, last = 0, 0
        while self._going():
            with self._readers.snapshot() as connection:
                rows = connection.execute(query, (self._before, last, _STEP)).fetchall()
            if not rows:
                break
            last = rows[-1][0]
            gone += self._prune_chunks(rows)
            breathe()
        return gone

    def _prune_chunks(self, rows: Sequence[tuple[int, str, int, int, int]]) -> int:
        whole = [row for row in rows if self._goes_wholly(row[1], row[2], row[3])]
        parts = [row for row in rows if row not in whole and not self._stays_wholly(row[1], row[2], row[3])]
        gone = sum(row[4] for row in whole)
        if whole:
            with self._writer.transaction() as connection:
                connection.executemany("DELETE FROM chunks WHERE id = ?", [(row[0],) for row in whole])
        for row in parts:
            gone += self._shorten_chunk(row[0], row[1])
        return gone

    def _shorten_chunk(self, key: int, target: str) -> int:
        query = f"SELECT {CHUNK}, text FROM chunks JOIN names ON names.id = chunks.vantage WHERE chunks.id = ?"
        with self._readers.snapshot() as connection:
            *values, vantage = connection.execute(query.replace("id,", "chunks.id,", 1), (key,)).fetchone()
        row: ChunkRow = tuple(values)
        try:
            columns = open_chunks([row])
        except StoreError:
            self._damages.chunk(row, target)
            return 0  # it goes when all of it does
        left = self._kept(columns)
        if len(left) < len(columns):
            made = make_chunk(left) if len(left) else None
            with self._writer.transaction() as connection:
                connection.execute("DELETE FROM chunks WHERE id = ?", (key,))
                if made is not None:
                    write_chunk(connection, target, vantage, made)
        return len(columns) - len(left)

    def _journal(self) -> int:
        gone = 0
        with self._readers.snapshot() as connection:
            keys = [key for (key,) in connection.execute("SELECT id FROM journal WHERE first_at < ?", (self._before,))]
        for key in keys:
            if self._going():
                gone += self._shorten_journal(key)
        return gone

    def _shorten_journal(self, key: int) -> int:
        with self._readers.snapshot() as connection:
            row: JournalRow = connection.execute(f"SELECT {JOURNAL} FROM journal WHERE id = ?", (key,)).fetchone()
        columns = self._damages.journal(row)
        if columns is None:
            return self._drop_damaged(row)
        left = self._kept(columns)
        if len(left) < len(columns):
            with self._writer.transaction() as connection:
                drop_journal(connection, [key])
                if len(left):
                    write_journal(connection, left, row[1])
            breathe()
        return len(columns) - len(left)

    def _drop_damaged(self, row: JournalRow) -> int:
        """What a damaged row held nobody can say, so it stays while anything of its time does."""
        spans = [span for spans in self._keep.values() for span in spans]
        if row[3] >= self._before or any(start <= row[3] and row[2] < end for start, end in spans):
            return 0
        with self._writer.transaction() as connection:
            drop_journal(connection, [row[0]])
        return row[4]

    def _heartbeats(self) -> int:
        """Heartbeats go with the samples they speak for; none inside a kept span of any target."""
        spans = sorted(span for spans in self._keep.values() for span in spans)
        free, start = [], -(2**63)
        for first, end in spans:
            free.append((start, min(first, self._before)))
            start = max(start, end)
        free.append((start, self._before))
        for first, end in free:
            while self._going() and first < end and self._drop_heartbeats(first, end):
                breathe()
        return 0

    def _drop_heartbeats(self, start: int, end: int) -> int:
        query = (
            "DELETE FROM heartbeats WHERE (vantage, at, boot) IN "
            "(SELECT vantage, at, boot FROM heartbeats WHERE at >= ? AND at < ? LIMIT 2000)"
        )
        with self._writer.transaction() as connection:
            cursor: sqlite3.Cursor = connection.execute(query, (start, end))
            return cursor.rowcount

    def _kept(self, columns: Columns) -> Columns:
        ats = columns["at"]
        stays = ats >= self._before
        for place, word in enumerate(columns.words):
            for start, end in self._keep.get(word or "", ()):
                stays |= (columns["target"] == place) & (ats >= start) & (ats < end)
        return kept(columns, stays)

    def _goes_wholly(self, target: str, first: int, last: int) -> bool:
        return last < self._before and not any(
            start <= last and first < end for start, end in self._keep.get(target, ())
        )

    def _stays_wholly(self, target: str, first: int, last: int) -> bool:
        return any(start <= first and last < end for start, end in self._keep.get(target, ()))
