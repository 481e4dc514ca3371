"""Samples as the quick body that the journal keeps: of each field what others do not foretell of it
(``steady.foretold``), at the least width of whole bytes.

Each row loses its least value, and the thousands that divide all that is left (instants are whole milliseconds,
durations whole microseconds) where it gets narrower by that. Written are the least values of all rows, a byte for each
that tells its width and thousands, and then what is left of those that move. ``strips`` reads it.

Every batch goes through here while somebody waits for it to be on disk, so what can be done for all rows at once is.
"""

from bisect import bisect_left

import numpy as np

from monitor.store.packing.bits import KINDS, MOST_THOUSANDS, TOPS, Naturals, divided, number
from monitor.store.packing.moving import row_of
from monitor.store.packing.packed import QUICK, TEXTS, VERSION, head_of
from monitor.store.packing.steady import answers, several_of
from probes.columns import NONE, ROW, Columns, Ints

_AT, _SCHEDULED, _TOOK, _SENT, _RECEIVED, _RECEIVED_AT, _PACKETS = (
    ROW[name] for name in ("at", "scheduled_at", "took", "sent", "received", "received_at", "packets")
)
_SHORT = 2
"""The place of a width (two bytes) that is not worth making shorter."""
_THOUSANDS = [(times, 1000**times) for times in range(MOST_THOUSANDS, 0, -1)]


def encode_quickly(samples: Columns) -> bytes:
    """The body of samples in this order."""
    head = head_of(samples.words, len(samples), len(samples.rtts), len(samples.steps))
    body = bytes((VERSION, QUICK)) + number(len(head)) + head
    if not len(samples):
        return body
    return b"".join((body, put_rows(_surprising(samples), TEXTS), put_flat(samples.rtts), put_flat(samples.steps)))


def _surprising(samples: Columns) -> Ints:
    """The table, each row without what others foretell of it."""
    table = samples.table
    told = table.copy()
    for place, other in zip((_TOOK, _RECEIVED), _answers(table[_PACKETS], samples.rtts), strict=True):
        np.subtract(told[place], other, out=told[place])
    for place, before in ((_SENT, _PACKETS), (_RECEIVED_AT, _AT), (_AT, _SCHEDULED)):
        np.subtract(told[place], table[before], out=told[place])
    return told


def _answers(packets: Ints, rtts: Ints) -> tuple[Ints | int, Ints | int]:
    """The longest round-trip time of each sample, and how many answers it got (see ``steady.answers``)."""
    if len(rtts) == len(packets) and bool((packets == 1).all()):
        there = rtts != NONE
        return np.where(there, rtts, 0), there.view(np.int8)
    longest, answered = answers(row_of(packets), several_of(rtts))
    return (
        longest if isinstance(longest, int) else longest.values,
        answered if isinstance(answered, int) else answered.values,
    )


def put_rows(table: Ints, places: int) -> bytes:
    """A table of which the first so many rows hold places of words, of which none are divided."""
    lows = table.min(axis=1)
    forms, parts = bytearray(len(table)), list[bytes]()
    for place, top in enumerate((table.max(axis=1) - lows).view(np.uint64).tolist()):
        if top:
            rest = np.subtract(table[place], lows[place]).view(np.uint64)
            forms[place], data = _narrow(rest, top, place >= places)
            parts.append(data)
    return b"".join((lows.astype("<i8", copy=False).tobytes(), forms, *parts))


def put_flat(flat: Ints) -> bytes:
    """Values of which some may be missing."""
    if not len(flat):
        return b""
    missing = flat == NONE
    if not missing.any():
        return b"\x00" + put_rows(flat[None], 0)
    high = int(flat.max())
    filled = np.where(missing, 0 if high == NONE else high, flat)
    return b"".join((b"\x01", np.packbits(missing).tobytes(), put_rows(filled[None], 0)))


def _narrow(rest: Naturals, top: int, thousands: bool) -> tuple[int, bytes]:
    """How values up to ``top`` are written, and what is written. ``thousands``: whether they may be taken out."""
    wide, times = _shortest(top) if thousands else (bisect_left(TOPS, top), 0)
    if times:
        rest, top, times = divided(rest, top, times)
        wide = bisect_left(TOPS, top)
    return wide + 8 * times, rest.astype(KINDS[wide]).tobytes()


def _shortest(top: int) -> tuple[int, int]:
    """The width for values up to ``top``, and how many thousands may divide all of them where that is worth it."""
    wide = bisect_left(TOPS, top)
    if wide > _SHORT:
        for times, factor in _THOUSANDS:
            if top % factor == 0 and top // factor <= TOPS[wide - 1]:
                return wide, times
    return wide, 0
