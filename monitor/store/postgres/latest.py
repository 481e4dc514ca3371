"""Accounts and checkpoints: the latest text of each name."""

from collections.abc import Sequence

from monitor.store.digest import digest, verify
from monitor.store.port import StoreError
from monitor.store.postgres.connection import Connection
from monitor.store.postgres.damage import Damages
from monitor.store.postgres.readers import Readers


def write(connection: Connection, table: str, key: str, texts: Sequence[tuple[str, str]]) -> None:
    """Put each text in the place of the one before."""
    if texts:
        query = (
            f"INSERT INTO {table} VALUES (%s, %s, %s) "
            f"ON CONFLICT ({key}) DO UPDATE SET digest = EXCLUDED.digest, body = EXCLUDED.body"
        )
        with connection.cursor() as cursor:
            cursor.executemany(query.encode(), [(name, digest(text, name), text) for name, text in texts])


def read(readers: Readers, damages: Damages, table: str, key: str) -> dict[str, str]:
    """The texts by name; one that is damaged is noted and worked out anew."""
    with readers.snapshot() as connection:
        rows = connection.execute(f"SELECT {key}, digest, body FROM {table} ORDER BY {key}".encode()).fetchall()
    found: dict[str, str] = {}
    for name, stored, body in rows:
        assert isinstance(stored, bytes) and isinstance(body, str)
        try:
            verify(stored, body, f"{table} {name}", name)
        except StoreError as error:
            damages.note(f"{table} {name}", str(error))
        else:
            found[str(name)] = body
    return found
