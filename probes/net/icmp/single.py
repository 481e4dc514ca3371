"""One message per system call: the same buffers as ``batch``, filled through Python's own socket methods.

For machines without sendmmsg and recvmmsg. The control messages are laid out as the kernel would have,
so that everything behind the buffers is the same code.
"""

import errno
import socket

import numpy as np

from probes.net.icmp import SMALLEST
from probes.net.icmp.batch import DONTWAIT, ROWS, ZEROS
from probes.net.icmp.flight import Flight, Slots
from probes.net.icmp.routes import NAME, Routes
from probes.net.icmp.stamps import CONTROL, pack_control


class Inbox:
    """See ``batch.Inbox``."""

    def __init__(self, stride: int) -> None:
        self.data = np.zeros((ROWS, stride), np.uint8)
        self.names = np.zeros((ROWS, NAME), np.uint8)
        self.control = np.zeros((ROWS, CONTROL), np.uint8)
        self.lengths = np.zeros(ROWS, np.uint32)

    def receive(self, sock: socket.socket, flags: int = 0) -> int:
        """Take what is there, at most a batch; gives how many."""
        count = 0
        while count < ROWS:
            try:
                length, messages, _, name = sock.recvmsg_into([self.data[count].data], CONTROL, flags | DONTWAIT)
            except OSError as error:
                if error.errno in (errno.EAGAIN, errno.ENOMEM, errno.EBADF):
                    break
                continue  # an ICMP error kept for the socket: it is read from the error queue
            self._keep(count, length, messages, name)
            count += 1
        return count

    def _keep(self, row: int, length: int, messages: list[tuple[int, int, bytes]], name: object) -> None:
        packed = pack_control(messages)[:CONTROL]
        self.lengths[row] = length
        self.control[row] = 0
        self.control[row, : len(packed)] = np.frombuffer(packed, np.uint8)
        self.names[row] = 0
        if not isinstance(name, tuple) or not name:
            return
        four = len(name) == 2
        at = slice(4, 8) if four else slice(8, 24)
        literal = str(name[0]).partition("%")[0]
        packed_name = socket.inet_pton(socket.AF_INET if four else socket.AF_INET6, literal)
        self.names[row, at] = np.frombuffer(packed_name, np.uint8)


class Outbox:
    """See ``batch.Outbox``."""

    def __init__(self) -> None:
        self._routes: Routes | None = None
        self._packets: list[tuple[memoryview, int]] = []

    def address(self, routes: Routes, flight: Flight, slots: Slots) -> None:
        """Say what each of the first ``len(slots)`` messages is and where it goes."""
        self._routes = routes
        rows = flight.route[slots].tolist()
        self._packets = [(flight.heads[slot].data, row) for slot, row in zip(slots.tolist(), rows, strict=True)]

    def send(self, sock: socket.socket, first: int, count: int) -> tuple[int, int]:
        """Send messages ``[first, count)`` until one fails: how many went, and the errno of the one that did not."""
        if self._routes is None:
            return 0, errno.EDESTADDRREQ
        for at in range(first, count):
            head, row = self._packets[at]
            padding = ZEROS[: int(self._routes.sizes[row]) - SMALLEST].data
            try:
                where, messages = self._routes.way(row)
                sock.sendmsg([head, padding], messages, DONTWAIT, where)
            except OSError as error:
                return (at - first, 0) if at > first else (0, error.errno or 0)
        return count - first, 0
