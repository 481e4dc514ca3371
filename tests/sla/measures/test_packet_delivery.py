"""Packet delivery: received over sent, as the ratio of the sums."""

from fractions import Fraction

from tests.oracle.build import sample
from tests.sla.measures import MINUTE, burst, figure


def test_it_is_the_ratio_of_the_sums_and_not_the_mean_of_the_ratios() -> None:
    """1 of 1 and 1 of 4: 2 of 5, not 5 of 8. A failed burst's packets are lost ones."""
    facts = [burst(0, 10), burst(1, 10, None, None, None), burst(2, None, None)]
    assert figure(facts, 3 * MINUTE, "packet-delivery").value == Fraction(2, 7)


def test_samples_that_say_nothing_lose_nothing() -> None:
    facts = [burst(0, 10, 10), sample(MINUTE, "unknown", seq=1, sent=2, received=0, rtts=(None, None))]
    assert figure(facts, 2 * MINUTE, "packet-delivery").value == 1
