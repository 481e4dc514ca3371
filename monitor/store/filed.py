"""Whether what stands beside a body is of its samples: reading looks there first, and never opens what seems to be of
another time. Whoever can write the file can make the digest of it fit."""

from collections.abc import Mapping

from monitor.store.packing.chunk import DAY, pieces_in
from monitor.store.port import StoreError
from monitor.store.rows import PART, UNSORTED, ChunkRow, JournalRow
from probes.columns import Columns

Bounds = tuple[int, int, int, int, int]
"""First and last instant, how many, least and greatest sequence number."""


class Filed:
    """What the samples of one chunk come to, which are given day by day in the order in which they lie there."""

    def __init__(self, row: ChunkRow) -> None:
        self._row = row
        self._bounds: Bounds | None = None
        self._days: list[tuple[int, int]] = []

    def take(self, day: Columns) -> None:
        """The next day."""
        self._bounds = _wider(self._bounds, _bounds_of(day))
        self._days.append((int(day["at"][0]) // DAY, len(day)))

    def check(self) -> None:
        """All were given. Raises StoreError ``store_damaged`` where the chunk says something else of them."""
        days = iter(self._days)
        for piece in pieces_in(self._row[10], self._row[3]):
            there: list[tuple[int, int]] = []
            while sum(count for _, count in there) < piece.count:
                there.append(next(days, (piece.last, piece.count + 1)))
            found = (there[0][0], there[-1][0], sum(count for _, count in there)) if there else (0, -1, 0)
            if found != (piece.first, piece.last, piece.count):
                raise _unlike(f"chunk {self._row[0]}")
        if next(days, None) is not None or self._bounds != self._row[3:8]:
            raise _unlike(f"chunk {self._row[0]}")


def check_journal(row: JournalRow, columns: Columns, numbers: Mapping[str, int]) -> None:
    """The same of a row of the journal; ``numbers`` of names. Raises StoreError ``store_damaged``."""
    targets = {columns.words[place] or "" for place in set(columns["target"].tolist())}
    part = row[1] == UNSORTED or all(numbers.get(target, UNSORTED) // PART == row[1] for target in targets)
    if not part or _bounds_of(columns)[:3] != row[2:5]:
        raise _unlike(f"journal row {row[0]}")


def _bounds_of(columns: Columns) -> Bounds:
    ats, seqs = columns["at"], columns["seq"]
    return int(ats.min()), int(ats.max()), len(columns), int(seqs.min()), int(seqs.max())


def _wider(one: Bounds | None, other: Bounds) -> Bounds:
    if one is None:
        return other
    return min(one[0], other[0]), max(one[1], other[1]), one[2] + other[2], min(one[3], other[3]), max(one[4], other[4])


def _unlike(name: str) -> StoreError:
    return StoreError("store_damaged", f"{name}: filed under another time or place than its samples bear")
