"""Columns of samples as one body of bytes and back, every field exactly.

A field that another one foretells is kept as the difference: ``at`` from ``scheduled_at``, ``received_at`` from
``at``, ``sent`` from the number of round-trip times, ``received`` from the number of answers, ``took`` from the
longest of them. The first byte tells the version, so that bodies of every version stay readable for ever; the second
whether the words and the head are deflated.
"""

import json
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.store.bits import Damaged, Filler, Reader, Writer, get_table, number, put_table
from monitor.store.columns import NONE, ROW, ROWS, Columns, Ints, from_samples, to_samples
from probes.sample import Sample

VERSION = 1
_PLAIN, _DEFLATED = 0, 1
_OPTIONAL = tuple(ROW[name] for name in ("scheduled_at", "took", "sent", "received", "received_at"))
_STEPPED = frozenset(ROW[name] for name in ("seq", "scheduled_at"))
_WHOLE, _SOME = b"\x00", b"\x01"
_AT, _SCHEDULED, _TOOK, _SENT, _RECEIVED, _RECEIVED_AT = (
    ROW[name] for name in ("at", "scheduled_at", "took", "sent", "received", "received_at")
)


def encode(columns: Columns, tight: bool = False) -> bytes:
    """The body of these samples in this order. ``tight`` takes several times as long for fewer bytes."""
    words = json.dumps(columns.words).encode()
    counts = number(len(columns)) + number(len(columns.rtts)) + number(len(columns.steps)) + number(len(words))
    out = Writer()
    if not tight:
        tables = [columns.table, *(flat[None, :] for flat in (columns.rtts, columns.steps))]
        data = b"".join(put_table(table) for table in tables if table.shape[1])
        return bytes([VERSION, _PLAIN]) + number(len(counts + words)) + counts + words + data
    if len(columns):
        _put_tight(out, columns)
    head = zlib.compress(counts + words + b"".join(out.head), 9)
    return bytes([VERSION, _DEFLATED]) + number(len(head)) + head + b"".join(out.data)


def decode(body: bytes) -> Columns:
    """The samples of a body, in the order they were given. Raises Damaged where the bytes are no body."""
    if len(body) < 3 or body[0] != VERSION or body[1] > _DEFLATED:
        raise Damaged(f"no body of version {VERSION}: it begins with {body[:2].hex()}")
    data = Reader(body)
    data.at = 2
    head = data.take(data.number())
    reader = Reader(zlib.decompress(head) if body[1] == _DEFLATED else head)
    count, packets, steps, length = (reader.number() for _ in range(4))
    words: list[str | None] = json.loads(reader.take(length))
    if not count:
        empty = np.zeros((len(ROWS), 0), dtype=np.int64)
        return Columns(words, empty, empty[0], empty[0])
    if body[1] == _DEFLATED:
        table, rtts, durations = _get_tight(Filler(reader, data), count, packets, steps)
    else:
        table, rtts, durations = _get_quick(data, count, packets, steps)
    columns = Columns(words, table, rtts, durations)
    if int(columns["packets"].sum()) != packets or int(columns["steps"].sum()) != steps:
        raise Damaged("a body has other round-trip times than its samples")
    return columns


def may_hold(body: bytes, target: str) -> bool:
    """False when no sample of the target can be in the body: a look that decodes nothing."""
    return body[1] == _DEFLATED or json.dumps(target).encode() in body


def encode_samples(samples: Sequence[Sample]) -> bytes:
    """The body of samples as they are."""
    return encode(from_samples(samples))


def decode_samples(body: bytes) -> list[Sample]:
    """The samples of a body as they were."""
    return to_samples(decode(body))


def _get_quick(data: Reader, count: int, packets: int, steps: int) -> tuple[Ints, Ints, Ints]:
    table = get_table(data, len(ROWS), count)
    rtts, durations = (
        get_table(data, 1, length)[0] if length else np.zeros(0, dtype=np.int64) for length in (packets, steps)
    )
    return table, rtts, durations


def _put_tight(out: Writer, columns: Columns) -> None:
    table = columns.table.copy()
    missing = {row: table[row] == NONE for row in _OPTIONAL}
    for row, where in missing.items():
        table[row][where] = 0  # what is missing foretells nothing
    _foretold(table, columns.rtts, np.subtract)
    stepped = _STEPPED | {_AT} if missing[_SCHEDULED].all() else _STEPPED
    for row, values in enumerate(table):
        if row in missing:
            _put_missing(out, values, missing[row])
        out.tight(values, row in stepped)
    for values in (columns.rtts, columns.steps):
        if len(values):
            values = values.copy()
            _put_missing(out, values, values == NONE)
            out.tight(values, False)


def _get_tight(source: Filler, count: int, packets: int, steps: int) -> tuple[Ints, Ints, Ints]:
    table = np.empty((len(ROWS), count), dtype=np.int64)
    missing = {}
    for row, values in enumerate(table):
        if row in _OPTIONAL:
            missing[row] = _get_missing(source, count)
        source.fill(values)
    flat = np.empty(packets, dtype=np.int64), np.empty(steps, dtype=np.int64)
    for values in flat:
        if len(values):
            where = _get_missing(source, len(values))
            source.fill(values)
            if where is not None:
                values[where] = NONE
    if (where := missing[_SCHEDULED]) is not None:
        table[_SCHEDULED][where] = 0
    _foretold(table, flat[0], np.add)
    for row, where in missing.items():
        if where is not None:
            table[row][where] = NONE
    return table, *flat


def _put_missing(out: Writer, values: Ints, where: NDArray[np.bool_]) -> None:
    """Which values are missing, and something unsurprising in their places."""
    if not where.any():
        out.head.append(_WHOLE)
        return
    out.head.append(_SOME)
    out.tight(where.astype(np.int64), False)
    values[where] = 0 if where.all() else values[~where][0]


def _get_missing(source: Filler, count: int) -> NDArray[np.bool_] | None:
    if source.flag() == _WHOLE:
        return None
    where = np.empty(count, dtype=np.int64)
    source.fill(where)
    missing: NDArray[np.bool_] = where != 0
    return missing


def _foretold(table: Ints, rtts: Ints, change: np.ufunc) -> None:
    """Take off each field what foretells it (``np.subtract``), or put it on again (``np.add``)."""
    longest, answered = _of_packets(table[ROW["packets"]], rtts)
    for row, reference in ((_TOOK, longest), (_SENT, table[ROW["packets"]]), (_RECEIVED, answered)):
        change(table[row], reference, out=table[row])
    instants = [(_RECEIVED_AT, _AT), (_AT, _SCHEDULED)]
    for row, other in instants if change is np.subtract else reversed(instants):
        change(table[row], table[other], out=table[row])


def _of_packets(packets: Ints, rtts: Ints) -> tuple[Ints, Ints]:
    """The longest round-trip time of each sample, and how many answers it got; 0 where there are none."""
    longest, answered = np.zeros((2, len(packets)), dtype=np.int64)
    if not len(rtts):
        return longest, answered
    there = rtts != NONE
    times, width = np.where(there, rtts, 0), int(packets[0])
    if width == 1 and (packets == 1).all():
        return times, there.astype(np.int64)
    if (packets == width).all():
        return times.reshape(-1, width).max(axis=1), there.reshape(-1, width).sum(axis=1)
    some = packets > 0
    starts = (np.cumsum(packets) - packets)[some]
    longest[some] = np.maximum.reduceat(times, starts)
    answered[some] = np.add.reduceat(there.astype(np.int64), starts)
    return longest, answered
