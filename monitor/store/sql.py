"""SQL that both kinds of store understand, asked in one way: ``?`` stands for a value.

A connection of SQLite is one as it is; one of PostgreSQL is put into the words of its driver
(``monitor.store.postgres.sql``). So what both kinds keep in the same tables is written once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol


class Answer(Protocol):
    """What a statement gives: rows as tuples of int, str, bytes and None."""

    @property
    def rowcount(self) -> int:
        """How many rows were changed."""

    def fetchone(self) -> Any:
        """The next row, None after the last."""

    def fetchall(self) -> list[Any]:
        """All rows that are left."""

    def __iter__(self) -> Iterator[Any]:
        """Row by row."""


class Sql(Protocol):
    """A connection of either kind. What goes wrong is the driver's own error."""

    def execute(self, query: str, values: Sequence[object] = (), /) -> Answer:
        """One statement."""

    def executemany(self, query: str, values: Iterable[Sequence[object]], /) -> object:
        """The same statement for each of the values."""


Begun = Callable[[], AbstractContextManager[Sql]]
"""A snapshot or a transaction of either kind."""
