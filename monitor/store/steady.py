"""Rows of a table of samples of which most stand still: nearly all that one target's samples of a day have in common
is one number, which is cheaper to handle than thousands that are alike."""

from collections.abc import Mapping, Sequence

import numpy as np

from probes.columns import Ints

Row = Ints | int
"""The values of a field, or the one value that all samples have."""
_HALF = 1 << 63


def rows_of(table: Ints) -> list[Row]:
    """The rows of a table with at least one column."""
    least, most = table.min(axis=1).tolist(), table.max(axis=1).tolist()
    return [low if low == high else row for row, low, high in zip(table, least, most, strict=True)]


def row_of(values: Ints) -> Row:
    """One row, of one sample at least."""
    first = int(values[0])
    return first if (values == first).all() else values


def minus(one: Row, other: Row) -> Row:
    """The difference, in 64 bits; a new array where it is one."""
    return wrapped(one - other) if isinstance(one, int) and isinstance(other, int) else one - other


def wrapped(value: int) -> int:
    """The integer of 64 bits that an integer of any size becomes."""
    return (value + _HALF) % (2 * _HALF) - _HALF


def used(rows: Sequence[Row]) -> set[int]:
    """Which natural numbers stand in any of the rows."""
    found = {row for row in rows if isinstance(row, int)}
    for row in rows:
        if not isinstance(row, int):
            found.update(np.flatnonzero(np.bincount(row)).tolist())
    return found


def translated(row: Row, places: Mapping[int, int]) -> Row:
    """A row of natural numbers, each exchanged for what ``places`` says."""
    if isinstance(row, int):
        return places[row]
    table = np.zeros(max(places) + 1, dtype=np.int64)
    table[list(places)] = list(places.values())
    new: Ints = table[row]
    return new
