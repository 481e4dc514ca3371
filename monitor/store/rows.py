"""Rows that hold samples: writing one to the journal or the chunks, and opening one again.

What cannot be read is refused with the name of the row.
"""

import sqlite3
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from config.spans import Span
from monitor.store.digest import digest, quick, verify, verify_quick
from monitor.store.names import number_of
from monitor.store.packing.bits import Damaged
from monitor.store.packing.chunk import DAY, Chunk, Piece, by_day, pieces_in, proven
from monitor.store.packing.codec import Pool, assembled, decode_all
from monitor.store.packing.hours import Hours, pack, unpack_all
from monitor.store.packing.packed import Packed
from monitor.store.packing.quick import encode_quickly
from monitor.store.packing.sort import Sorted
from monitor.store.port import StoreError
from probes.columns import Columns, Ints, to_samples
from probes.sample import Sample

UNSORTED = -1
PART = 64
"""How many names the journal keeps in one part: reading one target opens one part."""

order = attrgetter("at", "vantage", "boot", "seq")
"""Samples by ``(at, identity)``."""

JOURNAL = "id, part, first_at, last_at, count, digest, body"
CHUNK = "id, target, vantage, first_at, last_at, count, low, high, digest, hours, body"
HOURS = "chunks.id, target, vantage, hours"
JournalRow = tuple[int, int, int, int, int, bytes, bytes]
ChunkRow = tuple[int, int, int, int, int, int, int, int, bytes, bytes, bytes]
HoursRow = tuple[int, int, int, bytes]
DAMAGES = (Damaged, zlib.error, struct.error, ValueError, KeyError, IndexError, TypeError, OverflowError)


def write_journal(connection: sqlite3.Connection, columns: Columns, part: int) -> None:
    """One journal row of samples, with the extents of their sequence numbers."""
    at = columns["at"]
    found = [(vantage, boot, int(seqs.min()), int(seqs.max())) for vantage, boot, seqs in columns.sources()]
    write_sorted(connection, Sorted(part, int(at.min()), int(at.max()), len(columns), encode_quickly(columns), found))


def write_sorted(connection: sqlite3.Connection, row: Sorted) -> None:
    """One journal row of a body that was made already."""
    span = (row.part, row.first_at, row.last_at, row.count)
    key = connection.execute(
        "INSERT INTO journal (part, first_at, last_at, count, digest, body) VALUES (?, ?, ?, ?, ?, ?)",
        (*span, quick(row.body, *span), row.body),
    ).lastrowid
    connection.executemany(
        "INSERT INTO extents (vantage, boot, low, journal, high) VALUES (?, ?, ?, ?, ?)",
        [(vantage, boot, low, key, high) for vantage, boot, low, high in row.sources],
    )


def drop_journal(connection: sqlite3.Connection, rows: Iterable[int]) -> None:
    """Remove journal rows whose samples stand elsewhere now, or are to go."""
    keys = [(row,) for row in rows]
    connection.executemany("DELETE FROM journal WHERE id = ?", keys)
    connection.executemany("DELETE FROM extents WHERE journal = ?", keys)


def write_chunk(connection: sqlite3.Connection, target: str, vantage: str, chunk: Chunk) -> None:
    """Put a chunk into the store."""
    put_chunk(connection, (number_of(connection, target), number_of(connection, vantage)), chunk)


def put_chunk(connection: sqlite3.Connection, place: tuple[int, int], chunk: Chunk) -> None:
    """The same, of the target and vantage that have these numbers."""
    body = chunk.body()
    span = (chunk.first_at, chunk.last_at, chunk.count, chunk.low, chunk.high)
    hours = pack(chunk.hours)
    connection.execute(
        "INSERT INTO chunks (target, vantage, first_at, last_at, count, low, high, digest, hours, body) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*place, *span, digest(body, *place, *span), digest(hours, *place) + hours, body),
    )


def chunk_in(row: ChunkRow, vantage: str) -> Chunk:
    """A row selected as CHUNK, to be written again. Raises StoreError ``store_damaged``."""
    hours = hours_in((row[0], row[1], row[2], row[9]), vantage)
    return Chunk(*row[3:8], hours, tuple(_pieces(row)))


def open_journal(row: JournalRow) -> Columns:
    """The samples of a journal row selected as JOURNAL. Raises StoreError ``store_damaged``."""
    return assembled([packed_journal(row)])


