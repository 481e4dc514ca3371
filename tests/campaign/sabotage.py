"""Stores that do one thing wrong where a disk fails: a campaign that does not tell them from a sound one tells nothing.

Each is the store there is, one of its methods exchanged for as long as the context lasts.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager

from monitor.store.connection import Writer
from monitor.store.port import Batch, Receipt, StoreError
from monitor.store.seen import Block, Seen
from monitor.store.sql import Sql
from monitor.store.sqlite import SqliteStore
from monitor.store.trouble import translated


@contextmanager
def _exchanged(owner: type, name: str, wrong: Callable[..., object]) -> Iterator[None]:
    right = getattr(owner, name)
    setattr(owner, name, wrong)
    try:
        yield
    finally:
        setattr(owner, name, right)


def loses() -> AbstractContextManager[None]:
    """What could not be recorded is acknowledged."""
    right = SqliteStore.append

    def append(self: SqliteStore, batch: Batch) -> Receipt:
        try:
            return right(self, batch)
        except StoreError:
            return Receipt(len(batch.samples), 0, ())

    return _exchanged(SqliteStore, "append", append)


def halves() -> AbstractContextManager[None]:
    """A batch is two transactions."""
    right = SqliteStore.append

    def append(self: SqliteStore, batch: Batch) -> Receipt:
        assert isinstance(batch.samples, Sequence)
        first, second = (right(self, Batch(batch.samples[part])) for part in (slice(2), slice(2, None)))
        return Receipt(first.recorded + second.recorded, first.repeated + second.repeated, ())

    return _exchanged(SqliteStore, "append", append)


def doubles() -> AbstractContextManager[None]:
    """Which identities are stored is known from memory alone, which goes with every failure."""

    def bits(self: Seen, connection: Sql, block: Block) -> int:
        return self._kept.get(block, 0)

    return _exchanged(Seen, "_bits", bits)


def trusts() -> AbstractContextManager[None]:
    """A COMMIT that failed is taken for one that did nothing, and nobody looks."""

    def commit(self: Writer, connection: sqlite3.Connection, token: str) -> None:
        try:
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._drop()
            raise translated(error, self._path) from error

    return _exchanged(Writer, "_commit", commit)


SABOTAGES: Mapping[str, Callable[[], AbstractContextManager[None]]] = {
    made.__name__: made for made in (loses, halves, doubles, trusts)
}
