"""Outages: how many incidents began in the period, or how many of them were longer than so much."""

from tests.oracle.build import minutes
from tests.sla.measures import MINUTE, figure, triple


def test_each_incident_counts_once_and_an_unknown_stretch_hides_at_most_one() -> None:
    """uddu?uduuu: two, at most three."""
    assert triple(figure(minutes(0, "uddu?uduuu"), 10 * MINUTE, "outages")) == (2, 2, 3)


def test_with_a_threshold_only_those_strictly_longer_count() -> None:
    """One of two minutes, one of three: over two minutes there is one."""
    facts = minutes(0, "uddudddu")
    assert figure(facts, 8 * MINUTE, "outages", threshold=2 * MINUTE).value == 1
    assert figure(facts, 8 * MINUTE, "outages", threshold=2 * MINUTE - 1).value == 2
