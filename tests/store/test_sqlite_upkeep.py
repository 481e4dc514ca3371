"""Sealing, pruning and backup beside a running writer."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from monitor.store.digest import digest
from monitor.store.packing.chunk import SPAN, pieces_in
from monitor.store.port import Batch, StoreError
from monitor.store.rows import JOURNAL
from monitor.store.seal import GRACE
from monitor.store.sqlite import SqliteStore, open_store
from tests.store.made import DAY, HOUR, SECOND, START, sample

EVER = 2**62
GUARDS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'journal'"
AGAIN = Callable[[], SqliteStore]


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


def test_batches_are_sorted_with_their_hour_or_with_their_day_if_they_are_few(path: Path, reopen: AGAIN) -> None:
    store = reopen()
    samples = [sample(seq, target=f"t{seq % 3}") for seq in range(2880)]
    with closing(sqlite3.connect(path)) as hand:
        for each in samples[:120]:
            store.append(Batch(samples=[each]))
        for now, unsorted in ((START + HOUR + GRACE - 1, 120), (START + HOUR + GRACE, 0)):
            assert store.seal(now) == 0
            assert hand.execute("SELECT count(*) FROM journal WHERE part = -1").fetchone() == (unsorted,)
        for cut in range(120, 2880, 240):
            store.append(Batch(samples=samples[cut : cut + 240]))
        assert store.seal(START + DAY + GRACE - 1) == 0
        assert hand.execute("SELECT count(*) FROM journal WHERE part = -1").fetchone() == (12,)
    assert list(store.read_samples(["t0", "t1", "t2"], 0, EVER)) == samples
    assert store.seal(START + DAY + GRACE) == 2880
    assert list(store.read_samples(["t0", "t1", "t2"], 0, EVER)) == samples


def test_days_that_are_over_become_one_chunk_per_target_and_vantage(path: Path, reopen: AGAIN) -> None:
    store = reopen()
    samples = [sample(seq, vantage=vantage) for seq in range(3 * 2880) for vantage in ("fra", "ber")]
    for cut in range(0, len(samples), 240):
        store.append(Batch(samples=samples[cut : cut + 240]))
        store.seal(samples[min(cut + 239, len(samples) - 1)].at)
    store.seal(START + 3 * DAY + HOUR)
    with closing(sqlite3.connect(path)) as hand:
        assert [count for count, _ in _chunks(hand)] == [3 * 2880, 3 * 2880]
        assert hand.execute("SELECT count(*) FROM journal").fetchone() == (0,)
        assert hand.execute("SELECT count(*) FROM extents").fetchone() == (0,)
    assert list(store.samples("hq", 0, EVER)) == sorted(samples, key=lambda s: (s.at, s.identity))
    assert store.integrity() == ()


def _chunks(hand: sqlite3.Connection) -> list[tuple[int, int]]:
    return hand.execute("SELECT count, first_at FROM chunks ORDER BY count").fetchall()


def test_a_sample_that_comes_after_its_day_was_closed_joins_it(path: Path, reopen: AGAIN) -> None:
    store = reopen()
    samples = [sample(seq) for seq in range(2 * 2880)]
    late = samples[100:5000:700]
    store.append(Batch(samples=[each for each in samples if each not in late]))
    assert store.seal(START + 9 * DAY) == len(samples) - len(late)
    for each in late:
        store.append(Batch(samples=[each]))
        assert store.seal(START + 9 * DAY) == 1
    assert list(store.samples("hq", 0, EVER)) == samples
    with closing(sqlite3.connect(path)) as hand:
        assert [count for count, _ in _chunks(hand)] == [len(samples)]
    assert store.integrity() == ()


def test_identities_take_no_row_each(path: Path, reopen: AGAIN) -> None:
    reopen().append(Batch(samples=[sample(seq) for seq in range(4096 * 3)]))
    with closing(sqlite3.connect(path)) as hand:
        assert hand.execute("SELECT count(*), sum(length(bits)) FROM seen").fetchone() == (3, 0)


@pytest.mark.parametrize(("every", "pieces"), [(30, 1), (5, 2)])
def test_days_of_many_samples_are_pieces_of_their_own(path: Path, reopen: AGAIN, every: int, pieces: int) -> None:
    store, count, first = reopen(), 2 * 86_400 // every, (START // DAY // SPAN + 1) * SPAN * DAY
    samples = [sample(seq, at=first + seq * every * SECOND) for seq in range(count)]
    store.append(Batch(samples=samples))
    assert store.seal(first + 3 * DAY) == count
    with closing(sqlite3.connect(path)) as hand:
        (row,) = hand.execute("SELECT first_at, body FROM chunks").fetchall()
    assert len(list(pieces_in(row[1], row[0]))) == pieces
    assert list(store.samples("hq", 0, EVER)) == samples


def test_a_journal_written_with_the_other_digest_is_read(path: Path, reopen: AGAIN) -> None:
    store = reopen()
    samples = [sample(seq) for seq in range(40)]
    store.append(Batch(samples=samples))
    with closing(sqlite3.connect(path)) as hand, hand:
        (row,) = hand.execute(f"SELECT {JOURNAL} FROM journal").fetchall()
        assert row[5] != digest(row[6], *row[1:5])
        for name, _ in (triggers := hand.execute(GUARDS).fetchall()):
            hand.execute(f"DROP TRIGGER {name}")
        hand.execute("UPDATE journal SET digest = ?", (digest(row[6], *row[1:5]),))
        for _, text in triggers:
            hand.execute(text)
    assert list(store.samples("hq", 0, EVER)) == samples
    assert store.integrity() == () == store.quick_check()
    assert store.seal(START + 2 * DAY) == 40
