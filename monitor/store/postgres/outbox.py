"""Events on their way to hooks; see ``monitor.store.outbox`` for the rules, which are the same."""

from collections.abc import Iterable, Sequence

from monitor.sla.events import Event
from monitor.store.digest import digest, verify
from monitor.store.factcodec import event_from, event_text
from monitor.store.outbox import delivery_id
from monitor.store.port import Delivery
from monitor.store.postgres.connection import Connection

_QUEUE = (
    "INSERT INTO outbox (hook, delivery, subject, digest, body) VALUES (%s, %s, %s, %s, %s) "
    "ON CONFLICT (hook, delivery) DO NOTHING"
)


def queue(connection: Connection, hooks: Iterable[str], events: Sequence[Event]) -> None:
    """Queue the events to each hook, unless they were before."""
    rows = []
    for event in events:
        identity, body = delivery_id(event.key), event_text(event)
        rows += [(hook, identity, event.subject, digest(body, hook, identity), body) for hook in hooks]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_QUEUE, rows)


def due(connection: Connection, hook: str, now: int, limit: int) -> list[Delivery]:
    """The first waiting event of each subject, where it is due, in the order of queueing."""
    rows = connection.execute(
        "SELECT delivery, digest, body, attempts, due_at FROM outbox AS waiting "
        "WHERE hook = %s AND body IS NOT NULL AND due_at <= %s::numeric AND id = (SELECT min(id) FROM outbox "
        "WHERE hook = waiting.hook AND subject = waiting.subject AND body IS NOT NULL) ORDER BY id LIMIT %s::bigint",
        (hook, now, limit),
    ).fetchall()
    found = []
    for identity, stored, body, attempts, at in rows:
        assert isinstance(stored, bytes) and isinstance(body, str) and isinstance(attempts, int) and isinstance(at, int)
        verify(stored, body, f"outbox {identity}", hook, identity)
        found.append(Delivery(hook, str(identity), event_from(body), attempts, at))
    return found


def delivered(connection: Connection, hook: str, identity: str) -> None:
    """The hook took it."""
    query = "UPDATE outbox SET body = NULL, error = NULL WHERE hook = %s AND delivery = %s"
    connection.execute(query, (hook, identity))


def postpone(connection: Connection, hook: str, identity: str, due_at: int, error: str) -> None:
    """Try again at ``due_at``. What a hook said may hold a NUL, which no text of PostgreSQL can."""
    connection.execute(
        "UPDATE outbox SET attempts = attempts + 1, due_at = %s::bigint, error = %s WHERE hook = %s AND delivery = %s",
        (due_at, error.replace("\0", "�"), hook, identity),
    )


def queued(connection: Connection, hook: str) -> int:
    """How many wait."""
    row = connection.execute("SELECT count(*) FROM outbox WHERE hook = %s AND body IS NOT NULL", (hook,)).fetchone()
    return int(str(row[0])) if row else 0
