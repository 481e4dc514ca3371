"""Columns of a chunk in few bytes: each is kept as what is surprising about it.

What its values have in common is taken off: the least of them, a factor (instants of whole milliseconds lose twenty
bits here). A column of two values is one of them and where the other stands. Values that are spread evenly over a small
range are the digits of numbers to that base, which wastes least. Any other column is kept in layers of bits: round-trip
times are noise at the bottom, which nothing makes shorter, and far from even at the top; so the noisy low bits are
packed as they are, and what lies above them, eight bits a layer, goes through the Huffman coding of deflate.
"""

import zlib

import numpy as np
from numpy.typing import NDArray

from monitor.store.packing.bits import Damaged, Naturals, Reader, get_bits, integer, number, put_bits
from monitor.store.packing.moving import Missing, Moving, Row, filled, row_of, steps_of
from probes.columns import Ints

_DIVISORS = (1, 10**9, 10**6, 10**3)
_ZERO, _SAME, _STEPPED, _TWO, _TWO_AGAIN, _DIGITS, _LAYERS = range(7)
_WHOLE, _SOME = b"\x00", b"\x01"
_NOTHING = bytes((_ZERO,))
_TOP_BITS = 3
"""How many bits of a typical value are coded by how often they come; below them is noise."""
_EVEN = 0.05
"""How many bits a value digits may take more than its entropy."""
_FEW = 16
"""A value rarer than one of so many is told by the gaps between its places."""
_GAP = 1 << 16
_INLINE = 4


