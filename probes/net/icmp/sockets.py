"""Opening the ICMP socket of one address family, and saying exactly what to grant where that is not allowed.

First choice is the unprivileged datagram socket (``net.ipv4.ping_group_range``, which serves IPv6 too): the kernel
gives it an identifier of its own and hands it nothing else. Second is the raw socket (CAP_NET_RAW).
The datagram socket, and the raw one of IPv6, hear of no reply with a wrong checksum, since the kernel drops it: it is a
lost one there.
"""

import errno
import secrets
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from probes.net.icmp import filters, stamps
from probes.net.reasons import watch_errors

SO_SNDBUFFORCE, SO_RCVBUFFORCE = 32, 33
BUFFER = 8 << 20
KINDS = ("datagram", "raw")


class Unavailable(Exception):
    """No ICMP socket can be had: ``errno`` is the system's, the text says what to do about it."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.errno = code


@dataclass(frozen=True, slots=True)
class Opened:
    """A socket ready to probe: what it can do, and how its packets are known.

    ``block`` is the high byte of its identifiers, or, of a datagram socket, the one ``identifier`` it has.
    """

    sock: socket.socket
    kind: str
    token: bytes
    block: int
    identifier: int | None
    stamps_sent: bool
    stamps_received: bool
    buffer: int


def open_socket(family: int, kinds: tuple[str, ...] = KINDS) -> Opened:
    """The first kind of socket that the kernel allows. Raises ``Unavailable``."""
    refused: list[OSError] = []
    for kind in kinds:
        try:
            return _ready(family, kind)
        except OSError as error:
            refused.append(error)
    code = next((e.errno for e in refused if e.errno not in (errno.EACCES, errno.EPERM)), refused[-1].errno)
    raise Unavailable(code or 0, _remedy(code or 0))


def _ready(family: int, kind: str) -> Opened:
    number = socket.IPPROTO_ICMP if family == socket.AF_INET else socket.IPPROTO_ICMPV6
    way = socket.SOCK_DGRAM if kind == "datagram" else socket.SOCK_RAW
    sock = socket.socket(family, way | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC, number)
    try:
        token, block, identifier = secrets.token_bytes(4), secrets.randbelow(255) + 1, None
        if kind == "raw":
            filters.attach(sock, filters.program(family, block, int.from_bytes(token, "big")))
        else:
            identifier = _bind(sock, family)
            watch_errors(sock, family, True)
        buffer = _enlarge(sock)
        return Opened(sock, kind, token, block, identifier, *stamps.enable(sock), buffer)
    except OSError:
        sock.close()
        raise


def _bind(sock: socket.socket, family: int) -> int:
    """A random identifier for a datagram socket: its port."""
    anywhere = "0.0.0.0" if family == socket.AF_INET else "::"
    for _ in range(16):
        try:
            sock.bind((anywhere, secrets.randbelow(65_535) + 1))
            break
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    else:
        sock.bind((anywhere, 0))
    return int(sock.getsockname()[1])


def _enlarge(sock: socket.socket) -> int:
    """Large buffers, beyond the system's limit where we may; gives the bytes that fit for receiving.

    Stamps of what was sent wait in the receive buffer too, and a tick's worth of replies must fit beside them.
    """
    for forced, plain in ((SO_RCVBUFFORCE, socket.SO_RCVBUF), (SO_SNDBUFFORCE, socket.SO_SNDBUF)):
        try:
            sock.setsockopt(socket.SOL_SOCKET, forced, BUFFER)
        except OSError:
            sock.setsockopt(socket.SOL_SOCKET, plain, BUFFER)  # the kernel takes what its limit allows
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)


def _remedy(code: int) -> str:
    """What to do, in commands that can be typed as they stand."""
    if code in (errno.EMFILE, errno.ENFILE):
        return "no file descriptor left for the ICMP socket; raise the limit (LimitNOFILE=, ulimit -n)"
    if code == errno.EAFNOSUPPORT:
        return "this machine has no such address family (IPv6 is switched off?)"
    if code not in (errno.EACCES, errno.EPERM):
        return f"the ICMP socket could not be opened ({errno.errorcode.get(code, code)})"
    program = Path(sys.executable).resolve()
    return (
        "not allowed to send ICMP; grant one of: "
        f"setcap cap_net_raw+ep '{program}' | "
        "sysctl -w net.ipv4.ping_group_range='0 2147483647' | "
        "in a container: --cap-add NET_RAW"
    )
