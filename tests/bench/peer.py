"""The far side of the ICMP benches: answers every echo request after a fixed delay, in batches, from one process.

Run as ``python -m tests.bench.peer INTERFACE DELAY_MS`` in its own network namespace, where the kernel's own replies
are switched off. It copies whole frames with their addresses swapped, so it costs little at 25,000 packets a second.
"""

import ctypes
import os
import select
import socket
import sys
import time
from collections import deque

import numpy as np
from numpy.typing import NDArray

from probes.net.icmp.batch import IOVEC, MSGHDR

ETH_P_IP = 0x0800
ROWS, STRIDE = 256, 256
SLACK = 500_000
"""Replies due within half a millisecond go out together."""

Frames = NDArray[np.uint8]


class Frames256:
    """Room for a batch of frames, and the headers for one system call on it."""

    def __init__(self) -> None:
        self.data = np.zeros((ROWS, STRIDE), np.uint8)
        self._vectors = np.zeros(ROWS, IOVEC)
        self._vectors["base"] = self.data.ctypes.data + np.arange(ROWS, dtype=np.uint64) * STRIDE
        self._heads = np.zeros(ROWS, MSGHDR)
        self._heads["iov"] = self._vectors.ctypes.data + np.arange(ROWS, dtype=np.uint64) * 16
        self._heads["iov_length"] = 1
        library = ctypes.CDLL(None, use_errno=True)
        self._receive, self._send = library.recvmmsg, library.sendmmsg

    def receive(self, sock: socket.socket) -> int:
        self._vectors["length"] = STRIDE
        where = ctypes.c_void_p(self._heads.ctypes.data)
        return max(0, int(self._receive(sock.fileno(), where, ROWS, socket.MSG_DONTWAIT, None)))

    @property
    def lengths(self) -> NDArray[np.uint32]:
        return self._heads["length"]

    def send(self, sock: socket.socket, frames: Frames, lengths: NDArray[np.uint32]) -> None:
        count = len(frames)
        self.data[:count] = frames
        self._vectors["length"][:count] = lengths
        at = 0
        while at < count:
            where = ctypes.c_void_p(self._heads.ctypes.data + 64 * at)
            sent = int(self._send(sock.fileno(), where, count - at, 0))
            if sent <= 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            at += sent


def answers(frames: Frames) -> Frames:
    """Echo requests turned into their replies: addresses swapped, type 0, checksum adjusted (RFC 1624)."""
    out = frames.copy()
    out[:, 0:6], out[:, 6:12] = frames[:, 6:12], frames[:, 0:6]
    out[:, 26:30], out[:, 30:34] = frames[:, 30:34], frames[:, 26:30]
    out[:, 34] = 0
    sums = frames[:, 36].astype(np.uint32) * 256 + frames[:, 37] + 0x0800
    sums = (sums & 0xFFFF) + (sums >> 16)
    out[:, 36], out[:, 37] = sums >> 8, sums & 0xFF
    return out


def serve(interface: str, delay: int) -> None:
    """Answer until the standard input is closed."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_IP))
    sock.bind((interface, ETH_P_IP))
    for option in (32, 33):
        sock.setsockopt(socket.SOL_SOCKET, option, 32 << 20)
    box, out = Frames256(), Frames256()
    later: deque[tuple[int, Frames, NDArray[np.uint32]]] = deque()
    print("ready", flush=True)
    while True:
        wait = 1.0 if not later else max(0.0, (later[0][0] - time.monotonic_ns()) / 1e9)
        ready, _, _ = select.select([sock, sys.stdin], [], [], wait)
        if sys.stdin in ready and not os.read(0, 1):
            return
        found = box.receive(sock) if sock in ready else 0
        frames = box.data[:found]
        requests = (frames[:, 23] == 1) & (frames[:, 34] == 8)
        if requests.any():
            later.append((time.monotonic_ns() + delay, answers(frames[requests]), box.lengths[:found][requests].copy()))
        while later and later[0][0] <= time.monotonic_ns() + SLACK:
            _, frames, lengths = later.popleft()
            out.send(sock, frames, lengths)


if __name__ == "__main__":
    serve(sys.argv[1], int(float(sys.argv[2]) * 1e6))