def packed_journal(row: JournalRow, pool: Pool | None = None) -> Packed:
    """The same as they are packed. ``pool``: where they are of several."""
    name = f"journal row {row[0]}"
    verify_quick(row[5], row[6], name, *row[1:5])
    try:
        return (pool or Pool()).packed(row[6])
    except DAMAGES as error:
        raise _unreadable(name, error) from error


def open_chunk(row: ChunkRow) -> Iterator[Columns]:
    """A chunk selected as CHUNK, UTC day by day. Raises StoreError ``store_damaged``."""
    for piece in _pieces(row):
        yield from by_day(_decoded([piece.body], f"chunk {row[0]}"))


def open_chunks(rows: Sequence[ChunkRow], start: int = -(2**63), end: int = 2**63) -> Columns:
    """The pieces that touch a span of chunks selected as CHUNK, one after the other. Raises StoreError
    ``store_damaged``."""
    pieces = [piece for row in rows for piece in _pieces(row)]
    touching = [piece.body for piece in pieces if piece.first * DAY < end and (piece.last + 1) * DAY > start]
    return _decoded(touching, " or ".join(f"chunk {row[0]}" for row in rows))


def _decoded(bodies: Sequence[bytes], name: str) -> Columns:
    try:
        return decode_all(bodies)
    except DAMAGES as error:
        raise _unreadable(name, error) from error


def hours_in(row: HoursRow, vantage: str) -> Hours:
    """The roll-ups of a chunk selected as HOURS. Raises StoreError ``store_damaged``."""
    return hours_in_all([(*row, vantage)])


def hours_in_all(rows: Sequence[tuple[int, int, int, bytes, str]]) -> Hours:
    """The roll-ups of chunks selected as HOURS, each with the text of its vantage, joined. Raises StoreError
    ``store_damaged``, naming the first that cannot be read."""
    for row in rows:
        verify(row[3][:8], row[3][8:], f"roll-ups of chunk {row[0]}", *row[1:3])
    try:
        return unpack_all([(row[3][8:], row[4]) for row in rows])
    except DAMAGES as error:
        for row in rows if len(rows) > 1 else ():
            hours_in_all([row])
        raise _unreadable(f"roll-ups of chunk {rows[0][0]}", error) from error


def _pieces(row: ChunkRow) -> Iterator[Piece]:
    verify(row[8], row[10], f"chunk {row[0]}", *row[1:8])
    yield from pieces_in(row[10], row[3])


def proven_pieces(row: ChunkRow, target: str) -> Iterator[tuple[Span, Columns]]:
    """Of a damaged chunk the pieces that stand all the same: their span and their samples."""
    try:
        for piece in pieces_in(row[10], row[3]):
            columns = proven(piece, target)
            if columns is not None:
                yield (piece.first * DAY, (piece.last + 1) * DAY), columns
    except DAMAGES:
        return  # where the next piece begins is damaged


def _unreadable(name: str, error: Exception) -> StoreError:
    return StoreError("store_damaged", f"{name}: cannot be read: {error}; restore the latest backup")


def by_series(columns: Columns) -> Iterator[Columns]:
    """The samples of each target, vantage and UTC day, otherwise in the order they have."""
    series = columns["target"] * len(columns.words) + columns["vantage"]
    return _by(columns, series, len(columns.words) ** 2)


def _by(columns: Columns, keys: Ints, width: int) -> Iterator[Columns]:
    days = columns["at"] // DAY
    keys = keys + (days - days.min()) * width
    if int(keys.max()) < 1 << 16:
        keys = keys.astype(np.uint16)  # which is sorted by counting
    if keys[0] == keys[-1] and (keys == keys[0]).all():
        yield columns
        return
    places = np.argsort(keys, kind="stable")
    ordered = keys[places]
    bounds = [0, *(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1).tolist(), len(columns)]
    yield from columns.take(places).cut(bounds)


def samples_of(parts: Iterable[Columns]) -> list[Sample]:
    """Everything in them as samples."""
    return [sample for part in parts for sample in to_samples(part)]


def kept(columns: Columns, where: NDArray[np.bool_]) -> Columns:
    """The samples for which ``where`` is true."""
    return columns if where.all() else columns.take(np.flatnonzero(where))
