"""The tables of a PostgreSQL store, in a schema of its own, and how an older layout becomes a newer one.

``samples`` has one row a sample, partitioned by the month of ``at`` (UTC); ``names`` keeps each text once, 0 stands
for none. ``seen`` answers whether an identity is stored, also after its sample went with retention. Evidence is never
updated in place; triggers refuse it. ``leaves`` and ``late_beats`` are as in a SQLite store; ``days`` and
``late_samples`` tell what has no leaf yet (``monitor.store.postgres.days``).
"""

import psycopg

from monitor.store.port import StoreError

SCHEMA = "upheld"
VERSION = 2
"""The newest layout this program knows; ``migrations`` says which a store has."""

_TABLES = """
CREATE TABLE meta (key text PRIMARY KEY, value text NOT NULL);
CREATE TABLE names (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text COLLATE "C" NOT NULL UNIQUE);
CREATE TABLE samples (
    at bigint NOT NULL, seq bigint NOT NULL, scheduled_at bigint, took bigint, sent bigint, received bigint,
    duplicates bigint NOT NULL, late bigint NOT NULL, received_at bigint, digest bigint NOT NULL,
    target integer NOT NULL, vantage integer NOT NULL, boot integer NOT NULL, reason integer NOT NULL,
    address integer NOT NULL, config integer NOT NULL, clock integer NOT NULL, phases integer NOT NULL,
    outcome smallint NOT NULL, rtts bigint[], steps bigint[],
    PRIMARY KEY (vantage, boot, seq, at)) PARTITION BY RANGE (at);
CREATE INDEX samples_target ON samples (target, at);
CREATE TABLE seen (vantage integer, boot integer, block bigint, digest bytea NOT NULL, bits bytea NOT NULL,
    PRIMARY KEY (vantage, boot, block)) WITH (fillfactor = 50);
CREATE TABLE quarantine (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, vantage text NOT NULL, boot text NOT NULL,
    seq bigint NOT NULL, target text NOT NULL, content bytea NOT NULL, digest bytea NOT NULL, body bytea NOT NULL,
    UNIQUE (vantage, boot, seq, content));
CREATE INDEX quarantine_target ON quarantine (target);
CREATE TABLE security_events (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at bigint NOT NULL,
    code text NOT NULL, text text NOT NULL);
CREATE TABLE facts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, kind text NOT NULL, about text NOT NULL,
    start bigint, "end" bigint, digest bytea NOT NULL UNIQUE, body text NOT NULL,
    recorded bigint);
CREATE TABLE people (seq bigint GENERATED ALWAYS AS IDENTITY, id text COLLATE "C" PRIMARY KEY, salt text NOT NULL,
    name text NOT NULL);
CREATE TABLE links (chain text COLLATE "C", number bigint, body text NOT NULL, PRIMARY KEY (chain, number));
CREATE TABLE heartbeats (vantage integer, at bigint, boot integer, loop_lag bigint, clock_error bigint,
    suspended bigint NOT NULL, PRIMARY KEY (vantage, at, boot));
CREATE TABLE accounts (contract text COLLATE "C" PRIMARY KEY, digest bytea NOT NULL, body text NOT NULL);
CREATE TABLE checkpoints (target text COLLATE "C" PRIMARY KEY, digest bytea NOT NULL, body text NOT NULL);
CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, hook text NOT NULL, delivery text NOT NULL,
    subject text NOT NULL, attempts bigint NOT NULL DEFAULT 0, due_at bigint NOT NULL DEFAULT 0, error text,
    digest bytea NOT NULL, body text, UNIQUE (hook, delivery));
CREATE INDEX outbox_waiting ON outbox (hook, subject, id) WHERE body IS NOT NULL;
CREATE TABLE issued (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, contract text COLLATE "C" NOT NULL,
    start bigint NOT NULL, "end" bigint NOT NULL, revision bigint NOT NULL, at bigint NOT NULL,
    statement text NOT NULL, keep text NOT NULL, body text NOT NULL, digest bytea NOT NULL,
    UNIQUE (contract, start, "end", revision));
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS
    $${append_only}$$;
"""
APPEND_ONLY = " BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END "
_LEAVES = """
CREATE TABLE leaves (id bigint PRIMARY KEY, form bigint NOT NULL, vantage integer NOT NULL, target integer NOT NULL,
    day bigint NOT NULL, count bigint NOT NULL, digest bytea NOT NULL, marks bytea NOT NULL, late bytea NOT NULL);
CREATE INDEX leaves_day ON leaves (vantage, target, day);
CREATE TABLE late_beats (vantage integer, at bigint, boot integer, PRIMARY KEY (vantage, at, boot));
CREATE TABLE days (vantage integer, target integer, day bigint, closing boolean NOT NULL DEFAULT false,
    PRIMARY KEY (vantage, target, day));
CREATE TABLE late_samples (vantage integer, boot integer, seq bigint, target integer NOT NULL, day bigint NOT NULL,
    PRIMARY KEY (vantage, boot, seq));
CREATE INDEX late_samples_day ON late_samples (vantage, target, day);
ALTER TABLE people RENAME COLUMN seq TO rowid;
INSERT INTO days SELECT DISTINCT vantage, target, floor(at / 86400000000000::numeric)::bigint FROM samples;
"""
_FROZEN = {
    "samples": ("UPDATE",),
    "facts": ("UPDATE", "DELETE"),
    "quarantine": ("UPDATE", "DELETE"),
    "security_events": ("UPDATE", "DELETE"),
    "heartbeats": ("UPDATE",),
    "issued": ("UPDATE", "DELETE"),
    "links": ("UPDATE", "DELETE"),
}
TABLES = frozenset(
    {"meta", "names", "samples", "seen", "quarantine", "security_events", "facts", "heartbeats", "accounts"}
    | {"checkpoints", "outbox", "issued", "migrations", "people", "links", "leaves", "late_beats", "days"}
    | {"late_samples"}
)


