"""Every kind of store, for the suite that all of them pass."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from monitor.store import seal
from monitor.store.memory import MemoryStore
from monitor.store.port import Batch, Receipt, Store
from monitor.store.sqlite import SqliteStore, open_store
from monitor.store.which import open_store as open_any
from probes.columns import as_samples, from_samples
from tests.postgres import Databases
from tests.store.made import DAY, START, sample


class Sealed:
    """A store that puts what it can into chunks after every batch, so that the same rules are seen to hold for
    what is sealed. Everything else is the store's own."""

    def __init__(self, store: SqliteStore, now: int) -> None:
        self._store, self._now = store, now

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def append(self, batch: Batch) -> Receipt:
        receipt = self._store.append(batch)
        self._store.seal(self._now)
        return receipt


class Columned:
    """A store that is given every batch's samples as columns, of a list of words that has others too, in an order of
    its own. Everything else is the store's own."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def append(self, batch: Batch) -> Receipt:
        return self._store.append(columned(batch))

    @contextmanager
    def appending(self) -> Iterator[Callable[[Batch], Receipt]]:
        with self._store.appending() as append:
            yield lambda batch: append(columned(batch))


def columned(batch: Batch) -> Batch:
    """The same with its samples as columns, cut out of others whose words are still there."""
    try:
        whole = from_samples(
            [replace(sample(0), target="elsewhere", address="203.0.113.9"), *as_samples(batch.samples)]
        )
    except OverflowError:
        return batch  # it cannot be said in columns
    return replace(batch, samples=whole.take(np.arange(1, len(whole))))


@pytest.fixture
def databases() -> Iterator[Databases]:
    """Empty databases of a real PostgreSQL."""
    made = Databases()
    yield made
    made.drop()


COLUMNED = ", columns"


@pytest.fixture(
    params=["memory", "journal", "journal" + COLUMNED, "sealed", "half sealed", "postgres", "postgres" + COLUMNED]
)
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, databases: Databases
) -> Iterator[Store]:
    """One of the stores, with a hook named ``ops``. The half sealed one seals as of the middle of October and sorts
    what is younger at once."""
    if request.param == "half sealed":
        monkeypatch.setattr(seal, "STEP_ROWS", 1)
    made: Store | Sealed = MemoryStore(["ops"])
    kind = request.param.removesuffix(COLUMNED)
    if kind == "postgres":
        made = open_any(databases.new(), hooks=["ops"])
    elif kind != "memory":
        made = opened = open_store(tmp_path / "store.db", hooks=["ops"])
        if kind != "journal":
            made = Sealed(opened, START + (4000 if kind == "sealed" else 14) * DAY + DAY // 2)
    yield made if kind == request.param else Columned(made)  # type: ignore[misc, arg-type]
    made.close()  # type: ignore[operator]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "store.db"


@pytest.fixture
def reopen(path: Path) -> Iterator[Callable[[], SqliteStore]]:
    """Opens the store at ``path`` again and again, closing the last one first."""
    stores: list[SqliteStore] = []

    def again() -> SqliteStore:
        for store in stores:
            store.close()
        stores.append(open_store(path, hooks=["ops"], busy_ms=50))
        return stores[-1]

    yield again
    for store in stores:
        store.close()
