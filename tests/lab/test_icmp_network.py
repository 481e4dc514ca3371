"""The engine between two network namespaces: the kernel's own replies, nftables, fping beside it, broken links."""

import asyncio
import re
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise

import pytest

from probes.net.hop import FirstHop
from probes.net.icmp.engine import Engine
from probes.sample import Outcome
from tests.lab.bursts import MS, burst, kit, plan, until
from tests.lab.space import allow_datagram, ip, needs_root, own_network, peer_network, run, wait_for_link, within

pytestmark = needs_root
HERE, THERE = "10.78.0.1", "10.78.0.2"


@contextmanager
def two_networks() -> Iterator[int]:
    """This thread in one network, a peer in another, a veth pair between them; gives the peer's process."""
    with own_network(), peer_network() as peer:
        ip("link", "add", "here", "type", "veth", "peer", "name", "there", "netns", str(peer))
        ip("addr", "add", f"{HERE}/24", "dev", "here")
        ip("-6", "addr", "add", "fd78::1/64", "dev", "here", "nodad")
        ip("link", "set", "here", "up")
        within(peer, "ip", "addr", "add", f"{THERE}/24", "dev", "there")
        within(peer, "ip", "-6", "addr", "add", "fd78::2/64", "dev", "there", "nodad")
        within(peer, "ip", "link", "set", "there", "up")
        wait_for_link("here", peer, "there")
        yield peer


async def stamping(engine: Engine, address: str) -> None:
    """Until the kernel stamps what comes in: it begins with that a moment after it was asked to."""
    for _ in range(50):
        seen = await burst(engine, plan(address, packets=1), explain=True)
        if seen.steps[2].count("(kernel)") == 2:
            return
    raise AssertionError(seen.steps)


def drop_two_of_ten(peer: int) -> None:
    """Every ninth and tenth echo request of ten is dropped where it arrives."""
    rules = (
        "table inet lab {\n chain input {\n type filter hook input priority 0;\n "
        "icmp type echo-request numgen inc mod 10 >= 8 drop\n }\n }\n"
    )
    within(peer, "nft", rules)


@pytest.mark.needs("ip", "nft", "fping")
async def test_delivery_is_exactly_what_nftables_lets_through_and_fping_agrees() -> None:
    """Two of every ten echo requests are dropped: of 60 packets exactly 48 are answered, by both."""
    with two_networks() as peer:
        drop_two_of_ten(peer)
        engine = Engine(kit())
        seen = [await burst(engine, plan(THERE, packets=20)) for _ in range(3)]
        engine.close()
        told = run("sh", "-c", f"fping -q -c 60 -p 20 -i 1 {THERE} 2>&1; true").stdout
    sent = sum(s.sent or 0 for s in seen)
    received = sum(s.received or 0 for s in seen)
    assert Fraction(received, sent) == Fraction(80, 100) and sent == 60
    assert [s.received for s in seen] == [16] * 3
    found = re.search(r"= (\d+)/(\d+)/", told)
    assert found and (int(found[1]), int(found[2])) == (sent, received)


@pytest.mark.parametrize("batched", [True, False], ids=["sendmmsg", "sendmsg"])
async def test_ipv6_is_measured_like_ipv4(batched: bool) -> None:
    with two_networks():
        engine = Engine(kit(), batched=batched)
        await stamping(engine, "fd78::2")
        seen = await burst(engine, plan("fd78::2"), explain=True)
        engine.close()
    assert (seen.outcome, seen.received, seen.sent) == (Outcome.UP, 5, 5)
    assert all(rtt is not None and 0 < rtt < 50 * MS for rtt in seen.rtts)
    assert all(line.count("(kernel)") == 2 for line in seen.steps[2:7])


