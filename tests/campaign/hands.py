"""The hands of somebody who changes a store, of either kind: nothing of it is asked of the program that keeps it."""

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Protocol

import psycopg

from monitor.store.linkstore import Chains
from monitor.store.names import every as names_of
from monitor.store.names import find
from monitor.store.packing.chunk import DAY, make_chunk
from monitor.store.postgres import partitions, rows
from monitor.store.postgres.damage import Damages
from monitor.store.postgres.names import Names
from monitor.store.postgres.schema import frozen
from monitor.store.postgres.sql import Asked
from monitor.store.postgres.view import PostgresView
from monitor.store.rows import CHUNK, UNSORTED, open_chunk, write_chunk, write_journal
from monitor.store.sql import Answer, Sql
from monitor.store.sqlite import open_store
from probes.columns import concat, from_samples, in_order, to_samples
from probes.sample import Sample

Day = tuple[str, str, int]
"""(target, vantage, UTC day)."""


class Hand(Protocol):
    """Writes whatever it likes."""

    @property
    def sql(self) -> Sql:
        """The tables that both kinds have."""

    def execute(self, query: str, values: Sequence[object] = (), /) -> Answer:
        """One statement, as ``monitor.store.sql`` says."""

    def days(self) -> list[Day]:
        """The days that are sealed."""

    def samples(self, day: Day) -> list[Sample]:
        """What they hold."""

    def put(self, day: Day, samples: list[Sample]) -> None:
        """Other samples in their place, every digest made to fit."""

    def forge(self, rng: random.Random, sample: Sample) -> None:
        """A sample of a day that is sealed, as if it had come late."""

    def unguard(self, rng: random.Random) -> str:
        """Take a trigger away; gives its table."""


