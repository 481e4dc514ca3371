"""Who is to blame where a packet never left: the target on our own link, our gateway, or this machine.

Linux holds a packet back while it asks the link for the next hop's hardware address (RFC 826, RFC 4861), and drops
it where nobody answers. If the next hop is the target itself, it is the target that does not answer. If it is a
gateway, our own first hop is gone, which says nothing about the target. The kernel tells both by netlink
(rtnetlink(7)): its route to an address, and what it knows of a neighbour. Asked only about runs without any reply.
"""

import socket
import struct
import time
from functools import lru_cache

RTM_GETLINK, RTM_GETROUTE, RTM_GETNEIGH = 18, 26, 30
_REQUEST = 1
_DESTINATION, _SOURCE, _OUT, _GATEWAY = 1, 2, 4, 5
_NEIGHBOUR_ADDRESS = 1
_UNRESOLVED = 0x01 | 0x20
"""NUD_INCOMPLETE, NUD_FAILED"""
FRESH, LASTING = 50_000_000, 1_000_000_000
_LOWER_UP = 0x10000
"""IFF_LOWER_UP: told at once, where IFF_RUNNING follows up to a second later"""


class FirstHop:
    """Asks the kernel of the network this was made in. What it says of links and gateways holds for 50 ms, so that
    an outage of ten thousand targets costs one question each and not three."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._links: dict[int, tuple[int, bool]] = {}
        self._gateways: dict[tuple[int, bytes], tuple[int, bool]] = {}

    def blame(self, family: int, address: str, source: str | None = None) -> str | None:
        """``unreachable_host``: the target is on our link and does not answer there. ``EHOSTUNREACH``: our gateway
        does not. ``ENETUNREACH``, ``ENETDOWN``: no route, no carrier. None: the first hop is fine, or unknown.

        ``source``: the address it was sent from, where routes may hang on that; one that is ours no more has none."""
        packed, ours = (_packed(family, text) if text else b"" for text in (address, source))
        try:
            return self._blame(family, packed, ours)
        except OSError:
            self.close()  # without netlink, or with an answer overdue, nothing is known of the first hop
            return None

    def close(self) -> None:
        """Let go of the socket; it is opened again where needed."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _blame(self, family: int, packed: bytes, ours: bytes) -> str | None:
        route = self._ask(RTM_GETROUTE, _route_request(family, packed, ours))
        if route is None:
            return "ENETUNREACH"
        attributes = _attributes(route[12:])
        interface = int(struct.unpack("=I", attributes.get(_OUT, b"\0\0\0\0"))[0])
        if not self._has_carrier(interface):
            return "ENETDOWN"
        gateway = attributes.get(_GATEWAY)
        if gateway is None:
            return None if self._answers(family, interface, packed) else "unreachable_host"
        now = time.monotonic_ns()
        when, fine = self._gateways.get((interface, gateway), (0, False))
        if now - when > FRESH:
            fine = self._answers(family, interface, gateway)
            self._gateways[(interface, gateway)] = (now, fine)
        return None if fine else "EHOSTUNREACH"

    def _answers(self, family: int, interface: int, packed: bytes) -> bool:
        """Whether nothing speaks against this neighbour: one the kernel has never asked for is fine."""
        entry = self._ask(RTM_GETNEIGH, _neighbour_request(family, interface, packed))
        return entry is None or not struct.unpack_from("=H", entry, 8)[0] & _UNRESOLVED

    def _has_carrier(self, interface: int) -> bool:
        """Whether the interface is up and sees the other end of its line (``struct ifinfomsg``)."""
        now = time.monotonic_ns()
        when, fine = self._links.get(interface, (0, False))
        if now - when > FRESH:
            answer = self._ask(RTM_GETLINK, struct.pack("=BxHiII", 0, 0, interface, 0, 0))
            fine = answer is None or bool(struct.unpack_from("=I", answer, 8)[0] & _LOWER_UP)
            self._links[interface] = (now, fine)
        return fine

    def _ask(self, kind: int, request: bytes) -> bytes | None:
        """One question; the answer's body, None where the kernel answers with an error."""
        if self._socket is None:
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
            self._socket.settimeout(0.2)
        self._socket.send(struct.pack("=IHHII", 16 + len(request), kind, _REQUEST, 1, 0) + request)
        answer = self._socket.recv(16_384)
        length, said = struct.unpack_from("=IH", answer)
        return answer[16:length] if said == kind - 2 else None


def own_address(family: int, address: str) -> bytes | None:
    """The address this machine uses towards another; None without a route."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            sock.connect((address, 9))
            return _packed(family, str(sock.getsockname()[0]))
    except OSError:
        return None


def self_made(family: int, sender: bytes, ours: bytes) -> bool:
    """Whether an ICMP error to an address of ours is one that this machine made up: it comes from that address, or
    from the one that this machine uses towards that, the first of several on an interface."""
    return sender == ours or sender == _towards_itself(family, ours, time.monotonic_ns() // LASTING)


@lru_cache(maxsize=16)
def _towards_itself(family: int, ours: bytes, _when: int) -> bytes | None:
    return own_address(family, socket.inet_ntop(family, ours))


def _packed(family: int, address: str) -> bytes:
    return socket.inet_pton(family, address.partition("%")[0])


def _route_request(family: int, packed: bytes, ours: bytes) -> bytes:
    """``struct rtmsg``, the destination, and the source where there is one."""
    head = struct.pack("=BBBBBBBBI", family, 8 * len(packed), 8 * len(ours), 0, 0, 0, 0, 0, 0)
    return head + _attribute(_DESTINATION, packed) + (_attribute(_SOURCE, ours) if ours else b"")


def _neighbour_request(family: int, interface: int, packed: bytes) -> bytes:
    """``struct ndmsg`` and the neighbour's address."""
    return struct.pack("=BxHiHBB", family, 0, interface, 0, 0, 0) + _attribute(_NEIGHBOUR_ADDRESS, packed)


def _attribute(kind: int, data: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def _attributes(data: bytes) -> dict[int, bytes]:
    found, at = {}, 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        if length < 4:
            break
        found[kind & 0x3FFF] = data[at + 4 : at + length]
        at += (length + 3) & ~3
    return found
