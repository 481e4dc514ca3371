"""What a check of the chains reads of a store, whatever kind it is of."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from monitor.store.port import StoreError
from monitor.store.sql import Sql
from probes.columns import Columns


@dataclass(frozen=True, slots=True)
class Waiting:
    """Samples that are to be sealed, of one UTC day: how many, and when the first of them was taken (ns)."""

    target: str
    vantage: str
    day: int
    count: int
    first: int


class View(Protocol):
    """One unchanging view of a store. Targets and vantages are the numbers of their names."""

    @property
    def sql(self) -> Sql:
        """The tables that both kinds of store have."""

    def mistyped(self) -> Iterator[str]:
        """Values that are of another type than their column, each said. Nothing can be computed with them."""

    def unguarded(self) -> Iterator[str]:
        """What is to refuse changes of append-only tables and is gone, each said."""

    def series(self) -> set[tuple[int, int]]:
        """(target, vantage) of all that has sealed samples."""

    def days(self, target: int, vantage: int) -> Iterator[tuple[range, Columns | StoreError]]:
        """Sealed samples by the UTC day, in order of ``(at, identity)``; or the days that cannot be read, and why."""

    def waiting(self) -> Iterator[Waiting | StoreError]:
        """What is to be sealed, or cannot be read."""
