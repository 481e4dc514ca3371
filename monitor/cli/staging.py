"""The facts of a file, checked as a whole and kept out of memory until they are taken.

They lie in a nameless temporary database (where ``TMPDIR`` says), which is gone with the process however that ends.
What was checked is what is taken: the file is read once, so a pipe will do, and it may change meanwhile. Memory is
bounded by pieces of thousands, whatever the file comes to.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from itertools import groupby, islice
from typing import Any

from monitor.cli.common import UNAVAILABLE, fail
from monitor.cli.staged_samples import StagedSamples
from monitor.render.fact_checks import RECORDED, Where, counted_twice, matter, named, overlaps, placed
from monitor.render.fact_lines import line
from monitor.render.facts import MOST_PROBLEMS, Numbered, parse, refuse
from monitor.sla.facts import (
    CountsFact,
    DamageFact,
    ExclusionFact,
    Fact,
    HeartbeatFact,
    IncidentFact,
    StateFact,
    TicketFact,
)
from monitor.sla.words import FOREVER
from monitor.store.factcodec import StoredFact, span_of
from probes.sample import Sample

PIECE = 5_000
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
_TABLES = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8192; PRAGMA temp_store = FILE;
CREATE TABLE facts (matter BLOB PRIMARY KEY, number INTEGER, sort TEXT, about TEXT, start INTEGER, finish INTEGER,
                    body TEXT);
CREATE INDEX sorted ON facts (sort, start);
BEGIN;
"""
_SORTS: Mapping[type[Fact], str] = {
    StateFact: "state",
    CountsFact: "counts",
    ExclusionFact: "version",
    TicketFact: "version",
    HeartbeatFact: "heartbeat",
    DamageFact: "damage",
}
Sweep = Callable[[Iterable[tuple[int, Any]], Where], Iterable[tuple[int, str]]]


