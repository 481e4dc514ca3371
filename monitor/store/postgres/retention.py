"""What is older than the retention goes: a month that goes wholly as its partition, else rows in small steps."""

from collections.abc import Callable, Sequence

from monitor.store.connection import breathe
from monitor.store.port import StoreError
from monitor.store.postgres.connection import Connection, Writer
from monitor.store.postgres.names import numbers_of
from monitor.store.postgres.partitions import Month, existing, partition, span
from monitor.store.postgres.readers import Readers

Spans = Sequence[tuple[str, int, int]]
_PAGES = 128
"""How many pages of a table one step looks at: some 6,000 samples."""
_BEATS = 2_000
_KEPT = (
    "EXISTS (SELECT FROM unnest(%(targets)s::int[], %(starts)s::bigint[], %(ends)s::bigint[]) "
    "AS k (target, first, after) WHERE k.target = s.target AND s.at >= k.first AND s.at < k.after)"
)


class Pruner:
    """One pass over a store. ``keep`` names ``(target, start, end)`` spans that stay whatever their age. ``dropped`` is
    called before a month's partition is gone for the one who appends, who then has to look which there are."""

    def __init__(
        self,
        writer: Writer,
        readers: Readers,
        going: Callable[[], bool],
        dropped: Callable[[], None],
        before: int,
        keep: Spans,
    ) -> None:
        self._writer, self._readers, self._going, self._dropped = writer, readers, going, dropped
        self._before, self._keep = before, keep

    def run(self) -> int:
        """Removes; gives how many samples."""
        with self._readers.snapshot() as connection:
            months = [month for month in existing(connection) if span(month)[0] < self._before]
            numbers = numbers_of(connection, [target for target, _, _ in self._keep])
        kept = [(numbers[target], start, end) for target, start, end in self._keep if target in numbers]
        values = {
            "before": self._before,
            "targets": [each[0] for each in kept],
            "starts": [each[1] for each in kept],
            "ends": [each[2] for each in kept],
        }
        gone = 0
        for month in months:
            if self._going():
                gone += self._month(month, values)
        self._heartbeats()
        return gone

    def _month(self, month: Month, values: dict[str, object]) -> int:
        first, after = span(month)
        if after <= self._before and not any(start < after and end > first for _, start, end in self._keep):
            dropped = self._drop(partition(month))
            if dropped is not None:
                return dropped
        return self._thin(partition(month), values)

    def _drop(self, table: str) -> int | None:
        """The whole partition, unless a reader is in the way for longer than appends should wait behind us. Its rows
        are counted before, which takes a while and keeps nobody waiting."""
        with self._readers.snapshot() as connection:
            gone = _count(connection, table)
        try:
            with self._writer.transaction() as connection:
                connection.execute("SET LOCAL lock_timeout = '200ms'")
                connection.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE".encode())
                connection.execute(f"DROP TABLE {table}".encode())
                self._dropped()
        except StoreError as error:
            if error.code != "store_busy":
                raise
            return None
        return gone

    def _thin(self, table: str, values: dict[str, object]) -> int:
        """Its rows, some pages at a time."""
        with self._readers.snapshot() as connection:
            row = connection.execute(
                "SELECT pg_relation_size(%s) / current_setting('block_size')::bigint", (table,)
            ).fetchone()
        pages, gone = int(str(row[0])) if row else 0, 0
        query = (
            f"DELETE FROM {table} AS s WHERE ctid >= %(first)s::tid AND ctid < %(after)s::tid "
            f"AND at < %(before)s::bigint AND NOT {_KEPT}"
        )
        for page in range(0, pages, _PAGES):
            if not self._going():
                break
            bounds = {"first": f"({page},0)", "after": f"({page + _PAGES},0)"}
            with self._writer.transaction() as connection:
                gone += connection.execute(query.encode(), values | bounds).rowcount
            breathe()
        return gone

    def _heartbeats(self) -> None:
        """Heartbeats go with the samples they speak for; none inside a kept span of any target."""
        query = (
            "DELETE FROM heartbeats WHERE (vantage, at, boot) IN (SELECT vantage, at, boot FROM heartbeats AS h "
            "WHERE at < %s::bigint AND NOT EXISTS (SELECT FROM unnest(%s::bigint[], %s::bigint[]) AS k (first, after) "
            "WHERE h.at >= k.first AND h.at < k.after) LIMIT %s)"
        )
        spans = [start for _, start, _ in self._keep], [end for _, _, end in self._keep]
        while self._going():
            with self._writer.transaction() as connection:
                gone = connection.execute(query.encode(), (self._before, *spans, _BEATS)).rowcount
            if gone < _BEATS:
                return
            breathe()


def _count(connection: Connection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    return int(str(row[0])) if row else 0
