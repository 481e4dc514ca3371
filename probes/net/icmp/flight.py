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

RUN, ROUTE, BORN, UNTIL, SENT_AT, RECEIVED_AT, FLAGS, ERROR = range(8)
COLUMNS = 8
NEVER = 1 << 62

Slots = NDArray[np.int64]


class Flight:
    """The columns. ``token``, ``block`` and ``identifier`` are the socket's (``sockets.Opened``).

    ``marks`` holds the seven words that a packet's message carries behind its checksum, as they are on the wire:
    identifier and sequence, token, slot, nonce. What a reply must contain is compared with, and a request made from,
    one row. The other columns lie side by side too, so that a slot is made ready by few operations: ``born`` is when
    it was taken, ``until`` when it may be taken again, ``sent`` and ``received`` are stamps (CLOCK_REALTIME, ns).
    """

    def __init__(self, token: bytes, block: int, identifier: int | None, slots: int = FIRST) -> None:
        self._token = int(np.frombuffer(token, np.uint32)[0])
        self._block, self._identifier = block, identifier
        self._head = 0
        self.senders: dict[int, bytes] = {}
        """Who sent the ICMP error, of open packets that have one."""
        self._make(slots)

    def take(self, runs: Slots, packets: int, rows: Slots, now: int) -> Slots:
        """Slots for ``packets`` packets of each run; gives each run's first. ``now`` is CLOCK_REALTIME (ns)."""
        count = len(runs)
        need = count * packets
        first = self._room(need, now)
        span = slice(first, first + need)
        chance = np.frombuffer(os.urandom(16 * need + 4 * count), np.uint32)
        state = self._state[span].reshape(count, packets, COLUMNS)
        state[:] = 0
        state[:, :, RUN] = runs[:, None]
        state[:, :, ROUTE] = rows[:, None]
        state[:, :, BORN] = now
        state[:, :, UNTIL] = NEVER
        self.marks[span, 3:7] = chance[: 4 * need].reshape(need, 4)
        if self._identifier is None:
            identifiers = (chance[4 * need :] & 0xFF) | (self._block << 8)
            self._halves[span].reshape(count, packets, 14)[:, :, 0] = identifiers[:, None]
        return np.arange(first, first + need, packets)

    def close(self, slots: Slots) -> None:
        """The runs of these packets are over."""
        self.flags[slots] |= CLOSED
        self.until[slots] = self.born[slots] + KEEP

    def __len__(self) -> int:
        return len(self._state)

    def candidates(self, sequence: int) -> range:
        """The slots whose packets have this sequence number."""
        return range(sequence, len(self), 65_536)

    def _room(self, need: int, now: int) -> int:
        """The first of ``need`` slots in a row that may be used."""
        if self._head + need > len(self):
            self._head = 0
        while self._head + need > len(self) or self.until[self._head : self._head + need].max() >= now:
            if len(self) >= LARGEST:
                raise MemoryError("more packets under way than the engine keeps")
            self._head = len(self)
            self._grow()
        first = self._head
        self._head += need
        return first

    def _grow(self) -> None:
        state, marks, order = self._state, self.marks, self.order
        size = len(self)
        self._make(2 * size)
        self._state[:size], self.marks[:size], self.order[:size] = state, marks, order

    def _make(self, slots: int) -> None:
        self._state = np.zeros((slots, COLUMNS), np.int64)
        self.run, self.route = self._state[:, RUN], self._state[:, ROUTE]
        self.born, self.until = self._state[:, BORN], self._state[:, UNTIL]
        self.sent, self.received = self._state[:, SENT_AT], self._state[:, RECEIVED_AT]
        self.flags, self.errors = self._state[:, FLAGS], self._state[:, ERROR]
        """``errors``: 0 none; an errno of sending; from 1,000 on 1,000 + 256 × type + code of an ICMP error."""
        self.marks = np.zeros((slots, 7), np.uint32)
        self._halves = self.marks.view(">u2")
        self._halves[:, 0] = self._identifier or 0
        self._halves[:, 1] = np.arange(slots) & 0xFFFF
        self.marks[:, 1] = self._token
        self.marks[:, 2] = np.arange(slots)
        self.order = np.zeros(slots, np.int32)
