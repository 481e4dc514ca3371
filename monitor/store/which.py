"""Which store an address means: a file's path a SQLite store, a URL ``postgresql://…`` a PostgreSQL one."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from config.address import is_url, shown
from monitor.store.port import StoreError
from monitor.store.whole import MOVING, Whole

if TYPE_CHECKING:
    from monitor.store.lock import Lock
    from monitor.store.postgres.adapter import PostgresStore
    from monitor.store.sqlite import SqliteStore


def open_store(
    store: str | Path,
    *,
    hooks: Sequence[str] = (),
    read_only: bool = False,
    clock: Callable[[], int] = time.time_ns,
    moving: bool = False,
    lock: "Lock | None" = None,
) -> "SqliteStore | PostgresStore":
    """Open the store at a path or URL; made if there is none, unless ``read_only``. ``moving``: also one into which
    another is being moved. ``lock``: what ``claim`` gave for it.

    Raises StoreHeld when another process has it, StoreError otherwise; ``store_unopenable`` where the driver is
    missing. Neither store's driver is imported unless it is needed.
    """
    made = _opened(str(store), hooks, read_only, clock, lock)
    if not moving and whole(made).meta(MOVING) is not None:
        made.close()
        raise StoreError(
            "store_moving",
            f"{shown(str(store))}: a move into it was not finished; run the same `upheld store move` again",
        )
    return made


def claim(store: str) -> "Lock | None":
    """The right to write the store at a path, taken before it is opened; a database gives it when it is. Raises
    StoreHeld, StoreError."""
    if is_url(store):
        return None
    from monitor.store.lock import claimed

    return claimed(store)


def _opened(
    store: str, hooks: Sequence[str], read_only: bool, clock: Callable[[], int], lock: "Lock | None"
) -> "SqliteStore | PostgresStore":
    if not is_url(store):
        from monitor.store.sqlite import open_store as open_file

        return open_file(store, hooks=hooks, read_only=read_only, clock=clock, lock=lock)
    try:
        from monitor.store.postgres.adapter import open_store as open_database
    except ImportError as error:
        text = f"a PostgreSQL store needs its driver: pip install 'upheld[postgres]' ({error})"
        raise StoreError("store_unopenable", text) from error
    return open_database(store, hooks=hooks, read_only=read_only, clock=clock)


def whole(store: "SqliteStore | PostgresStore") -> Whole:
    """The store as a whole, for moving it."""
    from monitor.store.sqlite import SqliteStore

    if isinstance(store, SqliteStore):
        from monitor.store.sqlitewhole import SqliteWhole

        return SqliteWhole(store._readers, store._written)
    from monitor.store.postgres.whole import PostgresWhole

    return PostgresWhole(store._readers, store._written)


def is_made(store: str) -> bool:
    """Whether there is a store yet at a path or URL. Raises StoreError where that cannot be told."""
    if not is_url(store):
        from monitor.store.trouble import told

        with told(Path(store)):
            return Path(store).exists()
    try:
        open_store(store, read_only=True).close()
    except StoreError as error:
        if error.code == "store_missing":
            return False
        raise
    return True