def _first(connection: psycopg.Connection) -> None:
    _run(connection, _TABLES.format(append_only=APPEND_ONLY))
    for table, actions in _FROZEN.items():
        for action in actions:
            _freeze(connection, table, action, "ROW")


def _leaves(connection: psycopg.Connection) -> None:
    """What binds samples. Those of a store made before are bound at the next sealing."""
    _run(connection, _LEAVES)
    for action in ("UPDATE", "DELETE"):
        _freeze(connection, "leaves", action, "ROW")
    for table, actions in frozen().items():
        if "TRUNCATE" in actions:
            _freeze(connection, table, "TRUNCATE", "STATEMENT")


def _run(connection: psycopg.Connection, statements: str) -> None:
    for statement in statements.split(";\n"):
        if statement.strip():
            connection.execute(statement.encode())


def _freeze(connection: psycopg.Connection, table: str, action: str, each: str) -> None:
    connection.execute(
        f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
        f"FOR EACH {each} EXECUTE FUNCTION append_only()".encode()
    )


def frozen() -> dict[str, tuple[str, ...]]:
    """Which changes of which tables triggers refuse."""
    tables = {**_FROZEN, "leaves": ("UPDATE", "DELETE")}
    return {table: (*actions, "TRUNCATE") if "DELETE" in actions else actions for table, actions in tables.items()}


_STEPS = ((1, "first", _first), (2, "leaves", _leaves))
"""Every change of layout, oldest first. A step that has been published is never edited; add one and raise VERSION."""


def version_of(connection: psycopg.Connection, name: str) -> int | None:
    """The layout's version, None where there is no store yet. Raises ``store_foreign``, ``store_newer``."""
    found = connection.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.migrations",)).fetchone()
    if found is None or found[0] is None:
        strange = connection.execute("SELECT 1 FROM pg_tables WHERE schemaname = %s LIMIT 1", (SCHEMA,)).fetchone()
        if strange is not None:
            raise StoreError(
                "store_foreign", f"{name}: its schema {SCHEMA!r} is not ours; name another database, this is left alone"
            )
        return None
    row = connection.execute("SELECT max(version) FROM migrations").fetchone()
    version = int(row[0]) if row and row[0] is not None else 0
    if version > VERSION:
        raise StoreError(
            "store_newer",
            f"{name}: written by a newer upheld (store version {version}, this program knows {VERSION}); "
            "install that version or later. Nothing was changed",
        )
    return version


def migrate(connection: psycopg.Connection, version: int | None) -> None:
    """Bring the store to VERSION, each step in a transaction of its own. The connection is outside any."""
    if version is None:
        with connection.transaction():
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}".encode())
            connection.execute(
                "CREATE TABLE migrations (version integer PRIMARY KEY, name text NOT NULL, "
                "applied timestamptz NOT NULL DEFAULT now())"
            )
    for number, name, step in _STEPS:
        if number > (version or 0):
            with connection.transaction():
                step(connection)
                connection.execute("INSERT INTO migrations (version, name) VALUES (%s, %s)", (number, name))
