"""Total outage: D, at most D + N."""

from tests.oracle.build import minutes
from tests.sla.measures import MINUTE, figure, triple


def test_it_adds_up_what_was_down_and_may_grow_by_what_is_unknown() -> None:
    """ududd?uuuu: three minutes, at most four."""
    result = figure(minutes(0, "ududd?uuuu"), 10 * MINUTE, "total-outage")
    assert triple(result) == (3 * MINUTE, 3 * MINUTE, 4 * MINUTE)


def test_an_outage_is_cut_at_the_edge_of_the_period() -> None:
    assert figure(minutes(0, "uuudddddd"), 5 * MINUTE, "total-outage").value == 2 * MINUTE
