"""Many messages in one system call: sendmmsg(2) and recvmmsg(2) through ctypes, on buffers made once.

The kernel's ``struct mmsghdr`` is seen as rows of a numpy array, so that a batch costs a few array operations
whatever its length. Only where pointers have 64 bits and the C library has both calls; ``single`` serves elsewhere.
"""

import ctypes
import errno
import socket
import sys
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from probes.net.icmp import SMALLEST
from probes.net.icmp.flight import Flight, Slots
from probes.net.icmp.routes import CONTROL as CONTROL_BYTES
from probes.net.icmp.routes import NAME, Routes
from probes.net.icmp.stamps import CONTROL
from probes.net.icmp.wire import HEAD

ROWS = 1024
"""What the kernel takes at most in one call."""
LARGEST = 8952
ZEROS = np.zeros(LARGEST, np.uint8)
DONTWAIT = int(socket.MSG_DONTWAIT)
TRIES = 16
"""Errors kept for the socket that one call lets go of."""
MSGHDR = np.dtype(
    {
        "names": ["name", "name_length", "iov", "iov_length", "control", "control_length", "flags", "length"],
        "formats": ["u8", "u4", "u8", "u8", "u8", "u8", "i4", "u4"],
        "offsets": [0, 8, 16, 24, 32, 40, 48, 56],
        "itemsize": 64,
    }
)
IOVEC = np.dtype([("base", "u8"), ("length", "u8")])
Rows = NDArray[np.uint8]


def available() -> bool:
    """Whether this machine has the two calls in the shape used here."""
    library = ctypes.CDLL(None)
    shaped = sys.platform == "linux" and ctypes.sizeof(ctypes.c_void_p) == 8
    return shaped and hasattr(library, "recvmmsg") and hasattr(library, "sendmmsg")


def _call(name: str, *arguments: type) -> Callable[..., int]:
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    function.argtypes, function.restype = arguments, ctypes.c_int
    found: Callable[..., int] = function
    return found


def _steps(rows: NDArray[np.generic]) -> NDArray[np.uint64]:
    """The address of each row."""
    return rows.ctypes.data + np.arange(len(rows), dtype=np.uint64) * np.uint64(rows.strides[0])


class Inbox:
    """Room for one batch of messages received: ``data``, ``lengths``, ``names`` (sockaddr), ``control``."""

    def __init__(self, stride: int) -> None:
        self.data = np.zeros((ROWS, stride), np.uint8)
        self.names = np.zeros((ROWS, NAME), np.uint8)
        self.control = np.zeros((ROWS, CONTROL), np.uint8)
        self._vectors = np.zeros(ROWS, IOVEC)
        self._vectors["base"], self._vectors["length"] = _steps(self.data), stride
        self._heads = np.zeros(ROWS, MSGHDR)
        self._heads["name"], self._heads["iov"] = _steps(self.names), _steps(self._vectors)
        self._heads["control"], self._heads["iov_length"] = _steps(self.control), 1
        self._name_lengths, self._control_lengths = self._heads["name_length"], self._heads["control_length"]
        self.lengths = self._heads["length"]
        self._at, self._used = self._heads.ctypes.data, ROWS
        self._receive = _call("recvmmsg", ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p)

    def receive(self, sock: socket.socket, flags: int = 0) -> int:
        """Take what is there, at most a batch; gives how many. An error kept for the socket is let go of."""
        used = self._used
        if used:
            self._name_lengths[:used] = NAME
            self._control_lengths[:used] = CONTROL
            self.control[:used, :16] = 0
        for _ in range(TRIES):
            found = self._receive(sock.fileno(), self._at, ROWS, flags | DONTWAIT, None)
            if found >= 0:
                self._used = found
                return found
            if ctypes.get_errno() in (errno.EAGAIN, errno.ENOMEM, errno.EBADF):
                break
        self._used = 0
        return 0


class Outbox:
    """Headers for one batch of messages to send: each is the packet's own head and as many zeros as it is to have
    behind it, sent from where they lie."""

    def __init__(self) -> None:
        self._vectors = np.zeros((ROWS, 2), IOVEC)
        self._bases, self._padding = self._vectors["base"][:, 0], self._vectors["length"][:, 1]
        self._vectors["base"][:, 1], self._vectors["length"][:, 0] = ZEROS.ctypes.data, HEAD + SMALLEST
        self._heads = np.zeros(ROWS, MSGHDR)
        self._heads["iov"], self._heads["iov_length"] = _steps(self._vectors), 2
        self._names, self._at = self._heads["name"], self._heads.ctypes.data
        self._plain: tuple[int, int | None, bool] | None = None
        """what holds for all rows of the routes as they were last seen: it is written once, not for every batch"""
        self._send = _call("sendmmsg", ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)

    def address(self, routes: Routes, flight: Flight, slots: Slots) -> None:
        """Say what each of the first ``len(slots)`` messages is and where it goes."""
        count, rows = len(slots), flight.route[slots].astype(np.int64)
        self._bases[:count] = slots * (HEAD + SMALLEST) + flight.address
        self._names[:count] = rows * NAME + routes.address
        if self._plain != (routes.name_length, routes.size, routes.plain):
            self._plain = (routes.name_length, routes.size, routes.plain)
            self._heads["name_length"] = routes.name_length
            self._heads["control_length"] = 0
            self._padding[:] = max(0, (routes.size or 0) - SMALLEST)
        if not routes.plain:
            self._heads["control"][:count] = routes.controls.ctypes.data + rows * CONTROL_BYTES
            self._heads["control_length"][:count] = routes.control_lengths[rows]
        if routes.size is None:
            self._padding[:count] = routes.sizes[rows] - SMALLEST

    def send(self, sock: socket.socket, first: int, count: int) -> tuple[int, int]:
        """Send messages ``[first, count)`` until one fails: how many went, and the errno of the one that did not."""
        sent = self._send(sock.fileno(), self._at + first * MSGHDR.itemsize, count - first, DONTWAIT)
        if sent >= 0:
            return sent, 0
        return 0, ctypes.get_errno()
