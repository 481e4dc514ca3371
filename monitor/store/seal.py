"""From batches to chunks, in small steps beside the running writer.

Two steps, each reading outside any transaction and then exchanging rows in one:

1. *sort*: batches become one journal row per part of targets and day, when their hour is over; earlier where there are
   as many as a step takes, and a few only with their day, since they cost hardly less than many;
2. *close*: when a day is over, what is sorted of it becomes part of one chunk per target and vantage.

A sample is in exactly one row before and after each, so a crash anywhere loses and doubles nothing. Only upkeep
removes rows, and one upkeep runs at a time, so what was read is still there when it is exchanged. Both work on
columns of many targets at once, because a call costs as much for one sample as for a hundred.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence

from monitor.store import leaves
from monitor.store.connection import Readers, Writer, breathe
from monitor.store.damage import Damages
from monitor.store.leaves import Leaf, has_leaf, leaf_of
from monitor.store.names import number_of, numbers
from monitor.store.packing.apart import apart
from monitor.store.packing.chunk import DAY, DAYS, Chunk, extended, first_day, together
from monitor.store.packing.hours import hours_of
from monitor.store.packing.moving import low_of
from monitor.store.packing.packed import Packed
from monitor.store.packing.sort import in_parts, in_shares
from monitor.store.packing.steady import Steady, ordered
from monitor.store.port import StoreError
from monitor.store.rows import (
    CHUNK,
    JOURNAL,
    PART,
    UNSORTED,
    ChunkRow,
    JournalRow,
    chunk_in,
    drop_journal,
    put_chunk,
    write_sorted,
)

HOUR = 3_600_000_000_000
GRACE = 120_000_000_000
"""How long after the end of an hour or a day its late samples are waited for (ns)."""
SOME_ROWS = 100
"""How many journal rows are worth a step. Whoever reads one target opens all that are not sorted."""
STEP_ROWS = 1_000
"""How many journal rows one step takes at most."""
STEP_SAMPLES = 100_000
"""About how many samples one step of sorting holds in memory."""
DAY_SAMPLES = 150_000
"""About how many samples of a part's day are taken apart at once: some twenty bytes each, twice, beside the rows."""
AT_ONCE = 20_000
"""About how many of them are closed at a time: some hundred and fifty bytes each."""
Series = tuple[str, str]
"""(target, vantage)."""
Key = tuple[int | None, int | None]
"""Their numbers; None for a name that has none yet."""


