"""What both kinds of store keep in the same tables: accounts, issued statements, deliveries, security events, marks."""

from collections.abc import Callable, Iterable, Sequence

from monitor.store import issuedstore, latest, outbox
from monitor.store.outbox import Outbox
from monitor.store.port import Batch, Delivery, Issued, SecurityEvent
from monitor.store.register import Register
from monitor.store.sql import Begun, Sql


class Alike:
    """The part of ``monitor.store.port.Store`` that either does in the same way. ``targets`` gives those that have
    samples."""

    def __init__(
        self,
        snapshot: Begun,
        transaction: Begun,
        register: Register,
        targets: Callable[[], Iterable[str]],
        hooks: Sequence[str],
    ) -> None:
        self._snapshot, self._transaction, self._register = snapshot, transaction, register
        self._targets, self._hooks = targets, tuple(hooks)
        self._outbox = Outbox(register)

    def record(self, connection: Sql, batch: Batch) -> None:
        """The accounts, saved folds and events of a batch, in its transaction."""
        latest.write(connection, latest.ACCOUNTS, batch.accounts)
        latest.write(connection, latest.CHECKPOINTS, batch.checkpoints)
        outbox.queue(connection, self._hooks, batch.events)

    def set_hooks(self, hooks: Sequence[str]) -> None:
        """See the port."""
        self._hooks = tuple(hooks)

    def accounts(self) -> dict[str, str]:
        """See the port."""
        with self._snapshot() as connection:
            return latest.read(connection, self._register, latest.ACCOUNTS)

    def checkpoints(self) -> dict[str, str]:
        """See the port."""
        with self._snapshot() as connection:
            return latest.read(connection, self._register, latest.CHECKPOINTS)

    def issued(self, contract: str, start: int, end: int) -> list[Issued]:
        """See the port."""
        with self._snapshot() as connection:
            return issuedstore.read(connection, self._register, contract, start, end)

    def kept(self) -> list[tuple[str, int, int]]:
        """See the port."""
        with self._snapshot() as connection:
            return issuedstore.kept(connection, self._register, self._targets)

    def record_issued(self, statement: Issued) -> None:
        """See the port."""
        with self._transaction() as connection:
            issuedstore.write(connection, statement)

    def due(self, hook: str, now: int, limit: int) -> list[Delivery]:
        """See the port."""
        with self._snapshot() as connection:
            return self._outbox.due(connection, hook, now, limit)

    def delivered(self, hook: str, id: str) -> None:
        """See the port."""
        with self._transaction() as connection:
            outbox.delivered(connection, hook, id)

    def postpone(self, hook: str, id: str, due_at: int, error: str) -> None:
        """See the port."""
        with self._transaction() as connection:
            outbox.postpone(connection, hook, id, due_at, error)

    def queued(self, hook: str) -> int:
        """See the port."""
        with self._snapshot() as connection:
            return self._outbox.queued(connection, hook)

    def security_events(self) -> tuple[SecurityEvent, ...]:
        """See the port."""
        with self._snapshot() as connection:
            rows = connection.execute("SELECT at, code, text FROM security_events ORDER BY id").fetchall()
        return tuple(SecurityEvent(*row) for row in rows)
