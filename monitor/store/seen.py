"""Which identities are stored: one bit for each, by 4,096 sequence numbers of one boot of one vantage.

A process numbers its samples one after the other, so nearly all blocks fill up; a full one is kept as an empty
text. The bits outlive the samples: what retention removed does not come back by being sent again. A block that
cannot be read is made anew of what is stored.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from monitor.store.digest import digest, verify
from monitor.store.names import number_of
from monitor.store.port import StoreError
from monitor.store.register import IDENTITIES, Register
from monitor.store.sql import Sql
from probes.columns import Columns, Ints
from probes.sample import Sample

_SHIFT = 12
_BITS = 1 << _SHIFT
_FULL = (1 << _BITS) - 1
_KEPT_BLOCKS = 1024

Block = tuple[str, str, int]
Stored = Callable[[Sql, Block], Iterable[int]]
"""The sequence numbers of a block's samples that are stored and can be read, and of those in quarantine."""


class Seen:
    """The bits, with the latest blocks in memory. Used by the one writer only. ``stored`` finds what a block was that
    cannot be read, ``number`` gives a name's number."""

    def __init__(self, stored: Stored, register: Register, number: Callable[[Sql, str], int] = number_of) -> None:
        self._stored, self._register, self._number = stored, register, number
        self._kept: dict[Block, int] = {}
        self._changed: dict[Block, int] = {}
        self._numbers: dict[str, int] = {}

    def all_new(self, connection: Sql, columns: Columns) -> bool:
        """True if no identity is stored or stands twice; only then they are marked."""
        self._changed.clear()
        for vantage, boot, seqs in columns.sources():
            for number, block_bits in _blocks(seqs):
                block = (vantage, boot, number)
                bits = self._changed.get(block) or self._bits(connection, block)
                if block_bits is None or bits & block_bits:
                    return False
                self._changed[block] = bits | block_bits
        return True

    def sift(self, connection: Sql, samples: Sequence[Sample]) -> tuple[list[Sample], list[Sample]]:
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

    def write(self, connection: Sql) -> None:
        """Put what was found new beside the samples, in their transaction, of which it is true from now on."""
        for block, bits in self._changed.items():
            self._write(connection, block, b"" if bits == _FULL else bits.to_bytes(_BITS // 8, "little"))
        if len(self._kept) > _KEPT_BLOCKS:
            self._kept.clear()
            self._numbers.clear()
        self._kept.update(self._changed)
        self._changed.clear()

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Around a transaction of one batch or of several. Where it failed nobody knows what is on disk: the store is
        asked again."""
        try:
            yield
        except BaseException:
            self._kept.clear()
            self._changed.clear()
            self._numbers.clear()
            raise

    def _bits(self, connection: Sql, block: Block) -> int:
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
        name = name_of(block[1], block[2])
        try:
            verify(row[3], row[4], name, *row[:3])
        except StoreError as error:
            text = f"{error}; they are found anew among what is stored"
            self._register.note(name, text, IDENTITIES)
            return sum(1 << place for place in {seq & (_BITS - 1) for seq in self._stored(connection, block)})
        return _marks(row[4])

    def _write(self, connection: Sql, block: Block, bits: bytes) -> None:
        key = (*(self._known(connection, name) for name in block[:2]), block[2])
        connection.execute(
            "INSERT INTO seen VALUES (?, ?, ?, ?, ?) ON CONFLICT (vantage, boot, block) "
            "DO UPDATE SET digest = excluded.digest, bits = excluded.bits",
            (*key, digest(bits, *key), bits),
        )

    def _known(self, connection: Sql, name: str) -> int:
        """The number of a vantage or a boot."""
        if name not in self._numbers:
            self._numbers[name] = self._number(connection, name)
        return self._numbers[name]


class Unmarked:
    """Whether each sample that is stored is marked, and stored once: what is not marked would count again if it were
    sent again. Takes all that is stored; holds one bit of each."""

    def __init__(self) -> None:
        self._found: dict[Block, int] = {}
        self._twice: dict[Block, int] = {}

    def take(self, columns: Columns) -> None:
        """Some that are stored."""
        for vantage, boot, seqs in columns.sources():
            seqs, counts = np.unique(seqs, return_counts=True)
            if len(twice := seqs[counts > 1]):
                self._put(vantage, boot, twice, self._twice)
            self._put(vantage, boot, seqs, self._found)

    def _put(self, vantage: str, boot: str, seqs: Ints, where: dict[Block, int]) -> None:
        for number, bits in _blocks(seqs):
            block, before = (vantage, boot, number), where.get((vantage, boot, number), 0)
            assert bits is not None
            if where is self._found and before & bits:
                self._twice[block] = self._twice.get(block, 0) | before & bits
            where[block] = before | bits

    def problems(self, connection: Sql) -> Iterator[tuple[str, str]]:
        """(what a block is called, what is wrong with it). A block that cannot be read is told of by itself."""
        query = (
            "SELECT vantages.text, boots.text, vantage, boot, block, digest, bits FROM seen "
            "JOIN names AS vantages ON vantages.id = vantage JOIN names AS boots ON boots.id = boot"
        )
        left = dict(self._found)
        for vantage, boot, *key, stored, bits in connection.execute(query):
            found = left.pop((vantage, boot, key[2]), 0)
            if found and stored == digest(bits, *key):
                yield from _unmarked((vantage, boot, key[2]), found & ~_marks(bits))
        for block in sorted(left):
            yield from _unmarked(block, left[block])
        for block, bits in sorted(self._twice.items()):
            name = name_of(block[1], block[2])
            yield name, f"{name}: {bits.bit_count()} samples of vantage {block[0]} are stored twice"


def _unmarked(block: Block, bits: int) -> Iterator[tuple[str, str]]:
    if bits:
        name = name_of(block[1], block[2])
        count = f"{bits.bit_count()} samples of vantage {block[0]} are stored and not marked"
        yield name, f"{name}: {count}: sent again they would count again; restore the latest backup"


def _marks(bits: bytes) -> int:
    return int.from_bytes(bits, "little") if bits else _FULL


def span_of(block: Block) -> tuple[int, int]:
    """The first and the last sequence number of a block."""
    return block[2] << _SHIFT, (block[2] + 1 << _SHIFT) - 1


def quarantined(connection: Sql, block: Block) -> Iterator[int]:
    """The sequence numbers of a block's samples in quarantine."""
    query = "SELECT seq FROM quarantine WHERE vantage = ? AND boot = ? AND seq >= ? AND seq <= ?"
    for (seq,) in connection.execute(query, (*block[:2], *span_of(block))).fetchall():
        yield seq


def name_of(boot: object, block: int) -> str:
    """What a block is called."""
    return f"identities of boot {boot} from {block << _SHIFT}"


def _blocks(seqs: Ints) -> list[tuple[int, int | None]]:
    """(block, its bits) of these sequence numbers; no bits if one stands twice."""
    first, last = int(seqs[0]), int(seqs[-1])
    if last - first == len(seqs) - 1 and bool((seqs[1:] > seqs[:-1]).all()):
        return [
            (number, _run(number << _SHIFT, first, last)) for number in range(first >> _SHIFT, (last >> _SHIFT) + 1)
        ]
    found = []
    blocks = seqs >> _SHIFT
    alike = int(blocks.min()) == int(blocks.max())
    for number in blocks[:1].tolist() if alike else set(blocks.tolist()):
        places = (seqs if alike else seqs[blocks == number]) & (_BITS - 1)
        marks = np.zeros(_BITS, dtype=np.uint8)
        marks[places] = 1
        alone = int(np.count_nonzero(marks)) == len(places)
        bits = int.from_bytes(np.packbits(marks, bitorder="little").tobytes(), "little")
        found.append((number, bits if alone else None))
    return found


def _run(start: int, first: int, last: int) -> int:
    """The bits of the block that begins at ``start`` for all numbers from ``first`` to ``last``."""
    low, high = max(first - start, 0), min(last - start, _BITS - 1)
    return (1 << high + 1) - (1 << low)
