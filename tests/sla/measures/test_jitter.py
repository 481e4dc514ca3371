"""Jitter: |differences| of neighbours of one burst that were both answered."""

from fractions import Fraction

from tests.oracle.build import MS
from tests.sla.measures import MINUTE, burst, figure


def test_only_neighbours_that_were_both_answered_count_and_never_two_bursts() -> None:
    """10 14 - 11 | 30 31: differences 4 and 1."""
    facts = [burst(0, 10, 14, None, 11), burst(1, 30, 31)]
    assert figure(facts, 2 * MINUTE, "mean-jitter").value == Fraction(5, 2) * MS
    assert figure(facts, 2 * MINUTE, "mean-jitter", statistic="max").value == 4 * MS


def test_single_packets_have_none() -> None:
    assert figure([burst(0, 10), burst(1, 20)], 2 * MINUTE, "mean-jitter").value is None
