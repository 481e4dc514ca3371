"""Which packet of ours a message from the network answers, or what else it is.

A batch that holds nothing but first replies, right in every byte, is known for that by a few comparisons of the
whole, and taken. Any other is compared row by row; what passes is taken, and the rest is looked at one by one:
duplicates, late replies, ICMP errors, and what is spoilt, misdirected or not ours. Every message falls in exactly one
of the ``Counts``.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probes.net.hop import self_made
from probes.net.icmp import SMALLEST
from probes.net.icmp import flight as table
from probes.net.icmp.flight import Flight, Slots
from probes.net.icmp.routes import Routes
from probes.net.icmp.stamps import Rows, arrivals
from probes.net.icmp.wire import HEAD, HEAD_WORDS, Quote, icmp_of, intact, quote_of, turned

PLAINLY = table.ANSWERED | table.HEARD
REMOTE = 1000
"""In ``Flight.errors``: this and more is an ICMP error, ``REMOTE + 256 × type + code``; less is an errno."""


@dataclass(slots=True)
class Counts:
    """What this socket has sent and heard since it was opened."""

    sent: int = 0
    replies: int = 0
    duplicates: int = 0
    late: int = 0
    reordered: int = 0
    corrupt: int = 0
    """the checksum is wrong, or bytes of the payload are missing or altered"""
    foreign: int = 0
    """right in every mark, but from another address than the one probed"""
    mismatched: int = 0
    """with a wrong identifier or sequence number"""
    forged: int = 0
    """with our token, but not with the nonce of the packet it names"""
    others: int = 0
    """not ours at all: another pinger's reply that passed the filter"""
    malformed: int = 0
    errors: int = 0
    """ICMP errors that quote a packet of ours"""
    stray_errors: int = 0
    """ICMP errors that quote none of ours, or one whose run is over"""


class Batch:
    """What was received at once, as ``batch.Inbox`` holds it, with the instant of draining as second best stamp."""

    def __init__(self, data: Rows, lengths: NDArray[np.uint32], names: Rows, control: Rows, now: int) -> None:
        self.words = data.view(np.uint32)
        self.data, self.lengths, self.names = data, lengths, names.view(np.uint32)
        self.stamps, self.all_heard = arrivals(control)
        self.heard: NDArray[np.bool_] = self.stamps != 0
        if not self.all_heard:
            self.stamps[~self.heard] = now

    def __len__(self) -> int:
        return len(self.data)

    def message(self, at: int) -> bytes:
        """The bytes of one message."""
        return self.data[at, : self.lengths[at]].tobytes()


