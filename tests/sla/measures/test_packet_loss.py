"""Packet loss: what delivery leaves of one."""

from fractions import Fraction

from tests.sla.measures import MINUTE, burst, figure


def test_it_is_what_was_sent_and_not_received() -> None:
    assert figure([burst(0, 10, None, None)], MINUTE, "packet-loss").value == Fraction(2, 3)


def test_without_packets_there_is_no_value() -> None:
    assert figure([], MINUTE, "packet-loss").value is None
