"""The tables of a SQLite store, and how an older store becomes a newer one.

``journal`` holds batches as they came (part -1) and, soon after, the same samples sorted into parts of targets and
days; ``chunks`` holds one target's samples of one vantage for sixteen days that are over, and what they come
to by the hour. A sample is in exactly one row of the two. ``extents`` and ``seen`` answer whether an identity is
stored without a row per sample. ``leaves`` says what was sealed together came to, ``links`` bind leaves and records
into chains, ``people`` keeps the names behind pseudonyms.
Evidence is never updated in place; triggers refuse it.
"""

import sqlite3
from typing import TYPE_CHECKING

from monitor.store import upgrade

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID = 0x55504844
"""Stands in the file's header (``PRAGMA application_id``): this is a store of ours."""
VERSION = 4
"""The newest layout this program knows (``PRAGMA user_version``)."""
READABLE = 3
"""The first layout that has all tables."""
OLD_BODIES = """SELECT 1 FROM journal WHERE substr(body, 1, 1) = x'01'
   UNION SELECT 1 FROM chunks WHERE substr(body, 1, 1) > x'0f'"""
"""Samples in a form of before version 4, which is read no more: it was never released."""

_TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE names (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)",
    """CREATE TABLE journal (id INTEGER PRIMARY KEY AUTOINCREMENT, part INTEGER NOT NULL, first_at INTEGER NOT NULL,
       last_at INTEGER NOT NULL, count INTEGER NOT NULL, digest BLOB NOT NULL, body BLOB NOT NULL)""",
    "CREATE INDEX journal_part ON journal (part)",
    "CREATE INDEX journal_span ON journal (part, last_at, first_at, count)",
    """CREATE TABLE extents (vantage TEXT NOT NULL, boot TEXT NOT NULL, low INTEGER NOT NULL,
       journal INTEGER NOT NULL, high INTEGER NOT NULL, PRIMARY KEY (vantage, boot, low, journal)) WITHOUT ROWID""",
    "CREATE INDEX extents_journal ON extents (journal)",
    """CREATE TABLE chunks (id INTEGER PRIMARY KEY, target INTEGER NOT NULL, vantage INTEGER NOT NULL,
       first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, count INTEGER NOT NULL,
       low INTEGER NOT NULL, high INTEGER NOT NULL, digest BLOB NOT NULL, hours BLOB NOT NULL, body BLOB NOT NULL)""",
    "CREATE INDEX chunks_span ON chunks (target, last_at, first_at, count)",
    """CREATE TABLE seen (vantage INTEGER NOT NULL, boot INTEGER NOT NULL, block INTEGER NOT NULL,
       digest BLOB NOT NULL, bits BLOB NOT NULL, PRIMARY KEY (vantage, boot, block)) WITHOUT ROWID""",
    """CREATE TABLE quarantine (id INTEGER PRIMARY KEY, vantage TEXT NOT NULL, boot TEXT NOT NULL,
       seq INTEGER NOT NULL, target TEXT NOT NULL, content BLOB NOT NULL, digest BLOB NOT NULL, body BLOB NOT NULL,
       UNIQUE (vantage, boot, seq, content))""",
    "CREATE INDEX quarantine_target ON quarantine (target)",
    """CREATE TABLE security_events (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, code TEXT NOT NULL,
       text TEXT NOT NULL)""",
    """CREATE TABLE facts (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, about TEXT NOT NULL, start INTEGER,
       "end" INTEGER, digest BLOB NOT NULL UNIQUE, body TEXT NOT NULL)""",
    """CREATE TABLE heartbeats (vantage INTEGER NOT NULL, at INTEGER NOT NULL, boot INTEGER NOT NULL,
       loop_lag INTEGER, clock_error INTEGER, suspended INTEGER NOT NULL,
       PRIMARY KEY (vantage, at, boot)) WITHOUT ROWID""",
    "CREATE TABLE accounts (contract TEXT PRIMARY KEY, digest BLOB NOT NULL, body TEXT NOT NULL)",
    "CREATE TABLE checkpoints (target TEXT PRIMARY KEY, digest BLOB NOT NULL, body TEXT NOT NULL)",
    """CREATE TABLE outbox (id INTEGER PRIMARY KEY AUTOINCREMENT, hook TEXT NOT NULL, delivery TEXT NOT NULL,
       subject TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL DEFAULT 0, error TEXT,
       digest BLOB NOT NULL, body TEXT, UNIQUE (hook, delivery))""",
    "CREATE INDEX outbox_waiting ON outbox (hook, subject, id) WHERE body IS NOT NULL",
)
_ISSUED = """CREATE TABLE issued (id INTEGER PRIMARY KEY, contract TEXT NOT NULL, start INTEGER NOT NULL,
   "end" INTEGER NOT NULL, revision INTEGER NOT NULL, at INTEGER NOT NULL, statement TEXT NOT NULL, body TEXT NOT NULL,
   keep TEXT NOT NULL, digest BLOB NOT NULL, UNIQUE (contract, start, "end", revision))"""
