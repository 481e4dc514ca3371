"""The kernel's time stamps (Linux ``networking/timestamping.rst``) and how they lie in a control message.

A request is stamped when the driver takes it, a reply when it leaves the driver; both are CLOCK_REALTIME of the
same machine, so their difference is the round trip as the wire saw it, whatever the process did meanwhile.
A step of that clock between the two would be measured as delay: ``RealClock`` notices it, since CLOCK_MONOTONIC
is slewed together with CLOCK_REALTIME but never stepped.
"""

import socket
import struct
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

SO_TIMESTAMPNS = 35
SO_TIMESTAMPING = 37
TX_SOFTWARE, RX_SOFTWARE, SOFTWARE, OPT_ID, OPT_TSONLY = 1 << 1, 1 << 3, 1 << 4, 1 << 7, 1 << 11
RECEIVED = RX_SOFTWARE | SOFTWARE
BOTH = RECEIVED | TX_SOFTWARE | OPT_TSONLY
"""What is asked for; ``OPT_ID`` is added to begin counting packets from 0, taken away to end it."""

ORIGIN_TIMESTAMPING = 4
SO_MEMINFO = 55
CONTROL = 192
"""Bytes of control message kept for every message received."""

_HEAD = struct.Struct("=qii")
_TIMESTAMPING = struct.unpack("=q", struct.pack("=ii", socket.SOL_SOCKET, SO_TIMESTAMPING))[0]
_TIMESTAMPNS = struct.unpack("=q", struct.pack("=ii", socket.SOL_SOCKET, SO_TIMESTAMPNS))[0]
"""Level and type of a control message as one number."""
STEP = 50_000
"""A change of CLOCK_REALTIME against CLOCK_MONOTONIC beyond this (ns) is a step."""

Rows = NDArray[np.uint8]
Longs = NDArray[np.int64]


def enable(sock: socket.socket) -> tuple[bool, bool]:
    """Have the kernel stamp what is sent and received; gives whether it does each."""
    try:
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, BOTH | OPT_ID)
        return True, True
    except OSError:
        pass  # an older kernel: receipt alone, by the option before this one
    try:
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        return False, True
    except OSError:
        return False, False


def restart_count(sock: socket.socket) -> None:
    """Number the packets sent from 0 again: after an error it is open whether the failed one was counted."""
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, BOTH)
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPING, BOTH | OPT_ID)


def arrivals(control: Rows) -> tuple[Longs, bool]:
    """The receive stamp of each message (ns, CLOCK_REALTIME), 0 where there is none; and whether all have one.

    It is the first control message: both options put their (first) timespec right behind its head.
    """
    longs = control.view(np.int64)
    stamp: Longs = longs[:, 2] * 1_000_000_000
    stamp += longs[:, 3]
    heads = longs[:, 1]
    known = heads == _TIMESTAMPING
    if known.all():
        return stamp, bool(stamp.all())
    stamp[~(known | (heads == _TIMESTAMPNS))] = 0
    return stamp, bool(stamp.all())


def departures(control: Rows) -> tuple[NDArray[np.bool_], Longs, Longs]:
    """Of messages from the error queue: which are send stamps, the stamps, the numbers of their packets.

    The stamps are 64 bytes (head and three timespecs), then comes a ``sock_extended_err`` behind its own head.
    """
    words = control.view(np.uint32)
    stamps, every = arrivals(control)
    ours = (control[:, 84] == ORIGIN_TIMESTAMPING) & (words[:, 22] == 0)
    if not every:
        ours &= stamps != 0
    return ours, stamps, words[:, 23].astype(np.int64)


def control_messages(row: bytes) -> list[tuple[int, int, bytes]]:
    """One message's control data taken apart: level, type, data."""
    found, at = [], 0
    while at + _HEAD.size <= len(row):
        length, level, kind = _HEAD.unpack_from(row, at)
        if length < _HEAD.size or at + length > len(row):
            break
        found.append((level, kind, row[at + _HEAD.size : at + length]))
        at += (length + 7) & ~7
    return found


def pack_control(messages: list[tuple[int, int, bytes]]) -> bytes:
    """Control messages laid out as the kernel does (cmsg(3))."""
    return b"".join(
        _HEAD.pack(_HEAD.size + len(data), level, kind) + data + bytes(-len(data) % 8) for level, kind, data in messages
    )


def dropped(sock: socket.socket) -> int | None:
    """How many packets the kernel could not queue on this socket so far; None where it does not tell."""
    try:
        memory = sock.getsockopt(socket.SOL_SOCKET, SO_MEMINFO, 36)
    except OSError:
        return None
    return int(struct.unpack("9I", memory)[8]) if len(memory) == 36 else None


class RealClock:
    """CLOCK_REALTIME against CLOCK_MONOTONIC: ``steps`` counts how often it was set."""

    def __init__(self, real: Any = time.time_ns, monotonic: Any = time.monotonic_ns) -> None:
        self._real, self._monotonic = real, monotonic
        self.steps = 0
        self.offset, _ = self._read()

    def check(self) -> int:
        """Look at both clocks; gives the number of steps so far. One read is enough of a hint: only a difference
        that cannot come from being interrupted between the readings counts."""
        offset, doubt = self._read()
        if abs(offset - self.offset) > STEP + doubt:
            self.steps += 1
            self.offset = offset
        elif doubt < STEP:
            self.offset = offset
        return self.steps

    def _read(self) -> tuple[int, int]:
        before = self._monotonic()
        real = self._real()
        after = self._monotonic()
        return real - (before + after) // 2, after - before
