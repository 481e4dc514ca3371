"""Issued statements: each revision once, never changed, never removed."""

import json
from collections.abc import Callable, Iterable, Iterator

from monitor.store.digest import digest, verify
from monitor.store.port import Issued, StoreError
from monitor.store.register import STATEMENT, Register
from monitor.store.sql import Sql

COLUMNS = 'contract, start, "end", revision, at, statement, keep, body, digest'
Row = tuple[str, int, int, int, int, str, str, str, bytes]
Kept = tuple[str, int, int]
_EVER = (-(1 << 62), 1 << 62)


def write(connection: Sql, statement: Issued) -> None:
    """Record one. Raises StoreError ``issued_already`` where that revision is there."""
    place = (statement.contract, statement.start, statement.end, statement.revision)
    row = (*place, statement.at, statement.digest, json.dumps(statement.keep))
    made = connection.execute(
        f"INSERT INTO issued ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        (*row, statement.body, digest(statement.body, *row)),
    )
    if made.rowcount != 1:
        raise issued_already(statement)


def read(connection: Sql, register: Register, contract: str, start: int, end: int) -> list[Issued]:
    """All revisions of one period that can be read. Raises ``statement_damaged`` where the newest cannot."""
    rows = connection.execute(
        f'SELECT {COLUMNS} FROM issued WHERE contract = ? AND start = ? AND "end" = ? ORDER BY revision',
        (contract, start, end),
    ).fetchall()
    found, newest = [], None
    for row in rows:
        try:
            newest = None
            found.append(checked(row))
        except StoreError as error:
            register.note(name_of(row), str(error), STATEMENT)
            newest = error
    if newest is not None:
        raise StoreError(STATEMENT, f"{newest}; no other is issued in its place") from newest
    return found


def checked(row: Row) -> Issued:
    """A row as it was written. Raises StoreError ``store_damaged``."""
    *place, body, stored = row
    verify(stored, body, name_of(row), *place)
    contract, start, end, revision, at, statement = row[:6]
    return Issued(contract, start, end, revision, at, statement, body, tuple(keep_of(row)))


def name_of(row: Row) -> str:
    """What a row is called."""
    return f"issued statement {row[0]} from {row[1]} revision {row[3]}"


def rows(connection: Sql) -> list[Row]:
    """Every row, for a check of every record."""
    found: list[Row] = connection.execute(f"SELECT {COLUMNS} FROM issued ORDER BY id").fetchall()
    return found


def keep_of(row: Row) -> list[Kept]:
    """The samples that a row's statement rests on. Raises ValueError, TypeError where it does not say."""
    return [(str(target), int(start), int(end)) for target, start, end in json.loads(row[6])]


def kept(connection: Sql, register: Register, targets: Callable[[], Iterable[str]]) -> list[Kept]:
    """The samples that statements rest on, and of one that is damaged all that it may rest on. ``targets`` gives those
    that have samples."""
    return [span for row in rows(connection) for span in _kept(register, row, targets)]


def _kept(register: Register, row: Row, targets: Callable[[], Iterable[str]]) -> Iterator[Kept]:
    try:
        yield from checked(row).keep
    except StoreError as error:
        register.note(name_of(row), str(error), STATEMENT)
        start, end = row[1:3]
        span = (start, end) if isinstance(start, int) and isinstance(end, int) and start < end else _EVER
        yield from ((name, *span) for name in targets())
        try:
            yield from keep_of(row)
        except (ValueError, TypeError):
            return


def issued_already(statement: Issued) -> StoreError:
    """Two issued at the same moment: one of them is the revision, the other has to look again."""
    return StoreError(
        "issued_already", f"{statement.contract}: revision {statement.revision} was issued by somebody else; try again"
    )
