"""What the kernel did not hand over: for want of room, which proves nothing, or as spoilt, which is loss."""

import asyncio
import socket
import struct

import pytest

from probes.net.icmp.engine import Engine
from probes.net.icmp.overflow import Overflow
from probes.net.icmp.sockets import Opened, open_socket
from probes.net.icmp.stamps import dropped
from probes.sample import Outcome
from tests.lab.bursts import MS, burst, kit, plan, until
from tests.lab.space import needs_root, own_network, run

pytestmark = [needs_root, pytest.mark.needs("ip", "nft")]
SOL_RAW, IPV6_CHECKSUM = 255, 7


def reply(opened: Opened) -> bytes:
    """An echo reply that the socket's filter lets through."""
    return struct.pack("!BBHBBHI", 129, 0, 0x5555, opened.block, 1, 1, 0) + bytes(1_000)


def sender(spoilt: bool) -> socket.socket:
    """A socket whose messages have a right checksum, or the one they are given."""
    sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    if spoilt:
        sock.setsockopt(SOL_RAW, IPV6_CHECKSUM, -1)
    return sock


def test_spoilt_messages_are_no_overflow_and_what_found_no_room_is() -> None:
    with own_network():
        opened = open_socket(socket.AF_INET6, ("raw",))
        overflow = Overflow(opened.sock, raw=True)
        plainly = Overflow(opened.sock, raw=False)
        with opened.sock, sender(spoilt=True) as bad, sender(spoilt=False) as good:
            for _ in range(20):
                bad.sendto(reply(opened), ("::1", 0))
            assert (dropped(opened.sock), plainly.count(), overflow.count()) == (20, 20, 0)
            opened.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
            for _ in range(30):
                good.sendto(reply(opened), ("::1", 0))
            assert 20 < (found := dropped(opened.sock) or 0) < 50 and overflow.count() == found - 20
            bad.sendto(reply(opened), ("::1", 0))
            assert (dropped(opened.sock), overflow.count()) == (found + 1, found - 20)
        overflow.close()


async def test_spoilt_messages_from_anywhere_hide_no_outage() -> None:
    with own_network():
        run(
            "nft",
            "table ip6 f {\n chain o {\n type filter hook input priority 0; icmpv6 type echo-request drop\n }\n }\n",
        )
        engine = Engine(kit())
        with sender(spoilt=True) as bad:
            first = await burst(engine, plan("::1", packets=1, timeout=50 * MS))
            waiting = asyncio.ensure_future(burst(engine, plan("::1", packets=3, timeout=100 * MS)))
            await until(lambda: engine.counts(socket.AF_INET6).sent > 1)
            bad.sendto(bytes(64), ("::1", 0))
            second = await waiting
        engine.close()
    assert {(seen.outcome, seen.reason) for seen in (first, second)} == {(Outcome.DOWN, "timeout")}
