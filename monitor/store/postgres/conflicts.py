"""Two samples of one identity; see ``monitor.store.conflicts``."""

from collections.abc import Sequence

from monitor.store import conflicts
from monitor.store.conflicts import Identity
from monitor.store.digest import UNLIKE
from monitor.store.port import StoreError
from monitor.store.postgres.connection import Connection
from monitor.store.postgres.damage import Damages
from monitor.store.postgres.rows import SAMPLE, columns_of
from monitor.store.postgres.sql import Asked
from monitor.store.seen import Block, span_of
from monitor.store.seen import quarantined as quarantined_numbers
from monitor.store.sql import Sql
from probes.columns import to_samples
from probes.sample import Sample

_WHOSE = "vantage = (SELECT id FROM names WHERE text = {0}) AND boot = (SELECT id FROM names WHERE text = {0}) AND seq "


class Stored:
    """Finds the stored sample of an identity. Raises StoreError for a damaged one."""

    def __init__(self, connection: Connection, damages: Damages) -> None:
        self._connection, self._damages = connection, damages

    def __call__(self, suspect: Sample) -> Sample | None:
        """See ``monitor.store.conflicts.Judge``."""
        query = f"SELECT {SAMPLE} FROM samples WHERE {_WHOSE.format('%s')} = %s::bigint"
        rows = self._connection.execute(query.encode(), suspect.identity).fetchall()
        if not rows:
            return None
        found = to_samples(columns_of(self._connection, rows, self._damages))
        if not found:
            raise StoreError("store_damaged", f"sample {suspect.seq}: {UNLIKE}")
        return found[0]


def numbers_of(connection: Sql, block: Block) -> list[int]:
    """The sequence numbers of a block's samples that are stored, and of those in quarantine."""
    query = f"SELECT seq FROM samples WHERE {_WHOSE.format('?')} BETWEEN ? AND ?"
    rows = connection.execute(query, (*block[:2], *span_of(block))).fetchall()
    return [*(seq for (seq,) in rows), *quarantined_numbers(connection, block)]


def quarantined(connection: Connection, targets: Sequence[str]) -> frozenset[Identity]:
    """Identities of these targets' samples that may not be read."""
    return frozenset[Identity]().union(*(conflicts.quarantined(Asked(connection), target) for target in targets))
