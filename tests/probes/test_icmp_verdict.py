"""What a run means: ``verdict.judge`` on packets made by hand."""

from fractions import Fraction

import pytest

from probes.net.icmp.verdict import Limit, Packet, Terms, Verdict, judge
from probes.sample import Outcome

MS = 1_000_000
TIMEOUT = 1000 * MS
SILENT = Packet(1, True)
UNSENT = Packet(0, False, local="ENOBUFS")


def answered(after: int, heard: bool = True) -> Packet:
    """A packet answered so many ns after it was sent."""
    return Packet(1, True, 1 + after, heard)


def judged(
    *packets: Packet,
    limit: Limit | None = None,
    lag: int = 0,
    overflow: bool = False,
    kernel: bool = True,
    expect: bool = True,
    stepped: bool = False,
    hop: str | None = None,
) -> Verdict:
    """The verdict on a run with a second of waiting time."""
    terms = Terms(TIMEOUT, limit, lambda: lag, overflow, kernel, expect, stepped, lambda: hop)
    return judge(packets, terms)


def test_one_reply_is_enough_for_up_unless_said_otherwise() -> None:
    verdict = judged(SILENT, answered(5 * MS), SILENT)
    assert (verdict.outcome, verdict.rtts) == (Outcome.UP, (None, 5 * MS, None))


def test_no_reply_at_all_is_down_timeout_where_the_kernel_heard_nothing() -> None:
    """However late this process ran: what came in was stamped and kept for it."""
    verdict = judged(SILENT, SILENT, lag=10 * TIMEOUT)
    assert (verdict.outcome, verdict.reason, verdict.rtts) == (Outcome.DOWN, "timeout", (None, None))


@pytest.mark.parametrize(
    ("lag", "outcome", "reason"),
    [
        (99 * MS, Outcome.DOWN, "timeout"),
        (100 * MS, Outcome.UNKNOWN, "stall"),
        (5_000 * MS, Outcome.UNKNOWN, "stall"),
    ],
)
def test_without_kernel_stamps_silence_needs_a_process_that_was_awake(lag: int, outcome: Outcome, reason: str) -> None:
    """A tenth of the waiting time of a second is 100 ms; from there on silence proves nothing."""
    verdict = judged(SILENT, lag=lag, kernel=False)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


def test_a_long_timeout_does_not_excuse_more_than_200_ms_of_lag() -> None:
    packets = (SILENT,)
    terms = Terms(60_000 * MS, None, lambda: 200 * MS, False, False, True)
    assert judge(packets, terms).outcome is Outcome.UNKNOWN


def test_an_overflown_queue_proves_no_silence() -> None:
    verdict = judged(SILENT, SILENT, overflow=True)
    assert (verdict.outcome, verdict.reason, verdict.rtts) == (Outcome.UNKNOWN, "stall", ())


def test_a_reply_at_the_waiting_time_counts_and_one_later_is_late() -> None:
    verdict = judged(answered(TIMEOUT), answered(TIMEOUT + 1))
    assert (verdict.outcome, verdict.rtts, verdict.late) == (Outcome.UP, (TIMEOUT, None), 1)


@pytest.mark.parametrize(("stamped", "heard"), [(False, True), (True, False)])
def test_a_reply_is_late_only_by_the_kernels_time_or_that_of_a_process_that_was_awake(
    stamped: bool, heard: bool
) -> None:
    """A process stopped on its way into the system call dates the sending too early, and the reading too late."""
    packet = Packet(1, stamped, 1 + 2 * TIMEOUT, heard)
    assert (judged(packet, expect=False).outcome, judged(packet, expect=False).late) == (Outcome.DOWN, 1)
    stopped = judged(packet, expect=False, lag=TIMEOUT)
    assert (stopped.outcome, stopped.reason, stopped.late) == (Outcome.UNKNOWN, "stall", 0)


def test_only_late_replies_are_a_timeout() -> None:
    verdict = judged(answered(2 * TIMEOUT))
    assert (verdict.outcome, verdict.reason, verdict.late) == (Outcome.DOWN, "timeout", 1)


def test_a_reply_found_late_without_the_kernels_stamp_by_a_stalled_process_is_unproven() -> None:
    verdict = judged(answered(2 * TIMEOUT, heard=False), lag=TIMEOUT, kernel=False)
    assert (verdict.outcome, verdict.reason, verdict.late) == (Outcome.UNKNOWN, "stall", 0)


