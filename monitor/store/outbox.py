"""Events on their way to hooks: queued in the transaction of what they tell of, remembered when they are told.

A row per hook and event. ``body`` is cleared on delivery and the row stays: the same event is never queued again.
Order matters within a subject only, so only the first waiting event of each subject may go. One that cannot be read
is told and passed over: it waits for ever, and keeps nothing else waiting.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from monitor.sla.events import Event
from monitor.store.digest import digest, verify
from monitor.store.factcodec import event_from, event_text
from monitor.store.port import PUT_OFF, Delivery, StoreError
from monitor.store.register import DELIVERY, Register
from monitor.store.sql import Sql

Row = tuple[int, str, bytes, str, int, int]


def delivery_id(key: str) -> str:
    """The idempotency key by which a receiver knows an event again."""
    return "evt_" + blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def name_of(identity: str, hook: str) -> str:
    """What a delivery is called."""
    return f"delivery {identity} to hook {hook}"


def queue(connection: Sql, hooks: Iterable[str], events: Sequence[Event]) -> None:
    """Queue the events to each hook, unless they were before."""
    rows = []
    for event in events:
        identity, body = delivery_id(event.key), event_text(event)
        rows += [(hook, identity, event.subject, digest(body, hook, identity), body) for hook in hooks]
    if rows:
        query = (
            "INSERT INTO outbox (hook, delivery, subject, due_at, digest, body) VALUES (?, ?, ?, 0, ?, ?) "
            "ON CONFLICT (hook, delivery) DO NOTHING"
        )
        connection.executemany(query, rows)


class Outbox:
    """What waits in one store, less what was found to be damaged. Used by any thread."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._passed: dict[str, frozenset[int]] = {}

    def due(self, connection: Sql, hook: str, now: int, limit: int) -> list[Delivery]:
        """The first waiting event of each subject, where it is due, in the order of queueing."""
        while True:
            waiting, passed = self._waiting(hook)
            rows = connection.execute(
                f"SELECT id, delivery, digest, body, attempts, due_at FROM outbox AS waiting WHERE {waiting} "
                "AND (due_at <= ? OR due_at > ?) "
                f"AND id = (SELECT min(id) FROM outbox WHERE {waiting} AND subject = waiting.subject) "
                "ORDER BY id LIMIT ?",
                (*passed, now, now + PUT_OFF, *passed, limit),
            ).fetchall()
            found = [delivery for row in rows if (delivery := self._read(hook, row)) is not None]
            if len(found) == len(rows):
                return found

    def queued(self, connection: Sql, hook: str) -> int:
        """How many wait."""
        waiting, passed = self._waiting(hook)
        return int(connection.execute(f"SELECT count(*) FROM outbox WHERE {waiting}", passed).fetchone()[0])

    def _waiting(self, hook: str) -> tuple[str, tuple[str | int, ...]]:
        """The condition of what waits for a hook, and its values."""
        passed = sorted(self._passed.get(hook, ()))
        unread = f" AND id NOT IN ({', '.join('?' * len(passed))})" if passed else ""
        return f"hook = ? AND body IS NOT NULL{unread}", (hook, *passed)

    def _read(self, hook: str, row: Row) -> Delivery | None:
        key, identity, stored, body, attempts, due_at = row
        try:
            verify(stored, body, name_of(identity, hook), hook, identity)
            return Delivery(hook, identity, event_from(body), attempts, due_at)
        except StoreError as error:
            text = f"{error}; it is not delivered"
        except (ValueError, KeyError, TypeError) as error:
            text = f"{name_of(identity, hook)}: of a newer version of upheld: {error!r}; it is not delivered"
        self._passed[hook] = self._passed.get(hook, frozenset()) | {key}
        self._register.note(name_of(identity, hook), text, DELIVERY)
        return None


def delivered(connection: Sql, hook: str, identity: str) -> None:
    """The hook took it."""
    connection.execute("UPDATE outbox SET body = NULL, error = NULL WHERE hook = ? AND delivery = ?", (hook, identity))


def postpone(connection: Sql, hook: str, identity: str, due_at: int, error: str) -> None:
    """Try again at ``due_at``. What a hook said may hold a NUL, which no text of PostgreSQL can."""
    connection.execute(
        "UPDATE outbox SET attempts = attempts + 1, due_at = ?, error = ? WHERE hook = ? AND delivery = ?",
        (due_at, error.replace("\0", "�"), hook, identity),
    )