async def test_ttl_dscp_source_and_size_are_on_the_wire_as_asked() -> None:
    """The peer drops all but what has them, so five replies say that every packet had them."""
    with two_networks() as peer:
        rules = (
            "table ip lab {\n chain input {\n type filter hook input priority 0; policy drop;\n "
            "icmp type echo-request ip ttl 7 ip dscp 46 ip saddr 10.78.0.77 ip length 1028 accept\n }\n }\n"
        )
        within(peer, "nft", rules)
        ip("addr", "add", "10.78.0.77/24", "dev", "here")
        engine = Engine(kit())
        seen = await burst(engine, plan(THERE, ttl=7, dscp=46, source="10.78.0.77", size=1000))
        plain = await burst(engine, plan(THERE, packets=2))
        engine.close()
    assert (seen.outcome, seen.received) == (Outcome.UP, 5)
    assert (plain.outcome, plain.reason) == (Outcome.DOWN, "timeout")


async def test_our_own_firewall_is_unknown_and_its_packets_leave_the_count() -> None:
    with two_networks():
        rules = (
            "table ip lab {\n chain output {\n type filter hook output priority 0;\n "
            "icmp type echo-request drop\n }\n }\n"
        )
        run("nft", rules)
        engine = Engine(kit())
        seen = await burst(engine, plan(THERE))
        engine.close()
    assert (seen.outcome, seen.reason, seen.sent, seen.rtts) == (Outcome.UNKNOWN, "EPERM", 0, ())


@pytest.mark.parametrize(("route", "reason"), [("unreachable", "EHOSTUNREACH"), ("prohibit", "EACCES")])
async def test_no_route_of_our_own_is_unknown(route: str, reason: str) -> None:
    with two_networks():
        ip("route", "add", route, "10.99.0.0/16")
        engine = Engine(kit())
        seen = await burst(engine, plan("10.99.0.1"))
        missing = await burst(engine, plan("10.98.0.1"))
        healthy = await burst(engine, plan(THERE))
        engine.close()
    assert (seen.outcome, seen.reason, seen.sent) == (Outcome.UNKNOWN, reason, 0)
    assert (missing.outcome, missing.reason, missing.sent) == (Outcome.UNKNOWN, "ENETUNREACH", 0)
    assert (healthy.outcome, healthy.received) == (Outcome.UP, 5)


async def test_a_target_gone_from_our_own_link_is_down_from_the_first_run_on() -> None:
    """Nobody answers for its hardware address, so no packet ever leaves: that is the target's silence."""
    with two_networks():
        engine = Engine(kit())
        seen = [await burst(engine, plan("10.78.0.99", packets=2)) for _ in range(2)]
        engine.close()
    assert {(s.outcome, s.reason, s.sent) for s in seen} == {(Outcome.DOWN, "unreachable_host", 2)}


async def test_a_gateway_that_does_not_answer_is_our_own_trouble() -> None:
    """The first hop is not there: silence says nothing about what lies behind it."""
    with two_networks():
        ip("route", "add", "default", "via", "10.78.0.99")
        engine = Engine(kit())
        seen = [await burst(engine, plan("10.200.0.1", packets=2)) for _ in range(2)]
        engine.close()
    assert {(s.outcome, s.reason) for s in seen} == {(Outcome.UNKNOWN, "EHOSTUNREACH")}


async def test_an_error_of_our_own_kernel_is_ours_though_it_comes_from_another_of_our_addresses() -> None:
    """Routes may choose the second address of an interface; the kernel complains to that one from the first."""
    with two_networks() as peer:
        ip("addr", "add", "10.78.0.3/24", "dev", "here")
        ip("route", "add", "default", "via", THERE, "src", "10.78.0.3")
        within(peer, "ip", "addr", "flush", "dev", "there")
        run("sysctl", "-qw", "net.ipv4.neigh.here.retrans_time_ms=200")  # three times it asks for a neighbour
        engine = Engine(kit())
        seen = await burst(engine, plan("10.200.0.1", packets=2, timeout=1500 * MS))
        engine.close()
    assert (seen.outcome, seen.reason) == (Outcome.UNKNOWN, "EHOSTUNREACH")


