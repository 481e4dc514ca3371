"""The names behind pseudonyms, as a PostgreSQL store keeps them; see ``monitor.store.people``."""

import secrets
from dataclasses import replace
from typing import TypeVar

from monitor.issuing.people import SAID, is_pseudonym, proven, pseudonym
from monitor.store.people import Names
from monitor.store.postgres.connection import Connection

T = TypeVar("T")


def hidden(connection: Connection, fact: T) -> T:
    """The fact as it is kept: its author by pseudonym, made now for a name that has none."""
    if not isinstance(fact, SAID) or fact.author is None or is_pseudonym(fact.author):
        return fact
    return replace(fact, author=_known(connection, fact.author, fact.author_id), author_id=None)


def _known(connection: Connection, name: str, author_id: str | None) -> str:
    told, salt = "", secrets.token_hex(16)
    if author_id is not None:
        try:
            told, salt = proven(name, author_id)
        except ValueError:
            told = ""
    row = connection.execute("SELECT id FROM people WHERE name = %s ORDER BY seq LIMIT 1", (name,)).fetchone()
    if not told and row is not None:
        return str(row[0])
    made = told or pseudonym(salt, name)
    query = "INSERT INTO people (id, salt, name) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
    connection.execute(query, (made, salt, name))
    return made


def names_of(connection: Connection) -> Names:
    """The names that were not erased."""
    rows = connection.execute("SELECT id, salt, name FROM people ORDER BY seq").fetchall()
    return {str(told): (str(salt), str(name)) for told, salt, name in rows}


def erase(connection: Connection, name: str) -> int:
    """Forget a name; gives how many pseudonyms stood for it. Its bytes go with the next vacuum and the log's end."""
    return connection.execute("DELETE FROM people WHERE name = %s", (name,)).rowcount
