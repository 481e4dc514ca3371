"""A store as a whole, for moving it to another kind of store: every table but those of samples, row by row.

The chains go on in the other store: their links and leaves are carried as they are. Only how samples lie, and
roll-ups, are a store's own.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from probes.sample import Sample

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
    "links": Table("chain, number, body", "chain, number"),
    "outbox": Table("hook, delivery, subject, attempts, due_at, error, digest, body"),
}
"""The tables without names kept apart. Their digests rest on columns of the same row, so they are carried too."""
NAMED = ("heartbeats", "seen", "leaves")
"""``heartbeats`` as (vantage, at, boot, loop_lag, clock_error, suspended), ``seen`` as (vantage, boot, block, bits),
``leaves`` as (vantage, target, id, form, day, count, digest, marks, late)."""
BEATS = (
    "SELECT v.text, at, b.text, loop_lag, clock_error, suspended FROM heartbeats "
    "JOIN names AS v ON v.id = vantage JOIN names AS b ON b.id = boot ORDER BY v.text, at, b.text"
)
SEEN = (
    "SELECT v.text, b.text, block, bits FROM seen JOIN names AS v ON v.id = vantage JOIN names AS b ON b.id = boot "
    "ORDER BY v.text, b.text, block"
)
LEAVES = (
    "SELECT v.text, t.text, leaves.id, form, day, count, digest, marks, late FROM leaves "
    "JOIN names AS v ON v.id = vantage LEFT JOIN names AS t ON t.id = target ORDER BY leaves.id"
)
_QUERIES = {"heartbeats": BEATS, "seen": SEEN, "leaves": LEAVES}


def query_of(table: str) -> str:
    """What gives the rows that are carried."""
    if table in NAMED:
        return _QUERIES[table]
    return f"SELECT {TABLES[table].columns} FROM {table} ORDER BY {TABLES[table].order}"


def of_leaf(vantage: int, target: int, rest: Sequence[object]) -> Row:
    """The row of a leaf as it is kept, of the numbers of its names and what else is carried."""
    key, form, *others = rest
    return (key, form, vantage, target, *others)


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

    def samples(self, target: str, since: int) -> Iterator[Sample]:
        """A target's samples from an instant on, by ``(at, identity)``; those in quarantine among them."""

    def rows(self, table: str) -> Iterator[Row]:
        """The rows of a table of ``TABLES`` or ``NAMED``."""

    def adopt(self, rows: Callable[[str], Iterator[Row]]) -> None:
        """Take the rows of every table in one transaction, where none of them is there."""
