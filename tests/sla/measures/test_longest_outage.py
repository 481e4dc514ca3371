"""Longest outage: of the incidents that began in the period, the longest charged one."""

from tests.oracle.build import minutes
from tests.sla.measures import MINUTE, figure, triple


def test_two_outages_do_not_add_up() -> None:
    assert figure(minutes(0, "udduddduuu"), 10 * MINUTE, "longest-outage").value == 3 * MINUTE


def test_unknown_between_outages_joins_them_at_most_and_splits_them_at_least() -> None:
    """udd?dduuuu: 4, at least 2, at most 5 minutes."""
    result = figure(minutes(0, "udd?dduuuu"), 10 * MINUTE, "longest-outage")
    assert triple(result) == (2 * MINUTE, 4 * MINUTE, 5 * MINUTE)


def test_one_that_runs_over_the_edge_belongs_whole_to_the_period_of_its_start() -> None:
    assert figure(minutes(0, "uuuddddduu"), 5 * MINUTE, "longest-outage").value == 5 * MINUTE
