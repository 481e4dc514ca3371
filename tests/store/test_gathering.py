"""While many targets are read one by one, what holds several of them is opened once, and says the same."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from monitor.store import damage
from monitor.store.packing.codec import Pool
from monitor.store.packing.packed import Packed
from monitor.store.port import Batch
from monitor.store.rows import JournalRow, packed_journal
from monitor.store.sqlite import SqliteStore, open_store
from tests.store.made import sample

NAMES = ("a", "b", "c")


def written(path: Path) -> SqliteStore:
    """Four batches of three targets."""
    store = open_store(path)
    for first in range(0, 12, 3):
        store.append(Batch([sample(first + place, target=name) for place, name in enumerate(NAMES)]))
    return store


def everything(store: SqliteStore) -> Sequence[object]:
    return [[*store.samples(name, 0, 1 << 62)] for name in NAMES]


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The rows that are opened from now on."""
    rows: list[int] = []
    really: Callable[[JournalRow, Pool | None], Packed] = packed_journal

    def opened(row: JournalRow, pool: Pool | None) -> Packed:
        rows.append(row[0])
        return really(row, pool)

    monkeypatch.setattr(damage, "packed_journal", opened)
    return rows


def test_a_row_is_opened_once_inside_and_for_each_target_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = written(tmp_path / "store.db")
    rows = counted(monkeypatch)
    outside = everything(store)
    assert len(rows) == 12
    rows.clear()
    with store.gathering():
        assert everything(store) == outside
        store.append(Batch([sample(12, target="a")]))
        assert len([*store.samples("a", 0, 1 << 62)]) == 5
    assert len(rows) == 5
    assert len([*store.samples("a", 0, 1 << 62)]) == 5
    assert len(rows) == 10
    store.close()
