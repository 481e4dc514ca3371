"""The one connection that writes, and those that only read.

SQLite 3.7.0 to 3.51.2 can lose a page when two connections write or checkpoint one WAL file at once (the WAL-reset
bug, fixed in 3.51.3), so exactly one connection writes and the readers are opened ``mode=ro`` and ``query_only``.
``mmap_size`` is 0: a bad page must come as an error, not as a signal.

A COMMIT that failed may have happened all the same: the page may be on disk although the flush was reported
broken. Every transaction therefore leaves a token of its own in the store. After a failed COMMIT the connection is
thrown away and the token looked up through a new one: there, it was recorded; not there, it was not.
What is there may be in the system's memory alone, and a flush that failed once is not told again. So the log is written
into the file, and begun anew, before anything that it held counts as recorded, and before anything follows it.
The same token tells when the file was exchanged under us, say by an old copy put back.
"""

import contextlib
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.store.port import StoreError
from monitor.store.trouble import told, translated

Opener = Callable[[Path, int], sqlite3.Connection]


def open_writer(path: Path, busy_ms: int) -> sqlite3.Connection:
    """The writing connection, durable at every commit. Raises sqlite3.Error or StoreError."""
    connection = sqlite3.connect(path, timeout=busy_ms / 1000, isolation_level=None, check_same_thread=False)
    # Larger pages would be emptier at their ends, smaller ones are more work for the batches that come and go.
    connection.execute("PRAGMA page_size = 4096")  # takes effect in a new file only
    connection.execute("PRAGMA wal_autocheckpoint = 1000")
    connection.execute("PRAGMA cache_size = -512")  # KiB, a quarter of the default: more makes no batch cheaper
    # What many builds of SQLite do of themselves costs a third of all that is written: pages that fall free are written
    # once more, as zeros. So it is done where it is meant to be, see ``linkstore``.
    connection.execute("PRAGMA secure_delete = FAST")
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "mmap_size = 0", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute(f"PRAGMA journal_size_limit = {64 << 20}")
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    flush = connection.execute("PRAGMA synchronous").fetchone()[0]
    if mode != "wal" or flush != 2:
        connection.close()
        raise StoreError("store_unsafe", f"{path}: SQLite runs with journal {mode}, flush {flush}: not durable")
    return connection


def open_reader(path: Path, immutable: bool = False) -> sqlite3.Connection:
    """A connection that cannot write."""
    query = "mode=ro&immutable=1" if immutable else "mode=ro"
    connection = sqlite3.connect(
        f"{path.as_uri()}?{query}", uri=True, timeout=5, isolation_level=None, check_same_thread=False
    )
    connection.text_factory = _text
    connection.execute("PRAGMA query_only = ON")
    connection.execute("PRAGMA cache_size = -256")  # KiB; there are several, and the system has the pages anyway
    connection.execute("PRAGMA mmap_size = 0")
    return connection


def _text(stored: bytes) -> str:
    """A damaged text is read as another one, which its digest tells, and does not end the reading of all others."""
    return stored.decode("utf-8", "replace")


class Writer:
    """Hands out the writing connection, one transaction at a time, to any thread."""

    def __init__(self, path: Path, busy_ms: int, opener: Opener = open_writer) -> None:
        self._path, self._busy_ms, self._opener = path, busy_ms, opener
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._token: str | None = None
        self._doubtful: str | None = None
        """The token of a commit of which the disk would not say whether it happened."""
        self._inode: tuple[int, int] | None = None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything done inside is recorded when this returns, and nothing of it when this raises StoreError."""
        with self._lock:
            token = secrets.token_hex(8)
            with self._undoing():
                connection = self._open()
                if self._doubtful is not None:
                    self._write_anew(connection)
                connection.execute("BEGIN IMMEDIATE")
                self._same_file(connection)
                yield connection
                connection.execute("REPLACE INTO meta VALUES ('commit', ?)", (token,))
            self._commit(connection, token)
            self._token, self._doubtful = token, None

    def bare(self) -> sqlite3.Connection:
        """The connection outside a transaction, for setting the store up."""
        with self._lock, told(self._path):
            return self._open()

    def close(self) -> None:
        """Fold the write-ahead log into the file and let go."""
        with self._lock, told(self._path):
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._opener(self._path, self._busy_ms)
        return self._connection

    @contextmanager
    def _undoing(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            self._undo(error)
            if isinstance(error, sqlite3.Error):
                raise translated(error, self._path) from error
            raise

    def _undo(self, error: BaseException) -> None:
        """Roll back; after an error of the disk nothing the connection remembers can be relied on, so it goes."""
        primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if primary in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CANTOPEN):
            self._drop()
        elif self._connection is not None and self._connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):  # it has rolled back by itself: what we want
                self._connection.execute("ROLLBACK")

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):  # it is broken already, that is why it goes
                connection.close()

    def _commit(self, connection: sqlite3.Connection, token: str) -> None:
        try:
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._drop()
            self._doubtful = token
            with told(self._path):
                landed = _token(self._open()) == token
                if landed:
                    self._write_anew(self._open())
            self._doubtful = None
            if not landed:
                raise translated(error, self._path) from error

    def _write_anew(self, connection: sqlite3.Connection) -> None:
        """What the log holds into the file, flushed, and the log empty."""
        busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if busy:
            raise StoreError(
                "store_io",
                f"{self._path}: a flush failed, and it is being read, so it cannot be written anew; check the disk",
            )

    def _same_file(self, connection: sqlite3.Connection) -> None:
        """Neither another file under this name, nor other content in this file."""
        with told(self._path):
            try:
                status = self._path.stat()
            except FileNotFoundError:
                status = None
        inode = (status.st_dev, status.st_ino) if status else None
        if self._inode is None:
            self._inode = inode
        stored = _token(connection)
        if self._doubtful is not None and stored == self._doubtful:
            self._token = stored  # it had happened
        if inode is None and self._inode is not None:
            raise StoreError(
                "store_replaced",
                f"{self._path}: the file is gone; put it back and writing goes on by itself. After a restart a new "
                "store would begin there, and what waits would be lost",
            )
        if inode != self._inode or (self._token is not None and stored != self._token):
            raise StoreError(
                "store_replaced",
                f"{self._path}: another file was put in the place of the one this process was writing; restart it",
            )


def _token(connection: sqlite3.Connection) -> str | None:
    row = connection.execute("SELECT value FROM meta WHERE key = 'commit'").fetchone()
    return str(row[0]) if row else None


class Readers:
    """Connections that only read, kept for the next one who asks."""

    def __init__(self, path: Path, immutable: bool = False) -> None:
        self._path, self._immutable = path, immutable
        self._idle: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """One unchanging view of the store; writers go on meanwhile."""
        with told(self._path):
            connection = self._take()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                self._give(connection)

    def close(self) -> None:
        """Close those that are idle; one in use is closed when it is given back."""
        with self._lock:
            self._closed = True
            for connection in self._idle:
                connection.close()
            self._idle.clear()

    def _take(self) -> sqlite3.Connection:
        with self._lock:
            if self._closed:
                raise StoreError("store_closed", f"{self._path}: it is closed")
            if self._idle:
                return self._idle.pop()
        return open_reader(self._path, self._immutable)

    def _give(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if self._closed:
                connection.close()
            else:
                self._idle.append(connection)


def breathe() -> None:
    """Between two steps of upkeep: let a waiting append have the lock."""
    time.sleep(0.002)
