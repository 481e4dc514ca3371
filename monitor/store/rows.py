"""Rows that hold samples: writing one to the journal or the chunks, and opening one again.

A chunk's body is a list of days, each a body of its own, so that a day is added without touching the others, and a
reader opens those it wants; together they fill whole pages of the file better than each alone.
"""

import sqlite3
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from monitor.store.bits import Damaged
from monitor.store.codec import decode, encode
from monitor.store.columns import Columns, Ints, in_order, to_samples
from monitor.store.digest import SIZE, digest, verify
from monitor.store.hours import Hours, hours_of, joined, pack, unpack
from monitor.store.names import number_of
from monitor.store.port import StoreError
from probes.sample import Sample

UNSORTED = -1
PART = 64
"""How many names the journal keeps in one part: reading one target opens one part."""
DAY = 86_400_000_000_000
WEEK = 8
"""How many days a chunk spans at most; it never crosses a multiple of them."""
_DAY_HEAD = struct.Struct("<hI")
_PROVEN = 64
"""Added to the number of a day that has a digest of its own, between its head and its body."""

order = attrgetter("at", "vantage", "boot", "seq")
"""Samples by ``(at, identity)``."""

JOURNAL = "id, part, first_at, last_at, count, digest, body"
CHUNK = "id, target, vantage, first_at, last_at, count, low, high, digest, hours, body"
HOURS = "chunks.id, target, vantage, hours"
JournalRow = tuple[int, int, int, int, int, bytes, bytes]
ChunkRow = tuple[int, int, int, int, int, int, int, int, bytes, bytes, bytes]
HoursRow = tuple[int, int, int, bytes]
_DAMAGES = (Damaged, zlib.error, struct.error, ValueError, KeyError, IndexError, TypeError, OverflowError)


def write_journal(connection: sqlite3.Connection, columns: Columns, part: int) -> None:
    """One journal row of samples, with the extents of their sequence numbers."""
    ats = columns["at"]
    span = (part, int(ats.min()), int(ats.max()), len(columns))
    body = encode(columns)
    row = connection.execute(
        "INSERT INTO journal (part, first_at, last_at, count, digest, body) VALUES (?, ?, ?, ?, ?, ?)",
        (*span, digest(body, *span), body),
    ).lastrowid
    connection.executemany(
        "INSERT INTO extents (vantage, boot, low, journal, high) VALUES (?, ?, ?, ?, ?)",
        [(vantage, boot, int(seqs.min()), row, int(seqs.max())) for vantage, boot, seqs in columns.sources()],
    )


def drop_journal(connection: sqlite3.Connection, rows: Iterable[int]) -> None:
    """Remove journal rows whose samples stand elsewhere now, or are to go."""
    keys = [(row,) for row in rows]
    connection.executemany("DELETE FROM journal WHERE id = ?", keys)
    connection.executemany("DELETE FROM extents WHERE journal = ?", keys)


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a chunk, ready to be written."""

    day: int
    first_at: int
    last_at: int
    count: int
    low: int
    high: int
    hours: Hours
    body: bytes


def make_day(columns: Columns) -> Day:
    """A UTC day of one target's samples of one vantage."""
    ordered = in_order(columns)
    ats, seqs = ordered["at"], ordered["seq"]
    first, last = int(ats[0]), int(ats[-1])
    low, high = int(seqs.min()), int(seqs.max())
    return Day(
        first // DAY, first, last, len(ordered), low, high, hours_of(ordered), encode(ordered.tidy(), tight=True)
    )


def days_of(row: ChunkRow, vantage: str) -> list[Day]:
    """A chunk's days, to be written again. Raises StoreError ``store_damaged``."""
    hours = hours_in((row[0], row[1], row[2], row[9]), vantage)
    return [
        Day(day, max(row[3], day * DAY), min(row[4], day * DAY + DAY - 1), count, row[6], row[7], part, body)
        for day, count, body in _days(row)
        for part in [hours.between(day * DAY, day * DAY + DAY)]
    ]


def write_chunk(connection: sqlite3.Connection, target: str, vantage: str, days: Sequence[Day]) -> None:
    """Put days of one week into the store as one chunk."""
    days = sorted(days, key=lambda day: day.day)
    week = days[0].day // WEEK * WEEK
    body = b"".join(
        _DAY_HEAD.pack(day.day - week + _PROVEN, len(day.body))
        + day.count.to_bytes(4, "little")
        + digest(day.body)
        + day.body
        for day in days
    )
    place = (number_of(connection, target), number_of(connection, vantage))
    span = (min(day.first_at for day in days), max(day.last_at for day in days), sum(day.count for day in days))
    seqs = (min(day.low for day in days), max(day.high for day in days))
    hours = pack(joined([day.hours for day in days]))
    connection.execute(
        "INSERT INTO chunks (target, vantage, first_at, last_at, count, low, high, digest, hours, body) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*place, *span, *seqs, digest(body, *place, *span, *seqs), digest(hours, *place) + hours, body),
    )


