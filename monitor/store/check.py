"""Is the store sound: its structure by SQLite's own check, each record by its digest."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping

from monitor.store import records as records_alike
from monitor.store.digest import verify
from monitor.store.filed import Filed, check_journal
from monitor.store.packing.hours import hours_of, joined, pack
from monitor.store.port import StoreError
from monitor.store.rows import CHUNK, JOURNAL, ChunkRow, JournalRow, hours_in, open_chunk, open_journal
from monitor.store.seen import Unmarked
from monitor.store.typed import mistyped

Extent = tuple[object, object, object, object]
"""(vantage, boot, first sequence number, last one)."""


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
    """Every record whose digest does not fit; where values are of another type, those alone."""
    return tuple(mistyped(connection)) or tuple(_problems(connection))


def _problems(connection: sqlite3.Connection) -> Iterator[str]:
    names = dict(connection.execute("SELECT id, text FROM names").fetchall())
    numbers = {text: number for number, text in names.items()}
    unmarked, extents = Unmarked(), _extents(connection)
    for row in connection.execute(f"SELECT {JOURNAL} FROM journal ORDER BY id"):
        yield from _problem(lambda row: _listed(row, numbers, extents.pop(row[0], set()), unmarked), row)
    for journal in sorted(extents):
        yield f"journal row {journal}: it is gone, and what says which samples it held is not"
    for row in connection.execute(f"SELECT {CHUNK} FROM chunks ORDER BY id"):
        yield from _problem(lambda row: _in_place(row, names, unmarked), row)
    yield from (text for _, text in unmarked.problems(connection))
    for row in connection.execute('SELECT id, digest, body, kind, about, start, "end" FROM facts ORDER BY id'):
        yield from _problem(lambda row: verify(row[1], row[2], f"fact {row[0]}", *row[3:]), row)
    yield from (damage.text for damage in records_alike.problems(connection))


def _extents(connection: sqlite3.Connection) -> dict[int, set[Extent]]:
    """Of each row of the journal, which samples it is said to hold."""
    found: dict[int, set[Extent]] = {}
    for journal, *extent in connection.execute("SELECT journal, vantage, boot, low, high FROM extents"):
        found.setdefault(journal, set()).add((extent[0], extent[1], extent[2], extent[3]))
    return found


def _listed(row: JournalRow, numbers: Mapping[str, int], extents: set[Extent], unmarked: Unmarked) -> None:
    columns = open_journal(row)
    check_journal(row, columns, numbers)
    if extents != {(vantage, boot, int(seqs.min()), int(seqs.max())) for vantage, boot, seqs in columns.sources()}:
        raise StoreError("store_damaged", f"journal row {row[0]}: what says which samples it holds is not of it")
    unmarked.take(columns)


def _in_place(row: ChunkRow, names: Mapping[int, str], unmarked: Unmarked) -> None:
    where, vantage = (names.get(row[1]), names.get(row[2])), names.get(row[2]) or ""
    days, filed = list(open_chunk(row)), Filed(row)
    for columns in days:
        unmarked.take(columns)
        filed.take(columns)
    filed.check()
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
