"""Columns of samples as one body of bytes and back, every field exactly.

A field that another one foretells is kept as the difference: ``at`` from ``scheduled_at``, and in chunks
``received_at`` from ``at``, ``sent`` from the number of round-trip times, ``received`` from the number of answers,
``took`` from the longest of them. The first byte tells the version of the format, the second whether it was written
quickly or tightly.
"""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitor.store.bits import Bounds, Damaged, Reader, bounds_of, number, put_flat, put_table
from monitor.store.packed import QUICK, TEXTS, TIGHT, VERSION, Packed, head_of, read_packed
from monitor.store.steady import Row, minus, row_of, rows_of, translated, used
from monitor.store.tight import Filler, Missing, Writer
from probes.columns import NONE, ROW, ROWS, Columns, Ints, Words, from_samples, to_samples
from probes.sample import Sample

_OPTIONAL = frozenset(ROW[name] for name in ("scheduled_at", "took", "sent", "received", "received_at"))
_STEPPED = frozenset(ROW[name] for name in ("seq", "scheduled_at"))
_USUAL = (
    bytes.fromhex("018090dfc04a0180e0ba84bf03010201040106010a010c010e000400020002020102050002140002")
    + bytes.fromhex("0180b09dc2df010004000080d0acf30e0000000000000001010200010200010400020006")
    + b'["resolve","connect","tls","first_byte","transfer"]"dns_local","stall","unsynchronised",'
    + b'[null,"timeout","synchronised"]'
)
"""What heads of chunks are often made of, the likeliest last, for deflate to refer to: columns that stand still, slots
of ten seconds, a minute and half a minute, a timeout of two seconds; words. Part of the format."""
_PACKETS = ROW["packets"]
_AT, _SCHEDULED, _TOOK, _SENT, _RECEIVED, _RECEIVED_AT = (
    ROW[name] for name in ("at", "scheduled_at", "took", "sent", "received", "received_at")
)


def encode(columns: Columns, tight: bool = False) -> bytes:
    """The body of these samples in this order. ``tight`` takes several times as long for fewer bytes."""
    return _tight(columns) if tight else encode_quickly(columns, bounds_of(columns.table) if len(columns) else None)


def encode_quickly(columns: Columns, bounds: Bounds | None) -> bytes:
    """The same for whoever knows the bounds of the rows; None where there are no samples."""
    head = _head(columns, columns.words)
    data = _quick(columns, bounds) if bounds is not None else b""
    return bytes((VERSION, QUICK)) + number(len(head)) + head + data


def _head(columns: Columns, words: Sequence[str | None]) -> bytes:
    return head_of(words, len(columns), len(columns.rtts), len(columns.steps))


def _tight(columns: Columns) -> bytes:
    """As above, with no words but those that are used."""
    out, words = Writer(), columns.words
    if len(columns):
        rows = rows_of(columns.table)
        kept = sorted({0} | used(rows[:TEXTS]))
        words, places = [words[place] for place in kept], {place: new for new, place in enumerate(kept)}
        rows[:TEXTS] = [translated(row, places) for row in rows[:TEXTS]]
        _put_tight(out, rows, columns)
    press = zlib.compressobj(9, zlib.DEFLATED, -15, zdict=_USUAL)
    head = press.compress(_head(columns, words) + b"".join(out.head)) + press.flush()
    return bytes((VERSION, TIGHT)) + number(len(head)) + head + b"".join(out.data)


def decode(body: bytes) -> Columns:
    """The samples of a body, in the order they were given. Raises Damaged where the bytes are no body."""
    return decode_all([body])


def decode_all(bodies: Sequence[bytes]) -> Columns:
    """The samples of several bodies one after the other. Raises Damaged where the bytes are no body."""
    return assembled(opened(bodies))


def assembled(bodies: "Sequence[Body]") -> Columns:
    """The samples of bodies one after the other, made where they are to lie."""
    words = Words({None: 0})
    table = np.empty((len(ROWS), sum(body.count for body in bodies)), dtype=np.int64)
    rtts = np.empty(sum(body.packets for body in bodies), dtype=np.int64)
    steps = np.empty(sum(body.steps for body in bodies), dtype=np.int64)
    at = packet = step = 0
    for body in bodies:
        part = Columns(
            body.words,
            table[:, at : at + body.count],
            rtts[packet : packet + body.packets],
            steps[step : step + body.steps],
        )
        at, packet, step = at + body.count, packet + body.packets, step + body.steps
        if body.count:
            body.fill(part, words)
    _check([body for body in bodies if body.count], table)
    return Columns(list(words), table, rtts, steps)


def _check(bodies: "Sequence[Body]", table: Ints) -> None:
    """Raise Damaged unless each body has as many round-trip times and phases as its samples say."""
    if bodies:
        counts = np.cumsum([0, *(body.count for body in bodies[:-1])])
        there = np.add.reduceat(table[[_PACKETS, ROW["steps"]]], counts, axis=1).T.tolist()
        if there != [[body.packets, body.steps] for body in bodies]:
            raise Damaged("a body has other round-trip times than its samples")


