"""Issued statements: each revision once, never changed, never removed."""

import json
import sqlite3

from monitor.store.digest import digest, verify
from monitor.store.port import Issued, StoreError

_COLUMNS = 'contract, start, "end", revision, at, statement, keep, body, digest'
Row = tuple[str, int, int, int, int, str, str, str, bytes]


def write(connection: sqlite3.Connection, statement: Issued) -> None:
    """Record one. Raises StoreError ``issued_already`` where that revision is there."""
    place = (statement.contract, statement.start, statement.end, statement.revision)
    row = (*place, statement.at, statement.digest, json.dumps(statement.keep))
    try:
        connection.execute(
            f"INSERT INTO issued ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*row, statement.body, digest(statement.body, *row)),
        )
    except sqlite3.IntegrityError as error:
        raise issued_already(statement) from error


def read(connection: sqlite3.Connection, contract: str, start: int, end: int) -> list[Issued]:
    """All revisions of one period."""
    rows = connection.execute(
        f'SELECT {_COLUMNS} FROM issued WHERE contract = ? AND start = ? AND "end" = ? ORDER BY revision',
        (contract, start, end),
    ).fetchall()
    return [checked(row) for row in rows]


def checked(row: Row) -> Issued:
    """A row as it was written. Raises StoreError ``store_damaged``."""
    *place, body, stored = row
    verify(stored, body, f"issued statement {place[0]} revision {place[3]}", *place)
    contract, start, end, revision, at, statement, keep = row[:7]
    return Issued(contract, start, end, revision, at, statement, body, tuple(map(tuple, json.loads(keep))))


def rows(connection: sqlite3.Connection) -> list[Row]:
    """Every row, for a check of every record."""
    found: list[Row] = connection.execute(f"SELECT {_COLUMNS} FROM issued ORDER BY id").fetchall()
    return found


def keep_of(row: Row) -> list[tuple[str, int, int]]:
    """The samples that a row's statement rests on."""
    return [(str(target), int(start), int(end)) for target, start, end in json.loads(row[6])]


def kept(connection: sqlite3.Connection) -> list[tuple[str, int, int]]:
    """The samples that statements rest on."""
    found = connection.execute("SELECT keep FROM issued ORDER BY id").fetchall()
    return [(str(target), int(start), int(end)) for (keep,) in found for target, start, end in json.loads(keep)]


def issued_already(statement: Issued) -> StoreError:
    """Two issued at the same moment: one of them is the revision, the other has to look again."""
    return StoreError(
        "issued_already", f"{statement.contract}: revision {statement.revision} was issued by somebody else; try again"
    )
