"""Every packet that is or was under way: columns of numpy arrays, one row ("slot") a packet.

Slots are handed out in order, round and round; a run's packets lie side by side. The low 16 bits of a slot are its
sequence number, so that an ICMP error that quotes eight bytes only still finds it. A slot is not used again before
its run is over and ten seconds have passed, so that late replies are known for what they are; until then the table
grows to twice its size, which moves nothing.
"""

import os

import numpy as np
from numpy.typing import NDArray

SENT, STAMPED, ANSWERED, HEARD, LATE, CLOSED, OWN = 1, 2, 4, 8, 16, 32, 64
"""Flags: handed to the network; its send stamp is the kernel's; a valid reply came; that reply's stamp is the
kernel's; a valid reply came after its run was over; its run is over; the ICMP error is this machine's own."""

KEEP = 10_000_000_000
FIRST = 4096
LARGEST = 1 << 23

Slots = NDArray[np.int64]


class Flight:
    """The columns. ``block`` and ``identifier`` are the socket's (``sockets.Opened``)."""

    def __init__(self, block: int, identifier: int | None, slots: int = FIRST) -> None:
        self._block, self._identifier = block, identifier
        self._head = 0
        self._make(slots)

    def take(self, runs: NDArray[np.int64], packets: int, rows: NDArray[np.int64], now: int) -> Slots:
        """Slots for ``packets`` packets of each run; gives each run's first. ``now`` is CLOCK_REALTIME (ns)."""
        need = len(runs) * packets
        first = self._room(need, now)
        span = slice(first, first + need)
        for column in (self.sent, self.received, self.flags, self.errors, self.senders):
            column[span] = 0
        self.run[span] = np.repeat(runs, packets)
        self.route[span] = np.repeat(rows, packets)
        self.nonces[span] = np.frombuffer(os.urandom(16 * need), np.uint32).reshape(need, 4)
        self._marks[span, 0] = np.repeat(self._identifiers(len(runs)), packets)
        self._marks[span, 1] = np.arange(first, first + need) & 0xFFFF
        self.born[span] = now
        return np.arange(first, first + need, packets)

    @property
    def marks(self) -> NDArray[np.uint32]:
        """Identifier and sequence number of each slot as they stand on the wire, as one word."""
        return self._marks.view(np.uint32)[:, 0]

    def __len__(self) -> int:
        return len(self.flags)

    def candidates(self, sequence: int) -> range:
        """The slots whose packets have this sequence number."""
        return range(sequence, len(self), 65_536)

    def _identifiers(self, count: int) -> NDArray[np.int64]:
        """A random identifier for each run within the socket's block."""
        if self._identifier is not None:
            return np.full(count, self._identifier, np.int64)
        return np.frombuffer(os.urandom(count), np.uint8).astype(np.int64) | (self._block << 8)

    def _room(self, need: int, now: int) -> int:
        """The first of ``need`` slots in a row that may be used."""
        if self._head + need > len(self):
            self._head = 0
        while not self._free(self._head, need, now):
            if len(self) >= LARGEST:
                raise MemoryError("more packets under way than the engine keeps")
            self._head = len(self)
            self._grow()
        first = self._head
        self._head += need
        return first

    def _free(self, first: int, need: int, now: int) -> bool:
        span = slice(first, first + need)
        if first + need > len(self):
            return False
        unused = self.born[span] == 0
        over = (self.flags[span] & CLOSED != 0) & (self.born[span] < now - KEEP)
        return bool((unused | over).all())

    def _grow(self) -> None:
        old = self._columns()
        size = len(self)
        self._make(2 * size)
        for past, column in zip(old, self._columns(), strict=True):
            column[:size] = past

    def _columns(self) -> tuple[NDArray[np.generic], ...]:
        return (
            self.run, self.route, self.nonces, self._marks, self.born, self.sent, self.received,
            self.flags, self.errors, self.senders, self.order,
        )  # fmt: skip

    def _make(self, slots: int) -> None:
        self.run = np.zeros(slots, np.int32)
        self.route = np.zeros(slots, np.int32)
        self.nonces = np.zeros((slots, 4), np.uint32)
        self._marks = np.zeros((slots, 2), ">u2")
        self.born = np.zeros(slots, np.int64)
        self.sent = np.zeros(slots, np.int64)
        self.received = np.zeros(slots, np.int64)
        self.flags = np.zeros(slots, np.uint8)
        self.errors = np.zeros(slots, np.int32)
        """0 none; an errno of sending; above 1,000: 1,000 + 256 × type + code of an ICMP error."""
        self.senders = np.zeros((slots, 4), np.uint32)
        self.order = np.zeros(slots, np.int32)
