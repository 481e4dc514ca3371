"""Integers come back as they were, whichever of the short forms they were written in."""

import random
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.store.canonical import pack_marks, read_marks
from monitor.store.packing import bits
from monitor.store.packing.bits import Damaged, Reader
from monitor.store.packing.coding import Filler, Writer
from monitor.store.packing.moving import Moving, filled, missing_in, row_of, steps_of, values_of
from monitor.store.packing.quick import put_rows
from monitor.store.packing.strips import read_strips
from probes.columns import NONE, Ints

LONG = st.integers(-(2**63), 2**63 - 1)
COLUMNS = st.one_of(
    st.lists(LONG, min_size=1, max_size=40),
    st.lists(st.integers(-5, 300), min_size=1, max_size=200),
    st.lists(st.sampled_from([7, 10**12]), min_size=1, max_size=200),
    st.lists(st.integers(0, 2**20).map(lambda n: n * 1000), min_size=1, max_size=200),
)
TABLES = st.integers(1, 20).flatmap(
    lambda width: st.lists(
        st.lists(
            st.integers(-9, 9) | st.integers(0, 99).map(lambda n: n * 10**6) | LONG, min_size=width, max_size=width
        ),
        min_size=1,
        max_size=9,
    )
)


def _tightly(values: list[int], stepped: bool = False) -> tuple[list[int], int]:
    row = row_of(np.array(values, dtype=np.int64))
    out = Writer()
    out.column(row, steps_of(row) if stepped and isinstance(row, Moving) else None)
    out.optional(row, missing_in(row))
    head, data = b"".join(out.head), b"".join(out.data)
    source = Filler(Reader(head), Reader(data))
    read = values_of(source.row(len(values)), len(values))
    optional = filled(*source.optional(len(values)), NONE)
    assert values_of(optional, len(values)).tolist() == values
    return read.tolist(), len(head) + len(data)


@given(COLUMNS, st.booleans())
def test_a_column_is_read_back_as_it_was(values: list[int], stepped: bool) -> None:
    assert _tightly(values, stepped)[0] == values


@pytest.mark.parametrize("base", [3, 20, 100, 255, 256])
def test_values_spread_evenly_take_hardly_more_than_their_entropy(base: int) -> None:
    values = [random.Random(base).randrange(base) for _ in range(5000)]
    read, size = _tightly(values)
    assert read == values
    assert size / 2 < 5000 * (np.log2(base) + 0.13) / 8 + 40  # written twice


@pytest.mark.parametrize("places", [[0], [4999], [1, 2, 3], list(range(0, 5000, 41)), list(range(7, 4000, 2))])
def test_the_places_of_what_is_rare_are_kept(places: list[int]) -> None:
    values = [2_000_000_000 if place in places else -1 for place in range(5000)]
    assert _tightly(values)[0] == values


def _get_table(data: Reader, table: Ints) -> None:
    for strip, row in zip(read_strips(data, *table.shape), table, strict=True):
        strip.fill(row)


@given(TABLES)
def test_a_table_is_read_back_as_it_was(rows: list[list[int]]) -> None:
    table = np.array(rows, dtype=np.int64)
    for put, get in ((lambda table: put_rows(table, 0), _get_table), (bits.put_words, bits.get_words)):
        read = np.empty_like(table)
        source = Reader(put(table))
        get(source, read)
        assert read.tolist() == rows and source.at == len(source.data)


@given(st.integers(1, 64), st.lists(st.integers(0, 2**64 - 1), max_size=30))
def test_low_bits_are_packed_and_unpacked(width: int, values: list[int]) -> None:
    values = [value % 2**width for value in values]
    packed = bits.put_bits(np.array(values, dtype=np.uint64), width)
    assert bits.get_bits(Reader(packed), len(values), width).tolist() == values
    assert len(packed) <= (len(values) + 7) // 8 * width


@given(st.integers(-(2**70), 2**70))
def test_integers_of_any_size_are_kept(value: int) -> None:
    assert Reader(bits.integer(value)).integer() == value
    with pytest.raises(Damaged):
        Reader(bits.integer(value)[:-1]).integer()


@given(st.dictionaries(st.integers(0, 23), st.tuples(st.integers(1, 70_000), st.binary(min_size=3, max_size=3))))
def test_the_marks_of_a_day_are_read_back(marks: dict[int, tuple[int, bytes]]) -> None:
    packed = pack_marks(marks)
    assert read_marks(packed) == {hour: (min(count, 65_535), told) for hour, (count, told) in marks.items()}
    for cut in range(1, len(packed)):
        with pytest.raises(struct.error):
            read_marks(packed[:cut])
