"""One value changed in each column of a PostgreSQL store, in a transaction that is undone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from monitor.cli.deep import findings
from monitor.store.port import StoreError
from monitor.store.postgres import check
from monitor.store.postgres.connection import Connection
from monitor.store.postgres.damage import Damages
from monitor.store.postgres.readers import Readers
from monitor.store.postgres.schema import SCHEMA, TABLES
from tests.campaign.hands import Meddled
from tests.campaign.others import other

Db = psycopg.Connection[Any]
_NEW = {"text": "x", "bytea": b"\1", "ARRAY": [1], "boolean": True}
"""What stands where nothing did; 1 for a number."""


class Inside(Readers):
    """Snapshots of a transaction: the transaction itself."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        yield self._db


@contextmanager
def undone(url: str) -> Iterator[Db]:
    """A transaction of which nothing stays."""
    with psycopg.connect(url, options=f"-csearch_path={SCHEMA}") as db:
        yield db
        db.rollback()


def columns(db: Db) -> list[tuple[str, str, str]]:
    """(table, column, type) of a store, the tables as its program knows them."""
    query = "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = %s"
    found = db.execute(f"{query} ORDER BY table_name, ordinal_position".encode(), (SCHEMA,)).fetchall()
    return [(table, column, kind) for table, column, kind in found if table in TABLES]


def change(db: Db, table: str, column: str, kind: str) -> bool:
    """Another value in place of the greatest of a column, if there is any, triggers out of the way meanwhile."""
    whole = Identifier(table)
    if _is_identity(db, table, column):
        db.execute(_put("ALTER TABLE {} ALTER COLUMN {} DROP IDENTITY", whole, Identifier(column)))
    db.execute(_put("ALTER TABLE {} DISABLE TRIGGER USER", whole))
    text = "SELECT {}, tableoid, ctid::text FROM {} ORDER BY {} DESC NULLS LAST LIMIT 1"
    query = _put(text, Identifier(column), whole, Identifier(column))
    row = db.execute(query).fetchone()
    if row is not None:
        new = other(row[0], _NEW.get(kind, 1))
        query = _put("UPDATE {} SET {} = %s WHERE tableoid = %s AND ctid = %s::tid", whole, Identifier(column))
        db.execute(query, (new, *row[1:]))
    db.execute(_put("ALTER TABLE {} ENABLE TRIGGER USER", whole))
    return row is not None


def _put(text: str, *names: Identifier) -> Composed:
    return SQL(text).format(*names)


def _is_identity(db: Db, table: str, column: str) -> bool:
    query = (
        "SELECT is_identity FROM information_schema.columns "
        "WHERE table_schema = %s AND table_name = %s AND column_name = %s"
    )
    row = db.execute(query, (SCHEMA, table, column)).fetchone()
    return row is not None and row[0] == "YES"


def told_of(db: Db, beside: Path) -> list[str]:
    """What ``doctor --deep`` says of the store as the transaction sees it."""
    try:
        chain = Meddled(db).chain
        return [
            *findings(chain, str(beside), None, ()),
            *check.structure(db),
            *check.evidence(Inside(db), Damages()),
        ]
    except (StoreError, psycopg.Error) as error:
        return [str(error)]
