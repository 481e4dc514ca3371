"""A SQLite store as a whole; see ``monitor.store.whole``."""

import sqlite3
from collections.abc import Callable, Iterator

from monitor.store.connection import Readers, Writer
from monitor.store.damage import Damages
from monitor.store.digest import digest
from monitor.store.leaves import BEATS, LEAF
from monitor.store.names import number_of
from monitor.store.reading import read_columns
from monitor.store.stored import targets_of
from monitor.store.whole import MOVING, TABLES, Row, of_leaf, query_of
from probes.columns import to_samples
from probes.sample import Sample

PIECE = 1_000
_MOST = (1 << 63) - 1


class SqliteWhole:
    """Implements ``monitor.store.whole.Whole``. ``writer`` is asked for only by what writes."""

    def __init__(self, readers: Readers, writer: Callable[[], Writer]) -> None:
        self._readers, self._writer = readers, writer

    def meta(self, key: str) -> str | None:
        """See Whole."""
        with self._readers.snapshot() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else None

    def begin(self, source: str) -> None:
        """See Whole."""
        with self._writer().transaction() as connection:
            connection.execute("REPLACE INTO meta VALUES (?, ?)", (MOVING, source))

    def finish(self) -> None:
        """See Whole."""
        with self._writer().transaction() as connection:
            connection.execute("DELETE FROM meta WHERE key = ?", (MOVING,))

    def is_empty(self) -> bool:
        """See Whole."""
        tables = ("journal", "chunks", "seen", "heartbeats", *TABLES)
        with self._readers.snapshot() as connection:
            return not any(connection.execute(f"SELECT EXISTS (SELECT 1 FROM {t})").fetchone()[0] for t in tables)

    def count(self) -> int:
        """See Whole."""
        query = "SELECT (SELECT total(count) FROM journal) + (SELECT total(count) FROM chunks)"
        with self._readers.snapshot() as connection:
            return int(connection.execute(query).fetchone()[0])

    def targets(self) -> list[str]:
        """See Whole."""
        with self._readers.snapshot() as connection:
            return targets_of(connection)

    def samples(self, target: str, since: int) -> Iterator[Sample]:
        """See Whole."""
        for columns in read_columns(self._readers, Damages(), (target,), since, _MOST, barred=False):
            yield from to_samples(columns)

    def rows(self, table: str) -> Iterator[Row]:
        """See Whole."""
        with self._readers.snapshot() as connection:
            cursor = connection.execute(query_of(table))
            while found := cursor.fetchmany(PIECE):
                yield from found

    def adopt(self, rows: Callable[[str], Iterator[Row]]) -> None:
        """See Whole."""
        with self._writer().transaction() as connection:
            for table, spec in TABLES.items():
                marks = ", ".join("?" * (spec.columns.count(",") + 1))
                connection.executemany(f"INSERT INTO {table} ({spec.columns}) VALUES ({marks})", rows(table))
            for vantage, at, boot, *numbers in rows("heartbeats"):
                key = (_number(connection, vantage), at, _number(connection, boot))
                connection.execute("INSERT INTO heartbeats VALUES (?, ?, ?, ?, ?, ?)", (*key, *numbers))
            for vantage, boot, block, bits in rows("seen"):
                place = (_number(connection, vantage), _number(connection, boot), block)
                assert isinstance(bits, bytes)
                connection.execute("REPLACE INTO seen VALUES (?, ?, ?, ?, ?)", (*place, digest(bits, *place), bits))
            for vantage, target, *leaf in rows("leaves"):
                of = (_number(connection, vantage), BEATS if target is None else _number(connection, target))
                connection.execute(
                    f"INSERT INTO leaves ({LEAF}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", of_leaf(*of, leaf)
                )


def _number(connection: sqlite3.Connection, text: object) -> int:
    return number_of(connection, str(text))
