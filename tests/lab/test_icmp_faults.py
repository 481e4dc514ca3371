"""What the engine counts is what was injected, packet for packet, by a responder on a TUN device.

``UPHELD_LAB_PACKETS`` (default 5,000) says how many packets the mixed test sends.
"""

import asyncio
import os
import random
import socket
import struct
import time
from collections import Counter

import pytest

from probes.net.icmp import post, sockets
from probes.net.icmp.engine import Engine
from probes.sample import Outcome
from tests.lab.bursts import MS, burst, bursts, kit, parties, plan, until
from tests.lab.responder import Answers, Request, Responder, icmp, ipv4, reply
from tests.lab.space import allow_datagram, needs_root, own_network

PACKETS = int(os.environ.get("UPHELD_LAB_PACKETS", "5000"))
LATE = 500 * MS
pytestmark = needs_root
FAULTS = {
    "lost": 5, "duplicates": 6, "late": 5, "corrupt": 5, "mismatched": 4, "foreign": 4,
    "forged": 4, "malformed": 2, "delayed": 3, "errors": 2,
}  # fmt: skip
"""Faults in 100 packets: 40."""


class Mixed:
    """Draws a fault for every packet from a seed, and keeps count of what it did."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._names = [*FAULTS, "fine"]
        self._weights = [*FAULTS.values(), 100 - sum(FAULTS.values())]
        self.done: Counter[str] = Counter()
        self.by_target: dict[str, list[str]] = {}
        self.delays: list[int] = []

    def __call__(self, request: Request) -> Answers:
        fault = self._random.choices(self._names, self._weights)[0]
        self.done[fault] += 1
        self.by_target.setdefault(socket.inet_ntoa(request.destination), []).append(fault)
        return list(getattr(self, f"_{fault}", self._fine)(request))

    def _fine(self, request: Request) -> Answers:
        return [(self._random.randrange(1, 10) * MS, reply(request))]

    def _lost(self, request: Request) -> Answers:
        return []

    def _duplicates(self, request: Request) -> Answers:
        return [(2 * MS, reply(request)), (2 * MS, reply(request))]

    def _late(self, request: Request) -> Answers:
        return [(LATE, reply(request))]

    def _delayed(self, request: Request) -> Answers:
        return [(150 * MS, reply(request))]

    def _corrupt(self, request: Request) -> Answers:
        whole = bytearray(reply(request))
        whole[self._random.randrange(22, len(whole))] ^= 1 << self._random.randrange(8)
        return [(MS, bytes(whole))]

    def _mismatched(self, request: Request) -> Answers:
        at = self._random.choice((0, 2))
        rest = bytearray(request.message[4:])
        struct.pack_into("!H", rest, at, struct.unpack_from("!H", rest, at)[0] ^ self._random.randrange(1, 65_536))
        return [(MS, reply(request, bytes(rest)))]

    def _foreign(self, request: Request) -> Answers:
        return [(MS, reply(request, source=socket.inet_aton("10.77.255.9")))]

    def _forged(self, request: Request) -> Answers:
        rest = request.message[4:12] + request.message[12:16] + os.urandom(16) + request.message[32:]
        return [(MS, reply(request, rest))]

    def _malformed(self, request: Request) -> Answers:
        cut = request.message[4 : 4 + self._random.randrange(4, 24)]
        return [(MS, reply(request, cut))]

    def _errors(self, request: Request) -> Answers:
        return [(MS, ipv4(request.destination, request.source, icmp(3, 1, bytes(4) + request.packet)))]


ANSWERED = ("fine", "duplicates", "delayed")


@pytest.mark.parametrize("batched", [True, False], ids=["sendmmsg", "sendmsg"])
@pytest.mark.parametrize("together", [True, False], ids=["together", "one by one"])
async def test_measured_is_what_was_injected_in_every_class_of_fault(batched: bool, together: bool) -> None:
    """Forty of a hundred packets are spoilt in one way each; ten packets of each hundred targets at a time."""
    rule = Mixed(seed=7)
    rounds = max(1, PACKETS // (100 * 10 * 4))
    targets = [f"10.77.1.{n}" for n in range(100)]
    with own_network(), Responder(rule) as responder:
        engine = Engine(kit(), kinds=("raw",), batched=batched)
        send = parties if together else bursts
        seen = await send(engine, [plan(target, packets=10) for target in targets], rounds)
        await until(lambda: not responder.pending)
        await asyncio.sleep(0.6)
        counts = engine.counts(socket.AF_INET)
        engine.close()
    done = rule.done
    assert counts.sent == sum(done.values()) == rounds * 1000
    assert counts.replies == sum(done[name] for name in ANSWERED) + sum(s.late for runs in seen for s in runs)
    assert counts.duplicates == done["duplicates"]
    assert counts.late == done["late"]
    assert counts.mismatched == done["mismatched"]
    assert counts.foreign == done["foreign"]
    assert counts.forged == done["forged"]
    assert counts.corrupt + counts.malformed + counts.others == done["corrupt"] + done["malformed"]
    assert counts.errors == done["errors"]
    assert counts.stray_errors == 0
    for target, runs in zip(targets, seen, strict=True):
        faults = rule.by_target[target]
        for index, sample in enumerate(runs):
            own = faults[10 * index : 10 * index + 10]
            assert [rtt is not None for rtt in sample.rtts] == [fault in ANSWERED for fault in own]
            assert sample.sent == 10 and sample.outcome is Outcome.UP


async def test_a_delay_is_measured_as_it_is() -> None:
    """20 ms asked of the responder, to within what a thread needs to wake; never less than was asked."""
    with own_network(), Responder(lambda request: [(20 * MS, reply(request))]):
        engine = Engine(kit())
        seen = await burst(engine, plan("10.77.0.8", packets=10))
        engine.close()
    rtts = sorted(rtt for rtt in seen.rtts if rtt is not None)
    assert len(rtts) == 10
    assert rtts[0] >= 19.9 * MS and rtts[5] <= 25 * MS


@pytest.mark.parametrize(("name", "value"), [("NUMBERS", 64), ("LAST_NUMBER", 100)])
async def test_every_send_stamp_is_its_own_packets_however_many_were_sent(
    name: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel's numbers come round many times over: a stamp put on another packet would shift its round trip."""
    monkeypatch.setattr(post, name, value)
    with own_network(), Responder(lambda request: [(20 * MS, reply(request))]):
        engine = Engine(kit())
        seen = await bursts(engine, [plan(f"10.77.5.{n}", packets=10) for n in range(30)], rounds=2)
        engine.close()
    rtts = [rtt for runs in seen for sample in runs for rtt in sample.rtts]
    assert len(rtts) == 600 and all(rtt is not None and rtt >= 19.9 * MS for rtt in rtts)


