"""Is the store sound: its tables and indexes by the server's catalogue, each record by its digest."""

from collections.abc import Callable, Iterator

from monitor.store.digest import UNLIKE, verify
from monitor.store.port import StoreError
from monitor.store.postgres import conflicts, facts, issued
from monitor.store.postgres.connection import Connection
from monitor.store.postgres.damage import Damages
from monitor.store.postgres.readers import Readers
from monitor.store.postgres.rows import SAMPLE, columns_of
from monitor.store.postgres.schema import SCHEMA, TABLES

_PIECE = 10_000
Look = tuple[Callable[[tuple[object, ...]], object], str]
"""What is done with each row of a query."""


def structure(connection: Connection) -> tuple[str, ...]:
    """Tables that are missing, and indexes that the server itself does not trust."""
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (SCHEMA,)).fetchall()
    there = {str(name) for (name,) in rows}
    missing = tuple(f"table {name} is missing" for name in sorted(TABLES - there))
    broken = connection.execute(
        "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
        "WHERE relnamespace = %s::regnamespace AND NOT indisvalid ORDER BY relname",
        (SCHEMA,),
    ).fetchall()
    return missing + tuple(f"index {name} is not valid; REINDEX it" for (name,) in broken)


def evidence(readers: Readers, damages: Damages) -> tuple[str, ...]:
    """Samples and facts whose digest does not fit, and whatever else was found before."""
    with readers.snapshot() as connection:
        with connection.cursor(name="every", binary=True) as cursor:
            cursor.execute(f"SELECT {SAMPLE} FROM samples".encode())
            while rows := cursor.fetchmany(_PIECE):
                columns_of(connection, rows, damages)
        _look(connection, damages, _FACTS)
    return damages.texts()


def records(readers: Readers, damages: Damages) -> tuple[str, ...]:
    """The other records whose digest does not fit."""
    with readers.snapshot() as connection:
        for table in _OTHERS:
            _look(connection, damages, table)
    return damages.texts()


def _look(connection: Connection, damages: Damages, table: Look) -> None:
    for problem in _problems(connection, *table):
        damages.note(problem.removesuffix(f": {UNLIKE}"), problem)


def _problems(connection: Connection, look: Callable[[tuple[object, ...]], object], query: str) -> Iterator[str]:
    with connection.cursor(name="records", binary=True) as cursor:
        cursor.execute(query.encode())
        while rows := cursor.fetchmany(_PIECE):
            for row in rows:
                try:
                    look(row)
                except StoreError as error:
                    yield str(error)


def _fits(row: tuple[object, ...]) -> None:
    """A row of (name, digest, body, what is beside the body in the digest)."""
    name, stored, body, *place = row
    assert isinstance(stored, bytes) and isinstance(body, str | bytes)
    verify(stored, body, str(name), *place)


_FACTS: Look = (facts.checked, f"SELECT {facts.FACT} FROM facts ORDER BY id")
_OTHERS: tuple[Look, ...] = (
    (_fits, "SELECT 'identities of boot ' || boot, digest, bits, vantage, boot, block FROM seen"),
    (_fits, "SELECT 'accounts ' || contract, digest, body, contract FROM accounts ORDER BY contract"),
    (_fits, "SELECT 'checkpoints ' || target, digest, body, target FROM checkpoints ORDER BY target"),
    (issued.checked, f"SELECT {issued.ISSUED} FROM issued ORDER BY id"),
    (_fits, "SELECT 'outbox ' || delivery, digest, body, hook, delivery FROM outbox WHERE body IS NOT NULL"),
    (
        conflicts.opened,
        "SELECT id, vantage, boot, seq, target, content, digest, body FROM quarantine ORDER BY id",
    ),
)
