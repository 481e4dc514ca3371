"""Accounts and checkpoints: the latest text of each name."""

from collections.abc import Sequence

from monitor.store.digest import digest, verify
from monitor.store.port import StoreError
from monitor.store.register import Register
from monitor.store.sql import Sql

ACCOUNTS, CHECKPOINTS = ("accounts", "contract"), ("checkpoints", "target")
Table = tuple[str, str]
"""A table and the column of its names."""


def write(connection: Sql, table: Table, texts: Sequence[tuple[str, str]]) -> None:
    """Put each text in the place of the one before."""
    if texts:
        query = (
            f"INSERT INTO {table[0]} VALUES (?, ?, ?) "
            f"ON CONFLICT ({table[1]}) DO UPDATE SET digest = excluded.digest, body = excluded.body"
        )
        connection.executemany(query, [(name, digest(text, name), text) for name, text in texts])


def read(connection: Sql, register: Register, table: Table) -> dict[str, str]:
    """The texts by name; one that is damaged is noted and worked out anew."""
    found: dict[str, str] = {}
    rows = connection.execute(f"SELECT {table[1]}, digest, body FROM {table[0]} ORDER BY {table[1]}").fetchall()
    for name, stored, body in rows:
        try:
            verify(stored, body, f"{table[0]} {name}", name)
        except StoreError as error:
            register.note(f"{table[0]} {name}", str(error))
        else:
            found[name] = body
    return found