async def test_reordered_replies_each_count_for_their_own_packet() -> None:
    """The first packet's reply takes 110 ms, the others' 1 ms: it comes last and is one packet reordered."""
    with own_network(), Responder(lambda request: [(110 * MS if request.number == 0 else MS, reply(request))]):
        engine = Engine(kit())
        seen = await burst(engine, plan("10.77.0.18"))
        counts = engine.counts(socket.AF_INET)
        engine.close()
    assert seen.received == 5 and seen.rtts[0] is not None and seen.rtts[0] >= 110 * MS
    assert all(rtt is not None and rtt < 60 * MS for rtt in seen.rtts[1:])
    assert counts.reordered == 1


async def test_a_late_reply_is_lost_and_never_credited_to_another_packet() -> None:
    with own_network(), Responder(lambda request: [(250 * MS, reply(request))]):
        engine = Engine(kit())
        seen = await burst(engine, plan("10.77.0.12", packets=3, spacing=200 * MS, timeout=200 * MS))
        await asyncio.sleep(1.0)
        counts = engine.counts(socket.AF_INET)
        engine.close()
    assert (seen.outcome, seen.reason, seen.received, seen.sent) == (Outcome.DOWN, "timeout", 0, 3)
    assert seen.late == 2 and counts.late == 3


@pytest.mark.parametrize(
    ("kind", "code", "reason"),
    [(3, 0, "unreachable_net"), (3, 1, "unreachable_host"), (3, 13, "prohibited"), (11, 0, "ttl_exceeded")],
)
@pytest.mark.parametrize("sockets", ["raw", "datagram"])
async def test_an_icmp_error_that_quotes_our_packet_is_down_with_its_reason(
    kind: int, code: int, reason: str, sockets: str
) -> None:
    def rule(request: Request) -> Answers:
        error = icmp(kind, code, bytes(4) + request.packet[:28])
        return [(MS, ipv4(socket.inet_aton("10.77.0.254"), request.source, error))]

    with own_network(), Responder(rule):
        allow_datagram()
        engine = Engine(kit(), kinds=(sockets,))
        seen = await burst(engine, plan("10.77.0.17", packets=2), explain=True)
        engine.close()
    assert (seen.outcome, seen.reason, seen.sent, seen.received) == (Outcome.DOWN, reason, 2, 0), seen.steps


