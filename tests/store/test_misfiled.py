"""What leads to the evidence, changed by somebody who makes every digest fit again: it is found."""

import hashlib
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from monitor.issuing.binding import bind
from monitor.issuing.keys import public_text, sign
from monitor.issuing.links import link_from
from monitor.sla.facts import ExclusionFact, HeartbeatFact
from monitor.store import deep
from monitor.store.digest import digest, quick
from monitor.store.port import Batch
from monitor.store.rows import CHUNK, JOURNAL
from monitor.store.sqlite import open_store
from monitor.store.typed import mistyped
from tests.store.made import DAY, HOUR, START, sample

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LAST = "id = (SELECT max(id) FROM chunks)"
UNLIKE = "filed under another time or place than its samples bear"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five days of two targets, of which four are sealed and bound."""
    path = tmp_path_factory.mktemp("misfiled") / "store.db"
    with closing(open_store(path, clock=lambda: START + 4 * DAY)) as store:
        facts = [ExclusionFact("M1", START, START + HOUR, "planned_maintenance", author="Bo", recorded_at=1)]
        beats = [HeartbeatFact("fra", "b1", START + n * HOUR, n) for n in range(96)]
        store.append(Batch([sample(seq * 60, target=f"t{seq % 2}") for seq in range(5 * 240)], [*facts, *beats]))
        store.seal(START + 4 * DAY + HOUR)
        bind(store, str(path), KEY, START + 4 * DAY + HOUR)
    assert found(path) == []
    return path


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copy(whole, tmp_path / "copy.db"))


def found(path: Path) -> list[str]:
    """What a check of everything finds."""
    with closing(open_store(path, read_only=True)) as store:
        return [*deep.check(store.chain, public_text(KEY)), *store.integrity()]


@contextmanager
def hand(path: Path) -> Iterator[sqlite3.Connection]:
    """Writes whatever it likes, the triggers out of the way meanwhile."""
    with closing(sqlite3.connect(path)) as db:
        triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            db.execute(f"DROP TRIGGER {name}")
        yield db
        for _, text in triggers:
            db.execute(text)
        db.commit()


def test_a_chunk_filed_under_a_later_time_hides_its_samples_and_is_named(path: Path) -> None:
    with hand(path) as db:
        row = list(db.execute(f"SELECT {CHUNK} FROM chunks ORDER BY id LIMIT 1").fetchone())
        row[3] += 2 * DAY
        db.execute(
            "UPDATE chunks SET first_at = ?, digest = ? WHERE id = ?", (row[3], digest(row[10], *row[1:8]), row[0])
        )
    with closing(open_store(path, read_only=True)) as store:
        assert min(each.at for each in store.samples("t0", START, START + 9 * DAY)) >= START + 2 * DAY
    told = found(path)
    assert told[0].startswith("samples of t0 seen from fra") and told[0].endswith(f"chunk {row[0]}: {UNLIKE}")
    assert told[-1] == f"chunk {row[0]}: {UNLIKE}"


@pytest.mark.parametrize("column", ["last_at", "count", "low", "high"])
def test_a_chunk_says_nothing_else_of_its_samples_than_is_so(path: Path, column: str) -> None:
    with hand(path) as db:
        db.execute(f"UPDATE chunks SET {column} = {column} - 1 WHERE {LAST}")
        row = db.execute(f"SELECT {CHUNK} FROM chunks WHERE {LAST}").fetchone()
        db.execute(f"UPDATE chunks SET digest = ? WHERE {LAST}", (digest(row[10], *row[1:8]),))
    assert found(path)[-1] == f"chunk {row[0]}: {UNLIKE}"


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_piece_headed_by_other_days_or_another_count_is_named(path: Path, place: int) -> None:
    """Its heading: how many days after those of the chunk it begins and ends, and how many samples it holds."""
    with hand(path) as db:
        row = list(db.execute(f"SELECT {CHUNK} FROM chunks WHERE {LAST}").fetchone())
        at = (0, 1, 6)[place]
        row[10] = row[10][:at] + bytes([row[10][at] ^ 15]) + row[10][at + 1 :]
        db.execute(f"UPDATE chunks SET body = ?, digest = ? WHERE {LAST}", (row[10], digest(row[10], *row[1:8])))
    assert found(path)[-1] == f"chunk {row[0]}: {UNLIKE}"


@pytest.mark.parametrize("column", ["part", "first_at", "last_at", "count"])
def test_a_row_of_the_journal_filed_elsewhere_is_named(path: Path, column: str) -> None:
    with hand(path) as db:
        db.execute(f"UPDATE journal SET {column} = {column} + 7 WHERE id = (SELECT max(id) FROM journal)")
        row = db.execute(f"SELECT {JOURNAL} FROM journal ORDER BY id DESC LIMIT 1").fetchone()
        db.execute("UPDATE journal SET digest = ? WHERE id = ?", (quick(row[6], *row[1:5]), row[0]))
    assert found(path) == [f"journal row {row[0]}: {UNLIKE}"]


def test_a_value_of_another_type_is_named_and_nothing_is_computed_with_it(whole: Path, path: Path) -> None:
    with closing(sqlite3.connect(whole)) as db:
        tables = ("chunks", "facts", "heartbeats", "journal", "leaves", "links", "names", "people", "seen")
        columns = [(table, row[1], row[2]) for table in tables for row in db.execute(f"PRAGMA table_info({table})")]
    for table, column, kind in columns:
        shutil.copy(whole, path)
        other = {"INTEGER": "x'41'", "TEXT": "x'41'", "BLOB": "'text'"}[kind]
        if (column, kind) == ("id", "INTEGER"):
            continue  # a row's own number, of which SQLite takes no other type
        with hand(path) as db:
            db.execute(f'UPDATE OR IGNORE {table} SET "{column}" = {other}')
        assert found(path)[0].startswith(f"table {table}, record "), (table, column)


@pytest.mark.parametrize(
    ("member", "value"),
    [("number", "2"), ("horizon", "x"), ("rows", [["facts", "x"]]), ("lost", [["a"]]), ("marks", 7), ("day", 1 << 70)],
)
def test_a_link_whose_members_are_of_another_kind_is_no_link(path: Path, member: str, value: object) -> None:
    """Signed by somebody, so that its signature holds."""
    with hand(path) as db:
        chain, number, body = db.execute("SELECT chain, number, body FROM links WHERE chain = 'records'").fetchone()
        told = json.loads(body) | {member: value}
        head = {name: each for name, each in told.items() if name not in ("key", "signature")}
        signed = sign(KEY, f"sha256:{hashlib.sha256(canonical(head).encode()).hexdigest()}")
        text = canonical(told | {"key": signed["key"], "signature": signed["value"]})
        db.execute("UPDATE links SET body = ? WHERE chain = ? AND number = ?", (text, chain, number))
    with pytest.raises(ValueError, match=f"it is no link: its {member} is none" if member != "marks" else "no link"):
        link_from(text)
    assert found(path)[0].startswith(f"chain {chain}, link {number}: it was altered: it is no link")


def test_a_leaf_of_no_day_is_named(path: Path) -> None:
    with hand(path) as db:
        db.execute("UPDATE leaves SET day = ? WHERE id = 1", (2**62,))
    assert any("its leaf cannot be read: it is of no day" in text for text in found(path))


def canonical(told: dict[str, object]) -> str:
    return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@pytest.mark.parametrize("declared", ["TE\xd4T", ""])
def test_a_column_that_is_declared_otherwise_is_named(declared: str) -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(f"CREATE TABLE facts (id INTEGER PRIMARY KEY, kind {declared})")
        assert list(mistyped(db)) == [f"table facts: 'kind' is declared {declared!a}: altered, or damaged"]
