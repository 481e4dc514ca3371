"""Records that can no longer be read: each is found when somebody looks, told once, and costs what it held.

A record is damaged where its digest is not that of its content. What its columns still say, or the pieces of a
chunk whose own digests fit, tells which time it covered; where they are damaged too, there is a gap where it was.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from config.spans import Span, clip, subtract, union
from monitor.sla.facts import DamageFact
from monitor.store import records
from monitor.store.connection import Readers
from monitor.store.digest import UNLIKE, verify, verify_quick
from monitor.store.factcodec import fact_from
from monitor.store.names import find
from monitor.store.packing.codec import Pool, assembled
from monitor.store.packing.packed import Packed
from monitor.store.port import StoreError
from monitor.store.register import Register
from monitor.store.rows import (
    CHUNK,
    JOURNAL,
    PART,
    UNSORTED,
    ChunkRow,
    JournalRow,
    open_chunks,
    packed_journal,
    proven_pieces,
)
from probes.columns import Columns, concat

_REMEMBERED = 100_000
_MOST_OPEN = 1_000_000
"""Samples of the journal that are held while many targets are read: some forty megabytes at most."""
_INSTANTS = ("epoch", "incident", "value", "schedule", "witnesses")


class Damages:
    """What was found in one store by this process. ``register`` tells it. Used by any thread."""

    def __init__(self) -> None:
        self.register = Register()
        self._lock = threading.Lock()
        self._spans: dict[str, tuple[Span, ...]] = {}
        self._sound: set[int] = set()
        self._sound_chunks: set[tuple[int, bytes]] = set()
        self._facts: list[DamageFact] = []
        self._facts_read = 0
        self._open: dict[int, Packed] | None = None

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """While targets are read one after the other, rows of the journal that hold many of them stay open."""
        self._open = {}
        try:
            yield
        finally:
            self._open = None

    def note(self, name: str, text: str, spans: Iterable[Span] = ()) -> None:
        """A record cannot be read. ``spans``: when what it held was recorded."""
        self._spans.setdefault(name, tuple(spans))
        self.register.note(name, text)

    def journal(self, row: JournalRow) -> Columns | None:
        """The samples of a journal row, None where it is damaged."""
        body = self._opened(row)
        return None if body is None else assembled([body])

    def journal_of(self, row: JournalRow, targets: Sequence[str]) -> Columns:
        """Those of some targets; none where it is damaged."""
        body = self._opened(row)
        return concat([]) if body is None else assembled([body.of(targets)])

    def _opened(self, row: JournalRow, pool: Pool | None = None) -> Packed | None:
        name = f"journal row {row[0]}"
        if name in self.register:
            return None
        held = self._open if pool is None else None
        if held is not None and row[0] in held:
            return held[row[0]]
        try:
            opened = packed_journal(row, pool)
            if held is not None and sum(body.count for body in held.values()) < _MOST_OPEN:
                held[row[0]] = opened  # an id is never given twice
            return opened
        except StoreError as error:
            self.note(name, str(error), _span(row[2], row[3]))
            return None

    def journals(self, rows: Iterable[JournalRow]) -> dict[int, Packed]:
        """The samples of those rows that can be read as they are packed, by the key of each."""
        pool = Pool()
        return {row[0]: body for row in rows if (body := self._opened(row, pool)) is not None}

    def chunk(self, row: ChunkRow, target: str, start: int = -(2**63), end: int = 2**63) -> list[Columns]:
        """The pieces of a target's chunk that touch a span and can be read."""
        try:
            return [open_chunks([row], start, end)]
        except StoreError as error:
            pieces = list(proven_pieces(row, target))
            lost = subtract(_span(row[3], row[4]), union([span for span, _ in pieces]))
            self.note(f"chunk {row[0]}", str(error), lost)
            return [columns for span, columns in pieces if span[0] < end and span[1] > start]

    @property
    def count(self) -> int:
        """How many were found."""
        return len(self.register)

    def is_damaged(self, name: str) -> bool:
        """Whether that record was found to be."""
        return name in self.register

    def samples(self, connection: sqlite3.Connection, target: str, start: int, end: int) -> list[Span]:
        """When samples of a target were recorded that cannot be read, as ``Evidence.damaged`` gives it."""
        key = find(connection, target)
        names = [*self._chunks(connection, key, target, start, end)]
        for part in (UNSORTED, *(() if key is None else (key // PART,))):
            names += self._journal(connection, part, start, end)
        found = [span for name in names for span in self._spans[name]]
        found += [(fact.start, fact.end) for fact in self._recorded(connection) if fact.target == target]
        return [span for span in union(found) if span[0] < end and span[1] > start]

    def _chunks(
        self, connection: sqlite3.Connection, key: int | None, target: str, start: int, end: int
    ) -> Iterator[str]:
        query = "SELECT id, digest FROM chunks WHERE target = ? AND last_at >= ? AND first_at < ?"
        for row in connection.execute(query, (key, start, end)).fetchall():
            name = f"chunk {row[0]}"
            if row not in self._sound_chunks and name not in self.register:
                self._look_at_chunk(connection, row, target)
            if name in self.register:
                yield name

    def _look_at_chunk(self, connection: sqlite3.Connection, found: tuple[int, bytes], target: str) -> None:
        row = connection.execute(f"SELECT {CHUNK} FROM chunks WHERE id = ?", found[:1]).fetchone()
        if not _sound(row[8], row[10], row[1:8]):
            self.chunk(row, target)
            return
        if len(self._sound_chunks) >= _REMEMBERED:
            self._sound_chunks.clear()
        self._sound_chunks.add(found)

    def _journal(self, connection: sqlite3.Connection, part: int, start: int, end: int) -> Iterator[str]:
        query = "SELECT id FROM journal WHERE part = ? AND last_at >= ? AND first_at < ?"
        for (row,) in connection.execute(query, (part, start, end)).fetchall():
            name = f"journal row {row}"
            if row not in self._sound:
                self._look(connection, row)
            if name in self.register:
                yield name

    def _look(self, connection: sqlite3.Connection, key: int) -> None:
        row = connection.execute(f"SELECT {JOURNAL} FROM journal WHERE id = ?", (key,)).fetchone()
        if row is None:
            return
        if _sound(row[5], row[6], row[1:5], verify_quick):
            if len(self._sound) >= _REMEMBERED:
                self._sound.clear()
            self._sound.add(key)  # an id is never given twice
        else:
            self._opened(row)

    def _recorded(self, connection: sqlite3.Connection) -> Sequence[DamageFact]:
        """What facts say was damaged elsewhere, where this evidence comes from. One that is damaged itself says it of
        all that it may have been about, as any fact does (``lost_fact``)."""
        query = 'SELECT id, digest, CAST(body AS BLOB), kind, about, start, "end" FROM facts WHERE id > ? ORDER BY id'
        with self._lock:
            for key, stored, body, *place in connection.execute(query, (self._facts_read,)):
                self._facts_read = key
                if place[0] != "damage":
                    continue
                if not _sound(stored, body, place):
                    self.note(f"fact {key}", f"fact {key}: {UNLIKE}")
                    continue
                fact = fact_from(place[0], body.decode())
                self._facts += [fact] if isinstance(fact, DamageFact) else []
            return list(self._facts)


def every(readers: Readers, damages: Damages) -> tuple[str, ...]:
    """What is wrong with any record, each by its name."""
    with readers.snapshot() as connection:
        for row in connection.execute(f"SELECT {JOURNAL} FROM journal ORDER BY id"):
            if not _sound(row[5], row[6], row[1:5], verify_quick):
                damages.journal_of(row, ())
        names = dict(connection.execute("SELECT id, text FROM names").fetchall())
        for row in connection.execute(f"SELECT {CHUNK} FROM chunks ORDER BY id"):
            if not _sound(row[8], row[10], row[1:8]):
                damages.chunk(row, names.get(row[1], ""))
        query = 'SELECT id, digest, CAST(body AS BLOB), kind, about, start, "end" FROM facts ORDER BY id'
        for key, stored, body, *place in connection.execute(query):
            if not _sound(stored, body, place):
                damages.note(f"fact {key}", f"fact {key}: {UNLIKE}")
        for problem in records.problems(connection):
            damages.register.note(problem.name, problem.text, problem.code)
    return damages.register.texts()


def _sound(stored: bytes, body: bytes, place: Sequence[object], verify: Callable[..., None] = verify) -> bool:
    try:
        verify(stored, body, "", *place)
    except StoreError:
        return False
    return True


def lost_fact(kind: object, about: object, start: object, end: object) -> Iterator[DamageFact]:
    """What is known of a fact that cannot be read: that something was told of its span. What was told of an instant or
    for ever covered no time."""
    spans = _span(start, end - 1 if isinstance(end, int) else None) if kind not in _INSTANTS else []
    service = about if kind == "state" and isinstance(about, str) else None
    yield from (DamageFact(*span, service=service) for span in spans)


def spans_of(damages: Damages, readers: Readers, target: str, start: int, end: int) -> list[Span]:
    """See ``Damages.samples``."""
    with readers.snapshot() as connection:
        return damages.samples(connection, target, start, end)


def _span(first: object, last: object) -> list[Span]:
    """What two columns say, if that can be: a damaged file gives anything."""
    if isinstance(first, int) and isinstance(last, int):
        return clip([(first, last + 1)], -(2**62), 2**62) if first <= last else []
    return []
