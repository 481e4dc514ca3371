"""Packets to outcome: what one run means, decided from what was proven about each of its packets.

* A reply counts if it came within the waiting time of its packet, by the kernel's stamps where there are any; it is
  late only by both of them, or by the time of a process that was awake.
* A packet that was not proven sent leaves the denominator: an errno of our own, no send stamp on a path that gives
  them, a link of ours without carrier, a gateway of ours that does not answer.
* A packet without reply is lost if the silence is proven: the kernel stamped what came in and dropped nothing for
  want of room, or this process was awake (the largest lag of its event loop below a tenth of the waiting time and
  200 ms). Otherwise it is unproven, and leaves the denominator too.
* Up, if enough of the packets that count were answered. Down, only if it would be Down even had every packet that
  does not count been answered. Else Unknown, with what kept it from being proven as its reason.

A valid reply always prevails over an ICMP error, for it holds the nonce, which an error need not quote in full.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from probes.sample import Outcome

LONGEST_LAG = 200_000_000


class Packet(NamedTuple):
    """What is known of one packet; instants are CLOCK_REALTIME ns, 0 where there is none.

    ``local``: why it was not sent, as an errno's name. ``remote``: the ICMP error that came back, and from whom.
    """

    sent: int
    stamped: bool
    received: int = 0
    heard: bool = False
    local: str | None = None
    remote: str | None = None
    sender: str | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """How much loss a run may have and still be Up: at most ``share``, or less than it if ``strictly``."""

    share: Fraction
    strictly: bool = False

    def allows(self, received: int, sent: int) -> bool:
        """Whether ``received`` of ``sent`` (at least 1) is enough."""
        lost = Fraction(sent - received, sent)
        return lost < self.share if self.strictly else lost <= self.share

    def __str__(self) -> str:
        percent = self.share * 100
        number = percent.numerator if percent.denominator == 1 else float(percent)
        return f"loss {'<' if self.strictly else '<='} {number}%"


@dataclass(frozen=True, slots=True)
class Terms:
    """By what a run is judged. ``lag`` tells the largest event-loop lag over the run (ns), asked only if needed;
    ``overflow``: the socket's queue overflowed meanwhile; ``expect_stamps``: this path gives send stamps;
    ``silent_hop``: what our first hop has to do with a silence, if anything (``hop.blame``)."""

    timeout: int
    limit: Limit | None
    lag: Callable[[], int]
    overflow: bool
    stamps_received: bool
    expect_stamps: bool
    stepped: bool = False
    silent_hop: Callable[[], str | None] = lambda: None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, and every packet's share in it: ``rtts`` of those that count, and in ``words`` of all."""

    outcome: Outcome
    reason: str | None
    rtts: tuple[int | None, ...]
    late: int
    words: tuple[str, ...]

    @property
    def received(self) -> int:
        """How many count as answered."""
        return sum(rtt is not None for rtt in self.rtts)


def judge(packets: Sequence[Packet], terms: Terms) -> Verdict:
    """One run's outcome. ``packets`` in the order of sending, as many as were to be sent."""
    if terms.stepped:
        words = ("not judged: the clock was set during the run",) * len(packets)
        return Verdict(Outcome.UNKNOWN, "clock_step", (), 0, words)
    findings = [_weigh(packet, terms) for packet in packets]
    rtts = tuple(f.rtt for f in findings if f.counts)
    late = sum(f.late for f in findings)
    words = tuple(f.words for f in findings)
    missing = [f.reason for f in findings if not f.counts and f.reason]
    received, sent = sum(rtt is not None for rtt in rtts), len(rtts)
    if sent and _enough(received, sent, terms.limit):
        return Verdict(Outcome.UP, None, rtts, late, words)
    absent = len(packets) - sent
    if absent and _enough(received + absent, len(packets), terms.limit):
        return Verdict(Outcome.UNKNOWN, missing[0] if missing else "stall", rtts, late, words)
    reasons = [f.reason for f in findings if f.counts and f.reason]
    reason = "loss" if received else next((r for r in reasons if r != "timeout"), "timeout")
    return Verdict(Outcome.DOWN, reason, rtts, late, words)


class _Finding(NamedTuple):
    counts: bool
    rtt: int | None
    late: bool
    reason: str | None
    words: str


def _enough(received: int, sent: int, limit: Limit | None) -> bool:
    return received >= 1 if limit is None else limit.allows(received, sent)


def _weigh(packet: Packet, terms: Terms) -> _Finding:
    """One packet: whether it counts, and as what."""
    if packet.local is not None:
        return _Finding(False, None, False, packet.local, f"not sent: {packet.local}")
    if packet.received:
        return _answered(packet, terms)
    if packet.remote is not None:
        return _Finding(True, None, False, packet.remote, f"lost: {packet.remote} from {packet.sender}")
    blame = terms.silent_hop()
    if blame == "unreachable_host":
        return _Finding(True, None, False, blame, "lost: the target is on our link and does not answer there")
    if blame is None and terms.expect_stamps and not packet.stamped:
        blame = "ENOBUFS"
    if blame is not None:
        return _Finding(False, None, False, blame, f"not proven to have left our own network: {blame}")
    if not _silence_proven(terms):
        return _Finding(False, None, False, "stall", "no reply, and it is not proven that none came: stall")
    return _Finding(True, None, False, "timeout", "lost: no reply within the waiting time")


def _answered(packet: Packet, terms: Terms) -> _Finding:
    rtt = max(1, packet.received - packet.sent)
    if rtt <= terms.timeout:
        return _Finding(True, rtt, False, None, f"answered after {rtt} ns")
    if not (packet.heard and packet.stamped) and not _awake(terms):
        return _Finding(False, None, False, "stall", "reply late by the time of a process that was not awake: stall")
    return _Finding(True, None, True, "timeout", f"lost: the reply came late, after {rtt} ns")


def _silence_proven(terms: Terms) -> bool:
    return not terms.overflow and (terms.stamps_received or _awake(terms))


def _awake(terms: Terms) -> bool:
    return terms.lag() < min(terms.timeout // 10, LONGEST_LAG)
