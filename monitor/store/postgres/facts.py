"""Facts other than samples: each once, in the order of recording, never changed; heartbeats in a table of numbers."""

from collections.abc import Iterator, Sequence

from monitor.sla.facts import HeartbeatFact
from monitor.store.damage import lost_fact
from monitor.store.digest import digest, verify
from monitor.store.factcodec import StoredFact, fact_from, fact_text, span_of
from monitor.store.leaves import DAY, last_beats_day
from monitor.store.people import hidden, named
from monitor.store.people import names as people_of
from monitor.store.port import StoreError
from monitor.store.postgres.connection import Connection
from monitor.store.postgres.damage import Damages
from monitor.store.postgres.names import Names
from monitor.store.postgres.readers import Readers
from monitor.store.postgres.sql import Asked

PIECE = 5_000
_TOUCHING = '(start IS NULL OR start < %s::numeric) AND ("end" IS NULL OR "end" > %s::numeric)'
_VERSIONED = "kind IN ('exclusion', 'ticket')"
_RECORDED = "(recorded IS NULL OR recorded <= %s::numeric)"
FACT = 'id, kind, about, start, "end", digest, body'
HEARTBEATS = (
    "SELECT vantages.text, boots.text, at, loop_lag, clock_error, suspended FROM heartbeats "
    "JOIN names AS vantages ON vantages.id = vantage JOIN names AS boots ON boots.id = boot"
)
_TELLING = f"""WITH
  lasts AS (SELECT vantage, boot, max(at) AS at FROM heartbeats WHERE at >= %(start)s::numeric AND at < %(end)s::numeric
            GROUP BY vantage, boot),
  woken AS (SELECT vantage, boot, at FROM heartbeats WHERE suspended > 0 AND at >= %(start)s::numeric
            AND at < %(end)s::numeric),
  asleep AS (SELECT vantage, boot, (SELECT max(h.at) FROM heartbeats h WHERE h.vantage = woken.vantage
             AND h.boot = woken.boot AND h.at < woken.at AND h.at >= %(start)s::numeric) AS at FROM woken),
  telling AS (SELECT * FROM lasts UNION SELECT * FROM woken UNION SELECT * FROM asleep)
{HEARTBEATS} WHERE (vantage, at, boot) IN (SELECT vantage, at, boot FROM telling)
ORDER BY at, vantages.text, boots.text"""


def write(connection: Connection, facts: Sequence[StoredFact], names: Names, now: int) -> int:
    """Record what is not recorded yet, as of ``now``; gives how many that were."""
    beats = [fact for fact in facts if isinstance(fact, HeartbeatFact)]
    new = write_heartbeats(connection, beats, names) if beats else 0
    values = []
    for fact in facts:
        if not isinstance(fact, HeartbeatFact):
            kind, body = fact_text(hidden(Asked(connection), fact))
            place = (kind, *span_of(fact))
            values.append((*place, digest(body, *place), body, now))
    if values:
        with connection.cursor() as cursor:
            cursor.executemany(
                'INSERT INTO facts (kind, about, start, "end", digest, body, recorded) '
                "VALUES (%s, %s, %s::bigint, %s::bigint, %s, %s, %s::bigint) ON CONFLICT (digest) DO NOTHING",
                values,
            )
            new += cursor.rowcount
    return new


def write_heartbeats(connection: Connection, beats: Sequence[HeartbeatFact], names: Names) -> int:
    """Record those that are not recorded yet; gives how many that were."""
    vantages = names.of(connection, [beat.vantage for beat in beats])
    boots = names.of(connection, [beat.boot for beat in beats])
    values = [
        (vantage, beat.at, boot, beat.loop_lag, beat.clock_error, beat.suspended)
        for vantage, boot, beat in zip(vantages, boots, beats, strict=True)
    ]
    new = connection.execute(
        "INSERT INTO heartbeats SELECT * FROM unnest(%s::int[], %s::bigint[], %s::int[], %s::bigint[], %s::bigint[], "
        "%s::bigint[]) ON CONFLICT DO NOTHING RETURNING vantage, at, boot",
        [list(column) for column in zip(*values, strict=True)],
    ).fetchall()
    bound = {vantage: last_beats_day(Asked(connection), vantage) for vantage in set(vantages)}
    late = [(vantage, at, boot) for vantage, at, boot in new if at // DAY <= bound[vantage]]  # type: ignore
    if late:
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO late_beats VALUES (%s, %s::bigint, %s) ON CONFLICT DO NOTHING", late)
    return len(new)


def read(readers: Readers, damages: Damages, start: int, end: int, recorded: int) -> Iterator[StoredFact]:
    """What touches ``[start, end)`` and what has no span; heartbeats are read on their own. What is damaged is noted,
    and the time that it spoke of given in its place."""
    query = (
        f"SELECT {FACT} FROM facts WHERE {_RECORDED} AND ({_TOUCHING} OR ({_VERSIONED} AND (kind, about) IN "
        f"(SELECT kind, about FROM facts WHERE {_RECORDED} AND {_VERSIONED} AND {_TOUCHING}))) ORDER BY id"
    )
    with readers.snapshot() as connection:
        people = people_of(Asked(connection))
        with connection.cursor(name="facts") as cursor:
            cursor.execute(query.encode(), (recorded, end, start, recorded, end, start))
            while rows := cursor.fetchmany(PIECE):
                for row in rows:
                    try:
                        fact = checked(row)
                    except StoreError as error:
                        damages.note(f"fact {row[0]}", str(error))
                        yield from lost_fact(*row[1:5])
                    else:
                        yield named(fact, people)


def checked(row: tuple[object, ...]) -> StoredFact:
    """A row selected as FACT, its author by pseudonym. Raises StoreError ``store_damaged``."""
    key, kind, about, first, last, stored, body = row
    assert isinstance(stored, bytes) and isinstance(body, str)
    verify(stored, body, f"fact {key}", kind, about, first, last)
    return fact_from(str(kind), body)


def telling(connection: Connection, start: int, end: int) -> list[HeartbeatFact]:
    """The last of each boot in ``[start, end)``, and those on both sides of a suspend."""
    rows = connection.execute(_TELLING.encode(), {"start": start, "end": end}).fetchall()
    return [HeartbeatFact(*row) for row in rows]  # type: ignore[arg-type]


def last_heartbeat(connection: Connection, vantage: str, boot: str | None) -> HeartbeatFact | None:
    """The latest of the vantage, of the boot where one is named."""
    query = (
        f"{HEARTBEATS} WHERE vantage = (SELECT id FROM names WHERE text = %s) AND (%s::text IS NULL "
        "OR boot = (SELECT id FROM names WHERE text = %s)) ORDER BY at DESC LIMIT 1"
    )
    row = connection.execute(query.encode(), (vantage, boot, boot)).fetchone()
    return HeartbeatFact(*row) if row else None  # type: ignore[arg-type]
