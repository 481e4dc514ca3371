"""A whole subnet behind a TUN device, answering echo requests as each test says, and keeping count of it.

A ``Rule`` is asked for every request and names what comes back and when: a list of ``(delay_ns, packet)``.
``Responder`` is a thread: it answers by the monotonic clock, whatever the event loop under test does.
"""

import fcntl
import heapq
import os
import select
import socket
import struct
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple

from tests.lab.space import ip

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 1, 0x1000


class Request(NamedTuple):
    """An echo request as it came: addresses and the ICMP message; ``number`` counts those to this address."""

    source: bytes
    destination: bytes
    message: bytes
    number: int
    packet: bytes


Answers = list[tuple[int, bytes]]
Rule = Callable[[Request], Answers]


def checksum(data: bytes) -> int:
    """RFC 1071, written plainly."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(source: bytes, destination: bytes, message: bytes, options: bytes = b"") -> bytes:
    """An IPv4 packet that holds this ICMP message."""
    words = 5 + len(options) // 4
    head = struct.pack("!BBHHHBBH4s4s", 0x40 + words, 0, words * 4 + len(message), 7, 0, 64, 1, 0, source, destination)
    head += options
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + message


def icmp(kind: int, code: int, rest: bytes) -> bytes:
    """An ICMP message with a right checksum; ``rest`` is all behind the checksum."""
    return struct.pack("!BBH", kind, code, checksum(struct.pack("!BBH", kind, code, 0) + rest)) + rest


def reply(request: Request, rest: bytes | None = None, source: bytes | None = None) -> bytes:
    """The right answer, or one with another rest or another source."""
    said = request.message[4:] if rest is None else rest
    return ipv4(source or request.destination, request.source, icmp(0, 0, said))


class Responder:
    """The device and its thread; ``network`` is this machine's address in it, e.g. ``10.77.0.1/16``."""

    def __init__(self, rule: Rule, network: str = "10.77.0.1/16") -> None:
        self._rule = rule
        self._device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        name = fcntl.ioctl(self._device, TUNSETIFF, struct.pack("16sH22x", b"lab%d", IFF_TUN | IFF_NO_PI))
        self.interface = name[:16].rstrip(b"\0").decode()
        ip("addr", "add", network, "dev", self.interface)
        ip("link", "set", self.interface, "up", "txqueuelen", "10000")
        self._seen: dict[bytes, int] = {}
        self._later: list[tuple[int, int, bytes]] = []
        self._made = 0
        self._stop = threading.Event()
        self.failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Responder":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        os.close(self._device)
        if self.failure is not None and error is None:
            raise self.failure

    @property
    def pending(self) -> int:
        """Answers still to be given."""
        return len(self._later)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                self._turn()
        except BaseException as error:
            self.failure = error

    def _turn(self) -> None:
        wait = 0.02
        if self._later:
            wait = min(wait, max(0.0, (self._later[0][0] - time.monotonic_ns()) / 1e9))
        ready, _, _ = select.select([self._device], [], [], wait)
        for _ in range(64 if ready else 0):
            try:
                self._take(os.read(self._device, 65_536))
            except BlockingIOError:
                break
        while self._later and self._later[0][0] <= time.monotonic_ns():
            os.write(self._device, heapq.heappop(self._later)[2])

    def _take(self, packet: bytes) -> None:
        now = time.monotonic_ns()
        if packet[0] != 0x45 or packet[9] != socket.IPPROTO_ICMP or packet[20] != 8:
            return
        destination = packet[16:20]
        number = self._seen.get(destination, 0)
        self._seen[destination] = number + 1
        request = Request(packet[12:16], destination, packet[20:], number, packet)
        for delay, answer in self._rule(request):
            self._made += 1
            heapq.heappush(self._later, (now + delay, self._made, answer))
