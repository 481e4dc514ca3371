"""Rows of values: one number where all are alike, which is cheaper to handle than thousands of it, and otherwise the
values with the least and the greatest of them, so that nobody looks for those again."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probes.columns import NONE, Ints

_HALF = 1 << 63


class Moving(NamedTuple):
    """Values of which two differ at least, the least and the greatest of them."""

    values: Ints
    low: int
    high: int


Row = Moving | int
"""The values of a field, or the one value that all samples have."""
Missing = NDArray[np.bool_] | bool
"""Which values of a row are missing; True: all are, False: none."""


def row_of(values: Ints) -> Row:
    """One row, of one value at least."""
    low, high = int(np.minimum.reduce(values)), int(np.maximum.reduce(values))
    return low if low == high else Moving(values, low, high)


def rows_of(table: Ints) -> list[Row]:
    """The rows of a table with at least one column."""
    least, most = table.min(axis=1).tolist(), table.max(axis=1).tolist()
    return [low if low == high else Moving(row, low, high) for row, low, high in zip(table, least, most, strict=True)]


def values_of(row: Row, count: int) -> Ints:
    """The values of a row of so many."""
    return np.full(count, row) if isinstance(row, int) else row.values


def low_of(row: Row) -> int:
    """The least value."""
    return row if isinstance(row, int) else row.low


def high_of(row: Row) -> int:
    """The greatest value."""
    return row if isinstance(row, int) else row.high


def minus(one: Row, other: Row) -> Row:
    """The difference, in 64 bits."""
    if isinstance(one, int) and isinstance(other, int):
        return wrapped(one - other)
    if other == 0:
        return one
    first, second = (row if isinstance(row, int) else row.values for row in (one, other))
    return row_of(np.subtract(first, second))


def plus(one: Row, other: Row) -> Row:
    """The sum, in 64 bits."""
    if isinstance(one, int) and isinstance(other, int):
        return wrapped(one + other)
    if isinstance(one, int):
        one, other = other, one
    if other == 0:
        return one
    assert isinstance(one, Moving)
    if isinstance(other, Moving):
        return row_of(one.values + other.values)
    low, high = one.low + other, one.high + other
    return Moving(one.values + other, low, high) if low >= -_HALF and high < _HALF else row_of(one.values + other)


def wrapped(value: int) -> int:
    """The integer of 64 bits that an integer of any size becomes."""
    return (value + _HALF) % (2 * _HALF) - _HALF


def steps_of(row: Moving) -> Row:
    """From each value to the next, in 64 bits."""
    return row_of(row.values[1:] - row.values[:-1])


def missing_in(row: Row) -> Missing:
    """Which values of a row are missing."""
    if isinstance(row, int):
        return row == NONE
    return row.values == NONE if row.low == NONE else False


def filled(row: Row, missing: Missing, value: int) -> Row:
    """A row with a value where one is missing."""
    if isinstance(missing, bool):
        return value if missing else row
    values = np.full(len(missing), row) if isinstance(row, int) else row.values.copy()
    values[missing] = value
    return row_of(values)


def translated(row: Row, places: Mapping[int, int]) -> Row:
    """A row of natural numbers, each exchanged for what ``places`` says."""
    if isinstance(row, int):
        return places[row]
    table = np.zeros(row.high + 1, dtype=np.int64)
    for place, new in places.items():
        if place <= row.high:
            table[place] = new
    return row_of(table[row.values])


def begins(keys: NDArray[np.integer]) -> NDArray[np.intp]:
    """Where a value stands that is not the one before it."""
    return np.concatenate((np.zeros(1, dtype=np.intp), np.flatnonzero(keys[1:] != keys[:-1]) + 1))


def joined(rows: Sequence[Row], counts: Sequence[int]) -> Row:
    """Rows of so many values each, one after the other."""
    low, high = min(map(low_of, rows)), max(map(high_of, rows))
    if low == high or len(rows) == 1:
        return rows[0]
    return Moving(np.concatenate([values_of(row, count) for row, count in zip(rows, counts, strict=True)]), low, high)
