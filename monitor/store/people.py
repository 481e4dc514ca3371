"""The names behind pseudonyms: the one thing about a fact that can be forgotten."""

import secrets
from dataclasses import replace
from typing import TypeVar

from monitor.issuing.people import SAID, is_pseudonym, proven, pseudonym
from monitor.store.sql import Sql

T = TypeVar("T")
Names = dict[str, tuple[str, str]]
"""pseudonym → (salt, name)."""


def hidden(connection: Sql, fact: T) -> T:
    """The fact as it is kept: its author by pseudonym, made now for a name that has none."""
    if not isinstance(fact, SAID) or fact.author is None or is_pseudonym(fact.author):
        return fact
    return replace(fact, author=_known(connection, fact.author, fact.author_id), author_id=None)


def _known(connection: Sql, name: str, author_id: str | None) -> str:
    row = connection.execute("SELECT id FROM people WHERE name = ? ORDER BY rowid LIMIT 1", (name,)).fetchone()
    told, salt = "", secrets.token_hex(16)
    if author_id is not None:
        try:
            told, salt = proven(name, author_id)
        except ValueError:
            told = ""
    if not told and row is not None:
        return str(row[0])
    made = told or pseudonym(salt, name)
    connection.execute(
        "INSERT INTO people (id, salt, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (made, salt, name)
    )
    return made


def named(fact: T, names: Names) -> T:
    """The fact as it is read: its author by name, or by pseudonym where the name was erased."""
    if not isinstance(fact, SAID) or fact.author is None or not is_pseudonym(fact.author):
        return fact
    if fact.author not in names:
        return replace(fact, author_id=fact.author)
    salt, name = names[fact.author]
    return replace(fact, author=name, author_id=f"{fact.author}:{salt}")


def names(connection: Sql) -> Names:
    """The names that were not erased."""
    rows = connection.execute("SELECT id, salt, name FROM people ORDER BY rowid").fetchall()
    return {told: (salt, name) for told, salt, name in rows}


def erase(connection: Sql, name: str) -> int:
    """Forget a name; gives how many pseudonyms stood for it."""
    return connection.execute("DELETE FROM people WHERE name = ?", (name,)).rowcount


def altered(connection: Sql) -> list[str]:
    """Pseudonyms whose name or salt is not the one they were made of."""
    rows = connection.execute("SELECT id, salt, name FROM people ORDER BY rowid").fetchall()
    return [str(told) for told, salt, name in rows if pseudonym(str(salt), str(name)) != told]
