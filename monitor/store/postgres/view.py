"""A PostgreSQL store as a check of its chains reads it; see ``monitor.store.view``."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import numpy as np

from monitor.store.packing.chunk import DAY
from monitor.store.port import StoreError
from monitor.store.postgres.connection import Connection
from monitor.store.postgres.damage import Damages
from monitor.store.postgres.rows import SAMPLE, columns_of
from monitor.store.postgres.schema import APPEND_ONLY, SCHEMA, frozen
from monitor.store.postgres.sql import Asked
from monitor.store.rows import kept
from monitor.store.view import Waiting
from probes.columns import Columns, concat, in_order

_PIECE = 10_000
_KINDS = {"UPDATE": 19, "DELETE": 11, "TRUNCATE": 34}
"""What the server says of a trigger before each row, or before the statement."""
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1


class PostgresView:
    """Implements ``monitor.store.view.View``."""

    def __init__(self, connection: Connection) -> None:
        self.sql = Asked(connection)
        self._connection = connection
        self._damages = Damages()

    def mistyped(self) -> Iterator[str]:
        """See View: the server keeps none."""
        return iter(())

    def unguarded(self) -> Iterator[str]:
        """See View: triggers, those of each month too, and the function that they call."""
        rows = self._connection.execute(
            "SELECT relname, tgname, tgtype FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
            "JOIN pg_proc ON pg_proc.oid = tgfoid WHERE relnamespace = %s::regnamespace AND tgenabled = 'O' "
            "AND tgqual IS NULL AND tgattr::text = '' AND prosrc = %s",
            (SCHEMA, APPEND_ONLY),
        ).fetchall()
        there = {(str(table), str(name)): kind for table, name, kind in rows}
        wanted = [(table, table, actions) for table, actions in frozen().items()]
        wanted += [(month, "samples", frozen()["samples"]) for month in self._months()]
        for table, guarded, actions in wanted:
            for action in actions:
                if there.get((table, f"{guarded}_no_{action.lower()}")) != _KINDS[action]:
                    yield f"table {table}: the trigger that refuses {action} is gone"

    def _months(self) -> list[str]:
        rows = self._connection.execute(
            "SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid "
            "WHERE inhparent = 'samples'::regclass ORDER BY relname"
        ).fetchall()
        return [str(name) for (name,) in rows]

    def series(self) -> set[tuple[int, int]]:
        """See View."""
        found: set[tuple[int, int]] = set(self.sql.execute("SELECT DISTINCT target, vantage FROM samples").fetchall())
        return found

    def days(self, target: int, vantage: int) -> Iterator[tuple[range, Columns | StoreError]]:
        """See View. A row that cannot be read is left out; ``waiting`` tells of it."""
        key = (target, vantage)
        rows = self.sql.execute("SELECT day FROM days WHERE target = ? AND vantage = ?", key).fetchall()
        unsealed = {day for (day,) in rows}
        late = self._late(target, vantage)
        for day, columns in self._by_day(target, vantage):
            columns = _without(columns, late)
            if day not in unsealed and len(columns):
                yield range(day, day + 1), in_order(columns)

    def _late(self, target: int, vantage: int) -> dict[str, list[int]]:
        query = "SELECT text, seq FROM late_samples JOIN names ON names.id = boot WHERE target = ? AND vantage = ?"
        found: dict[str, list[int]] = {}
        for boot, seq in self.sql.execute(query, (target, vantage)).fetchall():
            found.setdefault(boot, []).append(seq)
        return found

    def _by_day(self, target: int, vantage: int) -> Iterator[tuple[int, Columns]]:
        gathered: list[Columns] = []
        today = 0
        for columns in self._pieces(target, vantage):
            bounds = np.flatnonzero(np.diff(columns["at"] // DAY)) + 1
            for part in columns.cut([0, *bounds.tolist(), len(columns)]):
                day = int(part["at"][0]) // DAY
                if gathered and day != today:
                    yield today, concat(gathered)
                    gathered = []
                gathered.append(part)
                today = day
        if gathered:
            yield today, concat(gathered)

    def _pieces(self, target: int, vantage: int) -> Iterator[Columns]:
        """In order of ``at``."""
        query = f"SELECT {SAMPLE} FROM samples WHERE target = %s AND vantage = %s ORDER BY at"
        with self._connection.cursor(name="days", binary=True) as cursor:
            cursor.execute(query.encode(), (target, vantage))
            while rows := cursor.fetchmany(_PIECE):
                columns = columns_of(self._connection, rows, self._damages)
                if len(columns):
                    yield columns

    def waiting(self) -> Iterator[Waiting | StoreError]:
        """See View."""
        for text in self._damages.register.texts():
            yield StoreError("store_damaged", text)
        names = "JOIN names AS t ON t.id = target JOIN names AS v ON v.id = vantage"
        query = f"SELECT target, vantage, t.text, v.text, day FROM days {names} ORDER BY day, v.text, t.text"
        of_day = "SELECT count(*), min(at) FROM samples WHERE target = ? AND vantage = ? AND at >= ? AND at <= ?"
        for target, vantage, told, seen_from, day in self.sql.execute(query).fetchall():
            span = (max(day * DAY, _LEAST), min((day + 1) * DAY - 1, _MOST))
            count, first = self.sql.execute(of_day, (target, vantage, *span)).fetchone()
            if count:
                yield Waiting(told, seen_from, day, count, first)
        query = (
            "SELECT t.text, v.text, l.day, count(*), min(s.at) FROM late_samples AS l JOIN samples AS s "
            "ON s.vantage = l.vantage AND s.boot = l.boot AND s.seq = l.seq "
            "JOIN names AS t ON t.id = l.target JOIN names AS v ON v.id = l.vantage "
            "GROUP BY t.text, v.text, l.day ORDER BY l.day, v.text, t.text"
        )
        for row in self.sql.execute(query).fetchall():
            yield Waiting(*row)


def _without(columns: Columns, listed: dict[str, list[int]]) -> Columns:
    """The samples whose boot and number are not listed."""
    if not listed:
        return columns
    inside = np.zeros(len(columns), dtype=np.bool_)
    for boot, seqs in listed.items():
        places = [place for place, word in enumerate(columns.words) if word == boot]
        inside |= np.isin(columns["boot"], places) & np.isin(columns["seq"], seqs)
    return kept(columns, ~inside)


def viewing(
    snapshot: Callable[[], AbstractContextManager[Connection]],
) -> Callable[[], AbstractContextManager[PostgresView]]:
    """Views of snapshots."""

    @contextmanager
    def view() -> Iterator[PostgresView]:
        with snapshot() as connection:
            yield PostgresView(connection)

    return view
