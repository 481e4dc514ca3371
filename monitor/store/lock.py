"""One daemon per store: a lock file beside it, held with flock(2) for as long as the process lives.

The kernel lets go of it however the process ends, so a process id left in the file says nothing by itself: only
the lock does. The file's text is for the one who is refused.
"""

import fcntl
import os
import socket
from contextlib import suppress
from pathlib import Path

from monitor.store.place import refuse_unsafe
from monitor.store.port import StoreHeld
from monitor.store.trouble import told


class Lock:
    """The right to write the store at ``path``. Raises StoreHeld, naming the holder, or OSError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.with_name(path.name + ".lock")
        self._handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._handle, 4096, 0).decode("utf-8", "replace").strip()
            os.close(self._handle)
            raise StoreHeld(
                "store_held", f"{path}: held by another instance ({holder or 'it is just starting'})"
            ) from None
        try:
            os.ftruncate(self._handle, 0)
            os.pwrite(self._handle, f"{holder_name()}\n".encode(), 0)
        except OSError:  # an open handle would keep the lock from whoever tries again in this process
            os.close(self._handle)
            raise

    def release(self) -> None:
        """Let go. The file stays: removing it would let two processes lock two files of one name."""
        with suppress(OSError):  # the name in it is for people; on a broken disk the lock goes all the same
            os.ftruncate(self._handle, 0)
        os.close(self._handle)


def claimed(path: str | Path) -> Lock:
    """The lock of the store at ``path``, whose directory is made if there is none. Raises StoreHeld, StoreError."""
    where = Path(path).absolute()
    with told(where):
        where.parent.mkdir(parents=True, exist_ok=True)
        where = where.parent.resolve() / where.name if not where.is_symlink() else where.resolve()
        refuse_unsafe(where)
        return Lock(where)


def holder_name() -> str:
    """How this process names itself to others."""
    return f"pid {os.getpid()} on {socket.gethostname()}"
