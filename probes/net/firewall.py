"""Whether our own firewall lets a connection begin.

It may swallow the first packet or answer it with a reset, which looks like the target's silence or refusal: the kernel
tells TCP nothing (no error, no time stamp of a SYN, and no count of it before its first repetition, a second later). It
does tell whoever sends through a raw socket: EPERM, at once (netfilter's verdict, raw(7)). So after a failure a first
packet to the same port is given to it again, such that nobody is bothered by it: it lives for one hop, and its checksum
is wrong. Without the right to raw sockets (CAP_NET_RAW) nothing is known.
"""

import errno
import socket
import struct

_SYN, _WRONG = 2, 0xDEAD
_RAW = socket.SOCK_RAW | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC


def forbids(family: int, address: str, port: int, source: str | None) -> bool:
    """Whether this machine refuses to send the first packet of a connection to ``port`` of ``address``."""
    try:
        with socket.socket(family, _RAW, socket.IPPROTO_TCP) as sock:
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, 1)
            else:
                sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 1)
            if source is not None:
                sock.bind((source, 0))
            sock.connect((address, 0))  # so that it is handed no packets of others
            return _refused(sock, port)
    except OSError:
        return False  # no right, no descriptor, no route: it says nothing of the firewall


def _refused(sock: socket.socket, port: int) -> bool:
    try:
        sock.send(struct.pack("!HHIIBBHHH", 61_000, port, 0, 0, 5 << 4, _SYN, 0xFFFF, _WRONG, 0))
    except PermissionError as error:
        return error.errno == errno.EPERM
    return False
