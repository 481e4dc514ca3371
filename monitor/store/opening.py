"""Opening a file as a store: it is new, ours, a newer program's, or none of ours at all."""

import os
import socket
import sqlite3
import uuid
from contextlib import closing
from pathlib import Path

from monitor.store.connection import Writer, open_reader
from monitor.store.port import BEHIND, StoreError
from monitor.store.schema import APPLICATION_ID, OLD_BODIES, READABLE, VERSION, migrate
from monitor.store.trouble import told

_ROLLBACK = bytes.fromhex("d9d505f920a163d7")


def recognise(path: Path, reading: bool = False) -> bool:
    """True if the file is a store of ours, False if there is none yet. Touches nothing. ``reading``: it has to have
    the tables that it has now.

    Raises StoreError ``store_foreign`` for anything else, ``store_mixed`` for a copy beside another's log,
    ``store_newer`` for a layout of a later program,
    ``store_older`` for samples in a form of before the first release, and for tables that only a writer brings up to
    date.
    """
    with told(path):
        if not path.exists() or path.stat().st_size == 0:
            return False
        with path.open("rb") as file:
            head = file.read(100)
    if head[:16] != b"SQLite format 3\x00" or len(head) < 100:
        raise _foreign(path)
    _refuse_mixed(path, head)
    # A change of the header can still stand in the write-ahead log, so an unmarked file is asked through SQLite.
    application, version = int.from_bytes(head[68:72], "big"), int.from_bytes(head[60:64], "big")
    if application == 0 and path.with_name(path.name + "-wal").exists():
        application, version = _asked(path)
    if application == 0 and version == 0 and _is_empty(path):
        return False
    if application != APPLICATION_ID:
        raise _foreign(path)
    refuse_newer(path, version)
    if version < VERSION:
        _refuse_older(path, version)
    if reading and version < READABLE and (version := _asked(path)[1]) < READABLE:
        raise StoreError("store_older", BEHIND.format(name=path, version=version, known=VERSION))
    return True


def _refuse_mixed(path: Path, head: bytes) -> None:
    """Raise StoreError ``store_mixed`` where a copy was put in the place of a store whose log was left there: SQLite
    would write pages of one over the other's. A copy says in its header that it has no log (bytes 18 and 19 of the file
    format), and a store says that it has before it has one."""
    log = path.with_name(path.name + "-wal")
    with told(path):
        mixed = head[18:20] == b"\x01\x01" and log.exists() and log.stat().st_size > 0
    if mixed:
        raise StoreError(
            "store_mixed",
            f"{path}: a copy was put in its place, and {log.name} beside it is of the one before. Move {log.name} "
            f"and {path.name}-shm away, with what you moved {path.name} to, and start again. Nothing was changed",
        )


def refuse_newer(path: Path, version: int) -> None:
    """Raise StoreError ``store_newer`` for a layout this program does not know."""
    if version > VERSION:
        raise StoreError(
            "store_newer",
            f"{path}: written by a newer upheld (store version {version}, this program knows {VERSION}); "
            "install that version or later. Nothing was changed",
        )


def _refuse_older(path: Path, version: int) -> None:
    with told(path), closing(open_reader(path, lies_still(path))) as connection:
        older = connection.execute(OLD_BODIES).fetchone()
    if older:
        raise StoreError(
            "store_older",
            f"{path}: its samples are written as before the first release (store version {version}), which is read no "
            "more: export them with the program that wrote them, and import them into a new store. Nothing was changed",
        )


def set_up(writer: Writer, path: Path) -> str | None:
    """Bring the tables up to date and sign in; gives who signed in before and never out, if anybody."""
    with told(path):
        connection = writer.bare()
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        refuse_newer(path, version)
        if version < VERSION:
            migrate(connection)
    with writer.transaction() as connection:
        connection.execute("INSERT OR IGNORE INTO meta VALUES ('uuid', ?)", (str(uuid.uuid4()),))
        row = connection.execute("SELECT value FROM meta WHERE key = 'lease'").fetchone()
        lease = f"pid {os.getpid()} on {socket.gethostname()}"
        connection.execute("REPLACE INTO meta VALUES ('lease', ?)", (lease,))
    return str(row[0]) if row and row[0] else None


def sign_out(writer: Writer) -> None:
    """Say that the store was let go in good order."""
    with writer.transaction() as connection:
        connection.execute("REPLACE INTO meta VALUES ('lease', '')")


def lies_still(path: Path) -> bool:
    """True if nobody can be writing the file, nor could we make the shared-memory file that readers use: a store
    on a read-only medium."""
    beside = path.with_name(path.name + "-wal").exists()
    return not beside and not os.access(path.parent, os.W_OK)


def _foreign(path: Path) -> StoreError:
    return StoreError("store_foreign", f"{path}: not a store of upheld; name another file, this one is left alone")


def _never_was(path: Path) -> bool:
    """Whether the very first change of a file was cut short: its rollback journal takes it back to no pages at all
    ("The Rollback Journal" in SQLite's file format: the size at offset 16). Readers may not roll it back."""
    with told(path):
        journal = path.with_name(path.name + "-journal")
        head = journal.read_bytes()[:20] if journal.exists() else b""
    return head[:8] == _ROLLBACK and head[16:20] == bytes(4)


def _asked(path: Path) -> tuple[int, int]:
    with told(path):
        connection = open_reader(path)
        try:
            application = connection.execute("PRAGMA application_id").fetchone()[0]
            return int(application), int(connection.execute("PRAGMA user_version").fetchone()[0])
        finally:
            connection.close()


def _is_empty(path: Path) -> bool:
    """A file without tables, or one whose first set-up was cut short."""
    if _never_was(path):
        return True
    connection: sqlite3.Connection | None = None
    with told(path):
        try:
            connection = open_reader(path)
            names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        finally:
            if connection is not None:
                connection.close()
    return names <= {"_sqlite_migrations", "sqlite_sequence"} or {"extents", "seen", "chunks", "journal"} <= names
