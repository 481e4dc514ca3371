"""Events on their way to hooks: queued in the transaction of what they tell of, remembered when they are told.

A row per hook and event. ``body`` is cleared on delivery and the row stays: the same event is never queued again.
Order matters within a subject only, so only the first waiting event of each subject may go.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import blake2b

from monitor.sla.events import Event
from monitor.store.digest import digest, verify
from monitor.store.factcodec import event_from, event_text
from monitor.store.port import Delivery


def delivery_id(key: str) -> str:
    """The idempotency key by which a receiver knows an event again."""
    return "evt_" + blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def queue(connection: sqlite3.Connection, hooks: Iterable[str], events: Sequence[Event]) -> None:
    """Queue the events to each hook, unless they were before."""
    for event in events:
        identity = delivery_id(event.key)
        body = event_text(event)
        connection.executemany(
            "INSERT INTO outbox (hook, delivery, subject, due_at, digest, body) VALUES (?, ?, ?, 0, ?, ?) "
            "ON CONFLICT (hook, delivery) DO NOTHING",
            [(hook, identity, event.subject, digest(body, hook, identity), body) for hook in hooks],
        )


def due(connection: sqlite3.Connection, hook: str, now: int, limit: int) -> list[Delivery]:
    """The first waiting event of each subject, where it is due, in the order of queueing."""
    rows = connection.execute(
        "SELECT delivery, digest, body, attempts, due_at FROM outbox AS waiting "
        "WHERE hook = ? AND body IS NOT NULL AND due_at <= ? AND id = (SELECT min(id) FROM outbox "
        "WHERE hook = waiting.hook AND subject = waiting.subject AND body IS NOT NULL) ORDER BY id LIMIT ?",
        (hook, now, limit),
    ).fetchall()
    for identity, stored, body, _, _ in rows:
        verify(stored, body, f"outbox {identity}", hook, identity)
    return [
        Delivery(hook, identity, event_from(body), attempts, due_at) for identity, _, body, attempts, due_at in rows
    ]


def delivered(connection: sqlite3.Connection, hook: str, identity: str) -> None:
    """The hook took it."""
    connection.execute("UPDATE outbox SET body = NULL, error = NULL WHERE hook = ? AND delivery = ?", (hook, identity))


def postpone(connection: sqlite3.Connection, hook: str, identity: str, due_at: int, error: str) -> None:
    """Try again at ``due_at``."""
    connection.execute(
        "UPDATE outbox SET attempts = attempts + 1, due_at = ?, error = ? WHERE hook = ? AND delivery = ?",
        (due_at, error, hook, identity),
    )


def queued(connection: sqlite3.Connection, hook: str) -> int:
    """How many wait."""
    query = "SELECT count(*) FROM outbox WHERE hook = ? AND body IS NOT NULL"
    return int(connection.execute(query, (hook,)).fetchone()[0])
