"""Availability: U / (U + D), between U / (T - E) and (U + N) / (T - E)."""

from fractions import Fraction

from tests.oracle.build import minutes
from tests.sla.measures import MINUTE, figure, triple


def test_it_is_the_share_of_the_observed_time_with_what_was_not_observed_as_bounds() -> None:
    """uuuuuudd?? of ten minutes: 6 of 8, at least 6 of 10, at most 8 of 10."""
    result = figure(minutes(0, "uuuuuudd??"), 10 * MINUTE, "availability")
    assert triple(result) == (Fraction(6, 10), Fraction(6, 8), Fraction(8, 10))


def test_without_any_observation_it_has_no_value_and_every_bound() -> None:
    assert triple(figure(minutes(0, "??"), 2 * MINUTE, "availability")) == (0, None, 1)
