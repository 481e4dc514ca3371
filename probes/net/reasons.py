"""What an error of the system says about the target, and what only about this machine.

A target is Down only on evidence that came from beyond this machine: its reset, its refusal, an ICMP error
that a router or the target sent. The same errno can be either: EHOSTUNREACH is Down when a router said so and
Unknown when our own kernel found no route or no neighbour; ECONNREFUSED is Unknown when our own firewall
rejected the packet. What tells them apart is the error queue (ip(7), IP_RECVERR): it keeps the ICMP message
with its sender, and the kernel's own "unreachable" has one of our addresses as sender.

Reasons given here (Down): ``refused reset timeout unreachable_net unreachable_host unreachable_protocol
unreachable_port prohibited fragmentation_needed ttl_exceeded unreachable``; Unknown: the name of the errno.
"""

import errno
import socket
import struct
from dataclasses import dataclass

from probes.sample import Outcome

IP_RECVERR = 11
IPV6_RECVERR = 25
ORIGIN_LOCAL, ORIGIN_ICMP, ORIGIN_ICMP6 = 1, 2, 3

Finding = tuple[Outcome, str]

_REMOTE = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.EPIPE: "reset",
    errno.ENOTCONN: "reset",
    errno.ETIMEDOUT: "timeout",
}
"""Errnos that only a peer's answer, or its lasting silence (RFC 9293 section 3.8.3), can cause. ECONNABORTED is none:
so ends what somebody on this machine ends (``ss -K``)."""

_ICMP4 = {
    (3, 0): "unreachable_net",
    (3, 1): "unreachable_host",
    (3, 2): "unreachable_protocol",
    (3, 3): "unreachable_port",
    (3, 4): "fragmentation_needed",
    (3, 6): "unreachable_net",
    (3, 7): "unreachable_host",
    (3, 9): "prohibited",
    (3, 10): "prohibited",
    (3, 11): "unreachable_net",
    (3, 12): "unreachable_host",
    (3, 13): "prohibited",
    (11, 0): "ttl_exceeded",
    (11, 1): "ttl_exceeded",
}
"""ICMP type and code (RFC 792, RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1)."""

_ICMP6 = {
    (1, 0): "unreachable_net",
    (1, 1): "prohibited",
    (1, 3): "unreachable_host",
    (1, 4): "unreachable_port",
    (1, 5): "prohibited",
    (1, 6): "unreachable_net",
    (2, 0): "fragmentation_needed",
    (3, 0): "ttl_exceeded",
    (3, 1): "ttl_exceeded",
}
"""ICMPv6 type and code (RFC 4443 section 3)."""


@dataclass(frozen=True, slots=True)
class IcmpError:
    """One entry of a socket's error queue: what was sent back, and by whom."""

    errno: int
    origin: int
    type: int
    code: int
    sender: str | None


def of_errno(code: int | None) -> Finding:
    """What an errno says where no ICMP error was received."""
    if code in _REMOTE:
        return Outcome.DOWN, _REMOTE[code]
    return Outcome.UNKNOWN, name_of(code)


def of_icmp(error: IcmpError, ours: str | None, theirs: str | None) -> Finding:
    """What an ICMP error says; ``ours`` and ``theirs`` are the addresses of the connection it belongs to.

    One that we sent ourselves (no neighbour, our own firewall) is our fault, unless the target is ourselves.
    """
    own = error.sender is None or (error.sender == ours and ours != theirs)
    if error.origin not in (ORIGIN_ICMP, ORIGIN_ICMP6) or own:
        return Outcome.UNKNOWN, name_of(error.errno)
    return Outcome.DOWN, icmp_reason(error.origin, error.type, error.code)


def icmp_reason(origin: int, kind: int, code: int) -> str:
    """The reason for an ICMP error's type and code."""
    table = _ICMP6 if origin == ORIGIN_ICMP6 else _ICMP4
    return table.get((kind, code), "unreachable")


def name_of(code: int | None) -> str:
    """``EMFILE`` for 24."""
    return errno.errorcode.get(code or 0, f"errno_{code}")


def watch_errors(sock: socket.socket, family: int, on: bool) -> None:
    """Have the kernel keep ICMP errors with their sender for this socket of this family, or no longer."""
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, on)
    else:
        sock.setsockopt(socket.IPPROTO_IP, IP_RECVERR, on)


def received_error(sock: socket.socket) -> IcmpError | None:
    """The next ICMP error kept for this socket, if there is one."""
    try:
        _, ancillary, _, _ = sock.recvmsg(1, 512, socket.MSG_ERRQUEUE | socket.MSG_DONTWAIT)
    except OSError:
        return None  # an empty queue, or a kernel without one for TCP: then the errno is all there is
    for level, kind, data in ancillary:
        if (level, kind) in ((socket.IPPROTO_IP, IP_RECVERR), (socket.IPPROTO_IPV6, IPV6_RECVERR)):
            return parse_error(data)
    return None


def parse_error(data: bytes) -> IcmpError:
    """``struct sock_extended_err`` and the sender's address behind it (linux/errqueue.h)."""
    code, origin, kind, icmp_code = struct.unpack_from("=IBBB", data)
    family = struct.unpack_from("=H", data, 16)[0] if len(data) >= 18 else 0
    sender = None
    if family == socket.AF_INET:
        sender = socket.inet_ntop(socket.AF_INET, data[20:24])
    elif family == socket.AF_INET6:
        sender = socket.inet_ntop(socket.AF_INET6, data[24:40])
    return IcmpError(code, origin, kind, icmp_code, sender)
