"""Where in a SQLite store samples of an identity lie, found by what rows say of what they hold."""

import sqlite3
from collections.abc import Iterable, Iterator

from monitor.store import seen
from monitor.store.conflicts import Identity
from monitor.store.damage import Damages
from monitor.store.names import every as names_of
from monitor.store.names import find
from monitor.store.port import StoreError
from monitor.store.rows import CHUNK, JOURNAL, PART, UNSORTED, open_chunk, open_journal, samples_of
from probes.columns import Columns
from probes.sample import Sample


class Stored:
    """Finds samples by their identity; opens each row at most once. Raises StoreError for a damaged one."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._opened: dict[tuple[str, int], dict[Identity, Sample]] = {}

    def __call__(self, suspect: Sample) -> Sample | None:
        """The stored sample of the suspect's identity: first where it should be, then everywhere its number could."""
        for rows in (self._likely_journal, self._likely_chunks, self._journal, self._chunks):
            for samples in rows(suspect):
                if suspect.identity in samples:
                    return samples[suspect.identity]
        return None

    def _likely_journal(self, suspect: Sample) -> Iterable[dict[Identity, Sample]]:
        number = find(self._connection, suspect.target)
        part = UNSORTED if number is None else number // PART
        return self._journal(suspect, "AND part IN (?, ?)", (UNSORTED, part))

    def _journal(
        self, suspect: Sample, where: str = "", extra: tuple[int, ...] = ()
    ) -> Iterator[dict[Identity, Sample]]:
        query = (
            "SELECT journal.id FROM extents JOIN journal ON journal.id = extents.journal "
            f"WHERE vantage = ? AND boot = ? AND low <= ? AND high >= ? {where} ORDER BY low DESC"
        )
        key = (suspect.vantage, suspect.boot, suspect.seq, suspect.seq)
        for (row,) in self._connection.execute(query, (*key, *extra)).fetchall():
            yield self._open("journal", row)

    def _likely_chunks(self, suspect: Sample) -> Iterator[dict[Identity, Sample]]:
        target = find(self._connection, suspect.target)
        query = "SELECT id FROM chunks WHERE target = ? AND last_at >= ? AND first_at <= ?"
        for (row,) in self._connection.execute(query, (target, suspect.at, suspect.at)).fetchall():
            yield self._open("chunks", row)

    def _chunks(self, suspect: Sample) -> Iterator[dict[Identity, Sample]]:
        vantage = find(self._connection, suspect.vantage)
        query = "SELECT id FROM chunks WHERE vantage = ? AND low <= ? AND high >= ?"
        for (row,) in self._connection.execute(query, (vantage, suspect.seq, suspect.seq)).fetchall():
            yield self._open("chunks", row)

    def _open(self, table: str, row: int) -> dict[Identity, Sample]:
        if (table, row) not in self._opened:
            columns = JOURNAL if table == "journal" else CHUNK
            found = self._connection.execute(f"SELECT {columns} FROM {table} WHERE id = ?", (row,)).fetchone()
            samples = samples_of([open_journal(found)] if table == "journal" else open_chunk(found))
            self._opened[table, row] = {sample.identity: sample for sample in samples}
        return self._opened[table, row]


def targets_of(connection: sqlite3.Connection) -> list[str]:
    """The targets that have samples, in order: of chunks by their names, of the journal by looking into what can be
    read of it."""
    query = "SELECT DISTINCT text FROM chunks JOIN names ON names.id = chunks.target"
    found = {str(text) for (text,) in connection.execute(query)}
    for row in connection.execute(f"SELECT {JOURNAL} FROM journal"):
        try:
            columns = open_journal(row)
        except StoreError:
            continue
        found |= {columns.words[place] or "" for place in set(columns["target"].tolist())}
    return sorted(found)


def numbers_of(connection: sqlite3.Connection, block: seen.Block, damages: Damages) -> Iterator[int]:
    """The sequence numbers of a block's samples that are stored and can be read, and of those in quarantine."""
    vantage, boot, _ = block
    low, high = seen.span_of(block)
    yield from seen.quarantined(connection, block)
    for columns in _touching(connection, vantage, boot, low, high, damages):
        for seen_from, process, seqs in columns.sources():
            if (seen_from, process) == (vantage, boot):
                yield from seqs[(seqs >= low) & (seqs <= high)].tolist()


def _touching(
    connection: sqlite3.Connection, vantage: str, boot: str, low: int, high: int, damages: Damages
) -> Iterator[Columns]:
    """What is in the rows that may hold samples of these numbers."""
    extents = "SELECT journal FROM extents WHERE vantage = ? AND boot = ? AND low <= ? AND high >= ?"
    query = f"SELECT {JOURNAL} FROM journal WHERE id IN ({extents}) ORDER BY id"
    for row in connection.execute(query, (vantage, boot, high, low)).fetchall():
        columns = damages.journal(row)
        if columns is not None:
            yield columns
    query = f"SELECT {CHUNK} FROM chunks WHERE vantage = ? AND low <= ? AND high >= ? ORDER BY id"
    names = names_of(connection)
    for chunk in connection.execute(query, (find(connection, vantage), high, low)).fetchall():
        yield from damages.chunk(chunk, names.get(chunk[1], ""))
