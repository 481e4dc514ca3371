"""The store of one machine: a SQLite file.

Everything of a batch is one transaction on the one writing connection. Samples go in as one compact body per
batch (journal) and are put into chunks per target later (seal); see ``schema`` for the tables, ``connection`` for
what durable means here, ``seal`` for how a sample moves.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

from config.spans import Span
from monitor.sla.facts import Fact, HeartbeatFact
from monitor.sla.words import FOREVER
from monitor.store import backup as copying
from monitor.store import check, damage, factstore, opening, reading
from monitor.store.alike import Alike
from monitor.store.connection import Opener, Readers, Writer, open_writer
from monitor.store.damage import Damages
from monitor.store.incoming import parted, sifted
from monitor.store.lazy import Lazy
from monitor.store.linkstore import Chains
from monitor.store.lock import Lock, claimed
from monitor.store.packing.hours import Hours
from monitor.store.port import Batch, Receipt, StoreError, refused
from monitor.store.retention import Pruner
from monitor.store.rows import UNSORTED, write_journal
from monitor.store.seal import Sealer
from monitor.store.seen import Seen
from monitor.store.sqliteview import viewing
from monitor.store.stored import Stored, numbers_of, targets_of
from monitor.store.trouble import told
from probes.columns import Columns, concat
from probes.sample import Sample


class SqliteStore:
    """Implements ``monitor.store.port.Store``; made by ``open_store``."""

    def __init__(
        self,
        path: Path,
        readers: Readers,
        writer: Writer | None = None,
        lock: Lock | None = None,
        hooks: Sequence[str] = (),
        clock: Callable[[], int] = time.time_ns,
    ) -> None:
        self.path = path
        self._readers, self._writer, self._lock, self._clock = readers, writer, lock, clock
        self._damages = Damages()
        self._seen = Seen(partial(numbers_of, damages=self._damages), self._damages.register)
        self._appending = threading.Lock()
        self._upkeep = threading.Lock()
        self._closing = threading.Event()
        self.chain = Chains(readers.snapshot, self._transaction, viewing(readers.snapshot), "PRAGMA secure_delete = ON")
        self._alike = alike = Alike(readers.snapshot, self._transaction, self._damages.register, self._targets, hooks)
        self.set_hooks, self.due, self.queued = alike.set_hooks, alike.due, alike.queued
        self.delivered, self.postpone = alike.delivered, alike.postpone
        self.accounts, self.checkpoints = alike.accounts, alike.checkpoints
        self.issued, self.kept, self.record_issued = alike.issued, alike.kept, alike.record_issued
        self.security_events = alike.security_events
        self.unclean: str | None = opening.set_up(writer, path) if writer else None
        """Who wrote this store last, where it ended without closing it."""

    def append(self, batch: Batch) -> Receipt:
        """See the port. Raises ``store_refused`` for what no SQLite store can hold."""
        with self.appending() as append:
            return append(batch)

    @contextmanager
    def appending(self) -> Iterator[Callable[[Batch], Receipt]]:
        """See the port."""
        with refused(str(self.path)), self._appending, self._seen.recording(), self._transaction() as connection:
            yield partial(self._record, connection)
        self._damages.register.tell()

    def _record(self, connection: sqlite3.Connection, batch: Batch) -> Receipt:
        columns, others = parted(batch)
        columns, repeated, bad = sifted(self._seen, connection, columns, Stored(connection), self._clock)
        if len(columns):
            write_journal(connection, columns, UNSORTED)
        self._seen.write(connection)
        told = factstore.write(connection, others, self._clock())
        self._alike.record(connection, batch)
        found = self._damages.register.record(connection, self._clock())
        return Receipt(len(columns), repeated, tuple(bad), found.damaged, found.passed_over, told)

    def samples(self, target: str, start: int, end: int) -> Iterator[Sample]:
        """See the port."""
        return reading.read_samples(self._readers, self._damages, (target,), start, end)

    def read_samples(self, targets: Sequence[str], start: int, end: int) -> Iterator[Sample]:
        """See the port."""
        return reading.read_samples(self._readers, self._damages, targets, start, end)

    def series(self, target: str, start: int, end: int) -> Lazy:
        """See the port."""
        return Lazy(self.columns(target, start, end))

    def gathering(self) -> AbstractContextManager[None]:
        """Around the reading of many targets one by one: what holds several of them is opened once. One at a time."""
        return self._damages.gathering()

    def columns(self, target: str, start: int, end: int) -> Columns:
        """See the port."""
        return concat([*reading.read_columns(self._readers, self._damages, (target,), start, end)])

    def damaged(self, target: str, start: int, end: int) -> Sequence[Span]:
        """See the port."""
        return damage.spans_of(self._damages, self._readers, target, start, end)

    def hours(self, target: str, start: int, end: int) -> Hours:
        """See the port."""
        return reading.read_hours(self._readers, self._damages, target, start, end)

    def last_before(self, target: str, at: int) -> Sample | None:
        """See the port."""
        return reading.last_before(self._readers, self._damages, target, at)

    def last_heartbeat(self, vantage: str, boot: str | None = None) -> HeartbeatFact | None:
        """See the port."""
        with self._readers.snapshot() as connection:
            return factstore.last_heartbeat(connection, vantage, boot)

    def facts(self, start: int, end: int, recorded: int = FOREVER) -> Iterator[Fact]:
        """See the port."""
        return factstore.read(self._readers, self._damages, start, end, recorded)

    def heartbeats(self, start: int, end: int) -> Iterator[HeartbeatFact]:
        """See the port."""
        return factstore.telling(self._readers, start, end)

    def seal(self, now: int) -> int:
        """See the port. Does nothing while other upkeep runs."""
        if not self._upkeep.acquire(blocking=False):
            return 0
        try:
            return Sealer(self._written(), self._readers, self._going, self._damages).run(now)
        finally:
            self._upkeep.release()

    def prune(self, before: int, keep: Sequence[tuple[str, int, int]]) -> int:
        """See the port."""
        with self._upkeep:
            return Pruner(self._written(), self._readers, self._going, before, keep, self._damages).run()

    def backup(self, path: str) -> None:
        """See the port. Raises ``backup_exists``."""
        copying.backup(self._readers, Path(path).absolute())

    def quick_check(self) -> tuple[str, ...]:
        """See the port."""
        try:
            with self._readers.snapshot() as connection:
                found = check.structure(connection)
            return found + damage.every(self._readers, self._damages)
        except StoreError as error:
            return (str(error),)

    def integrity(self) -> tuple[str, ...]:
        """See the port."""
        try:
            with self._readers.snapshot() as connection:
                return check.indexes(connection) + check.records(connection)
        except StoreError as error:
            return (str(error),)

    def size(self) -> int:
        """See the port: the file and its write-ahead log."""
        files = (self.path, self.path.with_name(self.path.name + "-wal"))
        with told(self.path):
            return sum(file.stat().st_size for file in files if file.exists())

    def close(self) -> None:
        """See the port. Ends upkeep at its next step; a second call does nothing."""
        if self._closing.is_set():
            return
        self._closing.set()
        with self._upkeep, self._appending, ExitStack() as last:
            if self._lock is not None:
                last.callback(self._lock.release)
            if self._writer is not None:
                last.callback(self._writer.close)
            last.callback(self._readers.close)
            if self._writer is not None:
                # All that was acknowledged is on disk; on a full one the next opener is only told of an unclean end.
                with suppress(StoreError):
                    opening.sign_out(self._writer)

    def _targets(self) -> list[str]:
        with self._readers.snapshot() as connection:
            return targets_of(connection)

    def _going(self) -> bool:
        return not self._closing.is_set()

    def _transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        return self._written().transaction()

    def _written(self) -> Writer:
        if self._writer is None:
            raise StoreError("store_opened_read_only", f"{self.path}: opened for reading only")
        return self._writer


def open_store(
    path: str | Path,
    *,
    hooks: Sequence[str] = (),
    read_only: bool = False,
    busy_ms: int = 5000,
    clock: Callable[[], int] = time.time_ns,
    opener: Opener = open_writer,
    lock: Lock | None = None,
) -> SqliteStore:
    """Open the store at ``path``; made if there is none, unless ``read_only``.

    A writer holds a lock for as long as it lives (``lock``, where it was taken before); a reader takes none and may run
    beside it. ``busy_ms`` is how long a write waits for a foreign lock. Raises StoreHeld when another process has the
    store, StoreError otherwise.
    """
    if read_only:
        return _open_to_read(Path(path).absolute())
    lock = lock or claimed(path)
    where = lock.path
    writer = Writer(where, busy_ms, opener)
    try:
        opening.recognise(where)
        return SqliteStore(where, Readers(where), writer, lock, hooks, clock)
    except BaseException:
        writer.close()
        lock.release()
        raise


def _open_to_read(where: Path) -> SqliteStore:
    if not opening.recognise(where, reading=True):
        raise StoreError("store_missing", f"{where}: there is no store yet; `upheld run` makes it")
    return SqliteStore(where, Readers(where, immutable=opening.lies_still(where)))