async def test_an_icmp_error_that_quotes_another_packet_is_not_ours() -> None:
    """Same destination and identifier, another sequence number; or a right head with another nonce behind it."""

    def rule(request: Request) -> Answers:
        other = bytearray(request.packet)
        other[27 if request.number == 0 else 40] ^= 1
        error = icmp(3, 1, bytes(4) + bytes(other))
        return [(MS, ipv4(request.destination, request.source, error))]

    with own_network(), Responder(rule):
        engine = Engine(kit(), kinds=("raw",))
        seen = await burst(engine, plan("10.77.0.17", packets=2))
        counts = engine.counts(socket.AF_INET)
        engine.close()
    assert (seen.outcome, seen.reason) == (Outcome.DOWN, "timeout")
    assert (counts.errors, counts.stray_errors) == (0, 2)


async def test_a_reply_prevails_over_an_icmp_error_about_the_same_packet() -> None:
    def rule(request: Request) -> Answers:
        error = ipv4(request.destination, request.source, icmp(3, 1, bytes(4) + request.packet))
        return [(MS, error), (30 * MS, reply(request))]

    with own_network(), Responder(rule):
        engine = Engine(kit())
        seen = await burst(engine, plan("10.77.0.17"))
        engine.close()
    assert (seen.outcome, seen.received) == (Outcome.UP, 5)


async def test_a_reply_with_ip_options_counts() -> None:
    def rule(request: Request) -> Answers:
        return [(MS, ipv4(request.destination, request.source, icmp(0, 0, request.message[4:]), bytes([1] * 8)))]

    with own_network(), Responder(rule):
        engine = Engine(kit(), kinds=("raw",))
        seen = await burst(engine, plan("10.77.0.19"))
        engine.close()
    assert (seen.outcome, seen.received) == (Outcome.UP, 5)


async def test_random_bytes_harm_nothing_and_healthy_neighbours_stay_healthy() -> None:
    """A hundred mutilated messages for each request of one target; another target is answered as it should be."""
    chance = random.Random(5)

    def mutilated(request: Request) -> bytes:
        message = bytearray(request.message)
        message[0] = chance.choice((0, 3, 11, 12, chance.randrange(256)))
        for _ in range(chance.randrange(1, 8)):
            message[chance.randrange(1, len(message))] = chance.randrange(256)
        cut = bytes(message[4 : chance.randrange(4, len(message) + 1)])
        return ipv4(request.destination, request.source, icmp(message[0], message[1], cut))

    def rule(request: Request) -> Answers:
        if request.destination[3] == 16:
            return [(MS, mutilated(request)) for _ in range(100)]
        return [(MS, reply(request))]

    with own_network(), Responder(rule):
        engine = Engine(kit())
        (bad,), (good,) = await bursts(engine, [plan("10.77.0.16", packets=10), plan("10.77.0.20", packets=10)])
        engine.close()
    assert (bad.received, bad.outcome) == (0, Outcome.DOWN)
    assert (good.received, good.outcome) == (10, Outcome.UP)


async def test_the_datagram_socket_counts_as_the_raw_one_does() -> None:
    with own_network(), Responder(lambda request: [(MS, reply(request))] * (1 + request.number % 2)):
        allow_datagram()
        engine = Engine(kit(), kinds=("datagram",))
        seen = await burst(engine, plan("10.77.0.11", packets=4), explain=True)
        engine.close()
    assert (seen.received, seen.duplicates, seen.outcome) == (4, 2, Outcome.UP)
    assert seen.steps[0].startswith("datagram ICMP socket"), seen.steps
    assert all("(kernel)" in line for line in seen.steps[2:6])


async def test_replies_lost_to_a_full_queue_of_ours_are_not_the_targets_loss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A hundred duplicates of another target's reply fill a tiny receive queue while the loop is blocked for 200 ms;
    the victim's replies, 20 ms after theirs, find no room: its silence proves nothing."""
    monkeypatch.setattr(sockets, "BUFFER", 1)

    def rule(request: Request) -> Answers:
        if request.destination[3] == 1:
            return [(10 * MS, reply(request))] * 100
        return [(40 * MS, reply(request))]

    with own_network(), Responder(rule):
        engine = Engine(kit())
        filler = asyncio.ensure_future(burst(engine, plan("10.77.3.1", packets=1, timeout=150 * MS)))
        victim = asyncio.ensure_future(burst(engine, plan("10.77.3.2", packets=1, timeout=150 * MS)))
        await until(lambda: engine.counts(socket.AF_INET).sent == 2, 0.001)
        time.sleep(0.2)  # noqa: ASYNC251
        seen, noise = await victim, await filler
        engine.close()
    assert (seen.outcome, seen.reason, seen.sent) == (Outcome.UNKNOWN, "stall", 0)
    assert noise.outcome is Outcome.UP
