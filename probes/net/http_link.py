"""A connection that HTTP is spoken over, plain or through TLS: what is put is sent, what came is taken.

TLS stands between two buffers in memory, not on the socket itself: then one system call takes all that came, where
OpenSSL on a socket reads every record's head and body by themselves, a dozen of them in a handshake.
"""

import socket
import ssl
from contextlib import suppress
from typing import Protocol

CHUNK = 1 << 16


class Link(Protocol):
    """Each of these raises BlockingIOError where it has to wait for the socket, and OSError (``ssl.SSLError`` is
    one) where the connection fails."""

    @property
    def sock(self) -> socket.socket:
        """The socket itself."""

    @property
    def peer(self) -> ssl.SSLObject | None:
        """What TLS knows of the other side."""

    def put(self, data: bytes) -> None:
        """Have this sent by ``flush``."""

    def flush(self) -> None:
        """Send what was put. Called again after it had to wait, it goes on."""

    def take(self) -> bytes | None:
        """Some of what came; empty: the other side closed. None: nothing to show yet, but there may be more."""


class Plain:
    """TCP alone."""

    __slots__ = ("_rest", "sock")
    peer = None

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._rest = memoryview(b"")

    def put(self, data: bytes) -> None:
        """See ``Link``."""
        self._rest = memoryview(data)

    def flush(self) -> None:
        """See ``Link``."""
        while self._rest:
            self._rest = self._rest[self.sock.send(self._rest) :]

    def take(self) -> bytes:
        """See ``Link``."""
        return self.sock.recv(CHUNK)


class Secure:
    """TLS over TCP. ``handshake`` first, as often as it has to wait."""

    __slots__ = ("_came", "_out", "_rest", "peer", "sock")

    def __init__(self, sock: socket.socket, context: ssl.SSLContext, server_name: str) -> None:
        self.sock = sock
        self._came, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._rest = memoryview(b"")
        named = server_name.partition("%")[0].rstrip(".")  # as in certificates
        self.peer = context.wrap_bio(self._came, self._out, server_hostname=named)

    def handshake(self) -> bool:
        """Go on with it; whether it is done. If not, there may be more to take in."""
        try:
            self.peer.do_handshake()
        except ssl.SSLWantReadError:
            self.flush()
            self._fill()
            return False
        except ssl.SSLError:
            self._part()
            raise
        return True

    def put(self, data: bytes) -> None:
        """See ``Link``."""
        self.peer.write(data)

    def flush(self) -> None:
        """See ``Link``."""
        while self._rest or self._out.pending:
            self._rest = self._rest or memoryview(self._out.read())
            self._rest = self._rest[self.sock.send(self._rest) :]

    def take(self) -> bytes | None:
        """See ``Link``. A close without TLS's goodbye is a close: whether the answer was whole, HTTP tells."""
        try:
            return self.peer.read(CHUNK)
        except ssl.SSLWantReadError:
            self.flush()
            self._fill()
            return None
        except ssl.SSLEOFError:
            return b""
        except ssl.SSLError:
            self._part()
            raise

    def _fill(self) -> None:
        data = self.sock.recv(CHUNK)
        if data:
            self._came.write(data)
        else:
            self._came.write_eof()

    def _part(self) -> None:
        """Tell the other side what was wrong with it, if it still listens."""
        with suppress(OSError):  # what failed before is what counts
            self.flush()
