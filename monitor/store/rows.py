"""Rows that hold samples: writing one to the journal or the chunks, and opening one again."""

import sqlite3
import zlib
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from itertools import groupby
from operator import attrgetter

from monitor.store.bits import Damaged
from monitor.store.codec import decode, encode
from monitor.store.digest import digest, verify
from monitor.store.names import number_of
from monitor.store.port import StoreError
from probes.sample import Sample

UNSORTED = -1
PARTS = 64
"""Into how many parts the journal is sorted by target: reading one target opens one part."""
HOUR = 3_600_000_000_000
DAY = 24 * HOUR

order = attrgetter("at", "vantage", "boot", "seq")
"""Samples by ``(at, identity)``."""


def part_of(target: str) -> int:
    """The part of the journal a target is sorted into."""
    return zlib.crc32(target.encode("utf-8", "surrogatepass")) % PARTS


def write_journal(connection: sqlite3.Connection, samples: Sequence[Sample], part: int) -> None:
    """One journal row of samples, with the extents of their sequence numbers."""
    ats = [sample.at for sample in samples]
    span = (part, min(ats), max(ats), len(samples))
    body = encode(samples)
    row = connection.execute(
        "INSERT INTO journal (part, first_at, last_at, count, digest, body) VALUES (?, ?, ?, ?, ?, ?)",
        (*span, digest(body, *span), body),
    ).lastrowid
    connection.executemany(
        "INSERT INTO extents (vantage, boot, low, journal, high) VALUES (?, ?, ?, ?, ?)",
        [(vantage, boot, low, row, high) for (vantage, boot), (low, high) in _extents(samples).items()],
    )


def _extents(samples: Iterable[Sample]) -> dict[tuple[str, str], tuple[int, int]]:
    numbers: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for sample in samples:
        numbers[sample.vantage, sample.boot].append(sample.seq)
    return {source: (min(seqs), max(seqs)) for source, seqs in numbers.items()}


def drop_journal(connection: sqlite3.Connection, rows: Iterable[int]) -> None:
    """Remove journal rows whose samples stand elsewhere now, or are to go."""
    keys = [(row,) for row in rows]
    connection.executemany("DELETE FROM journal WHERE id = ?", keys)
    connection.executemany("DELETE FROM extents WHERE journal = ?", keys)


Chunk = tuple[str, str, int, Sequence[Sample], bytes]
"""(target, vantage, level, samples in order, body): a chunk made ready outside any transaction."""


def make_chunk(samples: Sequence[Sample], level: int) -> Chunk:
    """The chunk of one target's samples of one vantage; a day is made as short as can be, an hour soon replaced."""
    ordered = sorted(samples, key=order)
    return ordered[0].target, ordered[0].vantage, level, ordered, encode(ordered, tight=level > 0)


def write_chunk(connection: sqlite3.Connection, chunk: Chunk) -> None:
    """Put a chunk into the store."""
    target, vantage, level, samples, body = chunk
    seqs = [sample.seq for sample in samples]
    first, last = samples[0].at, samples[-1].at
    place = (number_of(connection, target), number_of(connection, vantage))
    span = (first, last, len(samples))
    connection.execute(
        "INSERT INTO chunks (target, vantage, level, first_at, last_at, count, low, high, digest, body) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*place, level, *span, min(seqs), max(seqs), digest(body, *place, *span), body),
    )


JOURNAL = "id, part, first_at, last_at, count, digest, body"
CHUNK = "id, target, vantage, first_at, last_at, count, digest, body"
JournalRow = tuple[int, int, int, int, int, bytes, bytes]
ChunkRow = tuple[int, int, int, int, int, int, bytes, bytes]


def open_journal(row: JournalRow, only: Container[str] | None = None) -> list[Sample]:
    """The samples of a journal row selected as JOURNAL. Raises StoreError ``store_damaged``."""
    verify(row[5], row[6], f"journal row {row[0]}", *row[1:5])
    return _opened(row[6], f"journal row {row[0]}", only)


def open_chunk(row: ChunkRow) -> list[Sample]:
    """The samples of a chunk selected as CHUNK. Raises StoreError ``store_damaged``."""
    verify(row[6], row[7], f"chunk {row[0]}", *row[1:6])
    return _opened(row[7], f"chunk {row[0]}", None)


def _opened(body: bytes, name: str, only: Container[str] | None) -> list[Sample]:
    try:
        return decode(body, only)
    except (Damaged, zlib.error, ValueError, KeyError, IndexError) as error:
        raise StoreError("store_damaged", f"{name}: cannot be read: {error}; restore the latest backup") from error


def by_series(samples: Iterable[Sample]) -> Iterable[list[Sample]]:
    """The samples of each target and vantage."""
    series = attrgetter("target", "vantage")
    for _, group in groupby(sorted(samples, key=series), key=series):
        yield list(group)
