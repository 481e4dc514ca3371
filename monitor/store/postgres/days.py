"""Days of samples that wait to be sealed, and samples that came when their day was sealed already.

``days`` has a row for each UTC day of a target and vantage that has samples and no leaf. Before a day is sealed its row
says so (``closing``), in a transaction of its own; what comes from then on is late and listed in ``late_samples``. So
what a leaf is to cover is certain without keeping the one who appends waiting while it is read.
"""

import numpy as np

from monitor.store.packing.chunk import DAY
from monitor.store.postgres.connection import Connection
from monitor.store.postgres.names import Names
from probes.columns import Columns

Series = tuple[int, int, int]
"""(vantage, target, day), names by their numbers."""
_MOST = 200_000
_SEALED = (
    "SELECT k.vantage, k.target, k.day FROM unnest(%s::int[], %s::int[], %s::bigint[]) AS k (vantage, target, day) "
    "WHERE EXISTS (SELECT FROM leaves AS l WHERE l.vantage = k.vantage AND l.target = k.target AND l.day = k.day) "
    "OR EXISTS (SELECT FROM days AS d WHERE d.vantage = k.vantage AND d.target = k.target AND d.day = k.day "
    "AND d.closing)"
)


class Days:
    """Used by the one writer. Remembers days that are known to be open."""

    def __init__(self) -> None:
        self._open: set[Series] = set()

    def note(self, connection: Connection, columns: Columns, names: Names) -> None:
        """These samples are being recorded."""
        keys, which = _keys(connection, columns, names)
        new = [key for key in keys if key not in self._open]
        if not new:
            return
        sealed = set(connection.execute(_SEALED, [list(part) for part in zip(*new, strict=True)]).fetchall())
        fresh = [key for key in new if key not in sealed]
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO days VALUES (%s, %s, %s::bigint) ON CONFLICT DO NOTHING", fresh)
        if len(self._open) > _MOST:
            self.forget()
        self._open.update(fresh)
        if sealed:
            late = np.isin(which, [place for place, key in enumerate(keys) if key in sealed])
            _note_late(connection, columns.take(np.flatnonzero(late)), names)

    def forget(self) -> None:
        """Some may be sealed from now on, or were not recorded after all."""
        self._open.clear()


def _keys(connection: Connection, columns: Columns, names: Names) -> tuple[list[Series], np.ndarray]:
    """The days that samples belong to, and the place of each sample's own among them."""
    numbers = names.of(connection, columns.words)
    days = columns["at"] // DAY
    least = int(days.min())
    width, words = int(days.max()) - least + 1, len(columns.words)
    codes = (columns["vantage"] * words + columns["target"]) * width + (days - least)
    found, which = np.unique(codes, return_inverse=True)
    keys = []
    for code in found.tolist():
        pair, day = divmod(code, width)
        vantage, target = divmod(pair, words)
        keys.append((numbers[vantage], numbers[target], day + least))
    return keys, which.reshape(-1)


def _note_late(connection: Connection, columns: Columns, names: Names) -> None:
    numbers = names.of(connection, columns.words)
    rows = zip(*(columns[name].tolist() for name in ("vantage", "boot", "seq", "target", "at")), strict=True)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO late_samples VALUES (%s, %s, %s::bigint, %s, %s::bigint) ON CONFLICT DO NOTHING",
            [
                (numbers[vantage], numbers[boot], seq, numbers[target], at // DAY)
                for vantage, boot, seq, target, at in rows
            ],
        )
