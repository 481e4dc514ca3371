"""A PostgreSQL store as a whole; see ``monitor.store.whole``."""

from collections.abc import Callable, Iterator
from itertools import islice

from monitor.store.digest import digest
from monitor.store.leaves import LEAF
from monitor.store.postgres.connection import Connection, Writer
from monitor.store.postgres.damage import Damages
from monitor.store.postgres.names import Names, targets_of
from monitor.store.postgres.readers import Readers
from monitor.store.postgres.reading import read_columns
from monitor.store.whole import MOVING, TABLES, Row, of_leaf, query_of
from probes.columns import to_samples
from probes.sample import Sample

PIECE = 1_000
_MOST = (1 << 63) - 1
_SEALED = (
    "DELETE FROM days AS d WHERE EXISTS (SELECT FROM leaves AS l WHERE l.vantage = d.vantage AND l.target = d.target "
    "AND l.day = d.day)"
)
"""Days that had a leaf where they come from, so that what comes for them now is late."""


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
        with self._readers.snapshot() as connection:
            return targets_of(connection)

    def samples(self, target: str, since: int) -> Iterator[Sample]:
        """See Whole."""
        for columns in read_columns(self._readers, Damages(), (target,), since, _MOST, barred=False):
            yield from to_samples(columns)

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
            leaves = (
                of_leaf(vantage, target, rest)
                for some in _pieces(rows("leaves"))
                for vantage, target, (_, _, *rest) in _numbered(connection, names, some, 0, 1)
            )
            _put(connection, f"INSERT INTO leaves ({LEAF}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)", leaves)
            connection.execute(_SEALED)


def _put(connection: Connection, query: str, rows: Iterator[Row]) -> None:
    for some in _pieces(rows):
        with connection.cursor() as cursor:
            cursor.executemany(query.encode(), some)


def _pieces(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while some := list(islice(rows, PIECE)):
        yield some


def _numbered(
    connection: Connection, names: Names, rows: list[Row], one: int, other: int
) -> Iterator[tuple[int, int, Row]]:
    """Each row with the numbers of the names at its two places, 0 where it has none."""
    numbers = (names.of(connection, [_text(row[place]) for row in rows]) for place in (one, other))
    yield from zip(*numbers, rows, strict=True)


def _text(name: object) -> str | None:
    return None if name is None else str(name)
