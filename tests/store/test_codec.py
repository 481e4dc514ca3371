"""What was written is what is read, for every sample there can be."""

import itertools
import random
from dataclasses import replace
from hashlib import blake2b

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.store.leaves import leaf_of
from monitor.store.packing.bits import Damaged, number
from monitor.store.packing.codec import Pool, assembled, decode, encode, may_hold
from monitor.store.packing.hours import hours_of, pack
from monitor.store.packing.packed import PLAIN, VERSION, head_of
from monitor.store.packing.quick import put_flat, put_rows
from probes.columns import ROW, Columns, concat, from_samples, to_samples
from probes.sample import Outcome, Sample
from tests.store.made import DAY, START, sample

LONG = st.integers(-(2**63) + 1, 2**63 - 1)
INTS = st.one_of(st.integers(-3, 3), st.integers(0, 10**10), LONG)
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


def _again(samples: list[Sample], tight: bool = True) -> list[Sample]:
    return to_samples(decode(encode(from_samples(samples), tight)))


@given(st.lists(SAMPLES, max_size=12), st.booleans())
def test_every_field_of_every_sample_is_read_back(samples: list[Sample], tight: bool) -> None:
    assert _again(samples, tight) == samples


def _plain(samples: list[Sample]) -> bytes:
    """A body as journals had it: only ``at`` is told by another field."""
    columns = from_samples(samples)
    table = columns.table.copy()
    table[ROW["at"]] -= table[ROW["scheduled_at"]]
    head = head_of(columns.words, len(samples), len(columns.rtts), len(columns.steps))
    parts = (put_rows(table, 0), put_flat(columns.rtts), put_flat(columns.steps)) if samples else ()
    return b"".join((bytes((VERSION, PLAIN)), number(len(head)), head, *parts))


@given(st.lists(SAMPLES, max_size=12))
def test_a_journal_that_was_written_before_is_read(samples: list[Sample]) -> None:
    assert to_samples(decode(_plain(samples))) == samples
    assert to_samples(assembled([Pool().packed(_plain(samples))])) == samples


def test_its_bytes_were_these() -> None:
    was = bytes.fromhex(
        "02003e0202003a5b6e756c6c2c226871222c22667261222c226231222c223139322e302e322e37222c22633066666565"
        "222c2273796e6368726f6e69736564225d01000000000000000200000000000000030000000000000000000000000000"
        "000400000000000000050000000000000006000000000000000000000000000000000000000000000007000000000000"
        "00c0cf6a000000000000b432c8f13eda18008c3601000000000100000000000000010000000000000000000000000000"
        "0000000000000000000048683ff23eda1801000000000000000000000000000000000000000000000000011119090000"
        "000019000000010001001eb500001e00008c36010000000009b500"
    )
    assert _plain([sample(7), sample(8)]) == was
    assert to_samples(decode(was)) == [sample(7), sample(8)]


@given(st.lists(st.lists(SAMPLES, max_size=5), max_size=4), st.randoms())
def test_columns_are_joined_and_taken_as_lists_are(parts: list[list[Sample]], rng: random.Random) -> None:
    whole = concat([from_samples(()), *map(from_samples, parts)])
    samples = [sample for part in parts for sample in part]
    assert to_samples(whole) == samples
    places = [rng.randrange(len(samples)) for _ in samples]
    taken = whole.take(np.array(places, dtype=np.int64))
    assert to_samples(taken) == [samples[place] for place in places]
    bounds = sorted({0, len(places), *places})
    assert [to_samples(piece.tidy()) for piece in taken.cut(bounds)] == [
        [samples[place] for place in places[start:end]] for start, end in itertools.pairwise(bounds)
    ]


@given(st.lists(st.lists(st.integers(0, 29), max_size=4), max_size=6), st.booleans())
def test_parts_that_share_a_list_of_words_are_joined(parts: list[list[int]], many: bool) -> None:
    """As a vantage brings them: words of others, one text twice, no text at a place of its own."""
    samples = [sample(seq, target=f"t{seq % 3}", vantage="t1") for seq in range(30)]
    whole = from_samples(samples)
    words = [*whole.words, None, "t2", *(f"other-{number}" for number in range(200 if many else 0))]
    whole.table[ROW["reason"]][whole.table[ROW["reason"]] == 0] = len(whole.words)
    shared = Columns(words, whole.table, whole.rtts, whole.steps)
    joined = concat([*(shared.take(np.array(part, dtype=np.int64)) for part in parts), from_samples(samples[:1])])
    assert to_samples(joined) == [samples[place] for part in [*parts, [0]] for place in part]
    assert len(set(joined.words)) == len(joined.words)


@pytest.mark.parametrize("value", [2**63, -(2**63), 2**70])
@pytest.mark.parametrize("field", ["at", "took", "rtts"])
def test_an_integer_that_cannot_be_kept_is_refused(field: str, value: int) -> None:
    wrong = replace(sample(1), **{field: (value,) if field == "rtts" else value})  # type: ignore[arg-type]
    with pytest.raises(OverflowError):
        from_samples([sample(0), wrong])


@given(st.lists(st.integers(0, 50), min_size=50, max_size=120), st.dictionaries(st.integers(0, 49), LONG, max_size=4))
def test_outliers_are_kept_exactly(values: list[int], outliers: dict[int, int]) -> None:
    values = [outliers.get(place, value) for place, value in enumerate(values)]
    samples = [replace(sample(seq), took=value, at=value) for seq, value in enumerate(values)]
    assert _again(samples) == samples


def test_a_day_of_a_steady_target_takes_few_bytes() -> None:
    day = [sample(seq) for seq in range(2880)]
    assert _again(day) == day
    assert len(encode(from_samples(day), tight=True)) < 3 * len(day)


def test_instants_that_are_not_quantised_are_kept_too() -> None:
    odd = [replace(sample(seq), at=sample(seq).at + seq * 7 + 1, took=seq * 13) for seq in range(100)]
    assert _again(odd) == odd


def test_a_target_that_is_not_in_a_body_is_seen_without_decoding() -> None:
    body = encode(from_samples([sample(seq, target="hq" if seq % 3 else "zweigstelle ä") for seq in range(30)]))
    assert may_hold(body, "zweigstelle ä")
    assert not may_hold(body, "elsewhere")


@pytest.mark.parametrize("body", [b"", b"\x01", b"\x63\x00\x05", b"\x01\x00\x05\x01", b"\x01\x00\x80"])
def test_bytes_that_are_no_body_are_refused(body: bytes) -> None:
    with pytest.raises(Damaged):
        decode(body)


def test_what_was_bound_once_comes_to_the_same_bytes_for_ever() -> None:
    day = [replace(sample(seq), received_at=None if seq % 3 else sample(seq).received_at) for seq in range(500)]
    columns = from_samples(day)
    leaf = leaf_of("fra", "hq", START // DAY, columns, late=True)
    assert leaf.digest.hex() == "a1cc0c8823edb4104f178830216e311778fd958c18de4579b9f9b8a220a5741f"
    assert _short(leaf.marks) == "74dedfbda645bd92"
    assert _short(pack(hours_of(columns))) == "233576893225e036"


def _short(body: bytes) -> str:
    return blake2b(body, digest_size=8).hexdigest()