class Staging:
    """Facts of a file called ``name``, whose numbers are of ``place`` (see ``monitor.render.facts``)."""

    def __init__(self, name: str, place: str) -> None:
        self._name, self._place = name, place
        self._where = placed(place)
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_TABLES)
        self._problems: list[tuple[int, str]] = []
        self.samples = StagedSamples(self._database, self._wrong, self._where)
        self._others = 0
        self._start, self._end = FOREVER, -FOREVER

    @classmethod
    @contextmanager
    def of(cls, name: str, place: str) -> Iterator["Staging"]:
        """One that is forgotten in the end. Where there is no room for it the command ends with 69."""
        staged = cls(name, place)
        try:
            yield staged
        except sqlite3.Error as error:
            fail(UNAVAILABLE, f"{name}: the temporary file for checking it cannot be written (TMPDIR): {error}")
        finally:
            staged._database.close()

    def __len__(self) -> int:
        """How many facts there are, each once."""
        return self.samples.count + self._others

    def take(self, facts: Iterable[Numbered]) -> None:
        """All of a file. Raises FactsError with every problem of it, and of some facts together."""
        for number, fact in facts:
            if isinstance(fact, list):
                self._problems.extend((number, problem) for problem in fact)
            elif isinstance(fact, Sample):
                self.samples.take(number, fact)
            else:
                self._take(number, fact)
            if len(self._problems) > MOST_PROBLEMS:
                break
        self.samples.flush()
        self._sweep()
        self.refuse()

    def refuse(self) -> None:
        """Raises FactsError where there is a problem."""
        refuse(self._problems, self._name, self._place)

    def _wrong(self, number: int, text: str) -> None:
        self._problems.append((number, text))

    def _take(self, number: int, fact: StoredFact) -> None:
        if isinstance(fact, HeartbeatFact):
            numbers = (fact.loop_lag or 0, fact.clock_error or 0, fact.suspended)
            if not all(_LEAST <= length <= _MOST for length in numbers):
                self._wrong(number, "heartbeat: a duration is beyond 64 bits of nanoseconds")
                return
        first = self._put(number, fact)
        if first is None:
            self._others += 1
            _, start, end = span_of(fact)
            self._start = min(self._start, -FOREVER if start is None else start)
            self._end = max(self._end, FOREVER if end is None else end)
        elif first[1] != fact:
            self._wrong(number, f"{named(fact)} is given other content {self._where(first[0])}")

    def _put(self, number: int, fact: StoredFact) -> tuple[int, Fact] | None:
        """Keep a fact, unless there is one of its matter, which it gives then."""
        key = blake2b(repr(matter(fact)).encode(), digest_size=16, person=b"matter").digest()
        about, start, end = span_of(fact)
        end = None if isinstance(fact, IncidentFact) else end  # what is noted of one may bear on all that comes after
        row = (key, number, _SORTS.get(type(fact), "other"), about, start, end, line(fact))
        if self._database.execute("INSERT OR IGNORE INTO facts VALUES (?, ?, ?, ?, ?, ?, ?)", row).rowcount:
            return None
        there, body = self._database.execute("SELECT number, body FROM facts WHERE matter = ?", (key,)).fetchone()
        return there, _fact(body)

    def agree(self, recorded: Iterable[Fact]) -> int:
        """Raises FactsError where what is recorded of the spans that the facts speak of contradicts them. Gives how
        many of them are recorded."""
        known = 0
        for fact in recorded:
            if isinstance(fact, Sample):
                continue
            swept = isinstance(fact, StateFact | CountsFact)
            there = self._put(RECORDED, fact) if swept else self._like(fact)
            if there is not None and there[0] != RECORDED:
                known += there[1] == fact
                if there[1] != fact:
                    self._wrong(there[0], f"{named(fact)} is given other content {self._where(RECORDED)}")
        self._sweep()
        self.refuse()
        return known

    def _like(self, fact: StoredFact) -> tuple[int, Fact] | None:
        key = blake2b(repr(matter(fact)).encode(), digest_size=16, person=b"matter").digest()
        found = self._database.execute("SELECT number, body FROM facts WHERE matter = ?", (key,)).fetchone()
        return None if found is None else (found[0], _fact(found[1]))

    @property
    def span(self) -> tuple[int, int] | None:
        """What all facts together speak of that are not samples or heartbeats; None where there are none."""
        return (self._start, self._end) if self._others else None

    def _sweep(self) -> None:
        """What only shows in all of them together: states that overlap and differ, counts that overlap."""
        query = "SELECT about, number, body FROM facts WHERE sort = ? ORDER BY about, start, number"
        sweeps: tuple[tuple[str, Sweep], ...] = (("state", overlaps), ("counts", counted_twice))
        for swept, found in sweeps:
            rows = self._database.execute(query, (swept,))
            for _, group in groupby(rows, key=lambda row: str(row[0])):
                facts = ((number, _fact(body)) for _, number, body in group)
                for number, text in found(facts, self._where):
                    if number != RECORDED and len(self._problems) <= MOST_PROBLEMS:
                        self._wrong(number, text)

    def versions(self) -> Iterator[StoredFact]:
        """Every version of every exclusion and ticket."""
        return self._of("version")

    def damages(self) -> Iterator[StoredFact]:
        """What is told of damage."""
        return self._of("damage")

    def _of(self, sort: str) -> Iterator[StoredFact]:
        return map(_fact_in, self._database.execute("SELECT body FROM facts WHERE sort = ?", (sort,)))

    def near(self, start: int, end: int) -> Iterator[StoredFact]:
        """Facts that may touch ``[start, end)`` and have no versions, without heartbeats."""
        query = (
            "SELECT body FROM facts WHERE sort IN ('state', 'counts', 'damage', 'other') "
            "AND (start IS NULL OR start < ?) AND (finish IS NULL OR finish > ?)"
        )
        return map(_fact_in, self._database.execute(query, (end, start)))

    def heartbeats(self, start: int, end: int) -> Iterator[HeartbeatFact]:
        """The heartbeats of ``[start, end)``, by ``at``."""
        query = "SELECT body FROM facts WHERE sort = 'heartbeat' AND start >= ? AND start < ? ORDER BY start, number"
        for fact in map(_fact_in, self._database.execute(query, (start, end))):
            assert isinstance(fact, HeartbeatFact)
            yield fact

    def others(self) -> Iterator[Sequence[StoredFact]]:
        """The facts that are no samples, in the order of the file, some at a time."""
        rows = self._database.execute("SELECT body FROM facts WHERE number <> ? ORDER BY number", (RECORDED,))
        while some := list(map(_fact_in, islice(rows, PIECE))):
            yield some

    def contradicted(self, identities: Iterable[tuple[str, str, int]]) -> None:
        """Samples of these identities say another thing than the store."""
        for identity in identities:
            if len(self._problems) <= MOST_PROBLEMS:
                self._wrong(*self.samples.contradicted(identity))


def _fact_in(row: tuple[str]) -> StoredFact:
    return _fact(row[0])


def _fact(body: str) -> StoredFact:
    found = parse(body)
    assert not isinstance(found, list | Sample)
    return found
