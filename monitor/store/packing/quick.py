"""Samples as the quick body that the journal keeps: of each field what others do not foretell of it
(``steady.foretold``), at the least width of whole bytes.

Each row loses its least value, and the thousands that divide all that is left (instants are whole milliseconds,
durations whole microseconds) where it gets narrower by that. Written are the least values of all rows, a byte for each
that tells its width and thousands, and then what is left of those that move. ``strips`` reads it.
"""

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from monitor.store.packing.bits import KINDS, MOST_THOUSANDS, TOPS, divided, number
from monitor.store.packing.moving import Moving, Row, filled, high_of, missing_in
from monitor.store.packing.packed import QUICK, TEXTS, VERSION, head_of
from monitor.store.packing.steady import Steady

_SHORT = 2
"""The place of a width (two bytes) that is not worth making shorter."""
_THOUSANDS = [(times, 1000**times) for times in range(MOST_THOUSANDS, 0, -1)]


def encode_quickly(samples: Steady) -> bytes:
    """The body of samples in this order."""
    head = head_of(samples.words, samples.count, samples.rtts[1], samples.steps[1])
    body = bytes((VERSION, QUICK)) + number(len(head)) + head
    if not samples.count:
        return body
    return b"".join((body, put_rows(samples.raw, TEXTS), put_flat(*samples.rtts), put_flat(*samples.steps)))


def put_rows(rows: Sequence[Row], places: int) -> bytes:
    """Rows of which the first so many hold places of words, of which none are divided."""
    lows, forms, parts = list[int](), bytearray(len(rows)), list[bytes]()
    for place, row in enumerate(rows):
        if isinstance(row, int):
            lows.append(row)
        else:
            lows.append(row.low)
            forms[place], data = _narrow(row, place >= places)
            parts.append(data)
    return b"".join((np.array(lows, dtype="<i8").tobytes(), forms, *parts))


def put_flat(row: Row, count: int) -> bytes:
    """One row of so many values, of which some may be missing."""
    if not count:
        return b""
    missing = missing_in(row)
    if missing is False:
        return b"\x00" + put_rows([row], 0)
    if missing is True:
        missing, row = np.ones(count, dtype=np.bool_), 0
    return b"".join((b"\x01", np.packbits(missing).tobytes(), put_rows([filled(row, missing, high_of(row))], 0)))


def _narrow(row: Moving, thousands: bool) -> tuple[int, bytes]:
    """How a row is written, and what is written. ``thousands``: whether they may be taken out."""
    rest, top = (row.values - row.low).view(np.uint64), row.high - row.low
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
