"""Integers as short byte strings: what every stored body is made of.

``strips`` writes the columns of the journal, ``coding`` those of chunks; columns of roll-ups are written here.

All arithmetic is modulo 2^64, so that every integer of 64 bits is kept exactly.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from probes.columns import Ints

Naturals = NDArray[np.uint64]
MOST_THOUSANDS = 3
_THOUSAND = 1000
KINDS = tuple(map(np.dtype, ("V0", "<u1", "<u2", "<u4", "<u8")))
TOPS = (0, 0xFF, 0xFFFF, 0xFFFF_FFFF)
_SMALL = [bytes((value,)) for value in range(0x80)]
_PLACES = np.arange(8, dtype=np.uint64)
_WEIGHTS = [np.uint64(1) << _PLACES * np.uint64(odd) for odd in range(8)]


class Damaged(ValueError):
    """The bytes are not what was written."""


class Reader:
    """Walks over a body. Reading past its end raises Damaged."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

    def take(self, length: int) -> bytes:
        """The next ``length`` bytes."""
        start = self.skip(length)
        return self.data[start : self.at]

    def skip(self, length: int) -> int:
        """Where the next ``length`` bytes begin, to be looked at there."""
        start, end = self.at, self.at + length
        if end > len(self.data):
            raise Damaged("a body ends too early")
        self.at = end
        return start

    def number(self) -> int:
        """The next natural number: seven bits a byte, the low ones first."""
        return self.numbers(1)[0]

    def numbers(self, count: int) -> list[int]:
        """The next natural numbers."""
        data, at, found = self.data, self.at, []
        try:
            for _ in range(count):
                byte = data[at]
                at += 1
                result = byte & 0x7F
                shift = 7
                while byte > 0x7F:
                    byte = data[at]
                    at += 1
                    result |= (byte & 0x7F) << shift
                    shift += 7
                found.append(result)
        except IndexError:
            raise Damaged("a body ends too early") from None
        self.at = at
        return found

    def integer(self) -> int:
        """The next integer of either sign."""
        return signed(self.number())


def signed(value: int) -> int:
    """The integer of either sign that a natural number stands for."""
    return -(value >> 1) - 1 if value & 1 else value >> 1


def number(value: int) -> bytes:
    """A natural number of any size."""
    if value < 0x80:
        return _SMALL[value]
    out = bytearray()
    while value > 0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def integer(value: int) -> bytes:
    """An integer of either sign and any size."""
    return number((-value - 1) * 2 + 1 if value < 0 else value * 2)


def put_bits(values: Naturals, bits: int) -> bytes:
    """The low bits of each value: whole bytes as one row of bytes each, the bits that are left in groups of eight."""
    parts = [(values >> np.uint64(shift)).astype(np.uint8).tobytes() for shift in range(0, bits - 7, 8)]
    if odd := bits % 8:
        groups = np.zeros((-(-len(values) // 8), 8), dtype=np.uint64)
        groups.reshape(-1)[: len(values)] = values >> np.uint64(bits - odd) & np.uint64((1 << odd) - 1)
        packed: Naturals = groups @ _WEIGHTS[odd]
        parts.append(packed.astype("<u8", copy=False).view(np.uint8).reshape(-1, 8)[:, :odd].tobytes())
    return b"".join(parts)


def get_bits(data: Reader, count: int, bits: int) -> Naturals:
    """What ``put_bits`` wrote."""
    odd, whole = bits % 8, bits // 8
    values: Naturals = np.zeros(count, dtype=np.uint64)
    for place in range(whole):
        part = np.frombuffer(data.data, np.uint8, count, data.skip(count)).astype(np.uint64)
        values |= part << np.uint64(8 * place)
    if odd:
        groups = np.zeros((-(-count // 8), 8), dtype=np.uint8)
        groups[:, :odd] = np.frombuffer(data.take(len(groups) * odd), dtype=np.uint8).reshape(-1, odd)
        words = groups.view("<u8") >> _PLACES * np.uint64(odd) & np.uint64((1 << odd) - 1)
        values |= words.reshape(-1)[:count] << np.uint64(bits - odd)
    return values


def divided(row: Naturals, top: int, most: int = MOST_THOUSANDS) -> tuple[Naturals, int, int]:
    """What is left of values up to ``top`` when the thousands that divide all are taken out, the greatest of it, and
    how many those are."""
    one = int(row[len(row) // 2])  # a look at one spares dividing most of those that do not
    for times in range(most, 0, -1):
        divisor = 1000**times
        if top % divisor == 0 and one % divisor == 0:
            less = row // np.uint64(divisor)
            if (less * np.uint64(divisor) == row).all():
                return less, top // divisor, times
    return row, top, 0


def put_words(table: Ints) -> bytes:
    """A table with at least one column of values, each column as one number or a few: its values are the digits, each
    to a base of its own. Few bytes where there are more rows than is worth describing each."""
    least, most = table.min(axis=1), table.max(axis=1)
    head, parts = [], []
    rest, places, rooms, room = (table - least[:, None]).view(np.uint64), list[int](), list[int](), 1
    for place, (low, high) in enumerate(zip(least.tolist(), most.tolist(), strict=True)):
        if low == high:
            head.append(integer(low) + b"\x00")
            continue
        row, top, times = divided(rest[place], high - low) if high - low >= _THOUSAND else (None, high - low, 0)
        if row is not None and times:
            rest[place] = row
        head.append(integer(low) + number(top * 4 + times))
        if room * (top + 1) > 1 << 64:
            parts.append(put_bits(_digits(rest, places, rooms), (room - 1).bit_length()))
            places, rooms, room = [], [], 1
        places.append(place)
        rooms.append(room)
        room *= top + 1
    return b"".join((*head, *parts, put_bits(_digits(rest, places, rooms), (room - 1).bit_length())))


def _digits(rest: NDArray[np.uint64], places: Sequence[int], rooms: Sequence[int]) -> Naturals:
    """One number of some rows: the digits are its values, each so often as there is room below it."""
    words: Naturals = np.array(rooms, dtype=np.uint64) @ rest[places]
    return words


def get_words(data: Reader, table: Ints) -> None:
    """Fill a table with what ``put_words`` wrote."""
    heads = iter(data.numbers(2 * len(table)))
    described = [(signed(low), top // 4 + 1, top % 4) for low, top in zip(heads, heads, strict=True)]
    first = 0
    while first < len(described):
        rooms, room, after = dict[int, int](), 1, first
        while after < len(described) and room * (base := described[after][1]) <= 1 << 64:
            if base > 1:
                rooms[after] = room
            room *= base
            after += 1
        if after == first:
            raise Damaged(f"no column has values up to {described[first][1]}")
        table[first:after] = 0
        if rooms:
            words = get_bits(data, table.shape[1], (room - 1).bit_length())
            table[list(rooms)] = _taken_apart(words, list(rooms.values()))
        for row, (low, _, times) in zip(table[first:after], described[first:after], strict=True):
            if times:
                row *= 1000**times
            if low:
                row += low
        first = after


def _taken_apart(words: Naturals, rooms: Sequence[int]) -> Ints:
    """The digits of which ``_digits`` made numbers."""
    all_rooms = np.array(rooms, dtype=np.uint64)[:, None]
    digits: Naturals = words // all_rooms
    digits[:-1] -= digits[1:] * (all_rooms[1:] // all_rooms[:-1])
    return digits.view(np.int64)
