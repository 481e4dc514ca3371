"""Names kept once and referred to by number."""

import sqlite3


def number_of(connection: sqlite3.Connection, name: str) -> int:
    """The number of a name, given to it now if it has none."""
    known = find(connection, name)
    if known is not None:
        return known
    made = connection.execute("INSERT INTO names (text) VALUES (?)", (name,)).lastrowid
    assert made is not None
    return made


def find(connection: sqlite3.Connection, name: str) -> int | None:
    """The number of a name, None if the store never heard it."""
    row = connection.execute("SELECT id FROM names WHERE text = ?", (name,)).fetchone()
    return int(row[0]) if row else None