class Sealer:
    """The upkeep of one store. ``going`` is asked between steps and may end the work early."""

    def __init__(self, writer: Writer, readers: Readers, going: Callable[[], bool], damages: Damages) -> None:
        self._writer, self._readers, self._going, self._damages = writer, readers, going, damages

    def run(self, now: int) -> int:
        """Everything that is due at ``now`` (ns UTC); gives how many samples were moved into chunks."""
        over = (now - GRACE) // HOUR * HOUR
        today = over // DAY
        while self._going() and self._sort(over):
            breathe()
        sealed = 0
        for part, day in self._over(today):
            if self._going():
                sealed += self._close(part, day)
                breathe()
        leaves.seal_beats(self._readers.snapshot, self._writer.transaction, self._going, today)
        return sealed

    def _sort(self, over: int) -> bool:
        """Some batches into parts; False when none are due. What began before ``over`` is of an hour that is over."""
        rows = self._unsorted() if self._may_be_due(over) else []
        if not rows or not _due(len(rows), sum(row[2] for row in rows), min(row[1] for row in rows), over):
            return False
        with self._readers.snapshot() as connection:
            found = self._damages.journals(_journal(connection, (row[0] for row in rows)))
        good, bodies = list(found), [body for body in found.values() if body.count]
        if not good:
            return True  # all of them are damaged: passed over from now on
        del found
        made = list(in_parts(bodies, self._numbers, PART))
        with self._writer.transaction() as connection:
            drop_journal(connection, good)
            for row in made:
                write_sorted(connection, row)
        return True

    def _numbers(self, targets: Sequence[str]) -> list[int]:
        """The number of each target; one that has none yet gets it now."""
        with self._readers.snapshot() as connection:
            known = numbers(connection, targets)
        if missing := [target for target in targets if target not in known]:
            with self._writer.transaction() as connection:
                known |= {target: number_of(connection, target) for target in missing}
        return [known[target] for target in targets]

    def _may_be_due(self, over: int) -> bool:
        """Told by the index alone: batches that are not due are not read once a minute."""
        query = "SELECT count(*), total(count), min(first_at) FROM journal INDEXED BY journal_span WHERE part = ?"
        with self._readers.snapshot() as connection:
            rows, samples, first = connection.execute(query, (UNSORTED,)).fetchone()
        return bool(rows) and _due(rows, samples, first, over)

    def _unsorted(self) -> list[tuple[int, int, int]]:
        """(key, first instant, samples) of the oldest batches, as many as one step takes."""
        query = "SELECT id, first_at, count FROM journal INDEXED BY journal_part WHERE part = ? ORDER BY id LIMIT ?"
        rows: list[tuple[int, int, int]] = []
        count = 0
        with self._readers.snapshot() as connection:
            for row in connection.execute(query, (UNSORTED, STEP_ROWS + self._damages.count)):
                if self._damages.is_damaged(f"journal row {row[0]}"):
                    continue  # it stays where it is
                rows.append(row)
                count += row[2]
                if count >= STEP_SAMPLES:
                    break
        return rows

    def _over(self, today: int) -> list[tuple[int, int]]:
        """(part, day) of what is sorted and over."""
        query = "SELECT DISTINCT part, first_at FROM journal WHERE part > ? AND last_at < ?"
        with self._readers.snapshot() as connection:
            rows = connection.execute(query, (UNSORTED, today * DAY)).fetchall()
        return sorted({(part, first // DAY) for part, first in rows})

    def _close(self, part: int, day: int) -> int:
        """A part's day into chunks; gives how many samples."""
        query = "SELECT id FROM journal WHERE part = ? AND last_at >= ? AND last_at < ? ORDER BY id"
        with self._readers.snapshot() as connection:
            keys = connection.execute(query, (part, day * DAY, (day + 1) * DAY)).fetchall()
            found = self._damages.journals(_journal(connection, (key for (key,) in keys)))
            if not found:
                return 0
            good, count = list(found), sum(body.count for body in found.values())
            shares = in_shares([body for body in found.values() if body.count], DAY_SAMPLES)
            del found
            chunks = [chunk for share in shares for chunk in self._chunks(connection, share, day)]
        with self._writer.transaction() as connection:
            names = dict.fromkeys(name for series, *_ in chunks for name in series)
            of, moving = {name: number_of(connection, name) for name in names}, leaves.is_moving(connection)
            for (target, vantage), chunk, replaced, leaf in chunks:
                for row in replaced:
                    connection.execute("DELETE FROM chunks WHERE id = ?", (row,))
                put_chunk(connection, (of[target], of[vantage]), chunk)
                if not moving:
                    leaves.put(connection, of[vantage], of[target], leaf)
            drop_journal(connection, good)
        return count

    def _chunks(
        self, connection: sqlite3.Connection, share: list[Packed], day: int
    ) -> Iterator[tuple[Series, Chunk, list[int], Leaf]]:
        """(target and vantage, its chunk, the rows that this chunk replaces, the leaf of what is new)."""
        for some in _few(map(ordered, apart(share))):
            names = [(_text(series, "target"), _text(series, "vantage")) for series in some]
            of = numbers(connection, [name for series in names for name in series])
            keys = [(of.get(target), of.get(vantage)) for target, vantage in names]
            late = [has_leaf(connection, vantage, target, day) for target, vantage in keys]
            made = [
                leaf_of(vantage, target, day, series, more)
                for (target, vantage), series, more in zip(names, some, late, strict=True)
            ]
            hours = [hours_of(series) for series in some]
            known = [self._known(connection, names[place], key, day) for place, key in enumerate(keys)]
            for name, series, leaf, rolled, (chunk, rows) in zip(names, some, made, hours, known, strict=True):
                yield name, extended(chunk, series, rolled), rows, leaf

    def _known(
        self, connection: sqlite3.Connection, name: Series, key: Key, day: int
    ) -> tuple[Chunk | None, list[int]]:
        """What a day can be added to, and its rows; a damaged one stays, and gets another one beside it."""
        found, rows = [], []
        for row in _chunks_of(connection, key, day):
            try:
                found.append(chunk_in(row, name[1]))
                rows.append(row[0])
            except StoreError:
                self._damages.chunk(row, name[0])
        if not found:
            return None, rows
        pieces = sorted((piece for chunk in found for piece in chunk.pieces), key=lambda piece: piece.first)
        return together(found, tuple(pieces)), rows


def _journal(connection: sqlite3.Connection, keys: Iterable[int]) -> Iterator[JournalRow]:
    """Journal rows one by one: they are as large as what is made of them. Raises StoreError ``store_damaged``."""
    query = f"SELECT {JOURNAL} FROM journal WHERE id = ?"
    for key in keys:
        row = connection.execute(query, (key,)).fetchone()
        if row is None:  # SQLite tells it only of a row that it looks up for an index
            raise StoreError("store_damaged", f"journal row {key} is gone, though an index has it: restore a backup")
        yield row


def _due(rows: int, samples: float, first: int, over: int) -> bool:
    """Whether so many batches are worth a step, the first of them of this instant."""
    if rows >= STEP_ROWS or samples >= STEP_SAMPLES:
        return True
    return first < (over if rows >= SOME_ROWS else over // DAY * DAY)


def _few(every: Iterable[Steady]) -> Iterator[list[Steady]]:
    """As many at a time as hold some samples together, one at least: doing one thing for a few before the next thing
    is faster than everything for one, for what a processor needs for it stays at hand."""
    few, count = list[Steady](), 0
    for one in every:
        few.append(one)
        count += one.count
        if count >= AT_ONCE:
            yield few
            few, count = [], 0
    if few:
        yield few


def _text(samples: Steady, name: str) -> str:
    """The text that all samples have in a field."""
    return samples.words[low_of(samples[name])] or ""


def _chunks_of(connection: sqlite3.Connection, key: Key, day: int) -> list[ChunkRow]:
    """The chunks that a day belongs to, of a target and vantage."""
    first = first_day(day * DAY) * DAY
    query = f"SELECT {CHUNK} FROM chunks WHERE target = ? AND last_at >= ? AND first_at < ? AND vantage = ?"
    target, vantage = key
    return connection.execute(query, (target, first, first + DAYS * DAY, vantage)).fetchall()
