"""Every packet that is or was under way: one row ("slot") of a numpy array a packet.

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

PACKET = np.dtype(
    [("sent", "i8"), ("received", "i8"), ("until", "i8"), ("route", "i4"), ("flags", "u2"), ("error", "u2")]
)
"""What is known of a packet. ``sent`` and ``received`` are stamps (CLOCK_REALTIME, ns; 0: none). ``until`` is when the
slot may be taken again (CLOCK_MONOTONIC, ns: by a clock that can be set back no slot would come free for as long as it
was set); below zero while its run is open: minus the instant it was taken (CLOCK_REALTIME, ns). ``route`` is its row of
``Routes``. ``error``: 0 none; an errno of sending; from 1,000 on 1,000 + 256 × type + code of an ICMP error, whose type
is below 128 (RFC 4443 section 2.1)."""
NEVER = 1 << 62

Slots = NDArray[np.int64]
State = NDArray[np.void]


class Flight:
    """The rows. ``request`` is the ICMP type; ``token``, ``block`` and ``identifier`` are the socket's
    (``sockets.Opened``).

    ``heads`` holds the first 32 bytes of every packet's message as they go out: it is sent from where it lies, and
    what a reply must contain is compared with it. What else is known of a packet (``PACKET``) lies side by side too, so
    that the slots of a wave are made ready, read and closed by few operations.
    """

    def __init__(self, request: int, token: bytes, block: int, identifier: int | None, slots: int = FIRST) -> None:
        self._kind = int(np.frombuffer(bytes((request, 0)), np.uint16)[0])
        self._token = int(np.frombuffer(token, np.uint32)[0])
        self._block, self._identifier = block, identifier
        self._head = 0
        self.senders: dict[int, bytes] = {}
        """Who sent the ICMP error, of open packets that have one."""
        self._make(slots)

    def take(self, packets: int, rows: Slots, now: int, born: int) -> int:
        """Slots for ``packets`` packets to each of these routes, side by side; gives the first. ``now`` is
        CLOCK_MONOTONIC and ``born`` CLOCK_REALTIME (ns)."""
        count = len(rows)
        need = count * packets
        first = self._room(need, now)
        heads = self.heads[first : first + need]
        self._state.view(np.int64).reshape(-1, 4)[first : first + need] = 0  # much quicker than as records
        self.until[first : first + need] = -born
        self.rows(first, count, packets)["route"] = rows[:, None]
        chance = os.urandom(16 * need + count)
        heads[:, 4:] = np.frombuffer(chance, np.uint32, 4 * need).reshape(need, 4)
        if self._identifier is None:
            of_run = np.frombuffer(chance, np.uint8, count, 16 * need)
            heads.view(np.uint8).reshape(count, packets, 32)[:, :, 5] = of_run[:, None]
        seal(heads)
        return first

    def rows(self, first: int, count: int, packets: int) -> State:
        """What is known of ``count`` runs from this slot on, to be read and written: run, packet."""
        return self._state[first : first + count * packets].reshape(count, packets)

    def facts(self, slots: Slots) -> State:
        """A copy of what is known of these packets."""
        return self._state.take(slots)

    def __len__(self) -> int:
        return len(self._state)

    def candidates(self, sequence: int) -> range:
        """The slots whose packets have this sequence number."""
        return range(sequence, len(self), 65_536)

    def _room(self, need: int, now: int) -> int:
        """The first of ``need`` slots in a row that may be used."""
        if self._head + need > len(self):
            self._head = 0
        while self._head + need > len(self) or not self._free(self._head, need, now):
            if len(self) >= LARGEST:
                raise MemoryError("more packets under way than the engine keeps")
            self._head = len(self)
            self._grow()
        first = self._head
        self._head += need
        return first

    def _free(self, first: int, need: int, now: int) -> bool:
        until = self.until[first : first + need]
        return bool(((until >= 0) & (until < now)).all())

    def _grow(self) -> None:
        state, heads, order = self._state, self.heads, self.order
        size = len(self)
        self._make(2 * size)
        self._state[:size], self.heads[:size], self.order[:size] = state, heads, order

    def _make(self, slots: int) -> None:
        self._state = np.zeros(slots, PACKET)
        self.sent, self.received, self.until = (self._state[name] for name in ("sent", "received", "until"))
        self.route, self.flags, self.errors = (self._state[name] for name in ("route", "flags", "error"))
        self.heads = np.zeros((slots, HEAD_WORDS), np.uint32)
        self.address = self.heads.ctypes.data
        halves = self.heads.view(">u2")
        halves[:, 2] = self._block << 8 if self._identifier is None else self._identifier
        halves[:, 3] = np.arange(slots) & 0xFFFF
        self.heads.view(np.uint16)[:, 0] = self._kind
        self.heads[:, 2] = self._token
        self.heads[:, 3] = np.arange(slots)
        self.order = np.zeros(slots, np.int16)  # a place in a batch
