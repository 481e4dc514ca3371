"""What can go wrong with a file, and what is to come of it: nothing acknowledged lost, nothing told wrongly."""

import json
import os
import random
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from monitor.store.connection import open_writer
from monitor.store.place import filesystem_of, refuse_unsafe
from monitor.store.port import Batch, StoreError, StoreHeld
from monitor.store.schema import VERSION
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


def test_a_second_instance_is_refused_by_name(path: Path, reopen: AGAIN) -> None:
    store = reopen()
    with pytest.raises(StoreHeld, match=f"pid {os.getpid()} on {socket.gethostname()}"):
        open_store(path)
    assert store.append(Batch(samples=[sample(1)])).recorded == 1


def test_a_lock_left_by_a_dead_process_is_taken(path: Path, reopen: AGAIN) -> None:
    path.with_name("store.db.lock").write_text(f"pid {os.getpid()} on elsewhere\n")
    assert reopen().append(Batch(samples=[sample(1)])).recorded == 1


def test_readers_run_beside_the_writer_and_cannot_write(path: Path, reopen: AGAIN) -> None:
    store = reopen()
    store.append(Batch(samples=[sample(1)]))
    with closing(open_store(path, read_only=True)) as reader:
        store.append(Batch(samples=[sample(2)]))
        assert list(reader.samples("hq", 0, EVER)) == [sample(1), sample(2)]
        with pytest.raises(StoreError, match="opened for reading only"):
            reader.append(Batch())


def test_a_store_that_was_not_closed_is_known_by_its_next_opener(path: Path, tmp_path: Path, reopen: AGAIN) -> None:
    store = reopen()
    assert store.unclean is None
    store.append(Batch(samples=[sample(1)]))
    copies = tmp_path / "copies"
    copies.mkdir()
    for file in (path, path.with_name("store.db-wal")):
        shutil.copy(file, copies / file.name)
    with closing(open_store(copies / "store.db")) as copy:
        assert copy.unclean == f"pid {os.getpid()} on {socket.gethostname()}"
        assert list(copy.samples("hq", 0, EVER)) == [sample(1)]
    assert reopen().unclean is None


@pytest.mark.parametrize("content", [b"hello\n" * 50, b"SQLite format 3\x00" + b"\x00" * 20])
def test_a_file_that_is_no_store_is_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for read_only in (False, True):
        with pytest.raises(StoreError, match="not a store of upheld") as error:
            open_store(path, read_only=read_only)
        assert error.value.code == "store_foreign"
    assert path.read_bytes() == content


def test_another_program_s_database_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE journal (x)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not a store of upheld"):
        open_store(path)
    assert path.read_bytes() == before


