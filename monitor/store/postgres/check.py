"""Is the store sound: its tables and indexes by the server's catalogue, each record by its digest."""

import re

from monitor.store.port import StoreError
from monitor.store.postgres import facts
from monitor.store.postgres.connection import Connection
from monitor.store.postgres.damage import Damages
from monitor.store.postgres.partitions import existing, partition
from monitor.store.postgres.readers import Readers
from monitor.store.postgres.rows import SAMPLE, columns_of
from monitor.store.postgres.schema import SCHEMA, TABLES
from monitor.store.postgres.sql import Asked
from monitor.store.records import problems
from monitor.store.register import IDENTITIES
from monitor.store.seen import Unmarked

_PIECE = 10_000
_MONTH = re.compile(r"samples_\d{4}_\d{2}")


def structure(connection: Connection) -> tuple[str, ...]:
    """Tables that are missing, months that nobody reads, and indexes that the server itself does not trust."""
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", (SCHEMA,)).fetchall()
    there = {str(name) for (name,) in rows}
    missing = tuple(f"table {name} is missing" for name in sorted(TABLES - there))
    broken = connection.execute(
        "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
        "WHERE relnamespace = %s::regnamespace AND NOT indisvalid ORDER BY relname",
        (SCHEMA,),
    ).fetchall()
    attached = {partition(month) for month in existing(connection)} if "samples" in there else set()
    apart = sorted(name for name in there - TABLES - attached if _MONTH.fullmatch(name))
    missing += tuple(f"table {name} is no partition of samples; attach it" for name in apart)
    return missing + tuple(f"index {name} is not valid; REINDEX it" for (name,) in broken)


def evidence(readers: Readers, damages: Damages) -> tuple[str, ...]:
    """Samples, facts and other records whose digest does not fit, and whatever else was found before."""
    unmarked = Unmarked()
    with readers.snapshot() as connection:
        with connection.cursor(name="every", binary=True) as cursor:
            cursor.execute(f"SELECT {SAMPLE} FROM samples".encode())
            while rows := cursor.fetchmany(_PIECE):
                unmarked.take(columns_of(connection, rows, damages))
        for name, text in unmarked.problems(Asked(connection)):
            damages.register.note(name, text, IDENTITIES)
        with connection.cursor(name="facts", binary=True) as cursor:
            cursor.execute(f"SELECT {facts.FACT} FROM facts ORDER BY id".encode())
            while rows := cursor.fetchmany(_PIECE):
                for row in rows:
                    _look(row, damages)
        for problem in problems(Asked(connection)):
            damages.register.note(problem.name, problem.text, problem.code)
    return damages.register.texts()


def _look(row: tuple[object, ...], damages: Damages) -> None:
    try:
        facts.checked(row)
    except StoreError as error:
        damages.note(f"fact {row[0]}", str(error))
