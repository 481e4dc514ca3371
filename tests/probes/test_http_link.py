"""A link: everything put is sent, however little the socket takes; everything that came is taken, however it came."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from probes.net.http_link import Plain, Secure
from tests.probes.pages import Authority, authority, certificate, serving

REQUEST = bytes(range(256)) * 4096


class Far:
    """The other side of TLS, one step at a time."""

    def __init__(self, sock: socket.socket, context: ssl.SSLContext) -> None:
        self.sock = sock
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.spoken = context.wrap_bio(self._in, self._out, server_side=True)
        self.heard = b""

    def step(self, most: int = 1 << 20) -> bytes:
        """Take what came and act on it; gives at most so many of the bytes it would send."""
        with suppress(BlockingIOError):
            self._in.write(self.sock.recv(1 << 20))
        try:
            self.spoken.do_handshake()
            while True:
                self.heard += self.spoken.read(1 << 16)
        except ssl.SSLWantReadError:
            pass
        return self._out.read(most)


@pytest.fixture
def ca(tmp_path: Path) -> Authority:
    return authority(tmp_path)


@contextmanager
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    near, far = socket.socketpair()
    with near, far:
        near.setblocking(False)
        far.setblocking(False)
        yield near, far


def secure(near: socket.socket, ca: Authority, name: str = "127.0.0.1") -> Secure:
    context = ssl.create_default_context(cafile=ca.file)
    return Secure(near, context, name)


def shaken(link: Secure, far: Far, most: int) -> int:
    """Shake hands, the far side sending pieces of so many bytes; how many it took."""
    pieces = 0
    while True:
        try:
            if link.handshake():
                return pieces
        except BlockingIOError:
            piece = far.step(most)
            assert piece, "both sides wait"
            far.sock.send(piece)
            pieces += 1


@pytest.mark.parametrize("most", [1, 7, 1 << 20])
def test_a_handshake_in_pieces_is_the_same(ca: Authority, most: int) -> None:
    with pair() as (near, other):
        link, far = secure(near, ca), Far(other, serving(certificate(ca)))
        pieces = shaken(link, far, most)
        assert pieces == 1 if most > 4096 else pieces > 50
        assert link.peer.version() == "TLSv1.3"
        assert link.peer.getpeercert(binary_form=True)


@pytest.mark.parametrize("tls", [False, True])
def test_a_long_request_goes_out_whole_through_a_full_socket(ca: Authority, tls: bool) -> None:
    with pair() as (near, other):
        far = Far(other, serving(certificate(ca)))
        link: Plain | Secure = Plain(near)
        if tls:
            link = secure(near, ca)
            shaken(link, far, 1 << 20)
        link.put(REQUEST)
        heard, waits = b"", 0
        while True:
            try:
                link.flush()
                break
            except BlockingIOError:
                waits += 1
                if tls:
                    far.step()
                else:
                    heard += other.recv(1 << 20)
        if tls:
            far.step()
        else:
            heard += other.recv(1 << 20)
        assert (far.heard if tls else heard) == REQUEST and waits > 0


def test_what_came_with_the_handshake_and_a_close_without_goodbye_are_taken(ca: Authority) -> None:
    with pair() as (near, other):
        link, far = secure(near, ca), Far(other, serving(certificate(ca)))
        shaken(link, far, 1 << 20)
        link.put(b"question")
        link.flush()
        tickets = far.step()
        far.spoken.write(b"answer")
        other.send(tickets + far.step())
        other.shutdown(socket.SHUT_WR)
        taken = [link.take() for _ in range(4)]
        assert far.heard == b"question"
        assert b"".join(piece or b"" for piece in taken) == b"answer"
        assert taken[-1] == b""


def test_nothing_there_is_waited_for(ca: Authority) -> None:
    with pair() as (near, other):
        link, far = secure(near, ca), Far(other, serving(certificate(ca)))
        shaken(link, far, 1 << 20)
        with pytest.raises(BlockingIOError):
            for _ in range(8):
                assert link.take() is None
        with pytest.raises(BlockingIOError):
            Plain(near).take()


def test_a_server_is_told_what_is_wrong_with_its_certificate(ca: Authority) -> None:
    with pair() as (near, other):
        link, far = secure(near, ca, "other.test"), Far(other, serving(certificate(ca)))
        with pytest.raises(ssl.SSLCertVerificationError):
            shaken(link, far, 1 << 20)
        with pytest.raises(ssl.SSLError, match="alert"):
            far.step()
