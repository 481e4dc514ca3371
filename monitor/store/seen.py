"""Which identities are stored: one bit for each, by 4,096 sequence numbers of one boot of one vantage.

A process numbers its samples one after the other, so nearly all blocks fill up; a full one is kept as an empty
text. The bits outlive the samples: what retention removed does not come back by being sent again.
"""

import sqlite3
from collections.abc import Sequence

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


class Seen:
    """The bits, with the latest blocks in memory. Used by the one writer only."""

    def __init__(self) -> None:
        self._kept: dict[Block, int] = {}
        self._changed: dict[Block, int] = {}

    def all_new(self, connection: sqlite3.Connection, columns: Columns) -> bool:
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

    def sift(self, connection: sqlite3.Connection, samples: Sequence[Sample]) -> tuple[list[Sample], list[Sample]]:
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

    def write(self, connection: sqlite3.Connection) -> None:
        """Put what was found new beside the samples, in their transaction."""
        for (vantage, boot, block), bits in self._changed.items():
            body = b"" if bits == _FULL else bits.to_bytes(_BITS // 8, "little")
            key = (number_of(connection, vantage), number_of(connection, boot), block)
            connection.execute("REPLACE INTO seen VALUES (?, ?, ?, ?, ?)", (*key, digest(body, *key), body))

    def committed(self) -> None:
        """The transaction is on disk: what it changed is true now."""
        if len(self._kept) > _KEPT_BLOCKS:
            self._kept.clear()
        self._kept.update(self._changed)
        self._changed.clear()

    def _bits(self, connection: sqlite3.Connection, block: Block) -> int:
        kept = self._kept.get(block)
        if kept is not None:
            return kept
        row = connection.execute(
            "SELECT vantage, boot, block, digest, bits FROM seen WHERE block = ? "
            "AND vantage = (SELECT id FROM names WHERE text = ?) AND boot = (SELECT id FROM names WHERE text = ?)",
            (block[2], block[0], block[1]),
        ).fetchone()
        if row is None:
            return 0
        verify(row[3], row[4], f"identities of boot {block[1]}", *row[:3])
        return int.from_bytes(row[4], "little") if row[4] else _FULL


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