def open_journal(row: JournalRow) -> Columns:
    """The samples of a journal row selected as JOURNAL. Raises StoreError ``store_damaged``."""
    verify(row[5], row[6], f"journal row {row[0]}", *row[1:5])
    try:
        return decode(row[6])
    except _DAMAGES as error:
        raise _unreadable(f"journal row {row[0]}", error) from error


def open_chunk(row: ChunkRow, start: int = -(2**63), end: int = 2**63) -> Iterator[Columns]:
    """The days of a chunk selected as CHUNK that touch a span. Raises StoreError ``store_damaged``."""
    for day, _, body in _days(row):
        if day * DAY < end and (day + 1) * DAY > start:
            try:
                columns = decode(body)
            except _DAMAGES as error:
                raise _unreadable(f"chunk {row[0]}", error) from error
            yield columns


def hours_in(row: HoursRow, vantage: str) -> Hours:
    """The roll-ups of a chunk selected as HOURS. Raises StoreError ``store_damaged``."""
    name = f"roll-ups of chunk {row[0]}"
    verify(row[3][:8], row[3][8:], name, *row[1:3])
    try:
        return unpack(row[3][8:], vantage)
    except _DAMAGES as error:
        raise _unreadable(name, error) from error


def _days(row: ChunkRow) -> Iterator[tuple[int, int, bytes]]:
    verify(row[8], row[10], f"chunk {row[0]}", *row[1:8])
    week = row[3] // DAY // WEEK * WEEK
    for day, count, _, body in _parts(row[10]):
        yield week + day, count, body


def _parts(body: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    """The days of a chunk's body: which of the week, how many samples, the digest where there is one, the body."""
    at = 0
    while at < len(body):
        day, length = _DAY_HEAD.unpack_from(body, at)
        at += _DAY_HEAD.size
        count = int.from_bytes(body[at : at + 4], "little")
        at += 4
        own = SIZE if day >= _PROVEN else 0
        yield day % _PROVEN, count, body[at : at + own], body[at + own : at + own + length]
        at += own + length


def proven_days(row: ChunkRow, target: str) -> Iterator[tuple[int, Columns]]:
    """Of a damaged chunk the days whose own digest fits and that hold nothing but the target, as samples."""
    try:
        for _, _, own, body in _parts(row[10]):
            if own and own == digest(body):
                columns = decode(body)
                days = set((columns["at"] // DAY).tolist())
                if len(days) == 1 and {columns.words[place] for place in columns["target"].tolist()} == {target}:
                    yield days.pop(), columns
    except _DAMAGES:
        return  # where the next day begins is damaged


def _unreadable(name: str, error: Exception) -> StoreError:
    return StoreError("store_damaged", f"{name}: cannot be read: {error}; restore the latest backup")


def by_series(columns: Columns) -> Iterator[Columns]:
    """The samples of each target, vantage and UTC day, otherwise in the order they have."""
    series = columns["target"] * len(columns.words) + columns["vantage"]
    return _by(columns, series, len(columns.words) ** 2)


def by_part(columns: Columns, parts: Ints) -> Iterator[tuple[int, Columns]]:
    """The samples of each part and UTC day; ``parts`` gives the part of every word."""
    low = int(parts.min())
    width = int(parts.max()) - low + 1
    for piece in _by(columns, parts[columns["target"]] - low, width):
        yield int(parts[columns.words.index(piece.words[int(piece["target"][0])])]), piece.tidy()


def _by(columns: Columns, keys: Ints, width: int) -> Iterator[Columns]:
    days = columns["at"] // DAY
    keys = keys + (days - days.min()) * width
    if int(keys.max()) < 1 << 16:
        keys = keys.astype(np.uint16)  # which is sorted by counting
    places = np.argsort(keys, kind="stable")
    ordered = keys[places]
    bounds = [0, *(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1).tolist(), len(columns)]
    return columns.take(places).cut(bounds)


def samples_of(parts: Iterable[Columns]) -> list[Sample]:
    """Everything in them as samples."""
    return [sample for part in parts for sample in to_samples(part)]


def kept(columns: Columns, where: NDArray[np.bool_]) -> Columns:
    """The samples for which ``where`` is true."""
    return columns if where.all() else columns.take(np.flatnonzero(where))
