"""A PostgreSQL store as a whole; see ``monitor.store.whole``."""

from collections.abc import Callable, Iterator
from itertools import islice

from monitor.store.digest import digest
from monitor.store.postgres.connection import Connection, Writer
from monitor.store.postgres.names import Names
from monitor.store.postgres.readers import Readers
from monitor.store.whole import MOVING, TABLES, Row, query_of

PIECE = 1_000


class PostgresWhole:
    """Implements ``monitor.store.whole.Whole``. ``writer`` is asked for only by what writes."""

    def __init__(self, readers: Readers, writer: Callable[[], Writer]) -> None:
        self._readers, self._writer = readers, writer

    def meta(self, key: str) -> str | None:
        """See Whole."""
        with self._readers.snapshot() as connection:
            row = connection.execute("SELECT value FROM meta WHERE key = %s", (key,)).fetchone()
        return str(row[0]) if row else None

    def begin(self, source: str) -> None:
        """See Whole."""
        query = "INSERT INTO meta VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET value = EXCLUDED.value"
        with self._writer().transaction() as connection:
            connection.execute(query, (MOVING, source))

    def finish(self) -> None:
        """See Whole."""
        with self._writer().transaction() as connection:
            connection.execute("DELETE FROM meta WHERE key = %s", (MOVING,))

    def is_empty(self) -> bool:
        """See Whole."""
        tables = ("samples", "seen", "heartbeats", *TABLES)
        query = " UNION ALL ".join(f"SELECT EXISTS (SELECT FROM {table})" for table in tables)
        with self._readers.snapshot() as connection:
            return not any(there for (there,) in connection.execute(query.encode()).fetchall())

    def count(self) -> int:
        """See Whole."""
        with self._readers.snapshot() as connection:
            row = connection.execute("SELECT count(*) FROM samples").fetchone()
        return int(str(row[0])) if row else 0

    def targets(self) -> list[str]:
        """See Whole."""
        query = "SELECT text FROM names WHERE EXISTS (SELECT FROM samples WHERE target = names.id) ORDER BY text"
        with self._readers.snapshot() as connection:
            return [str(text) for (text,) in connection.execute(query).fetchall()]

    def rows(self, table: str) -> Iterator[Row]:
        """See Whole."""
        with self._readers.snapshot() as connection, connection.cursor(name="whole", binary=True) as cursor:
            cursor.execute(query_of(table).encode())
            while found := cursor.fetchmany(PIECE):
                yield from found

    def adopt(self, rows: Callable[[str], Iterator[Row]]) -> None:
        """See Whole."""
        names = Names()
        with self._writer().transaction() as connection:
            for table, spec in TABLES.items():
                marks = ", ".join(["%s"] * (spec.columns.count(",") + 1))
                _put(connection, f"INSERT INTO {table} ({spec.columns}) VALUES ({marks})", rows(table))
            beats = (
                (vantage, at, boot, *numbers)
                for some in _pieces(rows("heartbeats"))
                for vantage, boot, (_, at, _, *numbers) in _numbered(connection, names, some, 0, 2)
            )
            _put(connection, "INSERT INTO heartbeats VALUES (%s, %s, %s, %s, %s, %s)", beats)
            seen = (
                (vantage, boot, block, digest(bits, vantage, boot, block), bits)
                for some in _pieces(rows("seen"))
                for vantage, boot, (_, _, block, bits) in _numbered(connection, names, some, 0, 1)
                if isinstance(bits, bytes)
            )
            query = (
                "INSERT INTO seen VALUES (%s, %s, %s, %s, %s) ON CONFLICT (vantage, boot, block) "
                "DO UPDATE SET digest = EXCLUDED.digest, bits = EXCLUDED.bits"
            )
            _put(connection, query, seen)


def _put(connection: Connection, query: str, rows: Iterator[Row]) -> None:
    for some in _pieces(rows):
        with connection.cursor() as cursor:
            cursor.executemany(query.encode(), some)


def _pieces(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while some := list(islice(rows, PIECE)):
        yield some


def _numbered(
    connection: Connection, names: Names, rows: list[Row], vantage: int, boot: int
) -> Iterator[tuple[int, int, Row]]:
    """Each row with the numbers of the names at its two places."""
    vantages = names.of(connection, [str(row[vantage]) for row in rows])
    boots = names.of(connection, [str(row[boot]) for row in rows])
    yield from zip(vantages, boots, rows, strict=True)
