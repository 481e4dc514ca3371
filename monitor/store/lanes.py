"""Quick bodies of the journal as they lie: a row of a table is a lane, and nothing is made of those that stand still.

What a lane holds is at its narrowest, so moving samples about in lanes costs a fraction of what moving them in columns
of 64 bits does. See ``bits`` for how a lane is written.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from monitor.store.bits import KINDS, MOST_THOUSANDS, TOPS, Reader
from probes.columns import NONE, Ints

Narrow = NDArray[np.unsignedinteger]
_WIDE = 1 << 64


class Lane(NamedTuple):
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

    def cut(self, first: int, after: int) -> "Lane":
        """Those from one place to another."""
        return self if self.values is None else self._replace(values=self.values[first:after])

    def take(self, places: NDArray[np.intp]) -> "Lane":
        """Those at some places."""
        return self if self.values is None else self._replace(values=self.values[places])

    def exchanged(self, new: NDArray[np.uint32]) -> "Lane":
        """Each value, a natural number, exchanged for what stands at its place in ``new``."""
        if self.values is None:
            return Lane(int(new[self.low]))
        return Lane(0, 0, new[self.low :][self.values])


@dataclass(frozen=True, slots=True)
class Flat:
    """A lane of ``count`` values of which some are missing."""

    count: int
    lane: Lane
    missing: NDArray[np.bool_] | None = None

    def fill(self, out: Ints) -> None:
        """Put the values where they are to lie."""
        self.lane.fill(out)
        if self.missing is not None:
            out[self.missing] = NONE

    def cut(self, first: int, after: int) -> "Flat":
        """Those from one place to another."""
        missing = None if self.missing is None else self.missing[first:after]
        return Flat(after - first, self.lane.cut(first, after), missing)

    def take(self, places: NDArray[np.intp]) -> "Flat":
        """Those at some places."""
        if not self.count:
            return self
        return Flat(len(places), self.lane.take(places), None if self.missing is None else self.missing[places])


NOTHING = Flat(0, Lane(0))


def read_lanes(data: Reader, rows: int, count: int) -> list[Lane]:
    """What ``bits.put_table`` wrote."""
    lows = np.frombuffer(data.data, "<i8", rows, data.skip(8 * rows)).tolist()
    return [_read(data, low, form, count) for low, form in zip(lows, data.take(rows), strict=True)]


def _read(data: Reader, low: int, form: int, count: int) -> Lane:
    if not form:
        return Lane(low)
    kind = KINDS[form % 8]
    return Lane(low, form // 8, np.frombuffer(data.data, kind, count, data.skip(kind.itemsize * count)))


def read_flat(data: Reader, count: int) -> Flat:
    """What ``bits.put_flat`` wrote."""
    if not count:
        return NOTHING
    missing = None
    if data.take(1) != b"\x00":
        packed = np.frombuffer(data.take(-(-count // 8)), dtype=np.uint8)
        missing = np.unpackbits(packed, count=count).view(np.bool_)
    return Flat(count, read_lanes(data, 1, count)[0], missing)


def written(lanes: Sequence[Lane]) -> bytes:
    """As ``bits.put_table`` would write them, though perhaps wider."""
    lows = np.array([lane.low for lane in lanes], dtype="<i8").tobytes()
    parts = [lane.values.tobytes() for lane in lanes if lane.values is not None]
    return b"".join((lows, bytes(map(_form, lanes)), *parts))


def written_flat(flat: Flat) -> bytes:
    """As ``bits.put_flat`` would write it."""
    if not flat.count:
        return b""
    missing = flat.missing
    head = b"\x00" if missing is None or not missing.any() else b"\x01" + np.packbits(missing).tobytes()
    return head + written([flat.lane])


def _form(lane: Lane) -> int:
    return 0 if lane.values is None else lane.values.itemsize.bit_length() + 8 * lane.times


def joined(lanes: Sequence[Lane], counts: Sequence[int]) -> Lane:
    """Lanes of so many values each, one after the other."""
    low = min(lane.low for lane in lanes)
    top = max(lane.low - low + lane.top for lane in lanes)
    if not top:
        return Lane(low)
    times = min((lane.times for lane in lanes if lane.values is not None), default=MOST_THOUSANDS)
    while times and any((lane.low - low) % 1000**times for lane in lanes):
        times -= 1
    kind = KINDS[bisect_left(TOPS, min(top, _WIDE - 1) // 1000**times)]
    values, at = np.empty(sum(counts), dtype=kind), 0
    for lane, count in zip(lanes, counts, strict=True):
        part, base = values[at : at + count], (lane.low - low) // 1000**times
        if lane.values is None:
            part[:] = base
        else:
            factor = kind.type(1000 ** (lane.times - times))
            np.add(lane.values.astype(kind, copy=False) * factor, kind.type(base), out=part)
        at += count
    return Lane(low, times, values)


def flats_joined(flats: Sequence[Flat]) -> Flat:
    """The same for lanes with missing values."""
    some = [flat for flat in flats if flat.count]
    if not some:
        return NOTHING
    counts = [flat.count for flat in some]
    missing = None
    if any(flat.missing is not None for flat in some):
        missing = np.concatenate(
            [np.zeros(flat.count, dtype=np.bool_) if flat.missing is None else flat.missing for flat in some]
        )
    return Flat(sum(counts), joined([flat.lane for flat in some], counts), missing)
