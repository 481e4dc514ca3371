"""Which identities are stored: one bit for each, by 4,096 sequence numbers of one boot of one vantage.

A process numbers its samples one after the other, so nearly all blocks fill up; a full one is kept as an empty
text. The bits outlive the samples: what retention removed does not come back by being sent again.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

import numpy as np

from monitor.store.columns import Columns, Ints
from monitor.store.digest import digest, verify
from monitor.store.names import number_of
from probes.sample import Sample

_SHIFT = 12
_BITS = 1 << _SHIFT
_FULL = (1 << _BITS) - 1
_KEPT_BLOCKS = 1024

Block = tuple[str, str, int]
Connection = TypeVar("Connection")


class Seen(Generic[Connection]):
    """The bits, with the latest blocks in memory. Used by the one writer only. ``read`` gives a block's bits as they
    are stored, None where there are none; ``write`` stores them."""

    def __init__(
        self,
        read: Callable[[Connection, Block], bytes | None],
        write: Callable[[Connection, Block, bytes], None],
    ) -> None:
        self._read, self._write = read, write
        self._kept: dict[Block, int] = {}
        self._changed: dict[Block, int] = {}

    def all_new(self, connection: Connection, columns: Columns) -> bool:
        """True if no identity is stored or stands twice; only then they are marked."""
        self._changed.clear()
        for vantage, boot, seqs in columns.sources():
            for number, block_bits in _blocks(seqs):
                block = (vantage, boot, number)
                bits = self._bits(connection, block)
                if block_bits is None or bits & block_bits:
                    return False
                self._changed[block] = bits | block_bits
        return True

    def sift(self, connection: Connection, samples: Sequence[Sample]) -> tuple[list[Sample], list[Sample]]:
        """(new, suspect): a suspect's identity is stored already, or stands earlier in ``samples``."""
        fresh: list[Sample] = []
        suspect: list[Sample] = []
        self._changed.clear()
        for sample in samples:
            block = (sample.vantage, sample.boot, sample.seq >> _SHIFT)
            bits = self._changed.get(block)
            if bits is None:
                bits = self._bits(connection, block)
            bit = 1 << (sample.seq & (_BITS - 1))
            (suspect if bits & bit else fresh).append(sample)
            self._changed[block] = bits | bit
        return fresh, suspect

    def write(self, connection: Connection) -> None:
        """Put what was found new beside the samples, in their transaction."""
        for block, bits in self._changed.items():
            self._write(connection, block, b"" if bits == _FULL else bits.to_bytes(_BITS // 8, "little"))

    def committed(self) -> None:
        """The transaction is on disk: what it changed is true now."""
        if len(self._kept) > _KEPT_BLOCKS:
            self._kept.clear()
        self._kept.update(self._changed)
        self._changed.clear()

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Around a transaction: what it changed is true once it is on disk. Where it failed nobody knows whether it is:
        the store is asked again."""
        try:
            yield
        except BaseException:
            self._kept.clear()
            self._changed.clear()
            raise
        self.committed()

    def _bits(self, connection: Connection, block: Block) -> int:
        kept = self._kept.get(block)
        if kept is not None:
            return kept
        stored = self._read(connection, block)
        if stored is None:
            return 0
        return int.from_bytes(stored, "little") if stored else _FULL


def read(connection: sqlite3.Connection, block: Block) -> bytes | None:
    """A block's bits from a SQLite store."""
    row = connection.execute(
        "SELECT vantage, boot, block, digest, bits FROM seen WHERE block = ? "
        "AND vantage = (SELECT id FROM names WHERE text = ?) AND boot = (SELECT id FROM names WHERE text = ?)",
        (block[2], block[0], block[1]),
    ).fetchone()
    if row is None:
        return None
    verify(row[3], row[4], f"identities of boot {block[1]}", *row[:3])
    return bytes(row[4])


def write(connection: sqlite3.Connection, block: Block, bits: bytes) -> None:
    """A block's bits into a SQLite store."""
    key = (number_of(connection, block[0]), number_of(connection, block[1]), block[2])
    connection.execute("REPLACE INTO seen VALUES (?, ?, ?, ?, ?)", (*key, digest(bits, *key), bits))


def _blocks(seqs: Ints) -> list[tuple[int, int | None]]:
    """(block, its bits) of these sequence numbers; no bits if one stands twice."""
    found = []
    blocks = seqs >> _SHIFT
    for number in set(blocks.tolist()):
        places = seqs[blocks == number] & (_BITS - 1)
        marks = np.zeros(_BITS, dtype=np.uint8)
        marks[places] = 1
        alone = int(np.count_nonzero(marks)) == len(places)
        bits = int.from_bytes(np.packbits(marks, bitorder="little").tobytes(), "little")
        found.append((number, bits if alone else None))
    return found
