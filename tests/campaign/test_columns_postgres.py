"""Every column of every table of a PostgreSQL store, as ``test_columns`` does it for a file."""

from collections.abc import Container, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.sla.facts import HeartbeatFact
from monitor.store.port import Batch
from monitor.store.postgres.schema import TABLES
from monitor.store.which import open_store
from tests.campaign.columns_postgres import change, columns, told_of, undone
from tests.campaign.tamper import NOW, START, _sample
from tests.campaign.test_columns import FREE as IN_A_FILE
from tests.campaign.test_columns import filled
from tests.postgres import Databases

FREE = {
    **{
        place: why for place, why in IN_A_FILE.items() if place.startswith(("outbox", "quarantine", "security", "meta"))
    },
    "days.closing": "whether a day is about to be sealed",
    "facts.id": "a place; the order is bound",
    "issued.id": "a place; the order is bound",
    "migrations": "how the tables came to be",
    "people.rowid": "a place",
}
"""What may change unseen, and what it is."""
LATE = {"late_samples", "late_beats"}
"""What waits to be bound: nothing, where all is."""
Place = tuple[str, Path]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The address of one with something in every table, and where its heads and key lie."""
    databases = Databases()
    url = databases.new()
    yield url, filled(tmp_path_factory.mktemp("columns"), url)
    databases.drop()


def unseen(store: Place, tables: Container[str], before: list[str]) -> tuple[set[str], set[str]]:
    """(the columns of which a change is not told, the tables that have nothing to change). ``before``: what is told
    without any."""
    url, beside = store
    missed, empty = set[str](), set[str]()
    with undone(url) as db:
        every = columns(db)
    for table, column, kind in (one for one in every if one[0] in tables):
        with undone(url) as db:
            if not change(db, table, column, kind):
                empty.add(table)
            elif told_of(db, beside) == before:
                missed.add(table if table in FREE else f"{table}.{column}")
    return missed, empty


def test_a_change_of_any_column_of_a_database_is_found(store: Place) -> None:
    with undone(store[0]) as db:
        assert told_of(db, store[1]) == []
        assert {table for table, _, _ in columns(db)} == TABLES
    assert unseen(store, TABLES, []) == (set(FREE), LATE)


def test_a_change_of_what_waits_to_be_bound_is_found(store: Place) -> None:
    """What came for days that are sealed, which the check names without any change."""
    late, beat = _sample("hq-router", "here", 10), HeartbeatFact("here", "b1", START + 1, 0)
    with closing(open_store(store[0], clock=lambda: NOW)) as opened:
        opened.append(Batch([replace(late, seq=10**6, at=late.at + 1)], [beat]))
    with undone(store[0]) as db:
        before = told_of(db, store[1])
    assert len(before) == 2
    assert unseen(store, LATE, before) == (set(), set())
