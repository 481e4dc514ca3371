"""Rows of a table as a quick body holds them: a row is a strip, and nothing is made of one that stands still.

What a strip holds is at its narrowest, so moving samples about in strips costs a fraction of what moving them in
columns of 64 bits does. See ``quick`` for how strips are written.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.store.packing.bits import KINDS, MOST_THOUSANDS, TOPS, Reader
from probes.columns import NONE, Ints

Narrow = NDArray[np.unsignedinteger]
_WIDE = 1 << 64


class Strip(NamedTuple):
    """Values ``low + 1000**times * value``, modulo 2^64; all are ``low`` where there are none."""

    low: int
    times: int = 0
    values: Narrow | None = None

    @property
    def top(self) -> int:
        """How far the greatest value is above ``low``."""
        return 0 if self.values is None else int(self.values.max()) * 1000**self.times

    def sum(self, count: int) -> int:
        """Of its ``count`` values."""
        above = 0 if self.values is None else int(self.values.sum(dtype=np.uint64)) * 1000**self.times
        return self.low * count + above

    def fill(self, out: Ints) -> None:
        """Put the values where they are to lie."""
        out[:] = self.low
        if self.values is not None:
            natural = out.view(np.uint64)
            if self.times:
                natural += np.multiply(self.values, np.uint64(1000**self.times), dtype=np.uint64)
            else:
                natural += self.values

    def wide(self) -> Ints:
        """Its values, which are not all alike."""
        assert self.values is not None
        out = self.values.astype(np.int64)
        if self.times:
            out *= 1000**self.times
        out += self.low
        return out

    def cut(self, first: int, after: int) -> "Strip":
        """Those from one place to another."""
        return self if self.values is None else Strip(self.low, self.times, self.values[first:after])

    def take(self, places: NDArray[np.intp]) -> "Strip":
        """Those at some places."""
        return self if self.values is None else self._replace(values=self.values[places])

    def exchanged(self, new: Narrow) -> "Strip":
        """Each value, a natural number, exchanged for what stands at its place in ``new``."""
        if self.values is None:
            return Strip(int(new[self.low]))
        return Strip(0, 0, new[self.low :][self.values])


@dataclass(frozen=True, slots=True)
class Flat:
    """A strip of ``count`` values of which some are missing."""

    count: int
    strip: Strip
    missing: NDArray[np.bool_] | None = None

    def fill(self, out: Ints) -> None:
        """Put the values where they are to lie."""
        self.strip.fill(out)
        if self.missing is not None:
            out[self.missing] = NONE

    def cut(self, first: int, after: int) -> "Flat":
        """Those from one place to another."""
        missing = None if self.missing is None else self.missing[first:after]
        return Flat(after - first, self.strip.cut(first, after), missing)

    def take(self, places: NDArray[np.intp]) -> "Flat":
        """Those at some places."""
        if not self.count:
            return self
        return Flat(len(places), self.strip.take(places), None if self.missing is None else self.missing[places])


NOTHING = Flat(0, Strip(0))


def read_strips(data: Reader, rows: int, count: int) -> list[Strip]:
    """What ``quick.put_rows`` wrote."""
    lows = np.frombuffer(data.data, "<i8", rows, data.skip(8 * rows)).tolist()
    return [_read(data, low, form, count) for low, form in zip(lows, data.take(rows), strict=True)]


def _read(data: Reader, low: int, form: int, count: int) -> Strip:
    if not form:
        return Strip(low)
    kind = KINDS[form % 8]
    return Strip(low, form // 8, np.frombuffer(data.data, kind, count, data.skip(kind.itemsize * count)))


def read_flat(data: Reader, count: int) -> Flat:
    """What ``quick.put_flat`` wrote."""
    if not count:
        return NOTHING
    missing = None
    if data.take(1) != b"\x00":
        packed = np.frombuffer(data.take(-(-count // 8)), dtype=np.uint8)
        missing = np.unpackbits(packed, count=count).view(np.bool_)
    return Flat(count, read_strips(data, 1, count)[0], missing)


def written(strips: Sequence[Strip]) -> bytes:
    """As ``quick.put_rows`` would write them, though perhaps wider."""
    lows = np.array([strip.low for strip in strips], dtype="<i8").tobytes()
    parts = [strip.values.tobytes() for strip in strips if strip.values is not None]
    return b"".join((lows, bytes(map(_form, strips)), *parts))


def written_flat(flat: Flat) -> bytes:
    """As ``quick.put_flat`` would write it."""
    if not flat.count:
        return b""
    missing = flat.missing
    head = b"\x00" if missing is None or not missing.any() else b"\x01" + np.packbits(missing).tobytes()
    return head + written([flat.strip])


def _form(strip: Strip) -> int:
    return 0 if strip.values is None else strip.values.itemsize.bit_length() + 8 * strip.times


def joined(strips: Sequence[Strip], counts: Sequence[int], thousands: bool = True) -> Strip:
    """Lanes of so many values each, one after the other: as few calls as can be, since there are many lanes. What
    divides them is taken out where ``thousands``."""
    low = min(strip.low for strip in strips)
    above, some = [strip.low - low for strip in strips], [strip for strip in strips if strip.values is not None]
    if not some and not any(above):
        return Strip(low)
    times = min((strip.times for strip in some), default=MOST_THOUSANDS) if thousands else 0
    while times and gcd(*above) % 1000**times:
        times -= 1
    lanes = zip(strips, counts, strict=True)
    values = np.concatenate([_still(count) if strip.values is None else strip.values for strip, count in lanes])
    if any(strip.times > times for strip in some):
        factors = [1000 ** max(strip.times - times, 0) for strip in strips]
        values = values.astype(np.uint64) * np.repeat(np.array(factors, dtype=np.uint64), counts)
    if any(above):
        bases = [base // 1000**times for base in above]
        kind = _narrowest(int(values.max()) + max(bases))
        values = np.add(values, np.repeat(np.array(bases, dtype=kind), counts), dtype=kind)
    top = int(values.max())
    return Strip(low, times, values.astype(_narrowest(top), copy=False)) if top else Strip(low)


def _still(count: int) -> Narrow:
    return np.zeros(count, dtype=np.uint8)


def narrowed(values: Narrow) -> Narrow:
    """Some natural numbers at their narrowest."""
    return values.astype(_narrowest(int(values.max())) if len(values) else np.uint8)


def _narrowest(top: int) -> "np.dtype[Any]":
    """The kind for natural numbers up to ``top``."""
    return KINDS[bisect_left(TOPS, min(top, _WIDE - 1))]


def flats_joined(flats: Sequence[Flat]) -> Flat:
    """The same for strips with missing values."""
    some = [flat for flat in flats if flat.count]
    if not some:
        return NOTHING
    counts = [flat.count for flat in some]
    missing = None
    if any(flat.missing is not None for flat in some):
        missing = np.concatenate(
            [np.zeros(flat.count, dtype=np.bool_) if flat.missing is None else flat.missing for flat in some]
        )
    return Flat(sum(counts), joined([flat.strip for flat in some], counts), missing)
