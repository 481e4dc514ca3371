"""The algebra of spans agrees with plain sets of instants."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from config import spans

EDGE = st.integers(min_value=-20, max_value=20)
ANY_SPANS = st.lists(st.tuples(EDGE, EDGE), max_size=8)


def instants(these: list[spans.Span]) -> set[int]:
    """Every instant covered."""
    return {instant for start, end in these for instant in range(start, end)}


def well_formed(these: list[spans.Span]) -> bool:
    """Sorted, with length, neither overlapping nor touching."""
    return all(a < b for a, b in these) and all(x[1] < y[0] for x, y in itertools.pairwise(these))


@given(ANY_SPANS, ANY_SPANS)
def test_union_intersection_and_difference_are_those_of_sets(left: list[spans.Span], right: list[spans.Span]) -> None:
    one, two = spans.union(left), spans.union(right)
    assert instants(one) == instants(left) and well_formed(one)
    assert instants(spans.union(one + two)) == instants(left) | instants(right)
    assert instants(spans.intersect(one, two)) == instants(left) & instants(right)
    assert instants(spans.subtract(one, two)) == instants(left) - instants(right)
    assert well_formed(spans.intersect(one, two)) and well_formed(spans.subtract(one, two))


@given(ANY_SPANS, EDGE, EDGE)
def test_clipping_keeps_what_lies_inside_and_the_total_counts_it(these: list[spans.Span], start: int, end: int) -> None:
    clipped = spans.clip(spans.union(these), start, end)
    assert instants(clipped) == {i for i in instants(these) if start <= i < end}
    assert spans.total(clipped) == len(instants(clipped))
