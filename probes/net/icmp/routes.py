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

from probes.net.icmp.stamps import Longs, pack_control
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


def name_of(route: Route) -> tuple[tuple[str, int] | tuple[str, int, int, int], bytes]:
    """The destination as Python's and as the kernel's socket address."""
    if route.family == socket.AF_INET:
        raw = struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton(route.address))
        return (route.address, 0), raw
    literal, _, zone = route.address.partition("%")
    scope = _scope(zone) if zone else 0
    raw = struct.pack("=HHI16sI", socket.AF_INET6, 0, 0, socket.inet_pton(socket.AF_INET6, literal), scope)
    return (literal, 0, 0, scope), raw


def _scope(zone: str) -> int:
    try:
        return int(zone) if zone.isdigit() else socket.if_nametoindex(zone)
    except OSError as error:  # which has no number of its own
        raise OSError(errno.ENODEV, f"this machine has no interface {zone!r}") from error


class Routes:
    """The rows in use. Those that no run has held for an hour are given up when the table is full."""

    def __init__(self, family: int, rows: int = 1024) -> None:
        self.family: Family = FAMILIES[socket.AddressFamily(family)]
        self._free = list(range(rows - 1, -1, -1))
        self._row: dict[Route, int] = {}
        self._uses, self._used = np.zeros((2, rows), np.int64)
        self.generation = object()
        """Another one whenever a row is given up, and in every table: what was known of rows before holds no longer."""
        self._route: list[Route | None] = [None] * rows
        self.largest = 0
        self.size: int | None = 0
        """The payload size of all routes so far, None where they differ; ``plain``: none has control messages."""
        self.plain = True
        self._make(rows)

    def hold(self, route: Route, now: int, hint: int = -1) -> int:
        """The row of this route, which stays until ``release``. Raises OSError for an unknown zone.

        ``now``: monotonic ns. ``hint``: where this very object stood before; looking there first spares hashing it."""
        if 0 <= hint < len(self._route) and self._route[hint] is route:
            self._uses[hint] += 1
            self._used[hint] = now
            return hint
        row = self._row.get(route)
        if row is None:
            row = self._fill(route, now)
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
        where, name = name_of(route)
        if not self._free:
            self._give_up(now)
        row = self._free.pop()
        messages = control_of(route)
        control = pack_control(messages)
        self._row[route] = row
        self._route[row] = route
        self.where[row], self.messages[row] = where, messages
        self.names[row, : len(name)] = np.frombuffer(name, np.uint8)
        self.sizes[row] = route.size
        self.size = route.size if self.largest in (0, route.size) and self.size is not None else None
        self.largest = max(self.largest, route.size)
        self.plain = self.plain and not messages
        self.controls[row, : len(control)] = np.frombuffer(control, np.uint8)
        self.control_lengths[row] = len(control)
        self.stamped[row] = False
        return row

    def _give_up(self, now: int) -> None:
        """Free what no run holds and none has held lately; where that is little, make the table twice as large."""
        for route, row in list(self._row.items()):
            if not self._uses[row] and now - self._used[row] > KEPT:
                self.generation = object()
                del self._row[route]
                self._route[row] = None
                self._free.append(row)
        rows = len(self._uses)
        if len(self._free) > rows // 4:
            return
        names, sizes, controls = self.names, self.sizes, self.controls
        lengths, stamped, where, messages = self.control_lengths, self.stamped, self.where, self.messages
        self._make(2 * rows)
        self.names[:rows], self.sizes[:rows], self.controls[:rows] = names, sizes, controls
        self.control_lengths[:rows], self.stamped[:rows] = lengths, stamped
        self.where[:rows], self.messages[:rows] = where, messages
        self._uses, self._used = (np.concatenate((old, np.zeros(rows, np.int64))) for old in (self._uses, self._used))
        self._route += [None] * rows
        self._free += range(2 * rows - 1, rows - 1, -1)

    def _make(self, rows: int) -> None:
        self.names = np.zeros((rows, NAME), np.uint8)
        self.address = self.names.ctypes.data
        """of the first of ``names`` in memory"""
        self.addresses = self.names.view(np.uint32)[:, self.family.name_words]
        """each row's address as 32-bit words, to be compared with a reply's source"""
        self.sizes = np.zeros(rows, np.int64)
        self.controls = np.zeros((rows, CONTROL), np.uint8)
        self.control_lengths = np.zeros(rows, np.uint64)
        self.stamped = np.zeros(rows, np.bool_)
        self.where: list[tuple[str, int] | tuple[str, int, int, int] | None] = [None] * rows
        self.messages: list[list[tuple[int, int, bytes]]] = [[] for _ in range(rows)]

    @property
    def name_length(self) -> int:
        """Bytes of this family's sockaddr."""
        return 16 if self.family.number == socket.AF_INET else NAME
