"""Two samples of one identity: a repeat when they say the same, evidence against their sender when they do not.

``received_at`` is the store's own stamp and no part of what the sender said. When contents differ, all versions
stand in the quarantine and none is read as a sample any more: nobody can tell which is true.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from monitor.store.codec import decode_samples, encode_samples
from monitor.store.digest import digest, verify
from monitor.store.names import find
from monitor.store.port import StoreError
from monitor.store.rows import CHUNK, JOURNAL, PART, UNSORTED, open_chunk, open_journal, samples_of
from probes.sample import Sample

Identity = tuple[str, str, int]


def said(sample: Sample) -> Sample:
    """What the sender said: the sample without our own stamp."""
    return replace(sample, received_at=None)


class Judge:
    """Weighs the suspects of one batch against what is stored; opens each row at most once."""

    def __init__(self, connection: sqlite3.Connection, fresh: Sequence[Sample]) -> None:
        self._connection = connection
        self._fresh = {sample.identity: sample for sample in fresh}
        self._opened: dict[tuple[str, int], dict[Identity, Sample]] = {}

    def quarantine(self, suspect: Sample, now: int) -> bool:
        """True if the suspect differs from what is stored; both are in the quarantine then.

        Where what is stored cannot be read the suspect is kept in the quarantine too, for the one who repairs.
        """
        try:
            versions = quarantined_versions(self._connection, suspect.identity)
            if any(said(version) == said(suspect) for version in versions):
                return False
            if not versions:
                stored = self._stored(suspect)
                if stored is None or said(stored) == said(suspect):
                    return False  # None: retention has removed it since
                self._put(stored)
                self._announce("equivocation", f"two different samples numbered {suspect.seq}", suspect, now)
        except StoreError as error:
            self._announce("evidence_damaged", str(error), suspect, now)
        self._put(suspect)
        return True

    def _put(self, sample: Sample) -> None:
        body = encode_samples([sample])
        key = (*sample.identity, sample.target, digest(encode_samples([said(sample)])))
        self._connection.execute(
            "INSERT OR IGNORE INTO quarantine (vantage, boot, seq, target, content, digest, body) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*key, digest(body, *key), body),
        )

    def _announce(self, code: str, what: str, suspect: Sample, now: int) -> None:
        text = f"vantage {suspect.vantage}, boot {suspect.boot}: {what}"
        self._connection.execute("INSERT INTO security_events (at, code, text) VALUES (?, ?, ?)", (now, code, text))

    def _stored(self, suspect: Sample) -> Sample | None:
        """Look where it should be, then everywhere its number could be."""
        if suspect.identity in self._fresh:
            return self._fresh[suspect.identity]
        for rows in (self._likely_journal, self._likely_chunks, self._journal, self._chunks):
            for samples in rows(suspect):
                if suspect.identity in samples:
                    return samples[suspect.identity]
        return None

    def _likely_journal(self, suspect: Sample) -> Iterable[dict[Identity, Sample]]:
        number = find(self._connection, suspect.target)
        part = UNSORTED if number is None else number // PART
        return self._journal(suspect, "AND part IN (?, ?)", (UNSORTED, part))

    def _journal(
        self, suspect: Sample, where: str = "", extra: tuple[int, ...] = ()
    ) -> Iterator[dict[Identity, Sample]]:
        query = (
            "SELECT journal.id FROM extents JOIN journal ON journal.id = extents.journal "
            f"WHERE vantage = ? AND boot = ? AND low <= ? AND high >= ? {where} ORDER BY low DESC"
        )
        key = (suspect.vantage, suspect.boot, suspect.seq, suspect.seq)
        for (row,) in self._connection.execute(query, (*key, *extra)).fetchall():
            yield self._open("journal", row)

    def _likely_chunks(self, suspect: Sample) -> Iterator[dict[Identity, Sample]]:
        target = find(self._connection, suspect.target)
        query = "SELECT id FROM chunks WHERE target = ? AND last_at >= ? AND first_at <= ?"
        for (row,) in self._connection.execute(query, (target, suspect.at, suspect.at)).fetchall():
            yield self._open("chunks", row)

    def _chunks(self, suspect: Sample) -> Iterator[dict[Identity, Sample]]:
        vantage = find(self._connection, suspect.vantage)
        query = "SELECT id FROM chunks WHERE vantage = ? AND low <= ? AND high >= ?"
        for (row,) in self._connection.execute(query, (vantage, suspect.seq, suspect.seq)).fetchall():
            yield self._open("chunks", row)

    def _open(self, table: str, row: int) -> dict[Identity, Sample]:
        if (table, row) not in self._opened:
            columns = JOURNAL if table == "journal" else CHUNK
            found = self._connection.execute(f"SELECT {columns} FROM {table} WHERE id = ?", (row,)).fetchone()
            samples = samples_of([open_journal(found)] if table == "journal" else open_chunk(found))
            self._opened[table, row] = {sample.identity: sample for sample in samples}
        return self._opened[table, row]


def quarantined_versions(connection: sqlite3.Connection, identity: Identity) -> list[Sample]:
    """Every version of one quarantined identity."""
    rows = connection.execute(
        "SELECT id, vantage, boot, seq, target, content, digest, body FROM quarantine "
        "WHERE vantage = ? AND boot = ? AND seq = ? ORDER BY id",
        identity,
    ).fetchall()
    for row in rows:
        verify(row[6], row[7], f"quarantine row {row[0]}", *row[1:6])
    return [sample for row in rows for sample in decode_samples(row[7])]


def quarantined(connection: sqlite3.Connection, target: str) -> frozenset[Identity]:
    """Identities of a target's samples that may not be read."""
    rows = connection.execute("SELECT vantage, boot, seq FROM quarantine WHERE target = ?", (target,))
    return frozenset((vantage, boot, seq) for vantage, boot, seq in rows)
