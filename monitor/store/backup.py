"""A consistent copy of a running store: made under another name, flushed, and only then given its own."""

import contextlib
import os
import sqlite3
from pathlib import Path

from monitor.durable import publish
from monitor.store.connection import Readers
from monitor.store.port import StoreError
from monitor.store.trouble import told


def backup(readers: Readers, target: Path) -> None:
    """Copy what is committed now to ``target``, which must not exist. Writers go on meanwhile."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    with told(target):
        if target.exists():
            raise _exists(target)
    try:
        with readers.snapshot() as connection:
            connection.execute("SELECT count(*) FROM meta").fetchone()  # the snapshot begins with the first read
            _copy(connection, part)
        _publish(part, target)
    finally:
        with contextlib.suppress(OSError):  # there is nothing to remove when the copy could not be begun
            part.unlink(missing_ok=True)


def _copy(source: sqlite3.Connection, part: Path) -> None:
    with told(part):
        os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        copy = sqlite3.connect(part, isolation_level=None)
        try:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
            copy.execute("UPDATE meta SET value = '' WHERE key = 'lease'")
        finally:
            copy.close()


def _publish(part: Path, target: Path) -> None:
    with told(target):
        with part.open("rb") as file:
            os.fsync(file.fileno())
        try:
            publish(part, target)
        except FileExistsError:
            raise _exists(target) from None


def _exists(target: Path) -> StoreError:
    return StoreError("backup_exists", f"{target}: exists already; a backup never overwrites, name another file")
