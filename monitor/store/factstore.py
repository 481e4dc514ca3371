"""Facts other than samples: each once, in the order of recording, never changed. Heartbeats in a table of numbers,
because there is one every few seconds for years."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing

from monitor.sla.facts import HeartbeatFact
from monitor.store.connection import Readers
from monitor.store.damage import Damages, lost_fact
from monitor.store.digest import digest, verify
from monitor.store.factcodec import StoredFact, fact_from, fact_text, span_of
from monitor.store.leaves import DAY, last_beats_day
from monitor.store.names import find, number_of
from monitor.store.people import hidden, named
from monitor.store.people import names as names_of
from monitor.store.port import StoreError

PIECE = 1_000
_TOUCHING = '(start IS NULL OR start < ?) AND ("end" IS NULL OR "end" > ?)'
_VERSIONED = "kind IN ('exclusion', 'ticket')"
_RECORDED = "(recorded IS NULL OR recorded <= ?)"
_HEARTBEATS = (
    "SELECT vantages.text, boots.text, at, loop_lag, clock_error, suspended FROM heartbeats "
    "JOIN names AS vantages ON vantages.id = vantage JOIN names AS boots ON boots.id = boot"
)

_TELLING = f"""WITH
  lasts AS (SELECT vantage, boot, max(at) AS at FROM heartbeats WHERE at >= ? AND at < ? GROUP BY vantage, boot),
  woken AS (SELECT vantage, boot, at FROM heartbeats WHERE suspended > 0 AND at >= ? AND at < ?),
  asleep AS (SELECT vantage, boot, (SELECT max(h.at) FROM heartbeats h WHERE h.vantage = woken.vantage
             AND h.boot = woken.boot AND h.at < woken.at AND h.at >= ?) AS at FROM woken),
  telling AS (SELECT * FROM lasts UNION SELECT * FROM woken UNION SELECT * FROM asleep)
{_HEARTBEATS} WHERE (vantage, at, boot) IN (SELECT vantage, at, boot FROM telling) AND at < ?"""


def write(connection: sqlite3.Connection, facts: Sequence[StoredFact], now: int) -> int:
    """Record what is not recorded yet, as of ``now``; gives how many that were."""
    new = 0
    for fact in facts:
        if isinstance(fact, HeartbeatFact):
            new += _write_beat(connection, fact)
            continue
        fact = hidden(connection, fact)
        kind, body = fact_text(fact)
        place = (kind, *span_of(fact))
        new += connection.execute(
            'INSERT INTO facts (kind, about, start, "end", digest, body, recorded) VALUES (?, ?, ?, ?, ?, ?, ?) '
            "ON CONFLICT (digest) DO NOTHING",
            (*place, digest(body, *place), body, now),
        ).rowcount
    return new


def _write_beat(connection: sqlite3.Connection, fact: HeartbeatFact) -> int:
    numbers = (fact.loop_lag, fact.clock_error, fact.suspended)
    vantage, boot = number_of(connection, fact.vantage), number_of(connection, fact.boot)
    new = connection.execute(
        "INSERT OR IGNORE INTO heartbeats VALUES (?, ?, ?, ?, ?, ?)", (vantage, fact.at, boot, *numbers)
    ).rowcount
    if new and fact.at // DAY <= last_beats_day(connection, vantage):
        connection.execute("INSERT OR IGNORE INTO late_beats VALUES (?, ?, ?)", (vantage, fact.at, boot))
    return new


def read(readers: Readers, damages: Damages, start: int, end: int, recorded: int) -> Iterator[StoredFact]:
    """What touches ``[start, end)`` and what has no span; heartbeats are read on their own. What is damaged is noted,
    and the time that it spoke of given in its place. Some are held at a time, and all are of the instant at which the
    first was read."""
    query = (
        f'SELECT id, kind, about, start, "end", digest, CAST(body AS BLOB) FROM facts WHERE {_RECORDED} AND '
        f"({_TOUCHING} OR ({_VERSIONED} AND (kind, about) IN "
        f"(SELECT kind, about FROM facts WHERE {_RECORDED} AND {_VERSIONED} AND {_TOUCHING}))) ORDER BY id"
    )
    with readers.snapshot() as connection:
        people = names_of(connection)
        with closing(connection.execute(query, (recorded, end, start, recorded, end, start))) as rows:
            while some := rows.fetchmany(PIECE):
                for key, kind, about, first, last, stored, body in some:
                    try:
                        verify(stored, body, f"fact {key}", kind, about, first, last)
                    except StoreError as error:
                        damages.note(f"fact {key}", str(error))
                        yield from lost_fact(kind, about, first, last)
                        continue
                    yield named(fact_from(kind, body.decode()), people)


def telling(readers: Readers, start: int, end: int) -> Iterator[HeartbeatFact]:
    """The last of each boot in ``[start, end)``, and those on both sides of a suspend."""
    with readers.snapshot() as connection:
        rows = connection.execute(
            f"{_TELLING} ORDER BY at, vantages.text, boots.text", (start, end, start, end, start, end)
        )
        found = rows.fetchall()
    return (HeartbeatFact(*row) for row in found)


def last_heartbeat(connection: sqlite3.Connection, vantage: str, boot: str | None) -> HeartbeatFact | None:
    """The latest of the vantage, of the boot where one is named."""
    key, which = find(connection, vantage), find(connection, boot) if boot is not None else None
    if key is None or (boot is not None and which is None):
        return None
    row = connection.execute(
        f"{_HEARTBEATS} WHERE vantage = ? AND (? IS NULL OR boot = ?) ORDER BY at DESC LIMIT 1", (key, which, which)
    ).fetchone()
    return HeartbeatFact(*row) if row else None
