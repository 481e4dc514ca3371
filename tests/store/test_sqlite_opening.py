"""Which file is opened as a store, by whom, and what those are told who may not."""

import os
import resource
import shutil
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from monitor.store.connection import open_reader, open_writer
from monitor.store.lock import claimed
from monitor.store.place import filesystem_of, refuse_unsafe
from monitor.store.port import Batch, StoreError, StoreHeld
from monitor.store.schema import VERSION
from monitor.store.sqlite import SqliteStore, open_store
from tests.store.made import DAY, START, sample

EVER = 2**62
AGAIN = Callable[[], SqliteStore]


def test_a_second_instance_is_refused_by_name(path: Path, reopen: AGAIN) -> None:
    store = reopen()
    with pytest.raises(StoreHeld, match=f"pid {os.getpid()} on {socket.gethostname()}"):
        open_store(path)
    assert store.append(Batch(samples=[sample(1)])).recorded == 1


def test_a_copy_beside_the_log_of_a_store_that_was_killed_is_refused(tmp_path: Path, path: Path, reopen: AGAIN) -> None:
    """SQLite would write pages of the one over the other's: here all that came after the copy was back, unasked."""
    store, dead, copy = reopen(), tmp_path / "dead", tmp_path / "copy.db"
    store.append(Batch(samples=[sample(1)], accounts=[("acme", "then")]))
    store.backup(str(copy))
    store.append(Batch(samples=[sample(2)], accounts=[("acme", "now")]))
    dead.mkdir()
    for name in ("", "-wal"):  # as a kill leaves them
        shutil.copy(f"{path}{name}", dead / f"upheld.db{name}")
    shutil.move(copy, dead / "upheld.db")
    lying = {one.name: one.read_bytes() for one in dead.iterdir()}
    for reading in (False, True):
        with pytest.raises(StoreError, match=r"Move upheld\.db-wal and upheld\.db-shm away") as refused:
            open_store(dead / "upheld.db", read_only=reading)
        assert refused.value.code == "store_mixed"
    assert {one.name: one.read_bytes() for one in dead.iterdir() if one.suffix != ".lock"} == lying
    (dead / "upheld.db-wal").unlink()
    for _ in range(2):
        with closing(open_store(dead / "upheld.db")) as put_back:
            assert [one.seq for one in put_back.samples("hq", 0, EVER)] == [1]
            assert put_back.accounts() == {"acme": "then"}


def test_a_store_may_be_claimed_before_it_is_opened(path: Path) -> None:
    lock = claimed(path)
    with pytest.raises(StoreHeld):
        open_store(path)
    open_store(path, lock=lock).close()
    open_store(path).close()


def test_a_lock_left_by_a_dead_process_is_taken(path: Path, reopen: AGAIN) -> None:
    path.with_name("store.db.lock").write_text(f"pid {os.getpid()} on elsewhere\n")
    assert reopen().append(Batch(samples=[sample(1)])).recorded == 1


def test_a_claim_that_the_disk_cut_short_holds_nothing(path: Path) -> None:
    """The lock's file can be opened, and nothing written into it: what is tried again finds no holder."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(StoreError, match="File too large"):
            claimed(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    claimed(path).release()


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


@pytest.mark.parametrize(("table", "first"), [("journal", "01"), ("chunks", "40")])
def test_samples_in_a_form_of_before_the_first_release_are_refused(
    path: Path, reopen: AGAIN, table: str, first: str
) -> None:
    store = reopen()
    store.append(Batch(samples=[sample(seq) for seq in range(2880)]))
    if table == "chunks":
        store.seal(START + 9 * DAY)
    store.close()
    with closing(sqlite3.connect(path)) as hand:
        hand.execute(f"DROP TRIGGER {table}_no_update")
        hand.execute(f"UPDATE {table} SET body = CAST(x'{first}' || substr(body, 2) AS BLOB)")
        hand.execute("PRAGMA user_version = 3")
        hand.commit()
    before = path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(StoreError, match="store version 3") as error:
            open_store(path, read_only=read_only)
        assert error.value.code == "store_older"
    assert path.read_bytes() == before


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


def test_a_store_whose_first_change_was_cut_short_is_begun_again(path: Path) -> None:
    """A page of a new file with the rollback journal that takes it back to nothing, as a crash leaves it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as first:
        first.execute("BEGIN EXCLUSIVE")
        first.execute("CREATE TABLE x (y)")
    journal = bytes.fromhex("d9d505f920a163d7") + bytes(4) + b"abcd" + bytes(4) + (512).to_bytes(4, "big")
    with closing(sqlite3.connect(path, isolation_level=None)) as made:
        made.execute("CREATE TABLE x (y)")
    path.with_name(path.name + "-journal").write_bytes(journal + (4096).to_bytes(4, "big") + bytes(484))
    with closing(open_store(path)) as store:
        assert store.integrity() == ()


def test_a_writer_is_durable_and_writes_no_zeros_and_a_reader_keeps_little(path: Path) -> None:
    with closing(open_writer(path, 100)) as writer, closing(open_reader(path)) as reader:
        told = {name: writer.execute(f"PRAGMA {name}").fetchone()[0] for name in ("synchronous", "secure_delete")}
        assert told == {"synchronous": 2, "secure_delete": 2}
        assert reader.execute("PRAGMA cache_size").fetchone()[0] == -256