class Matcher:
    """Compares with the packets in flight. ``note`` hears of what befell a packet whose run is open:
    its slot, the name of the counter, and the stamp."""

    def __init__(
        self, flight: Flight, routes: Routes, token: bytes, raw: bool, note: Callable[[int, str, int], None]
    ) -> None:
        self.counts = Counts()
        self._flight, self._routes, self._note = flight, routes, note
        self._token = token
        self._family = routes.family
        self._with_ip = raw and self._family.number == 2
        self._offset = 20 if self._with_ip else 0
        self._reply = np.frombuffer(bytes((self._family.reply, 0)), np.uint16)[0]
        turn = turned(self._family)
        self._turn = None if turn is None else np.uint32(turn)

    def take(self, batch: Batch) -> Slots:
        """Record a batch; gives the slots answered by it for the first time while their run was open."""
        first = self._offset // 4
        slots: Slots = batch.words[:, first + 3].astype(np.int64)
        if self._plain(batch, slots, first):
            self._flight.received[slots] = batch.stamps
            self._flight.flags[slots] |= PLAINLY
            self.counts.replies += len(slots)
            return slots
        slots[slots >= len(self._flight)] = 0
        return self._sort(batch, slots, self._good(batch, slots, first))

    def _plain(self, batch: Batch, slots: Slots, first: int) -> bool:
        """Whether every message is the first reply to its packet, right in every byte and stamped by the kernel."""
        size = self._routes.size
        if self._turn is None or size is None or size % 4 or not batch.all_heard:
            return False
        end = first + (HEAD + size) // 4
        if end > batch.words.shape[1] or slots.max() >= len(self._flight):
            return False
        expected = self._flight.heads[slots]
        expected[:, 0] += self._turn
        if not (batch.words[:, first : first + HEAD_WORDS] == expected).all():
            return False
        if (batch.lengths != 4 * end).any() or batch.words[:, first + HEAD_WORDS : end].any():
            return False
        facts = self._flight.facts(slots)
        if (facts["flags"] & (table.ANSWERED | table.CLOSED)).any() or len(set(slots.tolist())) != len(slots):
            return False
        known = self._routes.addresses[facts["route"]]
        return bool((batch.names[:, self._family.name_words] == known).all())

    def _sort(self, batch: Batch, slots: Slots, good: NDArray[np.bool_]) -> Slots:
        """Of a mixed batch: the first right reply to each packet counts, all others are told apart."""
        at = np.flatnonzero(good)
        hits, flight = slots[at], self._flight
        flight.order[hits[::-1]] = at[::-1]
        states = flight.flags[hits]
        first = (flight.order[hits] == at) & (states & (table.ANSWERED | table.CLOSED) == 0)
        where = at[first]
        fresh = self._answer(hits[first], states[first], batch.stamps[where], batch.heard[where])
        for slot, index in zip(hits[~first].tolist(), at[~first].tolist(), strict=True):
            self._again(slot, int(batch.stamps[index]))
        opened = [self._odd(batch, index) for index in np.flatnonzero(~good).tolist()]
        more = [slot for slot in opened if slot is not None]
        both: Slots = np.append(fresh, np.array(more, np.int64)) if more else fresh
        return both

    def _answer(self, slots: Slots, states: Slots, stamps: Slots, heard: NDArray[np.bool_]) -> Slots:
        """These packets have their reply, at these instants."""
        self._flight.received[slots] = stamps
        self._flight.flags[slots] = states | np.where(heard, table.ANSWERED | table.HEARD, table.ANSWERED)
        self.counts.replies += len(slots)
        return slots

    def _good(self, batch: Batch, slots: Slots, first: int) -> NDArray[np.bool_]:
        """Whether each message is a reply, right in every byte, to the packet it names.

        Where an IP header is longer than usual the marks do not stand where they are looked for: ``_odd`` finds them.
        """
        rows = self._flight.route[slots]
        end = first + HEAD_WORDS
        good: NDArray[np.bool_] = (batch.words[:, first + 1 : end] == self._flight.heads[slots, 1:]).all(axis=1)
        good &= batch.data.view(np.uint16)[:, self._offset // 2] == self._reply
        good &= (batch.names[:, self._family.name_words] == self._routes.addresses[rows]).all(axis=1)
        good &= batch.lengths == self._routes.sizes[rows] + (self._offset + HEAD)
        for length in set(batch.lengths[good].tolist()):
            good &= (batch.lengths != length) | self._sound(batch, length)
        return good

    def _sound(self, batch: Batch, length: int) -> NDArray[np.bool_]:
        """Of messages of this length: the padding is zeros, and the checksum right where the kernel has not looked.

        Zeros add nothing to a checksum, so it is summed up over the first 32 bytes: 0xFFFF, carries added back in,
        which is 0 modulo itself."""
        start = self._offset + HEAD + SMALLEST
        sound: NDArray[np.bool_] = np.asarray(~batch.data[:, start:length].any(axis=1))
        if self._with_ip:
            sums = batch.data.view(np.uint16)[:, 10:26].sum(axis=1, dtype=np.uint32)
            sound &= np.asarray(sums % 0xFFFF == 0)
        return sound

    def _again(self, slot: int, stamp: int) -> None:
        """A right reply to a packet that was answered before, or whose run is over."""
        flags = self._flight.flags
        if flags[slot] & (table.ANSWERED | table.LATE):
            self.counts.duplicates += 1
            if not flags[slot] & table.CLOSED:
                self._note(slot, "duplicates", stamp)
            return
        flags[slot] |= table.LATE
        self.counts.late += 1

    def _odd(self, batch: Batch, at: int) -> int | None:
        """One message that is not plainly a right reply; gives the slot if it is one all the same."""
        message = icmp_of(batch.message(at), self._family, self._with_ip)
        source = batch.names[at, self._family.name_words]
        stamp = int(batch.stamps[at])
        if message is None:
            self.counts.malformed += 1
            return None
        if self._with_ip and not intact(message):
            self.counts.corrupt += 1
            self._tell(message, "corrupt", stamp)
            return None
        if message[0] in self._family.errors:
            self._error(message, source.tobytes())
            return None
        kind, slot = self._kind(message, source)
        if kind is not None:
            setattr(self.counts, kind, getattr(self.counts, kind) + 1)
            if slot is not None and not self._flight.flags[slot] & table.CLOSED:
                self._note(slot, kind, stamp)
            return None
        if slot is None or self._flight.flags[slot] & (table.ANSWERED | table.CLOSED):
            self._again(slot or 0, stamp)
            return None
        self._flight.received[slot] = stamp
        self._flight.flags[slot] |= table.ANSWERED | (table.HEARD if batch.heard[at] else 0)
        self.counts.replies += 1
        return slot

    def _kind(self, message: bytes, source: NDArray[np.uint32]) -> tuple[str | None, int | None]:
        """What is wrong with an intact reply: the name of its counter (None: nothing), and the packet it names."""
        flight = self._flight
        if message[0] != self._family.reply or message[1] != 0 or message[8:12] != self._token:
            return ("others", None) if len(message) >= 12 else ("malformed", None)
        if len(message) < HEAD + SMALLEST:
            return "corrupt", None
        slot = int(struct.unpack_from("=I", message, 12)[0])
        if slot >= len(flight) or not flight.flags[slot] & table.SENT:
            return "forged", None
        if message[16:32] != flight.heads[slot, 4:].tobytes():
            return "forged", slot
        if message[4:8] != flight.heads[slot, 1:2].tobytes():
            return "mismatched", slot
        row = flight.route[slot]
        if (source != self._routes.addresses[row]).any():
            return "foreign", slot
        if len(message) != self._routes.sizes[row] + HEAD or any(message[32:]):
            return "corrupt", slot
        return None, slot

    def _tell(self, message: bytes, kind: str, stamp: int) -> None:
        """Tell the run that a spoilt message seems to belong to, going by slot and sequence number."""
        if len(message) < 16:
            return
        slot = int(struct.unpack_from("=I", message, 12)[0])
        if slot < len(self._flight) and self._flight.flags[slot] & (table.SENT | table.CLOSED) == table.SENT:
            self._note(slot, kind, stamp)

    def _error(self, message: bytes, source: bytes) -> None:
        quote = quote_of(message, self._family)
        if quote is None:
            self.counts.stray_errors += 1
            return
        self.blame(quote, message[0], message[1], source)

    def blame(self, quote: Quote, kind: int, code: int, sender: bytes) -> None:
        """Put an ICMP error on the packet it quotes, and whether this machine sent it to itself."""
        slot = self._quoted(quote) if len(quote.message) >= HEAD else None
        if slot is None:
            self.counts.stray_errors += 1
            return
        self.counts.errors += 1
        flight = self._flight
        if flight.errors[slot] == 0:
            flight.errors[slot] = REMOTE + 256 * kind + code
            flight.senders[slot] = sender
            own = quote.source != quote.destination and self_made(self._family.number, sender, quote.source)
            flight.flags[slot] |= table.OWN if own else 0

    def _quoted(self, quote: Quote) -> int | None:
        """The open packet that is quoted: identifier, sequence, destination, and what else of ours is quoted."""
        flight, message = self._flight, quote.message
        mark = np.frombuffer(message[4:8], np.uint32)[0]
        for slot in flight.candidates(int.from_bytes(message[6:8], "big")):
            if flight.heads[slot, 1] != mark or flight.flags[slot] & (table.SENT | table.CLOSED) != table.SENT:
                continue
            if self._routes.addresses[flight.route[slot]].tobytes() != quote.destination:
                continue
            expected = self._token + struct.pack("=I", slot) + flight.heads[slot, 4:].tobytes()
            quoted = message[HEAD : HEAD + SMALLEST]
            if quoted == expected[: len(quoted)]:
                return slot
        return None
