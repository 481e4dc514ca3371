"""What libraries hold and nobody needs is given back: pages that only their loading needed, and authorities.

Beginning touches much of what a library's file maps that nobody needs again, and the kernel leaves such pages with the
process until memory is short: some fourteen megabytes. A page that was never written is on disk as it was, and whoever
needs it after all has it back, from the page cache, in three microseconds. So nothing is lost by giving it back.
"""

import ctypes
import re
import ssl
from collections.abc import Iterable, Iterator
from pathlib import Path

_DONTNEED = 4
"""``MADV_DONTNEED`` of madvise(2)."""
_MAPPING = re.compile(rb"([0-9a-f]+)-([0-9a-f]+) r-[-x]p [0-9a-f]+ \S+ \d+ +(/.+)\n")
_LIBRARY = re.compile(rb".+\.so(\.[0-9.]+)?")
_UNLOADED = (b"/gconv/", b"/libnss_")
"""The C library unloads these, and something else may lie there by then. Extensions of Python stay."""
_WRITTEN = (b"Anonymous:", b"Private_Dirty:", b"Shared_Dirty:")


def drop_authorities() -> None:
    """aiohttp reads the machine's certificate authorities when it is loaded, for requests without a context of their
    own: some two megabytes. Each of ours has one (``hooks.tls``); a request that had none would trust nobody from here
    on, and fail."""
    from aiohttp import connector

    connector._SSL_CONTEXT_VERIFIED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def give_back() -> int:
    """Do so; how many bytes that are. None where the kernel does not tell what was written."""
    madvise = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    try:
        program = bytes(Path("/proc/self/exe").readlink())
        with Path("/proc/self/smaps").open("rb") as told:
            found = list(clean(told, program))
    except OSError:
        return 0
    return sum(held for start, end, held in found if madvise(start, end - start, _DONTNEED) == 0)


def clean(told: Iterable[bytes], program: bytes) -> Iterator[tuple[int, int, int]]:
    """Start, end and bytes held of what is mapped of libraries and of the program, cannot be written and never was;
    from the lines of ``smaps`` (proc(5)). What the loader wrote before it protected it (RELRO) is anonymous there."""
    mapping, held, written = None, 0, False
    for line in told:
        name, _, rest = line.partition(b" ")
        if not name.endswith(b":"):
            mapping, held, written = _of_library(line, program), 0, False
        elif mapping is None:
            continue
        elif name == b"Rss:":
            held = int(rest.split()[0]) * 1024
        elif name in _WRITTEN:
            written |= int(rest.split()[0]) > 0
        elif name == b"VmFlags:" and held and not written:
            yield *mapping, held


def _of_library(line: bytes, program: bytes) -> tuple[int, int] | None:
    found = _MAPPING.fullmatch(line)
    if found is None:
        return None
    start, end, path = found.groups()
    stays = path == program or (_LIBRARY.fullmatch(path) and not any(part in path for part in _UNLOADED))
    return (int(start, 16), int(end, 16)) if stays else None