_CHAIN = (
    """CREATE TABLE leaves (id INTEGER PRIMARY KEY, form INTEGER NOT NULL, vantage INTEGER NOT NULL,
       target INTEGER NOT NULL, day INTEGER NOT NULL, count INTEGER NOT NULL, digest BLOB NOT NULL, marks BLOB NOT NULL,
       late BLOB NOT NULL)""",
    "CREATE INDEX leaves_day ON leaves (vantage, target, day)",
    """CREATE TABLE links (chain TEXT NOT NULL, number INTEGER NOT NULL, body TEXT NOT NULL,
       PRIMARY KEY (chain, number)) WITHOUT ROWID""",
    """CREATE TABLE late_beats (vantage INTEGER NOT NULL, at INTEGER NOT NULL, boot INTEGER NOT NULL,
       PRIMARY KEY (vantage, at, boot)) WITHOUT ROWID""",
    "CREATE TABLE people (id TEXT PRIMARY KEY, salt TEXT NOT NULL, name TEXT NOT NULL)",
    "ALTER TABLE facts ADD COLUMN recorded INTEGER",
)
_FROZEN = {
    "journal": ("UPDATE",),
    "chunks": ("UPDATE",),
    "facts": ("UPDATE", "DELETE"),
    "quarantine": ("UPDATE", "DELETE"),
    "security_events": ("UPDATE", "DELETE"),
    "heartbeats": ("UPDATE",),
}


def _first(db: "Database") -> None:
    for statement in _TABLES:
        db.execute(statement)
    for table, actions in _FROZEN.items():
        _freeze(db, table, actions)


def _freeze(db: "Database", table: str, actions: tuple[str, ...]) -> None:
    for action in actions:
        db.execute(
            f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _issued(db: "Database") -> None:
    """Statements that were issued."""
    db.execute(_ISSUED)
    _freeze(db, "issued", ("UPDATE", "DELETE"))


def _chain(db: "Database") -> None:
    """What binds the evidence; what was sealed before gets its leaves now."""
    for statement in _CHAIN:
        db.execute(statement)
    upgrade.bind_sealed(db.conn)
    upgrade.hide_people(db.conn)
    _freeze(db, "facts", ("UPDATE",))
    for table in ("leaves", "links"):
        _freeze(db, table, ("UPDATE", "DELETE"))


def frozen() -> dict[str, tuple[str, ...]]:
    """Which changes of which tables triggers refuse."""
    both = ("UPDATE", "DELETE")
    return {**_FROZEN, "issued": both, "leaves": both, "links": both}


_STEPS = (("first", _first), ("issued", _issued), ("chain", _chain))
"""Every change of layout, oldest first. A step that has been published is never edited; add one and raise VERSION."""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the store to VERSION, each step in a transaction of its own."""
    from sqlite_utils import Database, Migrations

    migrations = Migrations("upheld")
    for name, step in _STEPS:
        migrations(name=name)(step)
    migrations.apply(Database(connection, execute_plugins=False))
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
