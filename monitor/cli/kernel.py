"""What the kernel gives the probes on this machine, and what they do without it: for ``upheld doctor``.

Nothing here keeps a probe from working. Each feature that is missing has a next best, and what it costs is said.
"""

import socket
import time
from collections.abc import Iterator

from probes.net.icmp import batch, stamps
from probes.net.icmp.sockets import BUFFER, Opened, Unavailable, open_socket
from probes.net.reasons import watch_errors

Finding = tuple[bool, str]
FAMILIES = (("IPv4", socket.AF_INET), ("IPv6", socket.AF_INET6))


def features() -> Iterator[Finding]:
    """Every feature in use, or its next best; not fine where a figure suffers."""
    for name, family in FAMILIES:
        try:
            opened = open_socket(family)
        except Unavailable as error:
            yield False, f"ICMP over {name}: no probes; {error}"
            continue
        with opened.sock:
            yield from _icmp(name, opened)
    yield _batches()
    yield from _tcp()
    yield _sleep()


def _icmp(name: str, opened: Opened) -> Iterator[Finding]:
    """The socket that the engine opens, as it opens it."""
    way = "unprivileged datagram socket" if opened.kind == "datagram" else "raw socket, others' replies filtered (BPF)"
    yield True, f"ICMP over {name}: {way}"
    if opened.stamps_sent:
        yield True, f"timestamps over {name}: by the kernel, sent and received (SO_TIMESTAMPING, error queue)"
    elif opened.stamps_received:
        yield False, f"timestamps over {name}: by the kernel on receipt (SO_TIMESTAMPNS), sending by our own clock"
    else:
        yield False, f"timestamps over {name}: by our own clock; a busy machine makes round trips look longer"
    if stamps.dropped(opened.sock) is None:
        yield False, f"overflow over {name}: the kernel does not tell (SO_MEMINFO); a lost reply may be our own loss"
    else:
        yield True, f"overflow over {name}: told by the kernel (SO_MEMINFO); such a silence is Unknown"
    room = f"{opened.buffer // 1024} KiB to receive"
    if opened.buffer >= BUFFER:
        yield True, f"buffer over {name}: {room}"
    else:
        yield True, f"buffer over {name}: {room}; grant CAP_NET_ADMIN or raise net.core.rmem_max, else ticks are finer"


def _batches() -> Finding:
    if batch.available():
        return True, "system calls: sendmmsg and recvmmsg, many packets at once"
    return True, "system calls: one a packet (no sendmmsg); the same results at two to three times the CPU"


def _tcp() -> Iterator[Finding]:
    with socket.socket() as probe:
        try:
            probe.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
            yield True, "arrival of answers: known to the kernel (TCP_INFO), however late they are read"
        except (OSError, AttributeError):
            yield False, "arrival of answers: known only once read (no TCP_INFO); after a stall the outcome is Unknown"
        try:
            watch_errors(probe, socket.AF_INET, True)
            yield True, "ICMP errors of connections: told with their sender (IP_RECVERR)"
        except OSError:
            yield False, "ICMP errors of connections: not told (no IP_RECVERR); 'unreachable' is Unknown, not Down"


def _sleep() -> Finding:
    if hasattr(time, "CLOCK_BOOTTIME"):
        return True, "suspension: told by CLOCK_BOOTTIME"
    return False, "suspension: shows only as a step of the clock (no CLOCK_BOOTTIME)"
