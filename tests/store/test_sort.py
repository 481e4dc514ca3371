"""Batches sorted as they are packed hold what they held, where it belongs."""

import json
import random
from dataclasses import replace
from itertools import groupby
from zlib import crc32

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.store.packing.bits import Damaged
from monitor.store.packing.codec import Pool, assembled, decode, encode, opened
from monitor.store.packing.packed import Packed, all_of, body_of, head_of
from monitor.store.packing.sort import DAY, Extent, Sorted, in_parts, in_shares
from monitor.store.packing.strips import Flat, Strip, joined
from probes.columns import Columns, from_samples, to_samples
from probes.sample import Sample
from tests.store.made import START, sample
from tests.store.test_codec import SAMPLES

SIZE = 1000
"""How many numbers are a part here."""
BATCHES = st.lists(st.lists(SAMPLES, min_size=1, max_size=4), min_size=1, max_size=4)
CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A sample has nineteen fields: making some takes its time beside other work."""


def packed(batches: list[list[Sample]]) -> list[Packed]:
    bodies = opened([encode(from_samples(samples)) for samples in batches])
    assert all(isinstance(body, Packed) for body in bodies)
    return [body for body in bodies if isinstance(body, Packed)]


def pooled(batches: list[list[Sample]]) -> list[Packed]:
    """As a step of sealing reads them: with one list of words."""
    pool = Pool()
    return [pool.packed(encode(from_samples(samples))) for samples in batches]


def _number(target: str) -> int:
    text = target.encode("utf-8", "surrogatepass")
    return sum(text) % 3 * SIZE + crc32(text) % SIZE


def _part(target: str) -> int:
    return _number(target) // SIZE


def _held_to(batches: list[list[Sample]]) -> list[Sorted]:
    """The parts of the batches, each of which was looked at one sample at a time."""
    found = list(in_parts(pooled(batches), lambda targets: list(map(_number, targets)), SIZE))
    samples = [sample for batch in batches for sample in batch]
    places = sorted({(each.at // DAY, _part(each.target)) for each in samples})
    assert [(row.first_at // DAY, row.part) for row in found] == places
    for row, place in zip(found, places, strict=True):
        ours = [each for each in samples if (each.at // DAY, _part(each.target)) == place]
        read = to_samples(decode(row.body))
        assert (row.first_at, row.last_at, row.count) == (min(e.at for e in ours), max(e.at for e in ours), len(ours))
        assert sorted(row.sources) == sorted(_extents(ours))
        targets = [target for target, _ in groupby(read, key=lambda each: each.target)]
        assert len(targets) == len(set(targets))
        assert list(map(_number, targets)) == sorted(map(_number, targets))
        for target in targets:
            assert [e for e in read if e.target == target] == [e for e in ours if e.target == target]
        assert len(read) == len(ours)
    return found


def _extents(samples: list[Sample]) -> list[Extent]:
    senders = {(each.vantage, each.boot) for each in samples}
    seqs = {sender: [each.seq for each in samples if (each.vantage, each.boot) == sender] for sender in senders}
    return [(*sender, min(ours), max(ours)) for sender, ours in seqs.items()]


@CALM
@given(BATCHES)
def test_any_samples_are_sorted_by_part_day_and_target(batches: list[list[Sample]]) -> None:
    _held_to(batches)


def test_what_is_common_is_sorted_so_too() -> None:
    rng = random.Random(7)
    samples = [sample(seq, target=f"t{rng.randrange(90)}", boot=f"b{seq // 4000}") for seq in range(5000)]
    parts = _held_to([samples[cut : cut + 700] for cut in range(0, 5000, 700)])
    assert len(parts) == 3 * 2
    assert sum(len(row.body) for row in parts) < sum(len(encode(from_samples([each]))) for each in samples) / 5


@pytest.mark.parametrize("distance", [1000, 7000, 10**6])
def test_words_that_stand_a_thousand_places_apart_are_told_apart(distance: int) -> None:
    """As they may be where a vantage begins anew between two batches of many words."""
    samples = [replace(sample(seq), boot=f"b{seq}") for seq in range(2)]
    first, second = (from_samples([each]) for each in samples)
    spare = distance - len(first.words) + first.words.index("b0")
    words = [*first.words, *(f"other-{number}" for number in range(spare))]
    bodies = [encode(Columns(words, first.table, first.rtts, first.steps)), encode(second)]
    found = [body for body in opened(bodies) if isinstance(body, Packed)]
    (row,) = in_parts(list(found), lambda targets: [0] * len(targets), SIZE)
    assert to_samples(decode(row.body)) == samples
    assert to_samples(assembled([all_of(found)])) == samples


@CALM
@given(BATCHES)
def test_bodies_one_after_the_other_are_one(batches: list[list[Sample]]) -> None:
    samples = [sample for batch in batches for sample in batch]
    assert to_samples(assembled(packed(batches))) == samples == to_samples(assembled(pooled(batches)))
    for whole in (all_of(packed(batches)), all_of(pooled(batches))):
        assert [to_samples(assembled(share)) for share in in_shares([whole], 1000)] == [samples]


@CALM
@given(BATCHES, st.integers(1, 12))
def test_shares_hold_each_target_wholly_and_everything_once(batches: list[list[Sample]], most: int) -> None:
    shares = [to_samples(assembled(share)) for share in in_shares(pooled(batches), most)]
    samples = [sample for batch in batches for sample in batch]
    of = {each.target: number for number, share in enumerate(shares) for each in share}
    for number, share in enumerate(shares):
        assert share == [each for each in samples if of[each.target] == number]
        assert 0 < len(share) <= most or len({each.target for each in share}) == 1
    assert sum(map(len, shares)) == len(samples)


def test_only_bodies_of_the_journal_are_read_together() -> None:
    with pytest.raises(Damaged, match="was not written there"):
        Pool().packed(encode(from_samples([sample(1)]), tight=True))


def test_a_body_that_cannot_be_of_its_samples_is_refused() -> None:
    (body,) = packed([[sample(seq) for seq in range(1, 5)]])
    some = Flat(3, Strip(0))
    for words, times, spent in (
        (body.words[:-1], body.times, body.spent),
        (body.words, some, body.spent),
        (body.words, body.times, some),
    ):
        with pytest.raises(Damaged, match="than its samples"):
            opened([body_of(words, body.count, body.strips, times, spent)])
    assert len(decode(body_of(body.words, body.count, body.strips, body.times, body.spent))) == 4


def test_of_nothing_nothing_is_made() -> None:
    assert list(in_parts([], lambda targets: [], SIZE)) == [] == list(in_shares([], 10))


def test_few_shares_are_made_of_small_targets() -> None:
    samples = [sample(seq, target=f"t{seq % 10}", at=START + seq) for seq in range(100)]
    assert [sum(body.count for body in share) for share in in_shares(packed([samples]), 35)] == [30, 30, 30, 10]


@given(st.lists(st.one_of(st.none(), st.text(), st.sampled_from(["", "fra", 'a"b', "a\\b", "\x7f", "ü", "\ud800"]))))
def test_words_stand_in_a_body_as_json_whatever_they_are(words: list[str | None]) -> None:
    for each in (words, [None, *words]):
        assert head_of(each, 1, 2, 3).endswith(json.dumps(each, separators=(",", ":")).encode())


LANES = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 1000, 7000, 10**6, 10**9, -5, -(2**63), 2**61]),
        st.integers(0, 2),
        st.one_of(
            st.none(),
            *(st.lists(st.integers(0, top), min_size=1, max_size=3) for top in (1, 300, 10**6)),
        ),
    ),
    min_size=1,
    max_size=5,
)


@given(LANES)
def test_lanes_one_after_the_other_are_as_narrow_as_they_can_be(lanes: list[tuple[int, int, list[int] | None]]) -> None:
    strips = [Strip(low, times, None if v is None else np.array(v, dtype=np.uint32)) for low, times, v in lanes]
    counts = [2 if v is None else len(v) for _, _, v in lanes]
    expected = [low + 1000**times * each for low, times, v in lanes for each in (v or [0, 0])]
    found = joined(strips, counts)
    out = np.empty(len(expected), dtype=np.int64)
    found.fill(out)
    assert out.tolist() == expected
    if found.values is None:
        assert len(set(expected)) == 1
    else:
        assert found.values.itemsize == 1 or int(found.values.max()) >= 1 << 4 * found.values.itemsize
