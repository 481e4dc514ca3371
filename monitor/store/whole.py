"""A store as a whole, for moving it to another kind of store: every table but those of samples, row by row.

What is bound and sealed is a store's own and begins anew in another: links, leaves, roll-ups.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

Row = tuple[object, ...]
MOVING = "moving"
"""The key of ``meta`` that stands in a store into which another is being moved: it is that one's identity."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table and the columns that are carried, in the order that both kinds of store give its rows in."""

    columns: str
    order: str = "id"


TABLES: Mapping[str, Table] = {
    "people": Table("id, salt, name", "id"),
    "facts": Table('kind, about, start, "end", digest, body, recorded'),
    "quarantine": Table("vantage, boot, seq, target, content, digest, body"),
    "security_events": Table("at, code, text"),
    "issued": Table('contract, start, "end", revision, at, statement, keep, body, digest'),
    "accounts": Table("contract, digest, body", "contract"),
    "checkpoints": Table("target, digest, body", "target"),
    "outbox": Table("hook, delivery, subject, attempts, due_at, error, digest, body"),
}
"""The tables without names kept apart. Their digests rest on columns of the same row, so they are carried too."""
NAMED = ("heartbeats", "seen")
"""``heartbeats`` as (vantage, at, boot, loop_lag, clock_error, suspended), ``seen`` as (vantage, boot, block, bits)."""
BEATS = (
    "SELECT v.text, at, b.text, loop_lag, clock_error, suspended FROM heartbeats "
    "JOIN names AS v ON v.id = vantage JOIN names AS b ON b.id = boot ORDER BY v.text, at, b.text"
)
SEEN = (
    "SELECT v.text, b.text, block, bits FROM seen JOIN names AS v ON v.id = vantage JOIN names AS b ON b.id = boot "
    "ORDER BY v.text, b.text, block"
)


def query_of(table: str) -> str:
    """What gives the rows that are carried."""
    if table in NAMED:
        return BEATS if table == "heartbeats" else SEEN
    return f"SELECT {TABLES[table].columns} FROM {table} ORDER BY {TABLES[table].order}"


class Whole(Protocol):
    """What both kinds of store can do for it. Raises StoreError."""

    def meta(self, key: str) -> str | None:
        """What stands under a key of ``meta``: ``uuid`` is the store's identity."""

    def begin(self, source: str) -> None:
        """From now on the store of identity ``source`` is being moved into this one."""

    def finish(self) -> None:
        """It is moved."""

    def is_empty(self) -> bool:
        """Whether nothing was ever recorded."""

    def count(self) -> int:
        """How many samples are stored, at most: those in quarantine among them."""

    def targets(self) -> list[str]:
        """The targets that have samples, in order."""

    def rows(self, table: str) -> Iterator[Row]:
        """The rows of a table of ``TABLES`` or ``NAMED``."""

    def adopt(self, rows: Callable[[str], Iterator[Row]]) -> None:
        """Take the rows of every table in one transaction, where none of them is there."""
