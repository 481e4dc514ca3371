"""Two samples of one identity; see ``monitor.store.conflicts`` for the rules, which are the same."""

from collections.abc import Sequence

from monitor.store.codec import decode_samples, encode_samples
from monitor.store.columns import to_samples
from monitor.store.conflicts import Identity, said
from monitor.store.digest import UNLIKE, digest, verify
from monitor.store.port import StoreError
from monitor.store.postgres.connection import Connection
from monitor.store.postgres.damage import Damages
from monitor.store.postgres.rows import SAMPLE, columns_of
from probes.sample import Sample


class Judge:
    """Weighs the suspects of one batch against what is stored."""

    def __init__(self, connection: Connection, fresh: Sequence[Sample], damages: Damages) -> None:
        self._connection, self._damages = connection, damages
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
                stored = self._fresh.get(suspect.identity) or self._stored(suspect.identity)
                if stored is None or said(stored) == said(suspect):
                    return False  # None: retention has removed it since
                self._put(stored)
                self._announce("equivocation", f"two different samples numbered {suspect.seq}", suspect, now)
        except StoreError as error:
            self._announce("evidence_damaged", str(error), suspect, now)
        self._put(suspect)
        return True

    def _stored(self, identity: Identity) -> Sample | None:
        query = (
            f"SELECT {SAMPLE} FROM samples WHERE vantage = (SELECT id FROM names WHERE text = %s) "
            "AND boot = (SELECT id FROM names WHERE text = %s) AND seq = %s::bigint"
        )
        rows = self._connection.execute(query.encode(), identity).fetchall()
        if not rows:
            return None
        found = to_samples(columns_of(self._connection, rows, self._damages))
        if not found:
            raise StoreError("store_damaged", f"sample {identity[2]}: {UNLIKE}")
        return found[0]

    def _put(self, sample: Sample) -> None:
        put(self._connection, sample)

    def _announce(self, code: str, what: str, suspect: Sample, now: int) -> None:
        text = f"vantage {suspect.vantage}, boot {suspect.boot}: {what}"
        query = "INSERT INTO security_events (at, code, text) VALUES (%s::bigint, %s, %s)"
        self._connection.execute(query, (now, code, text))


def put(connection: Connection, sample: Sample) -> None:
    """A version of a sample into the quarantine."""
    body = encode_samples([sample])
    key = (*sample.identity, sample.target, digest(encode_samples([said(sample)])))
    connection.execute(
        "INSERT INTO quarantine (vantage, boot, seq, target, content, digest, body) "
        "VALUES (%s, %s, %s::bigint, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (*key, digest(body, *key), body),
    )


def quarantined_versions(connection: Connection, identity: Identity) -> list[Sample]:
    """Every version of one quarantined identity."""
    rows = connection.execute(
        "SELECT id, vantage, boot, seq, target, content, digest, body FROM quarantine "
        "WHERE vantage = %s AND boot = %s AND seq = %s::bigint ORDER BY id",
        identity,
    ).fetchall()
    return [sample for row in rows for sample in opened(row)]


def opened(row: tuple[object, ...]) -> list[Sample]:
    """The version in a row. Raises StoreError ``store_damaged``."""
    stored, body = row[6:]
    assert isinstance(stored, bytes) and isinstance(body, bytes)
    verify(stored, body, f"quarantine row {row[0]}", *row[1:6])
    return decode_samples(body)


def quarantined(connection: Connection, targets: Sequence[str]) -> frozenset[Identity]:
    """Identities of these targets' samples that may not be read."""
    query = "SELECT vantage, boot, seq FROM quarantine WHERE target = ANY(%s)"
    rows = connection.execute(query, (list(targets),)).fetchall()
    return frozenset((str(vantage), str(boot), int(str(seq))) for vantage, boot, seq in rows)
