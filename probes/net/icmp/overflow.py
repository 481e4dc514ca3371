"""How many messages a socket had no room for: silence over one that overflowed proves nothing.

The kernel's count (``SO_MEMINFO``) is of all that it did not hand over. A raw socket of IPv6 counts messages with a
wrong checksum too, whoever sent them: taken for an overflow, anybody's spoilt packets would hide every outage. Those
are counted by the network as well (``Icmp6InCsumErrors``, proc(5)), so what goes beyond them is what overflowed.
"""

import os
import socket
from contextlib import suppress

from probes.net.icmp.stamps import dropped

_SPOILT = b"Icmp6InCsumErrors"
_LONGEST = 65_536


class Overflow:
    """Of one socket; to be made in the network that it is in."""

    def __init__(self, sock: socket.socket, raw: bool) -> None:
        self._sock = sock
        self._counters: int | None = None
        if raw and sock.family == socket.AF_INET6:
            with suppress(OSError):  # without them all that was dropped is taken for an overflow
                self._counters = os.open("/proc/thread-self/net/snmp6", os.O_RDONLY | os.O_CLOEXEC)
        self._spoilt_before = self._spoilt()
        self._last = self._count = dropped(sock) or 0

    def count(self) -> int:
        """How many so far. Spoilt messages that come while this looks may be among them; none that overflowed is left
        out."""
        now = dropped(self._sock) or 0
        if now != self._last:
            spoilt = self._spoilt() - self._spoilt_before
            self._last = dropped(self._sock) or 0
            self._count = max(self._count, self._last - spoilt)
        return self._count

    def close(self) -> None:
        """Let go of the counters; the socket is somebody else's."""
        if self._counters is not None:
            os.close(self._counters)
            self._counters = None

    def _spoilt(self) -> int:
        """What the network has counted, 0 where it does not tell."""
        if self._counters is None:
            return 0
        for line in os.pread(self._counters, _LONGEST, 0).splitlines():
            name, _, number = line.partition(b" ")
            if name.strip() == _SPOILT:
                return int(number)
        return 0
