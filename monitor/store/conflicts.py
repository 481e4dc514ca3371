"""Two samples of one identity: a repeat when they say the same, evidence against their sender when they do not.

``received_at`` is the store's own stamp and no part of what the sender said. When contents differ, all versions
stand in the quarantine and none is read as a sample any more: nobody can tell which is true.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from monitor.store.digest import digest, verify
from monitor.store.packing.codec import decode_samples, encode_samples
from monitor.store.port import StoreError
from monitor.store.sql import Sql
from probes.sample import Sample

Identity = tuple[str, str, int]


def said(sample: Sample) -> Sample:
    """What the sender said: the sample without our own stamp."""
    return replace(sample, received_at=None)


class Judge:
    """Weighs the suspects of one batch against what is stored. ``look`` finds the stored sample of a suspect's
    identity, None where there is none any more; it raises StoreError where that cannot be read."""

    def __init__(self, connection: Sql, fresh: Sequence[Sample], look: Callable[[Sample], Sample | None]) -> None:
        self._connection, self._look = connection, look
        self._fresh = {sample.identity: sample for sample in fresh}

    def quarantine(self, suspect: Sample, now: int) -> bool:
        """True if the suspect differs from what is stored; both are in the quarantine then.

        Where what is stored cannot be read the suspect is kept in the quarantine too, for the one who repairs.
        """
        try:
            versions = quarantined_versions(self._connection, suspect.identity)
            if any(said(version) == said(suspect) for version in versions):
                return False
            if not versions:
                stored = self._fresh.get(suspect.identity) or self._look(suspect)
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
            "INSERT INTO quarantine (vantage, boot, seq, target, content, digest, body) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (*key, digest(body, *key), body),
        )

    def _announce(self, code: str, what: str, suspect: Sample, now: int) -> None:
        text = f"vantage {suspect.vantage}, boot {suspect.boot}: {what}"
        self._connection.execute("INSERT INTO security_events (at, code, text) VALUES (?, ?, ?)", (now, code, text))


QUARANTINE = "id, vantage, boot, seq, target, content, digest, body"


def quarantined_versions(connection: Sql, identity: Identity) -> list[Sample]:
    """Every version of one quarantined identity. Raises StoreError ``store_damaged``."""
    rows = connection.execute(
        f"SELECT {QUARANTINE} FROM quarantine WHERE vantage = ? AND boot = ? AND seq = ? ORDER BY id", identity
    ).fetchall()
    return [sample for row in rows for sample in opened(row)]


def opened(row: tuple[Any, ...]) -> list[Sample]:
    """The version in a row selected as QUARANTINE. Raises StoreError ``store_damaged``."""
    verify(row[6], row[7], f"quarantine row {row[0]}", *row[1:6])
    return decode_samples(row[7])


def quarantined(connection: Sql, target: str) -> frozenset[Identity]:
    """Identities of a target's samples that may not be read."""
    rows = connection.execute("SELECT vantage, boot, seq FROM quarantine WHERE target = ?", (target,)).fetchall()
    return frozenset((vantage, boot, seq) for vantage, boot, seq in rows)
