"""What can go wrong with a file, and what is to come of it: nothing acknowledged lost, nothing told wrongly."""

import json
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.store.connection import open_writer
from monitor.store.port import Batch, StoreError
from monitor.store.sqlite import SqliteStore, open_store
from tests.store.made import DAY, HOUR, START, event, sample

EVER = 2**62
AGAIN = Callable[[], SqliteStore]


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(path: Path) -> None:
    """100 kills at random instants, some of them amid sealing."""
    command = [sys.executable, "-m", "tests.store.crash", str(path), "100", "1"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    result = json.loads(run.stdout)
    assert result["acked"] > 500
    assert {key: result[key] for key in ("acked_lost", "double_counted", "account_differs", "unsound")} == {
        "acked_lost": 0,
        "double_counted": 0,
        "account_differs": 0,
        "unsound": 0,
    }


def test_a_disk_that_does_not_even_say_what_is_there_is_told_as_one_that_fails(tmp_path: Path) -> None:
    place, away = tmp_path / "disk", tmp_path / "away"
    with closing(open_store(place / "store.db")) as store:
        store.append(Batch(samples=[sample(0)]))
        place.rename(away)
        place.symlink_to(place)  # to look at anything in it is an error, which is not that there is no such file
        with pytest.raises(StoreError) as told:
            store.append(Batch(samples=[sample(1)]))
        assert told.value.code == "store_io"
        place.unlink()
        away.rename(place)
        store.append(Batch(samples=[sample(1)]))
        assert [one.seq for one in store.samples("hq", 0, EVER)] == [0, 1]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 512 KiB."""
    if os.geteuid():
        pytest.skip("mounting needs root")
    mount = tmp_path / "disk"
    mount.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", mount], check=True)
    yield mount
    subprocess.run(["umount", "-l", mount], check=True)


@pytest.mark.needs("mount")
def test_a_full_disk_is_told_and_writing_goes_on_when_there_is_room(small_disk: Path) -> None:
    acked = []
    with closing(open_store(small_disk / "store.db")) as store:
        for number in range(2000):
            batch = Batch(samples=[sample(seq) for seq in range(number * 20, number * 20 + 20)])
            try:
                store.append(batch)
            except StoreError as error:
                assert error.code == "store_full" and "disk is full" in str(error)
                break
            acked += batch.samples
        assert list(store.samples("hq", 0, EVER)) == acked
        subprocess.run(["mount", "-o", "remount,size=8m", small_disk], check=True)
        assert store.append(batch).recorded == 20
        assert list(store.samples("hq", 0, EVER)) == [*acked, *batch.samples]
        assert store.integrity() == ()
    assert len(acked) > 100


@pytest.mark.needs("mount")
def test_a_read_only_file_system_is_named(small_disk: Path) -> None:
    with closing(open_store(small_disk / "store.db")) as store:
        store.append(Batch(samples=[sample(1)]))
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(StoreError, match=r"store\.db: it lies on a read-only filesystem") as error:
        open_store(small_disk / "store.db")
    assert error.value.code == "store_read_only"
    with closing(open_store(small_disk / "store.db", read_only=True)) as store:
        assert list(store.samples("hq", 0, EVER)) == [sample(1)]


def test_a_foreign_lock_is_told_and_outlived(path: Path, reopen: AGAIN) -> None:
    store = reopen()
    with closing(sqlite3.connect(path, isolation_level=None)) as foreign:
        foreign.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as error:
            store.append(Batch(samples=[sample(1)]))
        assert error.value.code == "store_busy"
    assert store.append(Batch(samples=[sample(1)])).recorded == 1


class Breaking(sqlite3.Connection):
    """Once armed it reports one COMMIT as broken: after it happened, or instead of it."""

    armed = False
    after = True

    def execute(self, sql: str, *parameters: object) -> sqlite3.Cursor:  # type: ignore[override]
        if sql != "COMMIT" or not self.armed:
            return super().execute(sql, *parameters)  # type: ignore[arg-type]
        type(self).armed = False
        if self.after:
            super().execute(sql)
        raise sqlite3.OperationalError("disk I/O error")


@pytest.mark.parametrize("after", [True, False])
def test_a_failed_commit_is_looked_up_before_it_is_believed(path: Path, after: bool) -> None:
    """The outcome of a failed COMMIT is unknown: recorded counts as recorded, else the batch is refused whole."""

    class Broken(Breaking):
        pass

    Broken.after = after

    def opener(where: Path, busy_ms: int) -> sqlite3.Connection:
        open_writer(where, busy_ms).close()
        return sqlite3.connect(where, isolation_level=None, check_same_thread=False, factory=Broken)

    with closing(open_store(path, opener=opener)) as store:
        Broken.armed = True
        if after:
            assert store.append(Batch(samples=[sample(1)])).recorded == 1
        else:
            with pytest.raises(StoreError, match="disk I/O error"):
                store.append(Batch(samples=[sample(1)]))
            assert list(store.samples("hq", 0, EVER)) == []
            assert store.append(Batch(samples=[sample(1)])).recorded == 1
        assert store.append(Batch(samples=[sample(1), sample(2)])).recorded == 1
        assert list(store.samples("hq", 0, EVER)) == [sample(1), sample(2)]


def test_what_a_failed_flush_left_in_the_log_is_written_anew_before_it_counts(path: Path, tmp_path: Path) -> None:
    """The disk may have lost the log although the system still shows it: the file alone has to hold what counts."""

    class Broken(Breaking):
        pass

    def opener(where: Path, busy_ms: int) -> sqlite3.Connection:
        open_writer(where, busy_ms).close()
        return sqlite3.connect(where, 0.1, isolation_level=None, check_same_thread=False, factory=Broken)

    def in_the_file_alone() -> list[int]:
        (alone := tmp_path / "alone.db").write_bytes(path.read_bytes())
        with closing(open_store(alone, read_only=True)) as copy:
            return [one.seq for one in copy.samples("hq", 0, EVER)]

    with closing(open_store(path, opener=opener)) as store, closing(sqlite3.connect(path)) as reader:
        reader.execute("SELECT * FROM meta").fetchall()  # an open reader: no connection is the last one
        Broken.armed = True
        assert store.append(Batch(samples=[sample(1)])).recorded == 1
        assert in_the_file_alone() == [1]
        reader.execute("BEGIN").execute("SELECT * FROM meta").fetchall()
        Broken.armed = True
        with pytest.raises(StoreError, match="being read, so it cannot be written anew") as error:
            store.append(Batch(samples=[sample(2)]))
        assert error.value.code == "store_io" and in_the_file_alone() == [1]
        with pytest.raises(StoreError, match="being read"):
            store.append(Batch(samples=[sample(2)]))
        reader.rollback()
        assert store.append(Batch(samples=[sample(2)])).repeated == 1
        assert in_the_file_alone() == [1, 2]


def test_a_commit_nobody_could_look_up_is_known_again_later(path: Path) -> None:
    """It happened, but the disk let nobody look: the batch offered again is a repeat, and the store no other one."""

    class Broken(Breaking):
        pass

    away: list[bool] = []

    def opener(where: Path, busy_ms: int) -> sqlite3.Connection:
        if Broken.armed is False and away and away.pop():
            raise sqlite3.OperationalError("disk I/O error")
        open_writer(where, busy_ms).close()
        return sqlite3.connect(where, isolation_level=None, check_same_thread=False, factory=Broken)

    with closing(open_store(path, opener=opener)) as store:
        store.append(Batch(samples=[sample(1)]))
        Broken.armed = True
        away.append(True)
        with pytest.raises(StoreError, match="disk I/O error"):
            store.append(Batch(samples=[sample(2), sample(3)]))
        assert store.append(Batch(samples=[sample(2), sample(3)])).repeated == 2
        assert store.append(Batch(samples=[sample(4)])).recorded == 1
        assert list(store.samples("hq", 0, EVER)) == [sample(seq) for seq in range(1, 5)]


def test_a_store_exchanged_under_us_is_noticed(path: Path, tmp_path: Path, reopen: AGAIN) -> None:
    store = reopen()
    store.append(Batch(samples=[sample(1)]))
    store.backup(str(tmp_path / "old.db"))
    store.append(Batch(samples=[sample(2)]))
    (tmp_path / "old.db").replace(path)
    with pytest.raises(StoreError) as error:
        store.append(Batch(samples=[sample(3)]))
    assert error.value.code == "store_replaced"


def test_a_store_taken_away_under_us_is_waited_for(path: Path, tmp_path: Path, reopen: AGAIN) -> None:
    """No other is begun in its place, and the one that comes back is gone on with."""
    store = reopen()
    store.append(Batch(samples=[sample(1)]))
    path.rename(tmp_path / "away.db")
    with pytest.raises(StoreError, match="the file is gone; put it back") as error:
        store.append(Batch(samples=[sample(2)]))
    assert error.value.code == "store_replaced" and not path.exists()
    (tmp_path / "away.db").rename(path)
    assert store.append(Batch(samples=[sample(2)])).recorded == 1
    assert list(reopen().samples("hq", 0, EVER)) == [sample(1), sample(2)]


def test_a_batch_no_store_can_hold_is_refused_and_leaves_nothing(reopen: AGAIN) -> None:
    store = reopen()
    with pytest.raises(StoreError) as error:
        store.append(Batch(samples=[sample(1), sample(2, at=2**70)], accounts=[("acme", "x")]))
    assert error.value.code == "store_refused"
    assert store.accounts() == {}
    assert store.append(Batch(samples=[sample(1)])).recorded == 1


def test_evidence_cannot_be_updated_in_place(path: Path, reopen: AGAIN) -> None:
    from monitor.sla.facts import AssumeFact

    reopen().append(Batch(samples=[sample(1)], facts=[AssumeFact("hq", "up")]))
    with closing(sqlite3.connect(path)) as hand:
        for change in ("UPDATE facts SET body = ''", "DELETE FROM facts", "UPDATE journal SET body = ''"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                hand.execute(change)


def test_a_flipped_bit_never_changes_an_answer_unnoticed(path: Path, tmp_path: Path, reopen: AGAIN) -> None:
    """One bit anywhere in the file: the check names it, or every answer is the same."""
    store = reopen()
    store.append(Batch(samples=[sample(seq) for seq in range(400)], accounts=[("acme", "{}")], events=[event("k")]))
    store.seal(START + 2 * HOUR)
    store.append(Batch(samples=[sample(seq) for seq in range(400, 420)], checkpoints=[("hq", "x")]))
    truth = _answers(store)
    store.close()
    sound, rng = path.read_bytes(), random.Random(5)
    written = [place for place, byte in enumerate(sound) if byte]
    noticed = 0
    for _ in range(120):
        place = rng.choice(written)
        copy = tmp_path / "flipped.db"
        copy.write_bytes(sound[:place] + bytes([sound[place] ^ 1 << rng.randrange(8)]) + sound[place + 1 :])
        noticed += not _unharmed(copy, truth)
    assert noticed > 60


def _answers(store: SqliteStore) -> list[object]:
    return [list(store.samples("hq", 0, EVER)), store.accounts(), store.checkpoints(), store.due("ops", START, 9)]


def _unharmed(copy: Path, truth: list[object]) -> bool:
    """True if the damage is of no consequence, False if it is noticed; anything else fails the test."""
    try:
        with closing(open_store(copy, read_only=True)) as store:
            if store.integrity() or store.quick_check():
                return False
            assert _answers(store) == truth, "a flipped bit changed an answer and nothing noticed"
            return True
    except StoreError as error:
        assert error.code in ("store_damaged", "store_foreign", "store_newer", "store_io", "store_missing"), error
        return False


def test_roll_ups_that_are_not_those_of_their_samples_are_found(path: Path, reopen: AGAIN) -> None:
    """A whole store, but one chunk's roll-ups are those of another day."""
    from monitor.store.digest import digest
    from monitor.store.packing.hours import hours_of, pack

    store = reopen()
    store.append(Batch(samples=[sample(seq) for seq in range(2880)]))
    store.seal(START + 2 * DAY)
    other = pack(hours_of(store.columns("hq", START + HOUR, START + DAY)))
    assert store.integrity() == ()
    store.close()
    with closing(sqlite3.connect(path)) as hand:
        place = hand.execute("SELECT target, vantage FROM chunks").fetchone()
        hand.execute("DROP TRIGGER chunks_no_update")
        hand.execute("UPDATE chunks SET hours = ?", (digest(other, *place) + other,))
        hand.commit()
    assert reopen().integrity() == ("chunk 1: its roll-ups are not those of its samples",)