@dataclass(frozen=True, slots=True)
class Tight:
    """A body that was written tightly, of which the head is read."""

    words: Sequence[str | None]
    count: int
    packets: int
    steps: int
    source: Filler

    def fill(self, part: Columns, words: Words) -> None:
        """Fill columns that are as long; texts get their places in ``words``."""
        _get_tight(self.source, part)
        words.take_in(part)


Body = Packed | Tight


def opened(bodies: Sequence[bytes]) -> list[Body]:
    """Bodies with their heads read. Raises Damaged where the bytes are no body."""
    lists: dict[bytes, list[str | None]] = {}
    return [_opened(body, lists) for body in bodies]


def _opened(body: bytes, lists: dict[bytes, list[str | None]]) -> Body:
    """``lists``: texts of words that were read already, which are often the same."""
    if len(body) < 3 or body[0] != VERSION or body[1] > TIGHT:
        raise Damaged(f"no body of version {VERSION}: it begins with {body[:2].hex()}")
    data = Reader(body, 2)
    head = data.take(data.number())
    begins = Reader(zlib.decompressobj(-15, _USUAL).decompress(head) if body[1] == TIGHT else head)
    count, packets, steps, length = begins.numbers(4)
    text = begins.take(length)
    if text not in lists:
        lists[text] = json.loads(text)
    if body[1] == TIGHT:
        return Tight(lists[text], count, packets, steps, Filler(begins, data))
    return read_packed(lists[text], count, packets, steps, data)


def may_hold(body: bytes, target: str) -> bool:
    """False when no sample of the target can be in the body: a look that decodes nothing."""
    return body[1] == TIGHT or json.dumps(target).encode() in body


def encode_samples(samples: Sequence[Sample]) -> bytes:
    """The body of samples as they are."""
    return encode(from_samples(samples))


def decode_samples(body: bytes) -> list[Sample]:
    """The samples of a body as they were."""
    return to_samples(decode(body))


def _quick(columns: Columns, bounds: Bounds) -> bytes:
    starts = {_AT: columns.table[_AT] - columns.table[_SCHEDULED]}
    return put_table(columns.table, bounds, starts) + put_flat(columns.rtts) + put_flat(columns.steps)


def _put_tight(out: Writer, rows: list[Row], columns: Columns) -> None:
    missing: dict[int, Missing] = {}
    for row in _OPTIONAL:
        rows[row], missing[row] = _filled(rows[row])
    longest, answered = _of_packets(rows[_PACKETS], columns.rtts)
    told = rows.copy()
    for row, other in ((_TOOK, longest), (_SENT, rows[_PACKETS]), (_RECEIVED, answered)):
        told[row] = minus(rows[row], other)
    for row, before in ((_RECEIVED_AT, _AT), (_AT, _SCHEDULED)):
        told[row] = minus(rows[row], rows[before])
    stepped = _STEPPED | {_AT} if missing[_SCHEDULED] is True else _STEPPED
    for row, values in enumerate(told):
        if row in missing:
            out.optional(values, missing[row], row in stepped)
        else:
            out.column(values, row in stepped)
    for flat in (columns.rtts, columns.steps):
        if len(flat):
            out.optional(flat.copy(), flat == NONE)


def _filled(row: Row) -> tuple[Row, Missing]:
    """A row with 0 where a value is missing, which foretells nothing, and where that is."""
    if isinstance(row, int):
        return (0, True) if row == NONE else (row, False)
    missing = row == NONE
    return (np.where(missing, 0, row), missing) if missing.any() else (row, False)


def _get_tight(source: Filler, part: Columns) -> None:
    table, missing = part.table, {}
    for row, values in enumerate(table):
        if row in _OPTIONAL:
            missing[row] = source.optional(values)
        else:
            source.column(values)
    for flat in (part.rtts, part.steps):
        where = source.optional(flat) if len(flat) else None
        if where is not None:
            flat[where] = NONE
    if (where := missing[_SCHEDULED]) is not None:
        table[_SCHEDULED][where] = 0
    _foretold(table, part.rtts)
    for row, where in missing.items():
        if where is not None:
            table[row][where] = NONE


def _foretold(table: Ints, rtts: Ints) -> None:
    """Put on each field again what foretells it."""
    longest, answered = _of_packets(row_of(table[_PACKETS]), rtts)
    for row, reference in ((_TOOK, longest), (_SENT, table[_PACKETS]), (_RECEIVED, answered)):
        table[row] += reference
    table[_AT] += table[_SCHEDULED]
    table[_RECEIVED_AT] += table[_AT]


def _of_packets(packets: Row, rtts: Ints) -> tuple[Row, Row]:
    """The longest round-trip time of each sample, and how many answers it got; 0 where there are none."""
    if not len(rtts):
        return 0, 0
    there = rtts != NONE
    times = np.where(there, rtts, 0)
    if isinstance(packets, int):
        if packets == 1:
            return times, there.astype(np.int64)
        return times.reshape(-1, packets).max(axis=1), there.reshape(-1, packets).sum(axis=1)
    longest, answered = np.zeros((2, len(packets)), dtype=np.int64)
    some = packets > 0
    starts = (np.cumsum(packets) - packets)[some]
    longest[some] = np.maximum.reduceat(times, starts)
    answered[some] = np.add.reduceat(there.astype(np.int64), starts)
    return longest, answered
