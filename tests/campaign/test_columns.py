"""Every column of every table of a store, one value changed at a time, whatever it means: a check finds it, or it is
one of those that say nothing of what was seen."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.cli.deep import findings
from monitor.issuing.binding import bind
from monitor.issuing.keys import signing_key
from monitor.sla.facts import AssumeFact
from monitor.store.port import Batch, StoreError
from monitor.store.sqlite import open_store
from monitor.store.which import open_store as open_any
from tests.campaign.others import other
from tests.campaign.tamper import NOW, _sample, made
from tests.store.made import event

FREE = {
    "_sqlite_migrations": "how the tables came to be",
    "meta": "who holds the store, and which file it is",
    "chunks.id": "a place",
    "facts.id": "a place; the order is bound",
    "issued.id": "a place; the order is bound",
    "journal.id": "a place; what leads there is checked",
    "quarantine.id": "a place; the order is bound",
    "security_events.id": "a place; the order is bound",
    "outbox.id": "a place",
    "outbox.subject": "in which order deliveries go",
    "outbox.attempts": "when a delivery is tried again",
    "outbox.due_at": "when a delivery is tried again",
    "outbox.error": "why a delivery failed, for people",
}
"""What may change unseen, and what it is."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One with something in every table."""
    path = filled(tmp_path_factory.mktemp("columns"))
    assert told_of(path, path) == []
    return path


def filled(directory: Path, url: str | None = None) -> Path:
    """A store with something in every table, in a database where one is named; gives where its heads and key lie."""
    path = made(directory, url).path
    with closing(open_any(url or path, clock=lambda: NOW, hooks=["ops"])) as store:
        later = [_sample("branch", "here", 41 * 24 + hour) for hour in range(3)]
        told = Batch(later, [AssumeFact("x", "up")], [("acme", "1")], [("branch", "2")], [event("a")])
        store.append(told)
        store.seal(NOW)
        bind(store, str(path), signing_key(str(path)), NOW, at_once=True)
    return path


def told_of(path: Path, beside: Path) -> list[str]:
    """What ``doctor --deep`` says of a store."""
    try:
        with closing(open_store(path, read_only=True)) as store:
            return [*findings(store.chain, str(beside), None, ()), *store.integrity()]
    except StoreError as error:
        return [str(error)]


def changed(path: Path) -> Iterator[tuple[str, str]]:
    """(table, column) of each change that is made to the file in its turn."""
    whole = path.read_bytes()
    with closing(sqlite3.connect(path)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")]
        columns = [(table, row[1]) for table in tables for row in db.execute(f"PRAGMA table_info({table})")]
    for table, column in columns:
        if table == "sqlite_sequence":
            continue
        path.write_bytes(whole)
        with closing(sqlite3.connect(path)) as db:
            if _change(db, table, column):
                yield table, column


def _change(db: sqlite3.Connection, table: str, column: str) -> bool:
    """Another value in the last row of a table, if it has any, its triggers out of the way meanwhile."""
    triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    keys = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[5]] or ["rowid"]
    row = db.execute(f'SELECT "{column}", {", ".join(keys)} FROM {table} ORDER BY 2 DESC LIMIT 1').fetchone()
    if row is not None:
        where = " AND ".join(f"{key} = ?" for key in keys)
        db.execute(f'UPDATE {table} SET "{column}" = ? WHERE {where}', (other(row[0]), *row[1:]))
    for _, text in triggers:
        db.execute(text)
    db.commit()
    return row is not None


def test_a_change_of_any_column_is_found(store: Path) -> None:
    copy, missed, tables = store.with_name("copy.db"), set[str](), set[str]()
    shutil.copy(store, copy)
    for table, column in changed(copy):
        tables.add(table)
        if not told_of(copy, store):
            missed.add(table if table in FREE else f"{table}.{column}")
    assert missed <= FREE.keys()
    assert {"seen", "names", "people", "extents", "chunks", "journal", "leaves", "links", "heartbeats"} <= tables
