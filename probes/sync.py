"""Whether the machine's clock is kept by somebody, as the kernel knows it (adjtimex(2), Linux).

An unsynchronised clock spoils no duration, but the instants of a statement are only as good as it is.
"""

import ctypes
import sys
from dataclasses import dataclass

MICROSECOND = 1_000
_TIME_ERROR = 5
_STA_UNSYNC = 0x0040


@dataclass(frozen=True, slots=True)
class Sync:
    """``synchronised`` is None where the kernel does not tell; ``error`` is its greatest error in ns."""

    synchronised: bool | None = None
    error: int | None = None

    @property
    def quality(self) -> str | None:
        """As it stands in a sample's ``clock``."""
        if self.synchronised is None:
            return None
        return "synchronised" if self.synchronised else "unsynchronised"


class _Timeval(ctypes.Structure):
    _fields_ = (("tv_sec", ctypes.c_long), ("tv_usec", ctypes.c_long))


class _Timex(ctypes.Structure):
    """struct timex of <sys/timex.h>."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("constant", ctypes.c_long),
        ("precision", ctypes.c_long),
        ("tolerance", ctypes.c_long),
        ("time", _Timeval),
        ("tick", ctypes.c_long),
        ("ppsfreq", ctypes.c_long),
        ("jitter", ctypes.c_long),
        ("shift", ctypes.c_int),
        ("stabil", ctypes.c_long),
        ("jitcnt", ctypes.c_long),
        ("calcnt", ctypes.c_long),
        ("errcnt", ctypes.c_long),
        ("stbcnt", ctypes.c_long),
        ("tai", ctypes.c_int),
        ("reserved", ctypes.c_int * 11),
    )


def read() -> Sync:
    """Asks the kernel; changes nothing."""
    if not sys.platform.startswith("linux"):
        return Sync()
    timex = _Timex()
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(timex))
    if state < 0:
        return Sync()
    good = state != _TIME_ERROR and not timex.status & _STA_UNSYNC
    return Sync(good, timex.maxerror * MICROSECOND)
