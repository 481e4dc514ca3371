"""Where packets go: one row per address with its options, so that a batch is sent without touching each one.

A row holds the destination as the kernel wants it (sockaddr), the same as words to compare a reply's source with,
the payload size, and the control messages that carry TTL, DSCP and source address (ip(7), ipv6(7)): all targets
share one socket whatever they ask for.
"""

import errno
import socket
import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probes.net.icmp.stamps import Longs, control_messages, pack_control
from probes.net.icmp.wire import FAMILIES, Family

NAME = 28
CONTROL = 96
KEPT = 3_600_000_000_000
"""How long an address that is no longer probed keeps its row, ns."""
_IPV6_PKTINFO, _IPV6_HOPLIMIT, _IPV6_TCLASS = 50, 52, 67
_IP_PKTINFO = 8


class Route(NamedTuple):
    """A literal address and how packets to it are made; ``dscp``, ``ttl``, ``source`` None: the system's own.

    ``family`` is a plain integer, since a route is looked up at every run and an enumeration's hash is slow."""

    family: int
    address: str
    size: int = 56
    dscp: int | None = None
    ttl: int | None = None
    source: str | None = None


def control_of(route: Route) -> list[tuple[int, int, bytes]]:
    """The control messages a packet on this route is sent with."""
    four = route.family == socket.AF_INET
    found: list[tuple[int, int, bytes]] = []
    if route.ttl is not None:
        where = (socket.IPPROTO_IP, socket.IP_TTL) if four else (socket.IPPROTO_IPV6, _IPV6_HOPLIMIT)
        found.append((*where, struct.pack("=i", route.ttl)))
    if route.dscp is not None:
        where = (socket.IPPROTO_IP, socket.IP_TOS) if four else (socket.IPPROTO_IPV6, _IPV6_TCLASS)
        found.append((*where, struct.pack("=i", route.dscp << 2)))
    if route.source is not None:
        packed = socket.inet_pton(route.family, route.source)
        if four:
            found.append((socket.IPPROTO_IP, _IP_PKTINFO, struct.pack("=i4s4x", 0, packed)))
        else:
            found.append((socket.IPPROTO_IPV6, _IPV6_PKTINFO, packed + struct.pack("=i", 0)))
    return found


Way = tuple[tuple[str, int] | tuple[str, int, int, int], list[tuple[int, int, bytes]]]


def name_of(route: Route) -> bytes:
    """The destination as the kernel's socket address."""
    if route.family == socket.AF_INET:
        return struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton(route.address))
    literal, _, zone = route.address.partition("%")
    scope = _scope(zone) if zone else 0
    return struct.pack("=HHI16sI", socket.AF_INET6, 0, 0, socket.inet_pton(socket.AF_INET6, literal), scope)


def _scope(zone: str) -> int:
    try:
        return int(zone) if zone.isdigit() else socket.if_nametoindex(zone)
    except OSError as error:  # which has no number of its own
        raise OSError(errno.ENODEV, f"this machine has no interface {zone!r}") from error