async def test_a_cut_uplink_is_unknown_and_a_dead_peer_is_down() -> None:
    """First the peer goes silent with the link up (down), then the link itself goes (unknown)."""
    with two_networks() as peer:
        engine = Engine(kit())
        well = await burst(engine, plan(THERE))
        within(peer, "sysctl", "-qw", "net.ipv4.icmp_echo_ignore_all=1")
        silent = await burst(engine, plan(THERE, packets=2))
        within(peer, "ip", "link", "set", "there", "down")
        cut = await burst(engine, plan(THERE, packets=2))
        engine.close()
        first_hop = FirstHop()
        assert first_hop.blame(socket.AF_INET, THERE) == "ENETDOWN"
        first_hop.close()
    assert well.outcome is Outcome.UP
    assert (silent.outcome, silent.reason) == (Outcome.DOWN, "timeout")
    assert (cut.outcome, cut.reason) == (Outcome.UNKNOWN, "ENETDOWN")


async def test_a_blocked_loop_changes_no_figure() -> None:
    """The event loop stands still for 0.5 s right after a packet left; the kernel's stamps show its reply in time."""
    with two_networks():
        engine = Engine(kit())
        await stamping(engine, THERE)
        before = engine.counts(socket.AF_INET).sent
        started = asyncio.ensure_future(burst(engine, plan(THERE, packets=2, timeout=100 * MS)))
        await until(lambda: engine.counts(socket.AF_INET).sent > before, 0.001)
        time.sleep(0.5)  # noqa: ASYNC251
        seen = await started
        engine.close()
    assert (seen.outcome, seen.received, seen.sent) == (Outcome.UP, 2, 2)
    assert all(rtt is not None and rtt < 20 * MS for rtt in seen.rtts)


ASK = """
import asyncio, os, sys
from tests.lab.bursts import burst, kit, plan
from probes.net.icmp.engine import Engine
os.setresgid(65534, 65534, 65534), os.setresuid(65534, 65534, 65534)
async def ask():
    engine = Engine(kit())
    seen = await burst(engine, plan("127.0.0.1", packets=1))
    engine.close()
    print(seen.outcome, seen.reason, seen.sent, *seen.steps)
asyncio.run(ask())
"""


def test_without_the_right_to_send_it_is_unknown_with_the_commands_that_grant_it() -> None:
    """As ``nobody``, in a network where no group may use the unprivileged socket."""
    with own_network():
        done = run(sys.executable, "-c", ASK)
    assert done.stdout.startswith("unknown EPERM 0 not allowed to send ICMP")
    for command in ("setcap cap_net_raw+ep", "net.ipv4.ping_group_range=", "--cap-add NET_RAW"):
        assert command in done.stdout
    assert "icmp_unavailable: EPERM" in done.stderr


def test_nobody_may_ping_through_the_datagram_socket_where_the_group_range_allows_it() -> None:
    with own_network():
        allow_datagram()
        done = run(sys.executable, "-c", ASK)
    assert done.stdout.startswith("up None 1")


async def test_two_packets_to_one_target_are_a_spacing_apart_whenever_they_began() -> None:
    """By the kernel's send stamps; but for packets that were held up on their way out."""
    with two_networks():
        engine = Engine(kit())
        runs = []
        for _ in range(60):
            runs.append(asyncio.ensure_future(burst(engine, plan(THERE, packets=4, spacing=100 * MS), explain=True)))
            await asyncio.sleep(0.013)
        seen = [await run for run in runs]
        engine.close()
    apart = []
    for one in seen:
        stamps = [_seconds(step) for step in one.steps if "(kernel)" in step]
        assert len(stamps) == 4
        apart += [(after - before) % 60 for before, after in pairwise(stamps)]
    assert sum(gap < 0.0998 for gap in apart) <= len(apart) // 20
    assert statistics.median(apart) < 0.13


def _seconds(step: str) -> float:
    """The second of the minute at which a packet was sent."""
    found = re.search(r"sent \d\d:\d\d:(\d\d\.\d+)Z", step)
    assert found, step
    return float(found[1])
