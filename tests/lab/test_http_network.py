"""Whose "unreachable" it is: one that a router sent is the target's, one that this machine made up is ours."""

import asyncio
import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from probes.kind import Seen
from probes.sample import Outcome
from tests.lab.space import ip, needs_root, own_network, peer_network, run, wait_for_link, within
from tests.probes.pages import answer, probe, prober, saying, server, target
from tests.probes.pages import run as run_one

pytestmark = [needs_root, pytest.mark.needs("ip", "nft", "ss")]
HERE, ROUTER, SECOND = "10.79.0.1", "10.79.0.2", "10.79.0.3"
DOWN, UNKNOWN = Outcome.DOWN, Outcome.UNKNOWN


@contextmanager
def behind_a_router() -> Iterator[int]:
    """This thread in one network, its router in another; gives the router's process."""
    with own_network(), peer_network() as router:
        ip("link", "add", "here", "type", "veth", "peer", "name", "there", "netns", str(router))
        ip("addr", "add", f"{HERE}/24", "dev", "here")
        ip("link", "set", "here", "up")
        within(router, "ip", "addr", "add", f"{ROUTER}/24", "dev", "there")
        within(router, "ip", "link", "set", "there", "up")
        wait_for_link("here", router, "there")
        within(router, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        ip("route", "add", "default", "via", ROUTER)
        yield router


def judged(seen: Seen) -> tuple[Outcome, str | None]:
    return seen.outcome, seen.reason


async def test_a_routers_word_is_down_and_our_own_kernels_is_unknown() -> None:
    with behind_a_router() as router:
        within(router, "ip", "route", "add", "unreachable", "203.0.113.0/24")
        within(router, "ip", "route", "add", "prohibit", "198.18.0.0/24")
        ip("route", "add", "unreachable", "198.51.100.0/24")
        ip("route", "add", "prohibit", "192.0.2.0/24")
        seen = [
            await probe(f"http://{address}/")
            for address in ("203.0.113.5", "198.18.0.5", ROUTER, "198.51.100.5", "192.0.2.5", "[2001:db8::1]")
        ]
    assert [judged(one) for one in seen] == [
        (DOWN, "unreachable_host"),
        (DOWN, "prohibited"),
        (DOWN, "refused"),
        (UNKNOWN, "EHOSTUNREACH"),
        (UNKNOWN, "EACCES"),
        (UNKNOWN, "ENETUNREACH"),
    ]


async def test_our_own_firewalls_rejection_is_unknown() -> None:
    with behind_a_router():
        rules = "table ip f {\n chain o {\n type filter hook output priority 0; tcp dport 80 reject\n }\n }\n"
        run("nft", rules)
        seen = await probe(f"http://{ROUTER}/")
    assert judged(seen) == (UNKNOWN, "ECONNREFUSED")


async def test_a_neighbour_that_does_not_answer_is_no_evidence() -> None:
    """The kernel gives up on the address (ARP) after three seconds and makes up an ICMP error of its own."""
    with behind_a_router():
        seen = await probe("http://10.79.0.77/", within=5)
    assert judged(seen) == (UNKNOWN, "EHOSTUNREACH")


@pytest.mark.parametrize("seconds", [0.5, 4])
async def test_a_cut_uplink_is_unknown_however_short_the_timeout(seconds: float) -> None:
    """The kernel makes up its error after three seconds only, and none at all while a connection is open."""
    with behind_a_router() as router:
        within(router, "ip", "link", "set", "there", "down")
        seen = await probe("http://203.0.113.5/", within=seconds)
    assert judged(seen) in ((UNKNOWN, "ENETDOWN"), (UNKNOWN, "EHOSTUNREACH"))


async def test_a_gateway_that_does_not_answer_is_our_own_trouble_and_a_silent_target_is_not() -> None:
    with behind_a_router() as router:
        within(router, "ip", "route", "add", "blackhole", "203.0.113.0/24")
        silent = await probe("http://203.0.113.5/", within=0.5)
        within(router, "ip", "addr", "flush", "dev", "there")
        ip("neigh", "flush", "dev", "here")
        alone = await probe("http://203.0.113.5/", within=0.5)
    assert [judged(silent), judged(alone)] == [(DOWN, "timeout"), (UNKNOWN, "EHOSTUNREACH")]
    assert "our own gateway does not answer" in " ".join(alone.steps)


@pytest.mark.parametrize("source", [None, HERE, SECOND])
async def test_an_error_of_our_own_kernels_is_ours_whichever_address_was_used(source: str | None) -> None:
    """To the second address of an interface it writes from the first. It asks for a neighbour three times."""
    with behind_a_router() as router:
        run("sysctl", "-qw", "net.ipv4.neigh.here.retrans_time_ms=200")
        ip("addr", "add", f"{SECOND}/24", "dev", "here")
        within(router, "ip", "addr", "flush", "dev", "there")
        seen = await probe("http://203.0.113.5/", within=4.5, **({"source": source} if source else {}))
    assert judged(seen) == (UNKNOWN, "EHOSTUNREACH")


async def test_a_route_of_one_source_only_is_a_route() -> None:
    with behind_a_router() as router:
        within(router, "ip", "route", "add", "blackhole", "203.0.113.0/24")
        ip("addr", "add", f"{SECOND}/24", "dev", "here")
        ip("route", "del", "default")
        ip("route", "add", "default", "via", ROUTER, "table", "77")
        ip("rule", "add", "from", SECOND, "lookup", "77")
        routed = await probe("http://203.0.113.5/", within=0.3, source=SECOND)
        unrouted = await probe("http://203.0.113.5/", within=0.3)
    assert [judged(routed), judged(unrouted)] == [(DOWN, "timeout"), (UNKNOWN, "ENETUNREACH")]


async def test_a_silence_from_an_address_that_was_taken_away_meanwhile_is_unknown() -> None:
    with behind_a_router() as router:
        within(router, "ip", "route", "add", "blackhole", "203.0.113.0/24")
        asking = asyncio.create_task(probe("http://203.0.113.5/", within=0.5))
        await asyncio.sleep(0.1)
        ip("addr", "del", f"{HERE}/24", "dev", "here")
        ip("addr", "add", f"{SECOND}/24", "dev", "here")
        ip("route", "replace", "default", "via", ROUTER)
        seen = await asking
    assert judged(seen) == (UNKNOWN, "ENETUNREACH")


@pytest.mark.parametrize(("hook", "verdict"), [("output", (UNKNOWN, "EPERM")), ("input", (DOWN, "timeout"))])
@pytest.mark.parametrize("connected", [False, True])
async def test_what_our_own_firewall_swallows_is_unknown(
    hook: str, connected: bool, verdict: tuple[Outcome, str]
) -> None:
    """The kernel tells nobody; but what it sent again it counts. What goes missing later did leave."""
    to = "tcp flags == psh|ack" if connected else "tcp flags == syn"
    with own_network():
        async with server(saying(answer())) as port:
            run(
                "nft",
                f"table ip f {{\n chain o {{\n type filter hook {hook} priority 0; tcp dport {port} {to} drop\n}}\n}}",
            )
            seen = await probe(f"http://127.0.0.1:{port}/", within=1.5)
    assert judged(seen) == verdict


@pytest.mark.parametrize(("lost", "outcome"), [("tcp sport {port}", Outcome.UP), ("tcp dport 8088", DOWN)])
async def test_a_kept_connection_that_was_forgotten_on_the_way_is_no_outage(lost: str, outcome: Outcome) -> None:
    """A firewall or NAT between forgets connections that rest, and tells nobody. Where new ones go nowhere either, it
    is the target's silence."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, head: bytes) -> None:
        while head:
            writer.write(answer())
            head = await reader.readuntil(b"\r\n\r\n")

    with own_network():
        async with server(serve, port=8088), prober() as made:
            aim = target("http://127.0.0.1:8088/", timeout=0.6, keep_alive="true")
            assert (await run_one(made, aim)).outcome is Outcome.UP
            port = re.search(r"127.0.0.1:([0-9]+) +127.0.0.1:8088", run("ss", "-Htn").stdout)
            assert port is not None
            rule = lost.format(port=port[1])
            run("nft", f"table ip f {{\n chain i {{\n type filter hook input priority 0; {rule} drop\n }}\n }}\n")
            seen = await run_one(made, aim)
    assert (seen.outcome, seen.reason) == (outcome, None if outcome is Outcome.UP else "timeout")
    assert "nobody hears what is sent on it" in " ".join(seen.steps)
    assert (seen.took is None) == (outcome is Outcome.UP)  # the time it waited is no latency of the target's


async def test_a_connection_that_somebody_here_ends_is_unknown() -> None:
    """``ss -K`` and its like, which firewalls and network managers make use of."""
    with own_network():
        async with server(saying(then="silence")) as port:
            asking = asyncio.create_task(probe(f"http://127.0.0.1:{port}/"))
            await asyncio.sleep(0.2)
            run("ss", "-K", "dport", "=", str(port))
            seen = await asking
    assert judged(seen) == (UNKNOWN, "ECONNABORTED")


async def test_no_source_ports_left_is_unknown() -> None:
    with behind_a_router():
        run("sysctl", "-qw", "net.ipv4.ip_local_port_range=40000 40001")
        with socket.create_server(("127.0.0.1", 50000)) as listening, ExitStack() as held:
            for _ in range(2):
                held.enter_context(socket.create_connection(listening.getsockname()))
            seen = await probe("http://127.0.0.1:50000/", within=0.4)
    assert judged(seen) == (UNKNOWN, "EADDRNOTAVAIL")
