"""Integers as short byte strings: what every stored body is made of.

Written *quickly*, a table of columns loses the least value of each, and what is left is kept at the least width of
whole bytes. Written *tightly*, a column is kept as what is surprising about it: a common factor is divided out as
well (instants quantised to a millisecond lose twenty bits here), and what is left is kept in layers of bits.
Round-trip times are noise at the bottom, which nothing makes shorter, and far from even at the top; so the noisy low
bits are packed as they are, and what lies above them, eight bits a layer, goes through the Huffman coding and the run
lengths of deflate.

All arithmetic is modulo 2^64, so that every integer of 64 bits is kept exactly.
"""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Naturals = NDArray[np.uint64]

_DIVISORS = (10**9, 10**6, 10**3)
_ZERO, _SAME, _LAYERS, _STEPPED, _TWO, _TWO_AGAIN = range(6)
_WIDTHS = (1, 2, 4, 8)
_TOP_BITS = 3
"""How many bits of a typical value are coded by how often they come; below them is noise."""
_HEAD = struct.Struct("<qBB")
_PAIR = struct.Struct("<qq")


class Damaged(ValueError):
    """The bytes are not what was written."""


class Reader:
    """Walks over a body. Reading past its end raises Damaged."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, length: int) -> bytes:
        """The next ``length`` bytes."""
        end = self.at + length
        if end > len(self.data):
            raise Damaged("a body ends too early")
        part = self.data[self.at : end]
        self.at = end
        return part

    def number(self) -> int:
        """The next natural number: seven bits a byte, the low ones first."""
        result = shift = 0
        while True:
            byte = self.take(1)[0]
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                return result
            shift += 7


def number(value: int) -> bytes:
    """A natural number of any size."""
    out = bytearray()
    while value > 0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def put_table(table: Ints) -> bytes:
    """A table with at least one column of values, quickly."""
    least, most = table.min(axis=1), table.max(axis=1)
    spans = (most - least).view(np.uint64)
    wide = np.searchsorted(np.array([0, 0xFF, 0xFFFF, 0xFFFF_FFFF], dtype=np.uint64), spans)
    rest = (table - least[:, None]).view(np.uint64)
    parts = [least.tobytes(), wide.astype(np.uint8).tobytes()]
    known = wide.tolist()
    for place, width in enumerate(_WIDTHS, 1):
        if place in known:
            parts.append(rest[wide == place].astype(f"<u{width}").tobytes())
    return b"".join(parts)


def get_table(data: Reader, rows: int, count: int) -> Ints:
    """What ``put_table`` wrote."""
    least = np.frombuffer(data.take(8 * rows), dtype=np.int64)
    wide = data.take(rows)
    table = np.zeros((rows, count), dtype=np.int64)
    rest = table.view(np.uint64)
    for place, width in enumerate(_WIDTHS, 1):
        for row in range(rows) if place in wide else ():
            if wide[row] == place:
                rest[row] = np.frombuffer(data.take(width * count), dtype=f"<u{width}")
    table += least[:, None]
    return table


class Writer:
    """Two streams: ``head`` for what describes columns, ``data`` for their content."""

    def __init__(self) -> None:
        self.head: list[bytes] = []
        self.data: list[bytes] = []
        self._twos: list[tuple[int, bytes]] = []

    def same(self, value: int) -> None:
        """A column of one value."""
        self.head.append(bytes([_SAME]) + value.to_bytes(8, "little", signed=True) if value else bytes([_ZERO]))

    def tight(self, values: Ints, stepped: bool) -> None:
        """A column in few bytes. ``stepped``: it goes up by steps of much the same length."""
        least, most = int(values.min()), int(values.max())
        if least == most:
            self.same(least)
            return
        if stepped:
            steps = np.diff(values)
            self.head.append(bytes([_STEPPED]) + int(values[0]).to_bytes(8, "little", signed=True))
            values, least, most = steps, int(steps.min()), int(steps.max())
            if least == most:
                self.same(least)
                return
        if self._of_two(values, least, most):
            return
        rest, divisor, top = _reduced(values, least, most)
        width, low = top.bit_length(), 0
        if width > 8:
            typical = int(np.partition(rest, len(rest) // 2)[len(rest) // 2])
            low = max(0, typical.bit_length() - _TOP_BITS)
        self.head.append(bytes([_LAYERS]) + _HEAD.pack(least, divisor, width) + bytes([low]))
        self._noise(rest, low)
        for shift in range(low, width, 8):
            self._plane((rest >> np.uint64(shift)).astype(np.uint8).tobytes())

    def _of_two(self, values: Ints, least: int, most: int) -> bool:
        """A column of two values. Which of them is often the same as in another one: what was lost is down, with a
        reason, after the whole timeout."""
        where = values == most
        if np.count_nonzero(values == least) + np.count_nonzero(where) < len(values):
            return False
        pattern = (len(where), np.packbits(where).tobytes())
        pair = _PAIR.pack(least, most)
        if pattern in self._twos:
            self.head.append(bytes([_TWO_AGAIN]) + pair + bytes([self._twos.index(pattern)]))
        else:
            self.head.append(bytes([_TWO]) + pair)
            self._plane(pattern[1])
            self._twos.append(pattern)
        return True

    def _plane(self, plane: bytes) -> None:
        short = _deflated(plane)
        if len(short) >= len(plane):
            short = plane
        self.head.append(number(len(short)))
        self.data.append(short)

    def _noise(self, rest: Naturals, low: int) -> None:
        for shift in range(0, low - 7, 8):
            self.data.append((rest >> np.uint64(shift)).astype(np.uint8).tobytes())
        if odd := low % 8:
            byte = (rest >> np.uint64(low - odd)).astype(np.uint8)
            self.data.append(np.packbits(np.unpackbits(byte[:, None], axis=1, count=odd, bitorder="little")).tobytes())


def _reduced(values: Ints, least: int, most: int) -> tuple[Naturals, int, int]:
    """(what is left of each, the place of the divisor, the greatest that is left)."""
    rest = (values - np.int64(least)).view(np.uint64)
    top = most - least
    if top < 1 << 8:
        return rest, 0, top
    for place, divisor in enumerate(_DIVISORS, 1):
        if top % divisor == 0 and not (rest % np.uint64(divisor)).any():
            return rest // np.uint64(divisor), place, top // divisor
    return rest, 0, top


class Filler:
    """Reads what ``Writer`` wrote, column by column."""

    def __init__(self, head: Reader, data: Reader) -> None:
        self._head, self._data = head, data
        self._twos: list[NDArray[np.bool_]] = []

    def flag(self) -> bytes:
        """The byte of the head that stands before the next column."""
        return self._head.take(1)

    def fill(self, out: Ints) -> None:
        """Fill ``out`` with the next column."""
        form = self._head.take(1)[0]
        if form == _ZERO:
            out[:] = 0
        elif form == _SAME:
            out[:] = self._integer()
        elif form == _STEPPED:
            out[0] = self._integer()
            self.fill(out[1:])
            np.cumsum(out, out=out)
        elif form in (_TWO, _TWO_AGAIN):
            least, most = _PAIR.unpack(self._head.take(_PAIR.size))
            out[:] = least
            out[self._pattern(form, len(out))] = most
        elif form == _LAYERS:
            least, divisor, width = _HEAD.unpack(self._head.take(_HEAD.size))
            self._layers(out.view(np.uint64), width)
            if divisor:
                out *= _DIVISORS[divisor - 1]
            out += least
        else:
            raise Damaged(f"no column is written in form {form}")

    def _integer(self) -> int:
        return int.from_bytes(self._head.take(8), "little", signed=True)

    def _pattern(self, form: int, count: int) -> NDArray[np.bool_]:
        if form == _TWO_AGAIN:
            return self._twos[self._head.take(1)[0]]
        packed = np.frombuffer(self._plane((count + 7) // 8), dtype=np.uint8)
        self._twos.append(np.unpackbits(packed, count=count).view(np.bool_))
        return self._twos[-1]

    def _layers(self, out: Naturals, width: int) -> None:
        count, low = len(out), self._head.take(1)[0]
        out[:] = 0
        for shift in range(0, low - 7, 8):
            out |= _wide(np.frombuffer(self._data.take(count), dtype=np.uint8), shift)
        if odd := low % 8:
            packed = np.frombuffer(self._data.take((count * odd + 7) // 8), dtype=np.uint8)
            bits = np.unpackbits(packed, count=count * odd).reshape(count, odd)
            out |= _wide(np.packbits(bits, axis=1, bitorder="little")[:, 0], low - odd)
        for shift in range(low, width, 8):
            out |= _wide(np.frombuffer(self._plane(count), dtype=np.uint8), shift)

    def _plane(self, count: int) -> bytes:
        part = self._data.take(self._head.number())
        plane = part if len(part) == count else zlib.decompress(part, -15, count)
        if len(plane) != count:
            raise Damaged("a layer of bits is of another length than its column")
        return plane


def _wide(plane: NDArray[np.uint8], shift: int) -> Naturals:
    return plane.astype(np.uint64) << np.uint64(shift)


def _deflated(plane: bytes) -> bytes:
    press = zlib.compressobj(9, zlib.DEFLATED, -15, 8, zlib.Z_RLE)
    return press.compress(plane) + press.flush()
