"""Samples as the tight body that a chunk keeps, and back, every field exactly.

Besides what every body has, ``received_at`` is kept as the difference from ``at``, ``sent`` from the number of
round-trip times, ``received`` from the number of answers, ``took`` from the longest of them.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.store.packing.bits import Damaged, number
from monitor.store.packing.coding import Filler, Writer
from monitor.store.packing.moving import Missing, Row, filled, missing_in, translated
from monitor.store.packing.packed import TEXTS, TIGHT, VERSION, head_of
from monitor.store.packing.steady import OPTIONAL, Several, Steady, answers, restored
from probes.columns import NONE, ROW, ROWS, Columns, Words

_STEPPED = frozenset(ROW[name] for name in ("seq", "scheduled_at"))
_USUAL = (
    bytes.fromhex("018090dfc04a0180e0ba84bf03010201040106010a010c010e000400020002020102050002140002")
    + bytes.fromhex("0180b09dc2df010004000080d0acf30e0000000000000001010200010200010400020006")
    + b'["resolve","connect","tls","first_byte","transfer"]"dns_local","stall","unsynchronised",'
    + b'[null,"timeout","synchronised"]'
)
"""What heads of chunks are often made of, the likeliest last, for deflate to refer to: columns that stand still, slots
of ten seconds, a minute and half a minute, a timeout of two seconds; words. Part of the format."""
_PACKETS, _STEPS = ROW["packets"], ROW["steps"]
_AT, _SCHEDULED = ROW["at"], ROW["scheduled_at"]


def encode_tightly(samples: Steady) -> bytes:
    """The body of samples in this order, with no words but those that are used."""
    out, words = Writer(), samples.words
    if samples.count:
        kept = sorted({0, *samples.used})
        words = [words[place] for place in kept]
        _put(out, samples, {place: new for new, place in enumerate(kept)})
    press = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=_USUAL)
    begins = head_of(words, samples.count, samples.rtts[1], samples.steps[1])
    head = press.compress(begins + b"".join(out.head)) + press.flush()
    return bytes((VERSION, TIGHT)) + number(len(head)) + head + b"".join(out.data)


def head_in(packed: bytes) -> bytes:
    """The head of a tight body."""
    return zlib.decompressobj(-15, _USUAL).decompress(packed)


def _put(out: Writer, samples: Steady, words: Mapping[int, int]) -> None:
    missing = samples.missing
    stepped = _STEPPED | {_AT} if missing[_SCHEDULED] is True else _STEPPED
    for place, row in enumerate(samples.told):
        steps = samples.stepped(place) if place in stepped else None
        if place in missing:
            out.optional(row, missing[place], steps)
        else:
            out.column(translated(row, words) if place < TEXTS else row, steps)
    for flat, count in (samples.rtts, samples.steps):
        if count:
            out.optional(flat, missing_in(flat))


@dataclass(frozen=True, slots=True)
class Tight:
    """A body that was written tightly, of which the head is read."""

    words: Sequence[str | None]
    count: int
    packets: int
    steps: int
    source: Filler

    def fill(self, part: Columns, words: Words) -> None:
        """Fill columns that are as long; texts get their places in ``words``. Once."""
        samples = self.steady()
        for out, row in zip(part.table, samples.in_words(words), strict=True):
            out[:] = row if isinstance(row, int) else row.values
        for flat, (row, _) in ((part.rtts, samples.rtts), (part.steps, samples.steps)):
            flat[:] = row if isinstance(row, int) else row.values

    def steady(self) -> Steady:
        """The samples, of which there is one at least. Once. Raises Damaged."""
        rows: list[Row] = []
        missing: dict[int, Missing] = {}
        for place in range(len(ROWS)):
            if place in OPTIONAL:
                row, missing[place] = self.source.optional(self.count)
            else:
                row = self.source.row(self.count)
            rows.append(row)
        rtts, steps = self._several(rows[_PACKETS], self.packets), self._several(rows[_STEPS], self.steps)
        rows[_SCHEDULED] = filled(rows[_SCHEDULED], missing[_SCHEDULED], 0)
        rows = restored(rows, answers(rows[_PACKETS], rtts))
        for place, where in missing.items():
            rows[place] = filled(rows[place], where, NONE)
        return Steady(self.words, rows, self.count, rtts, steps)

    def _several(self, each: Row, count: int) -> Several:
        """The next values of which each sample has a number of its own."""
        there = each * self.count if isinstance(each, int) else int(each.values.sum())
        if there != count:
            raise Damaged("a body has other round-trip times than its samples")
        return (filled(*self.source.optional(count), NONE), count) if count else (0, 0)