class SqliteHand:
    """Implements Hand."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.sql = self._db = db
        self.execute = db.execute

    def days(self) -> list[Day]:
        found = []
        for key, vantage, target in self._chunks():
            row = self._row(key)
            found += [(target, vantage, int(part["at"][0]) // DAY) for part in open_chunk(row)]
        return found

    def _chunks(self) -> list[tuple[int, str, str]]:
        names = names_of(self._db)
        rows = self._db.execute("SELECT id, vantage, target FROM chunks ORDER BY id").fetchall()
        return [(key, names[vantage], names[target]) for key, vantage, target in rows]

    def _row(self, key: int) -> Any:
        return self._db.execute(f"SELECT {CHUNK} FROM chunks WHERE id = ?", (key,)).fetchone()

    def _of(self, day: Day) -> Any:
        query = f"SELECT {CHUNK} FROM chunks WHERE target = ? AND vantage = ? AND first_at < ? AND last_at >= ?"
        key = (find(self._db, day[0]), find(self._db, day[1]), (day[2] + 1) * DAY, day[2] * DAY)
        return self._db.execute(query, key).fetchone()

    def samples(self, day: Day) -> list[Sample]:
        parts = {int(part["at"][0]) // DAY: part for part in open_chunk(self._of(day))}
        return to_samples(in_order(parts[day[2]]))

    def put(self, day: Day, samples: list[Sample]) -> None:
        """One day of one chunk, its roll-ups too."""
        row = self._of(day)
        kept = [part for part in open_chunk(row) if int(part["at"][0]) // DAY != day[2]]
        made = concat([*kept, from_samples(samples)])
        self._db.execute("DELETE FROM chunks WHERE id = ?", (row[0],))
        if len(made):
            write_chunk(self._db, day[0], day[1], make_chunk(made))

    def forge(self, rng: random.Random, sample: Sample) -> None:
        """Into the journal; nothing has bound it."""
        write_journal(self._db, from_samples([sample]), UNSORTED)

    def unguard(self, rng: random.Random) -> str:
        query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
        name, table = rng.choice(self._db.execute(query).fetchall())
        self._db.execute(f"DROP TRIGGER {name}")
        return str(table)


class PostgresHand:
    """Implements Hand."""

    def __init__(self, db: psycopg.Connection[Any]) -> None:
        self._db = db
        self.sql = Asked(db)
        self.execute = self.sql.execute

    def days(self) -> list[Day]:
        query = (
            "SELECT DISTINCT t.text, v.text, day FROM leaves JOIN names AS t ON t.id = target "
            "JOIN names AS v ON v.id = vantage ORDER BY 1, 2, 3"
        )
        return list(self.sql.execute(query).fetchall())

    def _where(self, day: Day) -> tuple[str, tuple[Any, ...]]:
        place = (find(self.sql, day[0]), find(self.sql, day[1]), day[2] * DAY, (day[2] + 1) * DAY)
        return "target = %s AND vantage = %s AND at >= %s AND at < %s", place

    def samples(self, day: Day) -> list[Sample]:
        where, values = self._where(day)
        found = self._db.cursor(binary=True).execute(
            f"SELECT {rows.SAMPLE} FROM samples WHERE {where}".encode(), values
        )
        return to_samples(in_order(rows.columns_of(self._db, found.fetchall(), Damages())))

    def put(self, day: Day, samples: list[Sample]) -> None:
        where, values = self._where(day)
        self._db.execute(f"DELETE FROM samples WHERE {where}".encode(), values)
        if samples:
            rows.write(self._db, from_samples(samples), Names())

    def forge(self, rng: random.Random, sample: Sample) -> None:
        """Listed among what waits to be bound, or not."""
        columns, names = from_samples([sample]), Names()
        partitions.ensure(self._db, partitions.months_of([sample.at]))
        rows.write(self._db, columns, names)
        if rng.random() < 0.5:
            key = names.of(self._db, [sample.vantage, sample.boot, sample.target])
            values = (key[0], key[1], sample.seq, key[2], sample.at // DAY)
            self.execute("INSERT INTO late_samples VALUES (?, ?, ?, ?, ?)", values)

    def unguard(self, rng: random.Random) -> str:
        """Dropped, made to hold for some rows only, or switched off."""
        table, actions = rng.choice(sorted(frozen().items()))
        trigger = f"{table}_no_{rng.choice(actions).lower()}"
        if rng.random() < 0.5:
            self._db.execute(f"DROP TRIGGER {trigger} ON {table}".encode())
        else:
            self._db.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}".encode())
        return table


class Checked(Protocol):
    """What is checked of a store."""

    @property
    def chain(self) -> Chains:
        """What binds its evidence."""

    def integrity(self) -> Sequence[str]:
        """What is wrong with any record."""


Copy = Callable[[bool], AbstractContextManager[tuple[Hand, Callable[[], AbstractContextManager[Checked]]]]]
"""A copy of a store: a hand on it, ``guarded`` by its triggers or not, and what lets go and gives it to be checked."""


def sqlite_copies(path: Path) -> Copy:
    """Copies of a file, one in the place of the other."""

    @contextmanager
    def copy(guarded: bool) -> Iterator[tuple[Hand, Callable[[], AbstractContextManager[Checked]]]]:
        made = path.with_name("copy.db")
        shutil.copy(path, made)
        with closing(sqlite3.connect(made)) as db:
            query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
            triggers = [] if guarded else db.execute(query).fetchall()
            for name, _ in triggers:
                db.execute(f"DROP TRIGGER {name}")

            def let_go() -> AbstractContextManager[Checked]:
                for _, text in triggers:
                    db.execute(text)
                db.commit()
                return closing(open_store(made, read_only=True))

            yield SqliteHand(db), let_go

    return copy


class Meddled:
    """A database as it is inside a transaction that nobody else sees; implements Checked."""

    def __init__(self, db: psycopg.Connection[Any]) -> None:
        asked, view = Asked(db), PostgresView(db)
        self.chain = Chains(lambda: nullcontext(asked), lambda: nullcontext(asked), lambda: nullcontext(view))

    def integrity(self) -> Sequence[str]:
        """Nothing: only what the chains tell counts here."""
        return ()


def postgres_copies(url: str) -> Copy:
    """A database, changed in a transaction that is undone."""

    @contextmanager
    def copy(guarded: bool) -> Iterator[tuple[Hand, Callable[[], AbstractContextManager[Checked]]]]:
        tables = () if guarded else sorted(frozen())
        with psycopg.connect(url, options="-csearch_path=upheld") as db:
            for table in tables:
                db.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
            db.execute("ALTER TABLE facts ALTER COLUMN id SET GENERATED BY DEFAULT")

            def let_go() -> AbstractContextManager[Checked]:
                for table in tables:
                    db.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())
                return nullcontext(Meddled(db))

            yield PostgresHand(db), let_go
            db.rollback()

    return copy
