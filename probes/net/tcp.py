"""A non-blocking TCP connection, and what the kernel remembers of it.

The kernel knows when the last bytes came even where this process was not there to read them
(``TCP_INFO``), so that an answer that came in time counts as in time after a stall of ours. Its clock
there ticks in milliseconds.
"""

import errno
import os
import socket
import struct

from probes.net import reasons
from probes.net.hop import self_made
from probes.net.reasons import Finding
from probes.sample import Outcome

_TIMED_OUT, _UNACKNOWLEDGED, _SENT_AGAIN, _LAST_DATA_RECEIVED, _UNSENT, _WINDOW = 2, 24, 36, 52, 144, 228
"""Offsets in struct tcp_info (linux/tcp.h): tcpi_retransmits, u8; tcpi_unacked, tcpi_retrans, tcpi_last_data_recv (in
milliseconds), tcpi_notsent_bytes, tcpi_snd_wnd, u32."""
_MILLISECOND = 1_000_000
_FOUR, _SIX = int(socket.AF_INET), int(socket.AF_INET6)
_KIND = int(socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)


def family_of(address: str) -> int:
    """``socket.AF_INET`` or ``AF_INET6``, plain numbers: a socket's own ``family`` makes an enumeration each time."""
    return _SIX if ":" in address else _FOUR


def connect(address: str, port: int, source: str | None) -> socket.socket:
    """A socket on its way to ``address``. Raises OSError with this
    machine's errno.
    """
    family = family_of(address)
    sock = socket.socket(family, _KIND)
    try:
        reasons.watch_errors(sock, family, True)
        if source is not None:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_BIND_ADDRESS_NO_PORT, 1)
            sock.bind((source, 0))
        code = sock.connect_ex((address, port))
        if code not in (0, errno.EINPROGRESS):
            raise OSError(code, reasons.name_of(code))
    except OSError:
        sock.close()
        raise
    return sock


def source_of(sock: socket.socket) -> str:
    """The address of ours that it is sent from."""
    return str(sock.getsockname()[0]).partition("%")[0]


def failed(sock: socket.socket) -> int:
    """After an event on a socket under way: 0, or the errno the connection failed with."""
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)


def connected(sock: socket.socket, family: int) -> None:
    """Once connected a lone ICMP error is no proof (RFC 1122 section 4.2.3.9); TCP itself decides from here."""
    reasons.watch_errors(sock, family, False)


def why(sock: socket.socket, code: int, address: str) -> Finding:
    """What a failed connection says, with the ICMP error that caused it where there is one."""
    error = reasons.received_error(sock)
    if error is None:
        return reasons.of_errno(code)
    ours, family = source_of(sock), family_of(address)
    sent_by = error.sender
    own = sent_by is None or self_made(family, socket.inet_pton(family, sent_by), socket.inet_pton(family, ours))
    return reasons.of_icmp(error, sent_by if own else ours, address)


def since_last_data(sock: socket.socket) -> int | None:
    """How long ago (ns, in steps of 1 ms) the last bytes came; None where the kernel does not say."""
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    except OSError:
        return None
    if len(info) < _LAST_DATA_RECEIVED + 4:
        return None
    return int(struct.unpack_from("=I", info, _LAST_DATA_RECEIVED)[0]) * _MILLISECOND


def unheard(sock: socket.socket) -> bool:
    """Whether something was sent that the other side has not confirmed."""
    return _info(sock, _UNACKNOWLEDGED) > 0


def held_back(sock: socket.socket) -> bool:
    """Whether this machine itself (its firewall, a full table or queue of its own) let nothing out of what the kernel
    wanted to send. A first packet is told by its first repetition, a second later: every time-out is counted, but as
    sent again only what left. Later data that did not leave lies unsent before an open window."""
    if unheard(sock):
        return _info(sock, _TIMED_OUT, "=B") > 0 and _info(sock, _SENT_AGAIN) == 0
    return 0 < _info(sock, _UNSENT) <= _info(sock, _WINDOW)


def _info(sock: socket.socket, offset: int, form: str = "=I") -> int:
    """A number of struct tcp_info; 0 where the kernel does not say."""
    try:
        return int(struct.unpack_from(form, sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256), offset)[0])
    except (OSError, struct.error):
        return 0


def here(error: OSError) -> Finding:
    """What it says that a connection could not even be begun: nothing left this machine, so nothing came back.

    Only over loopback can the refusal be the target's (a closed port answers within the call).
    """
    if error.errno == errno.ECONNREFUSED:
        return reasons.of_errno(error.errno)
    return Outcome.UNKNOWN, reasons.name_of(error.errno)


def told(code: int) -> str:
    """An errno for a person."""
    return f"{os.strerror(code)} ({reasons.name_of(code)})"
