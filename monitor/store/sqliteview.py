"""A SQLite store as a check of its chains reads it; see ``monitor.store.view``."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from monitor.store.filed import Filed
from monitor.store.packing.chunk import DAY
from monitor.store.port import StoreError
from monitor.store.rows import CHUNK, JOURNAL, by_series, open_chunk, open_journal
from monitor.store.schema import frozen
from monitor.store.typed import mistyped
from monitor.store.view import Waiting
from probes.columns import Columns, in_order


class SqliteView:
    """Implements ``monitor.store.view.View``."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.sql = connection

    def mistyped(self) -> Iterator[str]:
        """See View."""
        return mistyped(self.sql)

    def unguarded(self) -> Iterator[str]:
        """See View: triggers."""
        there = dict(self.sql.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall())
        for table, actions in frozen().items():
            for action in actions:
                text = there.get(f"{table}_no_{action.lower()}") or ""
                if f"BEFORE {action} ON {table} " not in text or "RAISE(ABORT" not in text:
                    yield f"table {table}: the trigger that refuses {action} is gone"

    def series(self) -> set[tuple[int, int]]:
        """See View."""
        return set(self.sql.execute("SELECT DISTINCT target, vantage FROM chunks").fetchall())

    def days(self, target: int, vantage: int) -> Iterator[tuple[range, Columns | StoreError]]:
        """See View: the days of chunks."""
        query = f"SELECT {CHUNK} FROM chunks WHERE target = ? AND vantage = ? ORDER BY first_at, id"
        for chunk in self.sql.execute(query, (target, vantage)):
            try:
                filed = Filed(chunk)
                for columns in open_chunk(chunk):
                    filed.take(columns)
                    day = int(columns["at"][0]) // DAY
                    yield range(day, day + 1), in_order(columns)
                filed.check()
            except StoreError as error:
                first = chunk[3] // DAY
                yield range(first, max(first, chunk[4] // DAY) + 1), error

    def waiting(self) -> Iterator[Waiting | StoreError]:
        """See View: the journal."""
        for row in self.sql.execute(f"SELECT {JOURNAL} FROM journal ORDER BY id"):
            try:
                for columns in by_series(open_journal(row)) if row[4] else ():
                    target, vantage = (columns.words[int(columns[name][0])] or "" for name in ("target", "vantage"))
                    ats = columns["at"]
                    yield Waiting(target, vantage, int(ats[0]) // DAY, len(columns), int(ats.min()))
            except StoreError as error:
                yield error


def viewing(
    snapshot: Callable[[], AbstractContextManager[sqlite3.Connection]],
) -> Callable[[], AbstractContextManager[SqliteView]]:
    """Views of snapshots."""

    @contextmanager
    def view() -> Iterator[SqliteView]:
        with snapshot() as connection, _any_text(connection):
            yield SqliteView(connection)

    return view


@contextmanager
def _any_text(connection: sqlite3.Connection) -> Iterator[None]:
    """A text that was damaged is read all the same, as another one."""
    before = connection.text_factory
    connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        connection.text_factory = before
