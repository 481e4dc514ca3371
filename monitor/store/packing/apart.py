"""What a part of the journal holds of a day, taken apart: the samples of each target and vantage, row by row.

They are sorted as they are packed. Only what moves becomes numbers of 64 bits, and only of one target at a time.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from monitor.store.packing.moving import Moving, Row, begins, row_of
from monitor.store.packing.packed import Packed, all_of
from monitor.store.packing.steady import Several, Steady
from monitor.store.packing.strips import Flat, Narrow, Strip
from probes.columns import ROW, Ints

_TARGET, _VANTAGE = ROW["target"], ROW["vantage"]
Bounds = Sequence[int]


def apart(bodies: list[Packed]) -> Iterator[Steady]:
    """The samples of each target and vantage, otherwise in the order they have. There is a body at least, each has one
    sample at least, and they are let go of."""
    whole, starts = _sorted(_together(bodies))
    bounds = [*starts.tolist(), whole.count]
    rows = zip(*(_rows(strip, starts, bounds) for strip in whole.strips), strict=True)
    times, spent = _flats(whole.times, whole, "packets", bounds), _flats(whole.spent, whole, "steps", bounds)
    for count, told, rtts, steps in zip(np.diff(bounds).tolist(), rows, times, spent, strict=True):
        yield Steady.foretold(whole.words, told, count, rtts, steps)


def _together(bodies: list[Packed]) -> Packed:
    whole = all_of(bodies)
    bodies.clear()
    return whole


def _sorted(whole: Packed) -> tuple[Packed, NDArray[np.intp]]:
    """Those of a target and vantage together, and where each begins."""
    keys: Narrow | Ints | None = whole.strips[_TARGET].values
    if whole.strips[_VANTAGE].values is not None:
        keys = whole.row("target") * len(whole.words) + whole.row("vantage")
    if keys is None:
        return whole, np.zeros(1, dtype=np.intp)
    if (keys[1:] >= keys[:-1]).all():  # as where all of it was sorted at once
        return whole, begins(keys)
    runs = begins(keys)  # which are long: bodies were sorted by target
    order = np.argsort(keys[runs], kind="stable")
    lengths = np.diff(runs, append=whole.count)[order]
    ends = np.cumsum(lengths)
    places = np.repeat(runs[order] - ends + lengths, lengths) + np.arange(whole.count)
    return whole.arranged(places), begins(keys[places])


def _rows(strip: Strip, starts: NDArray[np.intp], bounds: Bounds) -> Iterator[Row]:
    """What a field has from each start to the next."""
    if strip.values is None:
        yield from [strip.low] * len(starts)
        return
    low, high = (reduce.reduceat(strip.values, starts).tolist() for reduce in (np.minimum, np.maximum))
    factor = 1000**strip.times
    for (first, after), least, most in zip(pairwise(bounds), low, high, strict=True):
        least, most = strip.low + least * factor, strip.low + most * factor
        yield least if least == most else Moving(strip.cut(first, after).wide(), least, most)


def _flats(flat: Flat, whole: Packed, row: str, bounds: Bounds) -> Iterator[Several]:
    """What belongs to the samples from each start to the next, of which each has as many as ``row`` says."""
    ends = whole.ends(row)
    for first, after in pairwise(map(ends, bounds)):
        part = flat.cut(first, after) if flat.count else flat
        values = np.empty(part.count, dtype=np.int64)
        part.fill(values)
        yield (row_of(values) if part.count else 0, part.count)
