"""One request and its answer over one connection, as a state machine on a non-blocking socket.

The steps are connecting, handshaking, sending, reading; each runs when the socket is ready for it and says
what it waits for by the exception that non-blocking I/O raises. No task, no stream, no buffer stands between:
a probe costs the system calls it needs, and the kernel can be asked about its very socket.

However it ends, ``ended`` is called once, with ``failure`` set where there was no whole answer.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass

from probes.clock import Clock
from probes.net import tcp, tls
from probes.net.http_response import HttpError, Response
from probes.net.poller import Poller
from probes.net.reasons import Finding
from probes.sample import Outcome

CHUNK = 1 << 16
READS = 16
PHASES = ("connect", "tls", "first_byte", "transfer")
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """Where to, and what to say. ``context``: over TLS, asking for and verifying ``server_name``."""

    address: str
    port: int
    source: str | None
    context: ssl.SSLContext | None
    server_name: str
    request: bytes


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no whole answer."""

    finding: Finding
    text: str


class Exchange:
    """``marks`` are the monotonic instants at which it began and its steps were done, in order."""

    __slots__ = (
        "_clock",
        "_ended",
        "_loop",
        "_poller",
        "_rest",
        "_step",
        "call",
        "failure",
        "marks",
        "over",
        "response",
        "reused",
        "sent_at",
        "sock",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        poller: Poller,
        clock: Clock,
        call: Call,
        response: Response,
        ended: Callable[[], None],
    ) -> None:
        self._loop, self._poller, self._clock, self._ended = loop, poller, clock, ended
        self.call, self.response = call, response
        self.sock: socket.socket | None = None
        self._rest = memoryview(call.request)
        self._step: Callable[[], None] = self._connecting
        self.marks = [clock.monotonic()]
        self.sent_at: int | None = None
        self.failure: Failure | None = None
        self.over = self.reused = False

    def begin(self, used: socket.socket | None = None) -> None:
        """Connect and go on, or go on with a connection that was ``used`` before."""
        if used is not None:
            self.reused, self.sock, self._step = True, used, self._sending
            self.marks += [self.marks[0]] * 2
        else:
            try:
                self.sock = tcp.connect(self.call.address, self.call.port, self.call.source)
            except OSError as error:
                self._fail(tcp.here(error), f"connecting: {error.strerror}")
                return
        self._poller.enter(self.sock.fileno(), self.ready)

    def ready(self) -> None:
        """The socket is ready, or may be: take the steps that can be taken."""
        if self.over:
            return
        assert self.sock is not None
        try:
            self._step()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            return  # called again when that has changed
        except ssl.SSLError as error:
            reason, text = tls.failure(error)
            self._fail((Outcome.DOWN, reason), text)
        except HttpError as error:
            self._fail((Outcome.DOWN, error.reason), str(error))
        except OSError as error:
            self._fail(tcp.why(self.sock, error.errno or 0, self.call.address), f"{error.strerror}")
        except Exception as bug:  # ours, so never the target's: Unknown, and loud
            _LOG.exception("http probe of %s", self.call.address)
            self._fail((Outcome.UNKNOWN, "bug"), f"{type(bug).__name__} in the probe itself")

    def drain(self) -> None:
        """Read what lies unread; where no answer can lie yet, nothing."""
        if self._step == self._reading:
            self.ready()

    def phases(self) -> list[tuple[str, int]]:
        """How long each step took that was done; ``tls`` only where there was any."""
        spans = zip(PHASES, self.marks, self.marks[1:], strict=False)
        return [(name, b - a) for name, a, b in spans if name != "tls" or self.call.context is not None]

    def release(self) -> socket.socket | None:
        """Stop watching and hand over the connection."""
        self.over = True
        self._leave(closing=False)
        self._step = _nothing
        self._ended = _nothing
        self.response.release()
        sock, self.sock = self.sock, None
        return sock

    def close(self) -> None:
        """Let go of the connection, whatever is under way."""
        self._leave(closing=True)
        sock = self.release()
        if sock is not None:
            sock.close()

    def _leave(self, closing: bool) -> None:
        if self.sock is not None:
            self._poller.leave(self.sock.fileno(), closing)

    def _connecting(self) -> None:
        assert self.sock is not None
        code = tcp.connected(self.sock)
        if code:
            finding = tcp.why(self.sock, code, self.call.address)
            self._fail(finding, f"connecting: {tcp.told(code)}")
            return
        self.marks.append(self._clock.monotonic())
        if self.call.context is None:
            self.marks.append(self.marks[-1])
            self._sending()
            return
        self.sock = self.call.context.wrap_socket(
            self.sock, server_hostname=self.call.server_name, do_handshake_on_connect=False
        )
        self._step = self._handshaking
        self._handshaking()

    def _handshaking(self) -> None:
        assert isinstance(self.sock, ssl.SSLSocket)
        self.sock.do_handshake()
        self.marks.append(self._clock.monotonic())
        self._sending()

    def _sending(self) -> None:
        assert self.sock is not None
        self._step = self._sending
        try:
            while self._rest:
                self._rest = self._rest[self.sock.send(self._rest) :]
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            raise
        except OSError as refused:
            self._last_words(refused)
            return
        self.sent_at = self._clock.monotonic()
        self._step = self._reading
        self._reading()  # what came before, with the last step's bytes, is not told of again

    def _last_words(self, refused: OSError) -> None:
        """The server would not hear us out; it may have said why (an alert, an early answer) before it closed."""
        try:
            self._reading()
        except (BlockingIOError, ssl.SSLWantReadError, ConnectionError, ssl.SSLEOFError, HttpError):
            raise refused from None
        if not self.over:
            raise refused

    def _reading(self) -> None:
        assert self.sock is not None
        for _ in range(READS):
            data = self.sock.recv(CHUNK)
            if len(self.marks) == 3:
                self.marks.append(self._clock.monotonic())
            if data:
                self.response.feed(data)
            else:
                self.response.end()
            if self.response.complete:
                self.marks.append(self._clock.monotonic())
                self._end()
                return
        self._loop.call_soon(self.ready)  # there may be more, of which nobody will tell; but others first

    def _fail(self, finding: Finding, text: str) -> None:
        self.failure = Failure(finding, text)
        self._end()

    def _end(self) -> None:
        self.over = True
        self._ended()


def _nothing() -> None:
    """What is called in place of what was let go of."""
