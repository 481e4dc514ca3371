"""One request and its answer over one connection, as a state machine on a non-blocking socket.

The steps are connecting, handshaking, sending, reading; each runs when the socket is ready for it and says
what it waits for by the exception that non-blocking I/O raises. No task, no stream, no buffer stands between:
a probe costs the system calls it needs, and the kernel can be asked about its very socket.

However it ends, ``ended`` is called once, with ``failure`` set where there was no whole answer.
"""

import asyncio
import logging
import select
import socket
import ssl
from collections.abc import Callable
from typing import NamedTuple

from probes.clock import Clock
from probes.net import tcp, tls
from probes.net.http_link import Link, Plain, Secure
from probes.net.http_response import HttpError, Response
from probes.net.poller import Poller
from probes.net.reasons import Finding
from probes.sample import Outcome

READS = 16
"""How often a socket is read before others have their turn."""
_WRITABLE = select.EPOLLOUT
_TOLD = select.EPOLLIN | select.EPOLLERR | select.EPOLLHUP
"""What says that there may be something to read."""
_ANY = _WRITABLE | _TOLD
PHASES = ("connect", "tls", "first_byte", "transfer")
_LOG = logging.getLogger(__name__)


class Call(NamedTuple):
    """Where to, and what to say. ``context``: over TLS, asking for and verifying ``server_name``."""

    address: str
    port: int
    source: str | None
    context: ssl.SSLContext | None
    server_name: str
    request: bytes


class Failure(NamedTuple):
    """Why there is no whole answer."""

    finding: Finding
    text: str


class Exchange:
    """``marks`` are the monotonic instants at which it began and its steps were done, in order."""

    __slots__ = (
        "_clock", "_doubt", "_ended", "_events", "_link", "_loop", "_poller", "_step", "call", "failure", "marks",
        "over", "response", "reused", "sent_at", "sock",
    )  # fmt: skip

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
        self._link: Link | None = None
        self._step: Callable[[], None] = self._connecting
        self._events = 0
        self._doubt: asyncio.TimerHandle | None = None
        self.marks = [clock.monotonic()]
        self.sent_at: int | None = None
        self.failure: Failure | None = None
        self.over = self.reused = False

    @property
    def peer(self) -> ssl.SSLObject | None:
        """What TLS knows of the other side, as long as there is a connection."""
        return self._link.peer if self._link is not None else None

    def begin(self, used: Link | None = None, patience: float = 0) -> None:
        """Connect and go on, or go on with a connection that was ``used`` before: with that no longer than
        ``patience`` (s) unless the other side has heard us by then."""
        if used is not None:
            self._doubt = self._loop.call_later(patience, self._doubted)
            self.reused, self._link, self.sock, self._step = True, used, used.sock, self._asking
            self.marks += [self.marks[0]] * 2
        else:
            try:
                self.sock = tcp.connect(self.call.address, self.call.port, self.call.source)
            except OSError as error:
                self._fail(tcp.here(error), f"connecting: {error.strerror}")
                return
        self._poller.enter(self.sock.fileno(), self.ready)

    def ready(self, events: int = _ANY) -> None:
        """These are the socket's events (epoll(7)), or may be: take the steps that can be taken."""
        if self.over:
            return
        assert self.sock is not None
        self._events = events
        try:
            self._step()
        except BlockingIOError:
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

    def _doubted(self) -> None:
        """A connection may be forgotten on the way (NAT, firewalls, a server that was switched off), and nobody says
        so: what is sent on it goes nowhere, however well the target is."""
        if not self.over and self.sock is not None and tcp.unheard(self.sock):
            self._fail((Outcome.DOWN, "timeout"), "nobody hears what is sent on it")

    def phases(self) -> list[tuple[str, int]]:
        """How long each step took that was done; ``tls`` only where there was any."""
        spans = zip(PHASES, self.marks, self.marks[1:], strict=False)
        return [(name, b - a) for name, a, b in spans if name != "tls" or self.call.context is not None]

    def release(self) -> Link | None:
        """Stop watching and hand over the connection."""
        self._leave(closing=False)
        link = self._link
        self._let_go()
        return link

    def close(self) -> None:
        """Let go of the connection, whatever is under way."""
        self._leave(closing=True)
        sock = self.sock
        self._let_go()
        if sock is not None:
            sock.close()

    def _let_go(self) -> None:
        self.over = True
        if self._doubt is not None:
            self._doubt.cancel()
        self._step = self._ended = _nothing
        self.response.release()
        self._link = self.sock = None

    def _leave(self, closing: bool) -> None:
        if self.sock is not None:
            self._poller.leave(self.sock.fileno(), closing)

    def _connecting(self) -> None:
        assert self.sock is not None
        if self._events & _TOLD or not self._events & _WRITABLE:
            code = tcp.failed(self.sock)
            if code:
                self._fail(tcp.why(self.sock, code, self.call.address), f"connecting: {tcp.told(code)}")
                return
            if not self._events & _WRITABLE:
                return  # an ICMP error that TCP makes nothing of yet
        tcp.connected(self.sock, tcp.family_of(self.call.address))
        self.marks.append(self._clock.monotonic())
        context = self.call.context
        if context is None:
            self.marks.append(self.marks[-1])
            self._link = Plain(self.sock)
            self._asking()
            return
        self._link = Secure(self.sock, context, self.call.server_name)
        self._step = self._handshaking
        self._handshaking()

    def _handshaking(self) -> None:
        assert isinstance(self._link, Secure)
        for _ in range(READS):
            if self._link.handshake():
                self.marks.append(self._clock.monotonic())
                self._events |= _TOLD  # what came behind the handshake was taken with it
                self._asking()
                return
        self._loop.call_soon(self.ready)

    def _asking(self) -> None:
        assert self._link is not None
        self._link.put(self.call.request)
        self._step = self._sending
        self._sending()

    def _sending(self) -> None:
        assert self._link is not None
        try:
            self._link.flush()
        except BlockingIOError:
            raise
        except OSError as refused:
            self._last_words(refused)
            return
        self.sent_at = self._clock.monotonic()
        self._step = self._reading
        if self._events & _TOLD:  # what came before is not told of again
            self._reading()

    def _last_words(self, refused: OSError) -> None:
        """The server would not hear us out; it may have said why (an alert, an early answer) before it closed."""
        try:
            self._reading()
        except (BlockingIOError, ConnectionError, HttpError):
            raise refused from None
        if not self.over:
            raise refused

    def _reading(self) -> None:
        assert self._link is not None
        for _ in range(READS):
            data = self._link.take()
            if data is None:
                continue
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