def test_a_newer_store_is_refused_with_both_versions(path: Path, reopen: AGAIN) -> None:
    reopen().close()
    with closing(sqlite3.connect(path)) as newer:
        newer.execute(f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(StoreError, match=rf"store version {VERSION + 1}, this program knows {VERSION}") as error:
        open_store(path)
    assert error.value.code == "store_newer"


def test_a_missing_store_is_not_made_for_a_reader(path: Path) -> None:
    with pytest.raises(StoreError, match="`upheld run` makes it"):
        open_store(path, read_only=True)
    assert not path.exists()


MOUNTS = """\
22 1 8:1 / / rw - ext4 /dev/vda rw
30 22 0:40 / /srv/n\\040fs rw shared:1 - nfs4 server:/x rw
31 22 0:41 / /srv/ssh rw - fuse.sshfs host: rw
"""


@pytest.mark.parametrize(
    ("place", "kind"),
    [("/srv/n fs/a/store.db", "nfs4"), ("/srv/ssh/store.db", "fuse.sshfs"), ("/srv/sshx/store.db", "ext4")],
)
def test_the_file_system_of_a_place_is_that_of_its_nearest_mount(place: str, kind: str) -> None:
    assert filesystem_of(Path(place), MOUNTS) == kind


def test_network_file_systems_are_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    monkeypatch.setattr("monitor.store.place._MOUNTS", mounts)
    refuse_unsafe(Path("/srv/store.db"))
    for place in ("/srv/n fs/store.db", "/srv/ssh/store.db"):
        with pytest.raises(StoreError, match="put the store on a local disk") as error:
            refuse_unsafe(Path(place))
        assert error.value.code == "store_unsafe_filesystem"


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


def test_a_store_exchanged_under_us_is_noticed(path: Path, tmp_path: Path, reopen: AGAIN) -> None:
    store = reopen()
    store.append(Batch(samples=[sample(1)]))
    store.backup(str(tmp_path / "old.db"))
    store.append(Batch(samples=[sample(2)]))
    (tmp_path / "old.db").replace(path)
    with pytest.raises(StoreError) as error:
        store.append(Batch(samples=[sample(3)]))
    assert error.value.code == "store_replaced"


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
            if store.integrity():
                return False
            assert _answers(store) == truth, "a flipped bit changed an answer and nothing noticed"
            return True
    except StoreError as error:
        assert error.code in ("store_damaged", "store_foreign", "store_newer", "store_io", "store_missing"), error
        return False


def test_a_damaged_body_is_refused_when_it_is_read(path: Path, reopen: AGAIN) -> None:
    store = reopen()
    store.append(Batch(samples=[sample(seq) for seq in range(100)]))
    store.close()
    with closing(sqlite3.connect(path)) as hand:
        hand.execute("DROP TRIGGER journal_no_update")
        hand.execute("UPDATE journal SET body = CAST(substr(body, 1, 200) || x'5a5a5a' || substr(body, 204) AS BLOB)")
        hand.commit()
    store = reopen()
    with pytest.raises(StoreError, match="journal row 1: what is stored is not what was written") as error:
        list(store.samples("hq", 0, EVER))
    assert error.value.code == "store_damaged"
    assert store.append(Batch(samples=[sample(5)])).quarantined == (sample(5).identity,)
    assert [found.code for found in store.security_events()] == ["evidence_damaged"]
    assert store.append(Batch(samples=[sample(500)])).recorded == 1


def test_a_backup_of_a_running_store_is_one_instant_of_it(tmp_path: Path, reopen: AGAIN) -> None:
    store = reopen()
    stop = threading.Event()

    def write() -> None:
        for number in range(10_000):
            store.append(Batch(samples=[sample(number)], accounts=[("acme", str(number + 1))]))
            if stop.is_set():
                return

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for copy in range(3):
            store.backup(str(tmp_path / f"copy{copy}.db"))
    finally:
        stop.set()
        writer.join()
    for copy in range(3):
        with closing(open_store(tmp_path / f"copy{copy}.db")) as saved:
            count = len(list(saved.samples("hq", 0, EVER)))
            assert saved.accounts() == ({"acme": str(count)} if count else {})
            assert saved.integrity() == () and saved.unclean is None
    with pytest.raises(StoreError, match="a backup never overwrites"):
        store.backup(str(tmp_path / "copy0.db"))
    assert not list(tmp_path.glob("*.part")) + list(tmp_path.glob(".*.part"))


def test_sealing_and_pruning_beside_a_writer_lose_nothing(reopen: AGAIN) -> None:
    store = reopen()
    ready = [sample(seq, target=f"t{seq % 5}") for seq in range(6000)]

    def write() -> None:
        for cut in range(0, 6000, 50):
            store.append(Batch(samples=ready[cut : cut + 50]))

    writer = threading.Thread(target=write)
    writer.start()
    while writer.is_alive():
        store.seal(START + DAY)
        store.prune(START, ())
    writer.join()
    store.seal(START + 9 * DAY)
    assert list(store.read_samples([f"t{n}" for n in range(5)], 0, EVER)) == ready
    assert store.integrity() == ()


def test_many_batches_are_sorted_by_target_and_read_alike(path: Path, reopen: AGAIN) -> None:
    store = reopen()
    samples = [sample(seq, target=f"t{seq % 40}") for seq in range(1040)]
    for each in samples:
        store.append(Batch(samples=[each]))
    assert store.seal(START) == 0
    with closing(sqlite3.connect(path)) as hand:
        unsorted, count = hand.execute("SELECT sum(part = -1), count(*) FROM journal").fetchone()
    assert unsorted == 40 and count < 40 + 41
    assert list(store.read_samples([f"t{n}" for n in range(40)], 0, EVER)) == samples
    assert store.append(Batch(samples=samples[::3])).repeated == len(samples[::3])
    assert store.append(Batch(samples=[sample(7, target="t9")])).quarantined == (sample(7).identity,)


def test_a_day_that_is_over_becomes_one_chunk_per_target_and_vantage(path: Path, reopen: AGAIN) -> None:
    store = reopen()
    samples = [sample(seq, vantage=vantage) for seq in range(2880) for vantage in ("fra", "ber")]
    for cut in range(0, len(samples), 240):
        store.append(Batch(samples=samples[cut : cut + 240]))
        store.seal(samples[min(cut + 239, len(samples) - 1)].at)
    store.seal(START + DAY + HOUR)
    with closing(sqlite3.connect(path)) as hand:
        assert hand.execute("SELECT level, count FROM chunks").fetchall() == [(1, 2880), (1, 2880)]
        assert hand.execute("SELECT count(*) FROM journal").fetchone() == (0,)
        assert hand.execute("SELECT count(*) FROM extents").fetchone() == (0,)
    assert list(store.samples("hq", 0, EVER)) == sorted(samples, key=lambda s: (s.at, s.identity))


def test_identities_take_no_row_each(path: Path, reopen: AGAIN) -> None:
    reopen().append(Batch(samples=[sample(seq) for seq in range(4096 * 3)]))
    with closing(sqlite3.connect(path)) as hand:
        assert hand.execute("SELECT count(*), sum(length(bits)) FROM seen").fetchone() == (3, 0)