class Writer:
    """Two streams: ``head`` for what describes columns, ``data`` for their content."""

    def __init__(self) -> None:
        self.head: list[bytes] = []
        self.data: list[bytes] = []
        self._twos: list[bytes] = []

    def optional(self, row: Row, missing: Missing, steps: Row | None = None) -> None:
        """A column of which some values are missing: something unsurprising is put in their places."""
        if missing is True:
            self.head.append(_SOME)
            self._same(1)
            self._same(0)
        elif missing is False:
            self.head.append(_WHOLE)
            self.column(row, steps)
        else:
            self.head.append(_SOME)
            self._two(missing, 0, 1)
            if isinstance(row, Moving):
                row = filled(row, missing, int(row.values[np.argmin(missing)]))
                steps = steps if steps is None or isinstance(row, int) else steps_of(row)
            self.column(row, steps)

    def column(self, row: Row, steps: Row | None = None) -> None:
        """A column. ``steps`` are given where it goes up by some of much the same length: from each value to the
        next."""
        if isinstance(row, int):
            self._same(row)
        elif steps is not None:
            self.head.append(bytes([_STEPPED]) + integer(int(row.values[0])))
            self.column(steps)
        elif not self._of_two(row):
            rest, divisor, top = _reduced(row)
            described = integer(row.low) + bytes([divisor])
            if not self._digits(described, rest, top):
                self._layers(described, rest, top.bit_length())

    def _same(self, value: int) -> None:
        self.head.append(bytes((_SAME,)) + integer(value) if value else _NOTHING)

    def _of_two(self, row: Moving) -> bool:
        """A column of two values. Where the rarer stands is often the same as in another one: what was lost is down,
        with a reason, after the whole timeout."""
        values, low, high = row
        if int(values[len(values) // 2]) not in (low, high):
            return False  # as most columns of more values say at once
        where = values == high
        if high - low > 1 and not (where | (values == low)).all():
            return False
        self._two(where, low, high)
        return True

    def _two(self, where: NDArray[np.bool_], low: int, high: int) -> None:
        common, rare = low, high
        if 2 * int(np.count_nonzero(where)) > len(where):
            common, rare, where = high, low, ~where
        pattern = np.packbits(where).tobytes()
        pair = integer(common) + integer(rare)
        if pattern in self._twos:
            self.head.append(bytes((_TWO_AGAIN,)) + pair + number(self._twos.index(pattern)))
        else:
            self.head.append(bytes((_TWO,)) + pair)
            self._places(np.flatnonzero(where), pattern, len(where))
            self._twos.append(pattern)

    def _places(self, places: Ints, pattern: bytes, count: int) -> None:
        gaps = places + 1
        gaps[1:] = places[1:] - places[:-1]
        if len(places) * _FEW > count or int(gaps.max()) >= _GAP:
            self.head.append(number(0))
            self._plane(pattern)
            return
        self.head.append(number(len(places)))
        if len(places) <= _INLINE:
            self.head.append(b"".join(map(number, gaps.tolist())))
            return
        for plane in gaps.astype("<u2").view(np.uint8).reshape(-1, 2).T:
            self._plane(plane.tobytes())

    def _digits(self, described: bytes, rest: Naturals, top: int) -> bool:
        """Values that are spread evenly from 0 to ``top``, as digits."""
        if top > 0xFF:
            return False
        base, (digits, bits) = top + 1, _BASES[top + 1]
        shares = np.bincount(rest.view(np.int64), minlength=base) / len(rest)
        shares = shares[shares > 0]
        if bits / digits > -float(shares @ np.log2(shares)) + _EVEN:
            return False
        self.head.append(bytes([_DIGITS]) + described + number(base))
        padded = np.zeros(-(-len(rest) // digits) * digits, dtype=np.uint64)
        padded[: len(rest)] = rest
        powers = np.array([base**place for place in range(digits)], dtype=np.uint64)
        words: Naturals = padded.reshape(-1, digits) @ powers
        self.data.append(put_bits(words, bits))
        return True

    def _layers(self, described: bytes, rest: Naturals, width: int) -> None:
        low = 0
        if width > 8:
            typical = int(np.partition(rest, len(rest) // 2)[len(rest) // 2])
            low = max(0, typical.bit_length() - _TOP_BITS)
        self.head.append(bytes([_LAYERS]) + described + bytes([width, low]))
        self.data.append(put_bits(rest, low))
        for shift in range(low, width, 8):
            self._plane((rest >> np.uint64(shift)).astype(np.uint8).tobytes())

    def _plane(self, plane: bytes) -> None:
        short = deflated(plane)
        if len(short) >= len(plane):
            short = plane
        self.head.append(number(len(short)))
        self.data.append(short)


def _bases() -> dict[int, tuple[int, int]]:
    """For each base how many digits make a number that wastes least, and its bits."""
    shortest = {}
    for base in range(2, 257):
        each = [(digits, (base**digits - 1).bit_length()) for digits in range(1, 9)]
        shortest[base] = min((one for one in each if one[1] <= 32), key=lambda one: one[1] / one[0])
    return shortest


_BASES = _bases()


def _reduced(row: Moving) -> tuple[Naturals, int, int]:
    """(what is left of each, the place of the divisor, the greatest that is left)."""
    rest, top = (row.values - row.low).view(np.uint64), row.high - row.low
    if top < 1 << 8:
        return rest, 0, top
    one = int(rest[len(rest) // 2])  # a look at one spares dividing most of those that do not
    for place, divisor in enumerate(_DIVISORS[1:], 1):
        if top % divisor == 0 and one % divisor == 0:
            less = rest // np.uint64(divisor)
            if (less * np.uint64(divisor) == rest).all():
                return less, place, top // divisor
    return rest, 0, top


def deflated(plane: bytes) -> bytes:
    """Bytes that hardly repeat, as short as Huffman coding and run lengths make them."""
    press = zlib.compressobj(9, zlib.DEFLATED, -15, 9, zlib.Z_RLE)
    return press.compress(plane) + press.flush()


class Filler:
    """Reads what ``Writer`` wrote, column by column, in the same order."""

    def __init__(self, head: Reader, data: Reader) -> None:
        self._head, self._data = head, data
        self._twos: list[Ints] = []

    def optional(self, count: int) -> tuple[Row, Missing]:
        """The next column of so many values, and which of them are missing, in whose places something stands."""
        missing: Missing = False
        if self._head.take(1) != _WHOLE:
            where = self.row(count)
            missing = where != 0 if isinstance(where, int) else where.values != 0
        return self.row(count), missing

    def row(self, count: int) -> Row:
        """The next column of so many values."""
        form = self._head.take(1)[0]
        if form == _ZERO:
            return 0
        if form == _SAME:
            return self._head.integer()
        out = np.empty(count, dtype=np.int64)
        self._fill(form, out)
        return row_of(out)

    def _fill(self, form: int, out: Ints) -> None:
        if form == _ZERO:
            out[:] = 0
        elif form == _SAME:
            out[:] = self._head.integer()
        elif form == _STEPPED:
            out[0] = self._head.integer()
            self._fill(self._head.take(1)[0], out[1:])
            np.cumsum(out, out=out)
        elif form in (_TWO, _TWO_AGAIN):
            common, rare = self._head.integer(), self._head.integer()
            out[:] = common
            out[self._places(form, len(out))] = rare
        elif form in (_DIGITS, _LAYERS):
            least, divisor = self._head.integer(), _DIVISORS[self._head.take(1)[0]]
            natural = out.view(np.uint64)
            natural[:] = self._digits(len(out)) if form == _DIGITS else self._layers(len(out))
            if divisor > 1:
                out *= divisor
            out += least
        else:
            raise Damaged(f"no column is written in form {form}")

    def _places(self, form: int, count: int) -> Ints:
        if form == _TWO_AGAIN:
            return self._twos[self._head.number()]
        few = self._head.number()
        if not few:
            packed = np.frombuffer(self._plane((count + 7) // 8), dtype=np.uint8)
            places: Ints = np.flatnonzero(np.unpackbits(packed, count=count))
        elif few <= _INLINE:
            places = np.cumsum([self._head.number() for _ in range(few)]) - 1
        else:
            low, high = (np.frombuffer(self._plane(few), dtype=np.uint8).astype(np.int64) for _ in range(2))
            places = np.cumsum(low | high << 8) - 1
        self._twos.append(places)
        return places

    def _digits(self, count: int) -> Naturals:
        base = self._head.number()
        digits, bits = _BASES[base]
        words = get_bits(self._data, -(-count // digits), bits).astype(np.uint32)
        out = np.empty((len(words), digits), dtype=np.uint64)
        for place in range(digits):
            rest = words // np.uint32(base)
            out[:, place] = words - rest * np.uint32(base)
            words = rest
        return out.reshape(-1)[:count]

    def _layers(self, count: int) -> Naturals:
        width, low = self._head.take(2)
        out = get_bits(self._data, count, low)
        for shift in range(low, width, 8):
            out |= np.frombuffer(self._plane(count), dtype=np.uint8).astype(np.uint64) << np.uint64(shift)
        return out

    def _plane(self, count: int) -> bytes:
        part = self._data.take(self._head.number())
        plane = part if len(part) == count else zlib.decompress(part, -15, count)
        if len(plane) != count:
            raise Damaged("a layer of bits is of another length than its column")
        return plane
