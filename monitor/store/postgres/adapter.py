"""The store of many machines: a PostgreSQL database.

Everything of a batch is one transaction on the one writing connection; see ``connection`` for what durable means here
and what a lost COMMIT comes to, ``schema`` for the tables.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial

from config.spans import Span
from monitor.sla.facts import Fact, HeartbeatFact
from monitor.sla.words import FOREVER
from monitor.store.alike import Alike
from monitor.store.incoming import parted, sifted
from monitor.store.lazy import Lazy
from monitor.store.linkstore import Chains
from monitor.store.packing.hours import Hours
from monitor.store.port import BEHIND, Batch, Receipt, StoreError, refused
from monitor.store.postgres import check, facts, reading
from monitor.store.postgres.conflicts import Stored, numbers_of
from monitor.store.postgres.connection import Address, Connection, Writer, sign_in, sign_out
from monitor.store.postgres.damage import Damages
from monitor.store.postgres.given import Given
from monitor.store.postgres.names import targets_of
from monitor.store.postgres.readers import Readers
from monitor.store.postgres.retention import Pruner
from monitor.store.postgres.schema import VERSION, migrate, version_of
from monitor.store.postgres.seal import Sealer
from monitor.store.postgres.sql import Asked, asked
from monitor.store.postgres.trouble import told
from monitor.store.postgres.view import viewing
from monitor.store.seen import Seen
from probes.columns import Columns, concat
from probes.sample import Sample


class PostgresStore:
    """Implements ``monitor.store.port.Store``; made by ``open_store``."""

    def __init__(self, readers: Readers, writer: Writer | None, hooks: Sequence[str], clock: Callable[[], int]) -> None:
        self.name = readers.address.name
        self._readers, self._writer, self._clock = readers, writer, clock
        self._given = Given()
        self._damages = Damages()
        self._seen = Seen(numbers_of, self._damages.register, self._given.names.number)
        self._appending = threading.Lock()
        self._upkeep = threading.Lock()
        self._closing = threading.Event()
        snapshot, transaction = asked(readers.snapshot), asked(self._transaction)
        self.chain = Chains(snapshot, transaction, viewing(readers.snapshot))
        self._alike = alike = Alike(snapshot, transaction, self._damages.register, self._targets, hooks)
        self.set_hooks, self.due, self.queued = alike.set_hooks, alike.due, alike.queued
        self.delivered, self.postpone = alike.delivered, alike.postpone
        self.accounts, self.checkpoints = alike.accounts, alike.checkpoints
        self.issued, self.kept, self.record_issued = alike.issued, alike.kept, alike.record_issued
        self.security_events = alike.security_events
        self.unclean: str | None = sign_in(writer) if writer else None
        """Who wrote this store last, where it ended without closing it."""

    def append(self, batch: Batch) -> Receipt:
        """See the port. Raises ``store_refused`` for what no PostgreSQL store can hold."""
        with self.appending() as append:
            return append(batch)

    @contextmanager
    def appending(self) -> Iterator[Callable[[Batch], Receipt]]:
        """See the port."""
        with (
            refused(self.name),
            self._appending,
            self._seen.recording(),
            self._given.recording(),
            self._transaction() as connection,
        ):
            yield partial(self._record, connection)
        self._damages.register.tell()

    def _record(self, connection: Connection, batch: Batch) -> Receipt:
        sql = Asked(connection)
        columns, others = parted(batch)
        columns, repeated, bad = sifted(self._seen, sql, columns, Stored(connection, self._damages), self._clock)
        if len(columns):
            self._given.write(connection, columns)
        self._seen.write(sql)
        told = facts.write(connection, others, self._given.names, self._clock())
        self._alike.record(sql, batch)
        found = self._damages.register.record(sql, self._clock())
        return Receipt(len(columns), repeated, tuple(bad), found.damaged, found.passed_over, told)

    def samples(self, target: str, start: int, end: int) -> Iterator[Sample]:
        """See the port."""
        return reading.read_samples(self._readers, self._damages, (target,), start, end)

    def read_samples(self, targets: Sequence[str], start: int, end: int) -> Iterator[Sample]:
        """See the port."""
        return reading.read_samples(self._readers, self._damages, targets, start, end)

    def columns(self, target: str, start: int, end: int) -> Columns:
        """See the port."""
        return concat([*reading.read_columns(self._readers, self._damages, (target,), start, end)])

    def series(self, target: str, start: int, end: int) -> Lazy:
        """See the port."""
        return Lazy(self.columns(target, start, end))

    def damaged(self, target: str, start: int, end: int) -> Sequence[Span]:
        """See the port."""
        return reading.damaged(self._readers, self._damages, target, start, end)

    def hours(self, target: str, start: int, end: int) -> Hours:
        """See the port."""
        return reading.read_hours(self._readers, self._damages, target, start, end)

    def last_before(self, target: str, at: int) -> Sample | None:
        """See the port."""
        return reading.last_before(self._readers, self._damages, target, at)

    def last_heartbeat(self, vantage: str, boot: str | None = None) -> HeartbeatFact | None:
        """See the port."""
        with self._readers.snapshot() as connection:
            return facts.last_heartbeat(connection, vantage, boot)

    def facts(self, start: int, end: int, recorded: int = FOREVER) -> Iterator[Fact]:
        """See the port."""
        return facts.read(self._readers, self._damages, start, end, recorded)

    def heartbeats(self, start: int, end: int) -> Iterator[HeartbeatFact]:
        """See the port."""
        with self._readers.snapshot() as connection:
            return iter(facts.telling(connection, start, end))

    def seal(self, now: int) -> int:
        """See the port. Does nothing while other upkeep runs."""
        if not self._upkeep.acquire(blocking=False):
            return 0
        try:
            return Sealer(self._written(), self._readers, self._going, self._damages, self._given.days).run(now)
        finally:
            self._upkeep.release()

    def prune(self, before: int, keep: Sequence[tuple[str, int, int]]) -> int:
        """See the port."""
        with self._upkeep:
            return Pruner(self._written(), self._readers, self._going, self._given.months.clear, before, keep).run()

    def backup(self, path: str) -> None:
        """See the port. Raises ``backup_unsupported``: the server's own tool does it."""
        raise StoreError(
            "backup_unsupported",
            f"{self.name}: back it up with PostgreSQL's own tool, which takes one snapshot while the daemon runs: "
            f"pg_dump --format=custom --schema=upheld --file={path} '{self.name}'",
        )

    def quick_check(self) -> tuple[str, ...]:
        """See the port."""
        try:
            with self._readers.snapshot() as connection:
                found = check.structure(connection)
            return found + check.evidence(self._readers, self._damages)
        except StoreError as error:
            return (str(error),)

    def integrity(self) -> tuple[str, ...]:
        """See the port: a row is read either way."""
        return self.quick_check()

    def size(self) -> int:
        """See the port: its tables and their indexes."""
        query = (
            "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class "
            "WHERE relnamespace = 'upheld'::regnamespace AND relkind = 'r'"
        )
        with self._readers.snapshot() as connection:
            row = connection.execute(query).fetchone()
        return int(str(row[0])) if row else 0

    def close(self) -> None:
        """See the port. Ends upkeep at its next step; a second call does nothing."""
        if self._closing.is_set():
            return
        self._closing.set()
        with self._upkeep, self._appending:
            if self._writer is not None:
                # All that was acknowledged is on disk; else the next opener is only told of an unclean end.
                with suppress(StoreError):
                    sign_out(self._writer)
                self._writer.close()
            self._readers.close()

    def _going(self) -> bool:
        return not self._closing.is_set()

    def _targets(self) -> list[str]:
        with self._readers.snapshot() as connection:
            return targets_of(connection)

    def _transaction(self) -> AbstractContextManager[Connection]:
        return self._written().transaction()

    def _written(self) -> Writer:
        if self._writer is None:
            raise StoreError("store_opened_read_only", f"{self.name}: opened for reading only")
        return self._writer


def open_store(
    url: str, *, hooks: Sequence[str] = (), read_only: bool = False, clock: Callable[[], int] = time.time_ns
) -> PostgresStore:
    """Open the store in the database at ``url``; made if there is none, unless ``read_only``.

    A writer holds a lock for as long as it lives; a reader takes none. Raises StoreHeld when another process has the
    store, StoreError otherwise.
    """
    address = Address(url)
    readers = Readers(address)
    writer = None if read_only else Writer(address)
    try:
        if writer is None:
            _recognise(readers)
            return PostgresStore(readers, None, hooks, clock)
        with told(address.name):
            connection = writer.bare()
            migrate(connection, version_of(connection, address.name))
        return PostgresStore(readers, writer, hooks, clock)
    except BaseException:
        readers.close()
        if writer is not None:
            writer.close()
        raise


def _recognise(readers: Readers) -> None:
    """Raise StoreError unless there is a store that this program can read."""
    name = readers.address.name
    with readers.snapshot() as connection:
        version = version_of(connection, name)
    if version is None:
        raise StoreError("store_missing", f"{name}: there is no store yet; `upheld run` makes it")
    if version < VERSION:
        raise StoreError("store_older", BEHIND.format(name=name, version=version, known=VERSION))