def test_packets_not_sent_leave_the_denominator() -> None:
    verdict = judged(answered(MS), UNSENT, SILENT)
    assert (verdict.outcome, verdict.rtts) == (Outcome.UP, (MS, None))


def test_nothing_sent_is_unknown_with_the_errno() -> None:
    verdict = judged(UNSENT, UNSENT)
    assert (verdict.outcome, verdict.reason, verdict.rtts) == (Outcome.UNKNOWN, "ENOBUFS", ())


def test_down_needs_to_be_down_even_had_the_unsent_been_answered() -> None:
    verdict = judged(SILENT, UNSENT)
    assert (verdict.outcome, verdict.reason, verdict.rtts) == (Outcome.UNKNOWN, "ENOBUFS", (None,))


def test_a_missing_send_stamp_where_there_always_was_one_is_a_packet_dropped_here() -> None:
    lost = Packet(1, False)
    assert judged(lost).reason == "ENOBUFS"
    assert (judged(lost, expect=False).outcome, judged(lost, expect=False).reason) == (Outcome.DOWN, "timeout")


@pytest.mark.parametrize("reason", ["ENETDOWN", "EHOSTUNREACH", "ENETUNREACH"])
def test_a_first_hop_of_ours_that_is_gone_is_unknown(reason: str) -> None:
    verdict = judged(SILENT, SILENT, hop=reason)
    assert (verdict.outcome, verdict.reason, verdict.rtts) == (Outcome.UNKNOWN, reason, ())


def test_a_target_on_our_link_that_does_not_answer_there_is_down() -> None:
    verdict = judged(Packet(1, False), hop="unreachable_host")
    assert (verdict.outcome, verdict.reason, verdict.rtts) == (Outcome.DOWN, "unreachable_host", (None,))


def test_an_icmp_error_gives_the_reason_and_a_reply_prevails_over_none() -> None:
    refused = Packet(1, True, remote="prohibited", sender="192.0.2.1")
    assert judged(SILENT, refused).reason == "prohibited"
    assert judged(refused, answered(MS)).outcome is Outcome.UP


def test_the_first_hop_is_not_asked_where_all_was_answered() -> None:
    def never() -> str | None:
        raise AssertionError("asked")

    terms = Terms(TIMEOUT, None, lambda: 0, False, True, True, False, never)
    assert judge([answered(MS)], terms).outcome is Outcome.UP


def test_a_clock_set_during_the_run_makes_it_unknown() -> None:
    verdict = judged(answered(MS), stepped=True)
    assert (verdict.outcome, verdict.reason, verdict.rtts) == (Outcome.UNKNOWN, "clock_step", ())


@pytest.mark.parametrize(
    ("limit", "lost", "outcome"),
    [
        (Limit(Fraction(1, 5)), 1, Outcome.UP),
        (Limit(Fraction(1, 5)), 2, Outcome.DOWN),
        (Limit(Fraction(1, 5), strictly=True), 1, Outcome.DOWN),
        (Limit(Fraction(1, 5), strictly=True), 0, Outcome.UP),
        (Limit(Fraction(1)), 5, Outcome.UP),
    ],
)
def test_up_when_is_compared_exactly(limit: Limit, lost: int, outcome: Outcome) -> None:
    """Of five packets: one lost is exactly 20 %."""
    verdict = judged(*[SILENT] * lost, *[answered(MS)] * (5 - lost), limit=limit)
    assert verdict.outcome is outcome
    assert verdict.reason == {Outcome.UP: None, Outcome.DOWN: "loss"}[outcome]


def test_too_much_loss_that_the_unsent_could_have_made_good_is_unknown() -> None:
    """Two answered, one lost, two never sent: 33 % lost is too much, but 20 % would have been allowed."""
    packets = (answered(MS), answered(MS), SILENT, UNSENT, UNSENT)
    verdict = judged(*packets, limit=Limit(Fraction(1, 5)))
    assert (verdict.outcome, verdict.reason) == (Outcome.UNKNOWN, "ENOBUFS")


def test_a_round_trip_is_never_shorter_than_a_nanosecond() -> None:
    """A send stamp of this process may lie behind the kernel's stamp of the reply on a very short path."""
    assert judged(Packet(100, False, 90, True)).rtts == (1,)
