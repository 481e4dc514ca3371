"""A sample that is stored and not marked would count twice if it were sent again: a check names it, in both kinds of
store."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
import pytest

from monitor.store.digest import digest
from monitor.store.port import Batch
from monitor.store.postgres.sql import Asked
from monitor.store.rows import UNSORTED, write_journal
from probes.columns import from_samples
from tests.store.made import sample
from tests.store.test_damaged_records import Kind, kind

__all__ = ["kind"]


@contextmanager
def hand(kind: Kind) -> Iterator[Any]:
    """What writes any table while the store is closed."""
    kind.close()
    if kind.place.startswith("postgresql"):
        with psycopg.connect(kind.place, autocommit=True, options="-csearch_path=upheld") as there:
            yield Asked(there)
        return
    with closing(sqlite3.connect(kind.place, isolation_level=None)) as here:
        yield here


def named(kind: Kind) -> str:
    """What a check of every record says."""
    return "\n".join(kind.open().integrity())


def test_what_is_stored_once_and_marked_is_sound(kind: Kind) -> None:
    store = kind.open()
    assert store.append(Batch(samples=[sample(seq) for seq in range(2990, 9000)])).recorded == 6000
    assert named(kind) == ""


@pytest.mark.parametrize("change", ["DELETE FROM seen", "UPDATE seen SET block = block + 7"])
def test_samples_without_their_marks_are_named(kind: Kind, change: str) -> None:
    with hand(kind) as sql:
        sql.execute(change)
    text = "identities of boot b1 from 0: 3000 samples of vantage fra are stored and not marked"
    assert text in named(kind)


def test_marks_that_were_taken_away_with_care_are_named(kind: Kind) -> None:
    """The digest fits again."""
    with hand(kind) as sql:
        *place, bits = sql.execute("SELECT vantage, boot, block, bits FROM seen").fetchone()
        fewer = bytes([bits[0] & ~0b101]) + bits[1:]
        sql.execute("UPDATE seen SET bits = ?, digest = ?", (fewer, digest(fewer, *place)))
    assert "identities of boot b1 from 0: 2 samples of vantage fra are stored and not marked" in named(kind)


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
def test_a_sample_that_is_stored_twice_is_named(kind: Kind) -> None:
    with hand(kind) as sql:
        write_journal(sql, from_samples([sample(5), sample(7)]), UNSORTED)
    assert named(kind) == "identities of boot b1 from 0: 2 samples of vantage fra are stored twice"


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "text"),
    [
        ("UPDATE extents SET high = high - 1", "journal row 1: what says which samples it holds is not of it"),
        ("DELETE FROM extents", "journal row 1: what says which samples it holds is not of it"),
        (
            "INSERT INTO extents VALUES ('fra', 'b1', 0, 99, 3)",
            "journal row 99: it is gone, and what says which samples",
        ),
    ],
)
def test_what_leads_to_a_sample_by_its_number_is_checked(kind: Kind, change: str, text: str) -> None:
    with hand(kind) as sql:
        sql.execute(change)
    assert text in named(kind)
