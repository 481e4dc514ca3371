"""Every packet that is or was under way: columns of numpy arrays, one row ("slot") a packet.

Slots are handed out in order, round and round; a run's packets lie side by side. The low 16 bits of a slot are its
sequence number, so that an ICMP error that quotes eight bytes only still finds it. A slot is not used again before
its run is over and ten seconds have passed, so that late replies are known for what they are; until then the table
grows to twice its size, which moves nothing.
"""

import os

import numpy as np
from numpy.typing import NDArray

from probes.net.icmp.wire import HEAD_WORDS, seal

SENT, STAMPED, ANSWERED, HEARD, LATE, CLOSED, OWN = 1, 2, 4, 8, 16, 32, 64
"""Flags: handed to the network; its send stamp is the kernel's; a valid reply came; that reply's stamp is the
kernel's; a valid reply came after its run was over; its run is over; the ICMP error is this machine's own."""

KEEP = 10_000_000_000
FIRST = 4096
LARGEST = 1 << 23

WAVE, ROUTE, BORN, UNTIL, SENT_AT, RECEIVED_AT, FLAGS, ERROR = range(8)
COLUMNS = 8
NEVER = 1 << 62

Slots = NDArray[np.int64]
State = NDArray[np.int64]


class Flight:
    """The columns. ``request`` is the ICMP type; ``token``, ``block`` and ``identifier`` are the socket's
    (``sockets.Opened``).

    ``heads`` holds the first 32 bytes of every packet's message as they go out: it is sent from where it lies, and
    what a reply must contain is compared with it. The other columns lie side by side too, so that the slots of a
    wave are made ready, read and closed by few operations: ``wave`` is the number of the wave, ``born`` when the
    slot was taken, ``sent`` and ``received`` are stamps (CLOCK_REALTIME, ns). ``until`` is when the slot may be taken
    again (CLOCK_MONOTONIC, ns): by a clock that can be set back no slot would come free for as long as it was set.
    """

    def __init__(self, request: int, token: bytes, block: int, identifier: int | None, slots: int = FIRST) -> None:
        self._kind = int(np.frombuffer(bytes((request, 0)), np.uint16)[0])
        self._token = int(np.frombuffer(token, np.uint32)[0])
        self._block, self._identifier = block, identifier
        self._head = 0
        self.senders: dict[int, bytes] = {}
        """Who sent the ICMP error, of open packets that have one."""
        self._make(slots)

    def take(self, wave: int, packets: int, rows: Slots, now: int, born: int) -> int:
        """Slots for ``packets`` packets to each of these routes, side by side; gives the first. ``wave`` is its
        number, ``now`` CLOCK_MONOTONIC and ``born`` CLOCK_REALTIME (ns)."""
        count = len(rows)
        need = count * packets
        first = self._room(need, now)
        state, heads = self._state[first : first + need], self.heads[first : first + need]
        state[:] = (wave, 0, born, NEVER, 0, 0, 0, 0)
        state.reshape(count, packets, COLUMNS)[:, :, ROUTE] = rows[:, None]
        chance = os.urandom(16 * need + count)
        heads[:, 4:] = np.frombuffer(chance, np.uint32, 4 * need).reshape(need, 4)
        if self._identifier is None:
            of_run = np.frombuffer(chance, np.uint8, count, 16 * need)
            heads.view(np.uint8).reshape(count, packets, 32)[:, :, 5] = of_run[:, None]
        seal(heads)
        return first

    def rows(self, first: int, count: int, packets: int) -> State:
        """The columns of ``count`` runs from this slot on, to be read and written: run, packet, column."""
        return self._state[first : first + count * packets].reshape(count, packets, COLUMNS)

    def facts(self, slots: Slots) -> State:
        """A copy of the columns of these packets: packet, column."""
        found: State = self._state[slots]
        return found

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
        state, heads, order = self._state, self.heads, self.order
        size = len(self)
        self._make(2 * size)
        self._state[:size], self.heads[:size], self.order[:size] = state, heads, order

    def _make(self, slots: int) -> None:
        self._state = np.zeros((slots, COLUMNS), np.int64)
        self.wave, self.route = self._state[:, WAVE], self._state[:, ROUTE]
        self.born, self.until = self._state[:, BORN], self._state[:, UNTIL]
        self.sent, self.received = self._state[:, SENT_AT], self._state[:, RECEIVED_AT]
        self.flags, self.errors = self._state[:, FLAGS], self._state[:, ERROR]
        """``errors``: 0 none; an errno of sending; from 1,000 on 1,000 + 256 × type + code of an ICMP error."""
        self.heads = np.zeros((slots, HEAD_WORDS), np.uint32)
        self.address = self.heads.ctypes.data
        halves = self.heads.view(">u2")
        halves[:, 2] = self._block << 8 if self._identifier is None else self._identifier
        halves[:, 3] = np.arange(slots) & 0xFFFF
        self.heads.view(np.uint16)[:, 0] = self._kind
        self.heads[:, 2] = self._token
        self.heads[:, 3] = np.arange(slots)
        self.order = np.zeros(slots, np.int32)
