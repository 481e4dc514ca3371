"""Is the store sound: its structure by SQLite's own check, each record by its digest."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping

from monitor.store import records as records_alike
from monitor.store.digest import verify
from monitor.store.hours import hours_of, joined, pack
from monitor.store.port import StoreError
from monitor.store.rows import CHUNK, JOURNAL, ChunkRow, hours_in, open_chunk, open_journal


def structure(connection: sqlite3.Connection) -> tuple[str, ...]:
    """SQLite's own findings, without comparing indexes and tables."""
    return _found(connection, "quick_check")


def indexes(connection: sqlite3.Connection) -> tuple[str, ...]:
    """SQLite's own findings; an index that lost a row would hide what is stored."""
    return _found(connection, "integrity_check")


def _found(connection: sqlite3.Connection, pragma: str) -> tuple[str, ...]:
    found = [str(row[0]) for row in connection.execute(f"PRAGMA {pragma}(100)")]
    return () if found == ["ok"] else tuple(found)


def records(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Every record whose digest does not fit."""
    return tuple(_problems(connection))


def _problems(connection: sqlite3.Connection) -> Iterator[str]:
    names = dict(connection.execute("SELECT id, text FROM names").fetchall())
    for row in connection.execute(f"SELECT {JOURNAL} FROM journal ORDER BY id"):
        yield from _problem(open_journal, row)
    for row in connection.execute(f"SELECT {CHUNK} FROM chunks ORDER BY id"):
        yield from _problem(lambda row: _in_place(row, names), row)
    for row in connection.execute('SELECT id, digest, body, kind, about, start, "end" FROM facts ORDER BY id'):
        yield from _problem(lambda row: verify(row[1], row[2], f"fact {row[0]}", *row[3:]), row)
    yield from (damage.text for damage in records_alike.problems(connection))


def _in_place(row: ChunkRow, names: Mapping[int, str]) -> None:
    where, vantage = (names.get(row[1]), names.get(row[2])), names.get(row[2]) or ""
    days = list(open_chunk(row))
    for columns in days:
        for name, word in zip(("target", "vantage"), where, strict=True):
            if any(columns.words[place] != word for place in set(columns[name].tolist())):
                raise StoreError("store_damaged", f"chunk {row[0]}: filed under another name than its samples bear")
    if pack(joined(list(map(hours_of, days)))) != pack(hours_in((*row[:3], row[9]), vantage)):
        raise StoreError("store_damaged", f"chunk {row[0]}: its roll-ups are not those of its samples")


def _problem(look: Callable[..., object], row: tuple[object, ...]) -> Iterator[str]:
    try:
        look(row)
    except StoreError as error:
        yield str(error)
