"""What was written is what is read, for every sample there can be."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.store.bits import Damaged, Reader, array, get_ints, put_ints
from monitor.store.codec import decode, encode, may_hold
from probes.sample import Outcome, Sample
from tests.store.made import sample

WHOLE = st.integers()
LONG = st.integers(-(2**63), 2**63 - 1)
INTS = st.one_of(st.integers(-3, 3), st.integers(0, 10**10), LONG, WHOLE)
TEXT = st.one_of(st.sampled_from(["", "a", "b", "hq"]), st.text(max_size=5))
SAMPLES = st.builds(
    Sample,
    target=TEXT,
    vantage=TEXT,
    boot=TEXT,
    seq=INTS,
    at=INTS,
    outcome=st.sampled_from(Outcome),
    reason=st.none() | TEXT,
    scheduled_at=st.none() | INTS,
    took=st.none() | INTS,
    sent=st.none() | INTS,
    received=st.none() | INTS,
    rtts=st.lists(st.none() | INTS, max_size=4).map(tuple),
    duplicates=INTS,
    late=INTS,
    phases=st.lists(st.tuples(TEXT, INTS), max_size=3).map(tuple),
    address=st.none() | TEXT,
    config=st.none() | TEXT,
    clock=st.none() | TEXT,
    received_at=st.none() | INTS,
)


@given(st.lists(SAMPLES, max_size=12), st.booleans())
def test_every_field_of_every_sample_is_read_back(samples: list[Sample], tight: bool) -> None:
    assert decode(encode(samples, tight)) == samples


@given(st.lists(st.one_of(LONG, st.integers(0, 2**20)), max_size=200), st.booleans())
def test_every_column_of_integers_is_read_back(values: list[int], tight: bool) -> None:
    reader = Reader(put_ints(array(values), tight))
    assert get_ints(reader, len(values)).tolist() == values
    assert reader.at == len(reader.data)


@given(st.lists(st.integers(0, 50), min_size=50, max_size=120), st.dictionaries(st.integers(0, 49), LONG, max_size=4))
def test_outliers_are_kept_exactly(values: list[int], outliers: dict[int, int]) -> None:
    for place, value in outliers.items():
        values[place] = value >> 8
    assert get_ints(Reader(put_ints(array(values), True)), len(values)).tolist() == values


def test_a_day_of_a_steady_target_takes_few_bytes() -> None:
    day = [sample(seq) for seq in range(2880)]
    assert decode(encode(day, tight=True)) == day
    assert len(encode(day, tight=True)) < 3 * len(day)


def test_instants_that_are_not_quantised_are_kept_too() -> None:
    odd = [replace(sample(seq), at=sample(seq).at + seq * 7 + 1, took=seq * 13) for seq in range(100)]
    assert decode(encode(odd, tight=True)) == odd


def test_only_wanted_targets_are_built() -> None:
    both = [sample(seq, target="hq" if seq % 3 else "branch") for seq in range(30)]
    body = encode(both)
    assert decode(body, {"branch"}) == [each for each in both if each.target == "branch"]
    assert may_hold(body, "branch")
    assert not may_hold(body, "elsewhere")


@pytest.mark.parametrize("body", [b"", b"\x01", b"\x63\x00\x05", b"\x01\x00\x05\x01"])
def test_bytes_that_are_no_body_are_refused(body: bytes) -> None:
    with pytest.raises(Damaged):
        decode(body)
