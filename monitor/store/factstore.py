"""Facts other than samples: each once, in the order of recording, never changed. Heartbeats in a table of numbers,
because there is one every few seconds for years."""

import sqlite3
from collections.abc import Iterator, Sequence

from monitor.sla.facts import HeartbeatFact
from monitor.store.connection import Readers
from monitor.store.digest import digest, verify
from monitor.store.factcodec import StoredFact, fact_from, fact_text, span_of
from monitor.store.names import find, number_of
from monitor.store.rows import DAY

_TOUCHING = '(start IS NULL OR start < ?) AND ("end" IS NULL OR "end" > ?)'
_HEARTBEATS = (
    "SELECT vantages.text, boots.text, at, loop_lag, clock_error, suspended FROM heartbeats "
    "JOIN names AS vantages ON vantages.id = vantage JOIN names AS boots ON boots.id = boot"
)


def write(connection: sqlite3.Connection, facts: Sequence[StoredFact]) -> None:
    """Record what is not recorded yet."""
    for fact in facts:
        if isinstance(fact, HeartbeatFact):
            numbers = (fact.loop_lag, fact.clock_error, fact.suspended)
            names = (number_of(connection, fact.vantage), fact.at, number_of(connection, fact.boot))
            connection.execute("INSERT OR IGNORE INTO heartbeats VALUES (?, ?, ?, ?, ?, ?)", (*names, *numbers))
            continue
        kind, body = fact_text(fact)
        place = (kind, *span_of(fact))
        connection.execute(
            'INSERT INTO facts (kind, about, start, "end", digest, body) VALUES (?, ?, ?, ?, ?, ?) '
            "ON CONFLICT (digest) DO NOTHING",
            (*place, digest(body, *place), body),
        )


def read(readers: Readers, start: int, end: int) -> Iterator[StoredFact]:
    """What touches ``[start, end)`` and what has no span, heartbeats last."""
    query = (
        f"SELECT id, kind, about, start, \"end\", digest, body FROM facts WHERE {_TOUCHING} OR (kind = 'exclusion' "
        f"AND about IN (SELECT about FROM facts WHERE kind = 'exclusion' AND {_TOUCHING})) ORDER BY id"
    )
    with readers.snapshot() as connection:
        rows = connection.execute(query, (end, start, end, start)).fetchall()
    for key, kind, about, first, last, stored, body in rows:
        verify(stored, body, f"fact {key}", kind, about, first, last)
        yield fact_from(kind, body)
    yield from _heartbeats(readers, start, end)


def _heartbeats(readers: Readers, start: int, end: int) -> Iterator[HeartbeatFact]:
    """By day, so that no reader stays long; days without any are passed over."""
    at = start
    while at < end:
        with readers.snapshot() as connection:
            first = connection.execute("SELECT min(at) FROM heartbeats WHERE at >= ?", (at,)).fetchone()[0]
            if first is None or first >= end:
                return
            at = min((first // DAY + 1) * DAY, end)
            rows = connection.execute(
                f"{_HEARTBEATS} WHERE at >= ? AND at < ? ORDER BY at, vantages.text, boots.text", (first, at)
            ).fetchall()
        for row in rows:
            yield HeartbeatFact(*row)


def last_heartbeat(connection: sqlite3.Connection, vantage: str, boot: str | None) -> HeartbeatFact | None:
    """The latest of the vantage, of the boot where one is named."""
    key, which = find(connection, vantage), find(connection, boot) if boot is not None else None
    if key is None or (boot is not None and which is None):
        return None
    row = connection.execute(
        f"{_HEARTBEATS} WHERE vantage = ? AND (? IS NULL OR boot = ?) ORDER BY at DESC LIMIT 1", (key, which, which)
    ).fetchone()
    return HeartbeatFact(*row) if row else None
