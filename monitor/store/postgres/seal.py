"""Sealing: what a day's samples come to is put down in a leaf, in small steps beside the running writer. The rows stay
as they are. See ``days`` for how it is known which samples a leaf covers."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from monitor.store import leaves
from monitor.store.connection import breathe
from monitor.store.leaves import Leaf, leaf_of
from monitor.store.names import every as names_of
from monitor.store.packing.chunk import DAY
from monitor.store.postgres.connection import Connection, Writer
from monitor.store.postgres.damage import Damages
from monitor.store.postgres.days import Days, Series
from monitor.store.postgres.readers import Readers
from monitor.store.postgres.rows import SAMPLE, columns_of
from monitor.store.postgres.sql import Asked, asked
from monitor.store.seal import GRACE
from monitor.store.whole import MOVING
from probes.columns import Columns, in_order

STEP = 50
"""How many leaves one transaction writes at most."""
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
_LATE = "FROM late_samples AS l WHERE l.vantage = s.vantage AND l.boot = s.boot AND l.seq = s.seq"
OF_DAY = (
    f"SELECT {SAMPLE} FROM samples AS s WHERE target = %s AND vantage = %s AND at >= %s::bigint AND at <= %s::bigint "
    f"AND {{}} EXISTS (SELECT {_LATE} AND l.day = %s::bigint)"
)


class Sealer:
    """The upkeep of one store. ``going`` is asked between steps and may end the work early."""

    def __init__(
        self, writer: Writer, readers: Readers, going: Callable[[], bool], damages: Damages, days: Days
    ) -> None:
        self._writer, self._readers, self._going = writer, readers, going
        self._damages, self._days = damages, days

    def run(self, now: int) -> int:
        """Everything that is due at ``now`` (ns UTC); gives how many samples were sealed."""
        today = (now - GRACE) // DAY
        with self._readers.snapshot() as connection:
            if connection.execute("SELECT FROM meta WHERE key = %s", (MOVING,)).fetchone() is not None:
                return 0  # the leaves of the store that is moved are to come
        self._close(today)
        sealed = 0
        for query, late in (
            ("SELECT vantage, target, day FROM days WHERE closing ORDER BY day, vantage, target", False),
            ("SELECT DISTINCT vantage, target, day FROM late_samples ORDER BY day, vantage, target", True),
        ):
            with self._readers.snapshot() as connection:
                due: list[Series] = connection.execute(query.encode()).fetchall()  # type: ignore[assignment]
            waiting = iter(due)
            while self._going() and (some := list(islice(waiting, STEP))):
                sealed += self._seal(some, late)
                breathe()
        leaves.seal_beats(asked(self._readers.snapshot), asked(self._writer.transaction), self._going, today)
        return sealed

    def _close(self, today: int) -> None:
        """From now on what comes for days that are over is late."""
        query = "UPDATE days SET closing = true WHERE day < %s::bigint AND NOT closing"
        with self._readers.snapshot() as connection:
            due = connection.execute("SELECT FROM days WHERE day < %s::bigint AND NOT closing LIMIT 1", (today,))
            if due.fetchone() is None:
                return
        with self._writer.transaction() as connection:
            connection.execute(query, (today,))
            self._days.forget()

    def _seal(self, days: Sequence[Series], late: bool) -> int:
        """A leaf for each day that has samples; gives how many samples they cover."""
        with self._readers.snapshot() as connection:
            names = names_of(Asked(connection))
            made = [(key, *self._leaf(connection, names, key, late)) for key in days]
        with self._writer.transaction() as connection:
            for key, leaf, listed in made:
                if leaf is not None:
                    leaves.write(Asked(connection), leaf)
                _done(connection, key, listed if late else None)
        return sum(leaf.count for _, leaf, _ in made if leaf is not None)

    def _leaf(
        self, connection: Connection, names: Mapping[int, str], key: Series, late: bool
    ) -> tuple[Leaf | None, list[tuple[int, int]]]:
        """The leaf of a day's samples, None where there are none; and, of late ones, which were looked for."""
        vantage, target, day = key
        query = "SELECT boot, seq FROM late_samples WHERE vantage = %s AND target = %s AND day = %s::bigint"
        listed = connection.execute(query, key).fetchall() if late else []
        columns = samples_of_day(connection, key, late, self._damages)
        leaf = leaf_of(names.get(vantage, ""), names.get(target, ""), day, columns, late) if len(columns) else None
        return leaf, listed  # type: ignore[return-value]


def samples_of_day(connection: Connection, key: Series, late: bool, damages: Damages) -> Columns:
    """A day's samples in order, those that came late or those that did not; without what is damaged, which is noted."""
    vantage, target, day = key
    query = OF_DAY.format("" if late else "NOT")
    span = (max(day * DAY, _LEAST), min((day + 1) * DAY - 1, _MOST))
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(query.encode(), (target, vantage, *span, day)).fetchall()
    return in_order(columns_of(connection, rows, damages))


def _done(connection: Connection, key: Series, listed: Sequence[tuple[int, int]] | None) -> None:
    """A day has its leaf; ``listed``: these late samples of it have."""
    if listed is None:
        connection.execute("DELETE FROM days WHERE vantage = %s AND target = %s AND day = %s::bigint", key)
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "DELETE FROM late_samples WHERE vantage = %s AND boot = %s AND seq = %s::bigint",
            [(key[0], boot, seq) for boot, seq in listed],
        )
