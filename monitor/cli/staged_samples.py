"""The samples of a file, each once, in a staging database: pieces of them, and which line said what of which."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace

from monitor.door import quantised
from monitor.render.fact_checks import RECORDED, Where, named
from monitor.store.conflicts import said
from monitor.store.packing.codec import decode, encode
from monitor.store.port import Store
from monitor.store.rowdigest import digests
from probes.columns import NONE, ROW, Columns, from_samples, to_samples
from probes.sample import Outcome, Sample

PIECE = 5_000
_TABLES = """
CREATE TABLE pieces (id INTEGER PRIMARY KEY, body BLOB);
CREATE TABLE samples (vantage TEXT, boot TEXT, seq INTEGER, number INTEGER, said BLOB, received INTEGER,
                      PRIMARY KEY (vantage, boot, seq)) WITHOUT ROWID;
CREATE TABLE arrivals (vantage TEXT, boot TEXT, seq INTEGER, at INTEGER,
                       PRIMARY KEY (vantage, boot, seq)) WITHOUT ROWID;
"""
_OF = "WHERE vantage = ? AND boot = ? AND seq = ?"
Numbered = tuple[int, Sample]


class StagedSamples:
    """See ``monitor.cli.staging``. ``wrong`` is told of problems by number."""

    def __init__(self, database: sqlite3.Connection, wrong: Callable[[int, str], None], where: Where) -> None:
        for statement in _TABLES.split(";"):
            database.execute(statement)
        self._database, self._wrong, self._where = database, wrong, where
        self._waiting: list[Numbered] = []
        self.count = 0

    def take(self, number: int, sample: Sample) -> None:
        """One more."""
        self._waiting.append((number, sample))
        if len(self._waiting) == PIECE:
            self.flush()

    def flush(self) -> None:
        """Look at those that wait, and keep those that are new."""
        waiting, self._waiting = self._waiting, []
        waiting = [one for one in waiting if self._bearable(*one)] if not _bearable(waiting) else waiting
        if not waiting:
            return
        columns = from_samples([sample for _, sample in waiting])
        rows = [
            (sample.vantage, sample.boot, sample.seq, number, said, sample.received_at)
            for (number, sample), said in zip(waiting, digests(_said(columns)), strict=True)
        ]
        added = self._database.executemany("INSERT OR IGNORE INTO samples VALUES (?, ?, ?, ?, ?, ?)", rows).rowcount
        if added < len(rows):
            fresh = [one for one, row in zip(waiting, rows, strict=True) if self._is_new(one, row[4])]
            columns = from_samples([sample for _, sample in fresh])
        self.count += added
        if len(columns):
            self._database.execute("INSERT INTO pieces (body) VALUES (?)", (encode(columns),))

    def _bearable(self, number: int, sample: Sample) -> bool:
        if _bearable([(number, sample)]):
            return True
        self._wrong(number, "sample: a number is beyond 64 bits of nanoseconds")
        return False

    def _is_new(self, one: Numbered, said: bytes) -> bool:
        """Whether this line is the first of its sample. When a sample reached a store is no part of what it saw: of two
        copies the earlier arrival stays."""
        number, sample = one
        query = f"SELECT number, said, received FROM samples {_OF}"
        first, before, received = self._database.execute(query, sample.identity).fetchone()
        if first == number:
            return True
        if before != said:
            self._wrong(number, f"{named(sample)} has other content {self._where(first)}")
        elif sample.received_at is not None and (received is None or sample.received_at < received):
            self._database.execute(f"UPDATE samples SET received = ? {_OF}", (sample.received_at, *sample.identity))
            self._database.execute("REPLACE INTO arrivals VALUES (?, ?, ?, ?)", (*sample.identity, sample.received_at))
        return False

    def __iter__(self) -> Iterator[list[Sample]]:
        """All of them, in the order of the file, some at a time."""
        moved = self._database.execute("SELECT EXISTS (SELECT 1 FROM arrivals)").fetchone()[0]
        for (body,) in self._database.execute("SELECT body FROM pieces ORDER BY id"):
            some = to_samples(decode(body))
            yield [self._arrived(sample) for sample in some] if moved else some

    def _arrived(self, sample: Sample) -> Sample:
        row = self._database.execute(f"SELECT at FROM arrivals {_OF}", sample.identity).fetchone()
        return sample if row is None else replace(sample, received_at=row[0])

    def known(self, some: list[Sample], store: Store) -> int:
        """How many of some are in the store. Those that have other content there are told of."""
        found = 0
        for target in sorted({sample.target for sample in some}):
            mine = [quantised(sample, 0) for sample in some if sample.target == target]
            first, last = min(sample.at for sample in mine), max(sample.at for sample in mine)
            asked = {sample.identity: sample for sample in mine}
            for other in store.samples(target, first, last + 1):  # many more, where a file is in no order
                sample = asked.get(other.identity)
                if sample is not None and said(other) != said(sample):
                    self._wrong(*self.contradicted(sample.identity))
                found += sample is not None
        return found

    def contradicted(self, identity: tuple[str, str, int]) -> tuple[int, str]:
        """Where the sample of an identity stands, and that the store has another one."""
        row = self._database.execute(f"SELECT number FROM samples {_OF}", identity).fetchone()
        sample = Sample("", *identity, 0, Outcome.UNKNOWN)
        return int(row[0]), f"{named(sample)} has other content {self._where(RECORDED)}"


def _bearable(waiting: list[Numbered]) -> bool:
    try:
        from_samples([sample for _, sample in waiting])
    except OverflowError:
        return False
    return True


def _said(columns: Columns) -> Columns:
    """The samples without our own stamp."""
    table = columns.table.copy()
    table[ROW["received_at"]] = NONE
    return Columns(columns.words, table, columns.rtts, columns.steps)