class Routes:
    """The rows in use. Those that no run has held for an hour are given up when the table is full."""

    def __init__(self, family: int, rows: int = 1024) -> None:
        self.family: Family = FAMILIES[socket.AddressFamily(family)]
        self._free: list[int] = []
        self._unused = 0
        self._rows: dict[Route, dict[str, int]] = {}
        """By a route without its address, which most have in common: the rows of addresses."""
        self._uses, self._used = np.zeros((2, rows), np.int64)
        self.generation = object()
        """Another one whenever a row is given up, and in every table: what was known of rows before holds no longer."""
        self.largest = 0
        self.size: int | None = 0
        """The payload size of all routes so far, None where they differ; ``plain``: none has control messages."""
        self.plain = True
        self.controls, self.control_lengths = _controls(0)
        self._ways: dict[int, Way] = {}
        self._make(rows)

    def hold(self, route: Route, now: int, row: int | None = None) -> int:
        """The row of this route, which stays until ``release``. Raises OSError for an unknown zone.

        ``now``: monotonic ns. ``row``: where it stands, if that is known of the present generation."""
        if row is None:
            alike = route._replace(address="")
            row = self._rows.get(alike, {}).get(route.address)
            if row is None:
                row = self._fill(route, now)
                self._rows.setdefault(alike, {})[route.address] = row
        self._uses[row] += 1
        self._used[row] = now
        return row

    def hold_again(self, rows: Longs, now: int) -> None:
        """One run more on each of these rows, of the present generation."""
        np.add.at(self._uses, rows, 1)
        self._used[rows] = now

    def release(self, rows: Longs) -> None:
        """One run less is on each of these rows."""
        np.subtract.at(self._uses, rows, 1)

    def _fill(self, route: Route, now: int) -> int:
        name = name_of(route)
        row = self._any(now)
        messages = control_of(route)
        self.names[row, : len(name)] = np.frombuffer(name, np.uint8)
        self.sizes[row] = route.size
        self.size = route.size if self.largest in (0, route.size) and self.size is not None else None
        self.largest = max(self.largest, route.size)
        self._control(row, messages)
        self.stamped[row] = False
        return row

    def _control(self, row: int, messages: list[tuple[int, int, bytes]]) -> None:
        """What packets on this row carry; there is room for it once a route has any."""
        if self.plain and messages:
            self.plain = False
            self.controls, self.control_lengths = _controls(len(self.sizes))
        if not self.plain:
            control = pack_control(messages)
            self.controls[row, : len(control)] = np.frombuffer(control, np.uint8)
            self.control_lengths[row] = len(control)

    def way(self, row: int) -> Way:
        """The destination of a row as Python's socket address, and its control messages; kept once they were asked
        for."""
        found = self._ways.get(row)
        if found is None:
            literal = socket.inet_ntop(self.family.number, self.addresses[row].tobytes())
            scope = int(self.names[row, 24:].view(np.uint32)[0])
            where = (literal, 0) if self.family.number == socket.AF_INET else (literal, 0, 0, scope)
            control = b"" if self.plain else self.controls[row, : int(self.control_lengths[row])].tobytes()
            found = self._ways[row] = where, control_messages(control)
        return found

    def _any(self, now: int) -> int:
        """A row that is free."""
        if not self._free and self._unused == len(self.sizes):
            self._give_up(now)
        if self._free:
            return self._free.pop()
        self._unused += 1
        return self._unused - 1

    def _give_up(self, now: int) -> None:
        """Free what no run holds and none has held lately; where that is little, make the table twice as large."""
        for known in self._rows.values():
            for address, row in list(known.items()):
                if not self._uses[row] and now - self._used[row] > KEPT:
                    self.generation = object()
                    del known[address]
                    self._ways.pop(row, None)
                    self._free.append(row)
        rows = len(self._uses)
        if len(self._free) > rows // 4:
            return
        names, sizes, stamped = self.names, self.sizes, self.stamped
        controls, lengths = self.controls, self.control_lengths
        self._make(2 * rows)
        self.names[:rows], self.sizes[:rows], self.stamped[:rows] = names, sizes, stamped
        if not self.plain:
            self.controls, self.control_lengths = _controls(2 * rows)
            self.controls[:rows], self.control_lengths[:rows] = controls, lengths
        self._uses, self._used = (np.concatenate((old, np.zeros(rows, np.int64))) for old in (self._uses, self._used))

    def _make(self, rows: int) -> None:
        self.names = np.zeros((rows, NAME), np.uint8)
        self.address = self.names.ctypes.data
        """of the first of ``names`` in memory"""
        self.addresses = self.names.view(np.uint32)[:, self.family.name_words]
        """each row's address as 32-bit words, to be compared with a reply's source"""
        self.sizes = np.zeros(rows, np.int64)
        self.stamped = np.zeros(rows, np.bool_)

    @property
    def name_length(self) -> int:
        """Bytes of this family's sockaddr."""
        return 16 if self.family.number == socket.AF_INET else NAME


def _controls(rows: int) -> tuple[NDArray[np.uint8], NDArray[np.uint64]]:
    """Room for the control messages of so many rows, as the kernel wants them, and their lengths."""
    return np.zeros((rows, CONTROL), np.uint8), np.zeros(rows, np.uint64)
