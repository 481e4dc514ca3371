"""Sending and draining one socket in batches, with the stamps of what was sent put on its packets.

The kernel numbers the packets it stamps (SOF_TIMESTAMPING_OPT_ID); ``_numbers`` maps those numbers back to slots.
Whether a packet that failed was numbered depends on where it failed, so after an error the count begins anew.
Where a send stamp is missing, the instant around the system call stands in for it.
"""

import errno
import socket
import time

import numpy as np

from probes.net.hop import own_address
from probes.net.icmp import batch, single, stamps
from probes.net.icmp import flight as table
from probes.net.icmp.flight import Flight, Slots
from probes.net.icmp.match import Batch, Matcher
from probes.net.icmp.routes import Routes
from probes.net.icmp.sockets import Opened
from probes.net.icmp.wire import HEAD, Quote
from probes.net.reasons import IP_RECVERR, IPV6_RECVERR, ORIGIN_ICMP, ORIGIN_ICMP6, parse_error

NUMBERS = 1 << 16
"""How many of the last packets can still be told by their numbers: a second's worth and more."""
LAST_NUMBER = 1 << 31
"""The kernel counts to twice as far."""
RAMP = np.arange(batch.ROWS)
ERRQUEUE = int(socket.MSG_ERRQUEUE)
ROUNDS = 16
"""Batches drained at most in one tick: a flood cannot hold the event loop."""


class Post:
    """The socket's traffic. ``note`` as of ``Matcher``."""

    def __init__(
        self, opened: Opened, routes: Routes, flight: Flight, matcher: Matcher, batched: bool | None = None
    ) -> None:
        self._opened, self._sock = opened, opened.sock
        self._routes, self._flight, self._matcher = routes, flight, matcher
        self._family = routes.family
        self._batched = batch.available() if batched is None else batched
        self._numbers = np.zeros(NUMBERS, np.int32)
        self._number = 0
        self._unstamped = 0
        self._stride = 0
        self._outbox: batch.Outbox | single.Outbox = (batch if self._batched else single).Outbox()
        self.fit(56)

    @property
    def transport(self) -> str:
        """Which system calls are used."""
        return "sendmmsg" if self._batched else "sendmsg"

    def fit(self, size: int) -> None:
        """Make room for replies with ``size`` bytes."""
        stride = (size + HEAD + 60 + 63) & ~63
        if stride <= self._stride:
            return
        kind = batch if self._batched else single
        self._stride = stride
        self._inbox: batch.Inbox | single.Inbox = kind.Inbox(stride)

    def send(self, slots: Slots) -> None:
        """Send one packet for each slot; what fails has its errno written down."""
        for at in range(0, len(slots), batch.ROWS):
            self._send_batch(slots[at : at + batch.ROWS])

    def _send_batch(self, slots: Slots) -> None:
        flight, count = self._flight, len(slots)
        if self._number + count > LAST_NUMBER:
            self._recount()  # before the packets go: those sent are numbered already
        self._outbox.address(self._routes, flight, slots)
        at = tries = 0
        while at < count:
            before = time.time_ns()
            sent, code = self._outbox.send(self._sock, at, count)
            self._went(slots[at : at + sent], before, time.time_ns())
            at += sent
            if at == count:
                return
            tries = 0 if sent else tries + 1
            if code and not self._excused(tries):
                flight.errors[slots[at]] = errno.ENOBUFS if code == errno.EAGAIN else code
                at, tries = at + 1, 0
            self._recount()

    def _excused(self, tries: int) -> bool:
        """A datagram socket reports an earlier packet's ICMP error on the next call: clear it and try once more."""
        if self._opened.kind == "raw" or tries > 1:
            return False
        self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        return True

    def _went(self, slots: Slots, before: int, after: int) -> None:
        """These were taken by the kernel, between these two instants."""
        count = len(slots)
        if not count:
            return
        self._flight.sent[slots] = before + RAMP[:count] * ((after - before) // count)
        self._flight.flags[slots] = table.SENT
        self._matcher.counts.sent += count
        if self._opened.stamps_sent:
            self._numbers[(self._number + RAMP[:count]) % NUMBERS] = slots
            self._number += count
            self._unstamped += count

    def _recount(self) -> None:
        if self._opened.stamps_sent:
            self.collect()
            stamps.restart_count(self._sock)
            self._number = 0

    def collect(self) -> None:
        """Put the send stamps that have come on their packets, and the ICMP errors of a datagram socket too."""
        for _ in range(ROUNDS):
            found = self._inbox.receive(self._sock, ERRQUEUE)
            if found:
                self._departed(found)
            if found < batch.ROWS:
                return

    def _departed(self, found: int) -> None:
        flight = self._flight
        ours, when, numbers = stamps.departures(self._inbox.control[:found])
        known = ours & (numbers < self._number) & (numbers + NUMBERS >= self._number)
        if not known.all():
            when, numbers = when[known], numbers[known]
        slots = self._numbers[numbers % NUMBERS].astype(np.int64)
        facts = flight.facts(slots)
        right = (facts["flags"] & (table.SENT | table.STAMPED) == table.SENT) & (when >= -facts["until"])
        if not right.all():
            slots, when, facts = slots[right], when[right], facts[right]
        flight.sent[slots] = when
        flight.flags[slots] |= table.STAMPED
        self._routes.stamped[facts["route"]] = True
        self._unstamped = max(0, self._unstamped - len(slots))
        if not ours.all():
            for at in np.flatnonzero(~ours).tolist():
                self._reported(at)

    def _reported(self, at: int) -> None:
        """An ICMP error from a datagram socket's error queue (ip(7), IP_RECVERR)."""
        for level, kind, data in stamps.control_messages(self._inbox.control[at].tobytes()):
            if (level, kind) not in ((socket.IPPROTO_IP, IP_RECVERR), (socket.IPPROTO_IPV6, IPV6_RECVERR)):
                continue
            error = parse_error(data)
            if error.origin not in (ORIGIN_ICMP, ORIGIN_ICMP6) or error.sender is None:
                return
            name = self._inbox.names.view(np.uint32)[at, self._family.name_words].tobytes()
            message = self._inbox.data[at, : self._inbox.lengths[at]].tobytes()
            sender = socket.inet_pton(self._family.number, error.sender)
            address = socket.inet_ntop(self._family.number, name)
            ours = own_address(self._family.number, address) or name
            self._matcher.blame(Quote(ours, name, message), error.type, error.code, sender)

    def drain(self) -> tuple[list[Slots], bool]:
        """Take all that came in: the slots answered, batch by batch, and whether that was all. If not, more came than
        one tick's worth, and nothing may be judged by its silence yet."""
        answered: list[Slots] = []
        for _ in range(ROUNDS):
            found = self._inbox.receive(self._sock)
            if found:
                box = self._inbox
                taken = Batch(
                    box.data[:found], box.lengths[:found], box.names[:found], box.control[:found], time.time_ns()
                )
                answered.append(self._matcher.take(taken))
            if found < batch.ROWS:
                return answered, True
        return answered, False

    @property
    def waiting(self) -> bool:
        """Whether send stamps are still to come, or ICMP errors may: a datagram socket gives them the same way."""
        return self._unstamped > 0 or self._opened.kind == "datagram"
