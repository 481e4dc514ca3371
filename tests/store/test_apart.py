"""What is closed row by row is what was recorded, and comes to the same as samples do that were never packed."""

import random
from collections import defaultdict

from hypothesis import HealthCheck, given, settings

from monitor.store.leaves import leaf_of
from monitor.store.packing.apart import apart
from monitor.store.packing.codec import decode, steady_in
from monitor.store.packing.hours import hours_of, pack
from monitor.store.packing.steady import concat, ordered
from monitor.store.packing.tight import encode_tightly
from probes.columns import from_samples, in_order, to_samples
from probes.sample import Sample
from tests.store.made import START, sample
from tests.store.test_sort import BATCHES, packed

CALM = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A sample has nineteen fields: making some takes its time beside other work."""


def _held_to(batches: list[list[Sample]]) -> None:
    """Each target and vantage by itself, and what it comes to."""
    expected = defaultdict[tuple[str, str], list[Sample]](list)
    for batch in batches:
        for each in batch:
            expected[each.target, each.vantage].append(each)
    for part in apart(packed(batches)):
        samples = to_samples(part.columns())
        for row in part.rows:
            assert isinstance(row, int) or (row.low, row.high) == (row.values.min(), row.values.max())
        assert samples == expected.pop((samples[0].target, samples[0].vantage))
        columns, row_by_row = in_order(from_samples(samples)), ordered(part)
        assert to_samples(row_by_row.columns()) == to_samples(columns)
        assert to_samples(decode(encode_tightly(row_by_row))) == to_samples(columns)
        assert leaf_of("fra", "hq", 1, row_by_row, True) == leaf_of("fra", "hq", 1, columns, True)
        assert pack(hours_of(row_by_row)) == pack(hours_of(columns))
    assert not expected


@CALM
@given(BATCHES)
def test_any_samples_are_taken_apart_by_target_and_vantage(batches: list[list[Sample]]) -> None:
    _held_to(batches)


def test_what_is_common_is_taken_apart_so_too() -> None:
    rng = random.Random(5)
    samples = [sample(seq, target=f"t{rng.randrange(9)}", vantage="ab"[seq % 40 == 0]) for seq in range(3000)]
    _held_to([samples[cut : cut + 500] for cut in range(0, 3000, 500)])
    _held_to([sorted(samples, key=lambda each: each.target)])
    _held_to([[each for each in samples if each.target == "t3" and each.vantage == "a"]])
    _held_to([[sample(seq, at=START + seq % 2) for seq in (6, 2, 4, 5, 1)], [sample(0, at=START)]])
    _held_to([[sample(0, at=START), sample(3, at=START + 1), sample(1, at=START + 1)]])


@CALM
@given(BATCHES)
def test_bodies_are_joined_row_by_row_as_they_were(batches: list[list[Sample]]) -> None:
    bodies = [encode_tightly(part) for batch in batches for part in apart(packed([batch]))]
    joined = concat(steady_in(bodies))
    assert to_samples(joined.columns()) == [each for body in bodies for each in to_samples(decode(body))]
