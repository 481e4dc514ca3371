"""What SQLite reports, said once in the words of the house: a stable code, the place, and what to do."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.store.port import StoreError

_LITTLE = 256 * 1024
"""With less than this free on its file system a write that failed is taken to have failed for want of room."""


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Whatever SQLite or the system raises inside comes out as a StoreError about ``path``."""
    try:
        yield
    except sqlite3.Error as error:
        raise translated(error, path) from error
    except UnicodeDecodeError as error:
        raise StoreError("store_damaged", f"{path}: {_DAMAGED} ({error})") from error
    except OSError as error:
        code, text = _system(error, path)
        raise StoreError(code, f"{path}: {text}") from error


def translated(error: sqlite3.Error, path: Path) -> StoreError:
    """The StoreError for what SQLite said. SQLite's words are kept behind ours."""
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    code, text = _meaning(primary, path)
    if "decode to UTF-8" in str(error):  # raised by Python's own reading of a text, without a code of SQLite's
        code, text = "store_damaged", _DAMAGED
    return StoreError(code, f"{path}: {text} ({error})")


_FULL = "the disk is full; make room, writing then goes on by itself"
_DAMAGED = "it is damaged; keep a copy of it, then restore the latest backup"
_MOUNTED_READ_ONLY = "it lies on a read-only filesystem; remount it writable"


def _system(error: OSError, path: Path) -> tuple[str, str]:
    match error.errno:
        case errno.EROFS:
            return "store_read_only", _MOUNTED_READ_ONLY
        case errno.ENOSPC | errno.EDQUOT:
            return "store_full", _FULL
        case errno.EACCES | errno.EPERM:
            return "store_unopenable", f"permission denied for {error.filename or path}; check its owner and mode"
        case _:
            return "store_io", f"{error.strerror or error}"


def _meaning(primary: int, path: Path) -> tuple[str, str]:
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "store_busy", "another program keeps it locked; find it with `fuser`, and end what it does there"
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return "store_damaged", _DAMAGED
    if _is_read_only(path) and primary in (
        sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL,
    ):  # fmt: skip
        return "store_read_only", _MOUNTED_READ_ONLY
    if primary == sqlite3.SQLITE_READONLY:
        return "store_read_only", "it may not be written; check owner and permissions of the file and its directory"
    if primary == sqlite3.SQLITE_FULL or (primary == sqlite3.SQLITE_IOERR and _is_full(path)):
        return "store_full", _FULL
    if primary == sqlite3.SQLITE_CANTOPEN:
        if _is_full(path):
            return "store_full", _FULL
        return "store_unopenable", "it cannot be opened; check that the directory exists and permits it"
    return "store_io", "reading or writing it failed; check the disk"


def _is_read_only(path: Path) -> bool:
    try:
        return bool(os.statvfs(path.parent).f_flag & os.ST_RDONLY)
    except OSError:
        return False


def _is_full(path: Path) -> bool:
    try:
        room = os.statvfs(path.parent)
    except OSError:
        return False
    return room.f_bavail * room.f_frsize < _LITTLE
