"""Whether each value of a SQLite store is of the type of its column: SQLite keeps any type in any column, and whatever
is computed with one that is another says nothing."""

import sqlite3
from collections.abc import Iterator

_TYPES = {"INTEGER": "integer", "TEXT": "text", "BLOB": "blob"}


def mistyped(connection: sqlite3.Connection) -> Iterator[str]:
    """Each column that holds another type, with the first record that does."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '*sqlite_*' ORDER BY name"
    for (table,) in connection.execute(query).fetchall():
        yield from _of_table(connection, str(table))


def _of_table(connection: sqlite3.Connection, table: str) -> Iterator[str]:
    columns = connection.execute(f"PRAGMA table_info({table})").fetchall()
    keys = ", ".join(f'"{name}"' for _, name, *_, key in columns if key)
    for _, name, kind, *_ in columns:
        if kind not in _TYPES:
            yield f"table {table}: {name!a} is declared {kind!a}: altered, or damaged"
            return
    wrong = {
        str(name): f"typeof(\"{name}\") NOT IN ('{_TYPES[kind]}'{', ' + repr('null') if not (needed or key) else ''})"
        for _, name, kind, needed, _, key in columns
    }
    counts = connection.execute(f"SELECT {', '.join(f'total({each})' for each in wrong.values())} FROM {table}")
    for (name, condition), count in zip(wrong.items(), counts.fetchone(), strict=True):
        if count:
            query = f'SELECT typeof("{name}"), {keys} FROM {table} WHERE {condition} ORDER BY {keys} LIMIT 1'
            found, *key = connection.execute(query).fetchone()
            yield f"table {table}, record {', '.join(map(str, key))}: {name} is {found}: altered, or damaged"
