"""Integers as short byte strings: what every stored body is made of.

A table of columns is written *quickly* here, for the journal: each loses its least value and the thousands that divide
all that is left (instants are whole milliseconds, durations whole microseconds), and what then remains is kept at the
least width of whole bytes. ``tight`` writes the columns of chunks.

All arithmetic is modulo 2^64, so that every integer of 64 bits is kept exactly.
"""

import numpy as np
from numpy.typing import NDArray

from probes.columns import NONE, Ints

Naturals = NDArray[np.uint64]

_MOST_THOUSANDS = 3
_WIDTHS = (0, 1, 2, 4, 8)
_TOPS = np.array([0, 0xFF, 0xFFFF, 0xFFFF_FFFF], dtype=np.uint64)
_SHORT = 0xFFFF
_PLACES = np.arange(8, dtype=np.uint64)


class Damaged(ValueError):
    """The bytes are not what was written."""


class Reader:
    """Walks over a body. Reading past its end raises Damaged."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data = data
        self.at = at

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
        for at in range(self.at, len(self.data)):
            byte = self.data[at]
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                self.at = at + 1
                return result
            shift += 7
        raise Damaged("a body ends too early")

    def integer(self) -> int:
        """The next integer of either sign."""
        value = self.number()
        return -(value >> 1) - 1 if value & 1 else value >> 1


def number(value: int) -> bytes:
    """A natural number of any size."""
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
        packed: Naturals = np.bitwise_or.reduce(groups << _PLACES * np.uint64(odd), axis=1)
        parts.append(packed.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :odd].tobytes())
    return b"".join(parts)


def get_bits(data: Reader, count: int, bits: int) -> Naturals:
    """What ``put_bits`` wrote."""
    odd = bits % 8
    planes = [np.frombuffer(data.take(count), dtype=np.uint8) for _ in range(bits // 8)]
    if odd:
        groups = np.zeros((-(-count // 8), 8), dtype=np.uint8)
        groups[:, :odd] = np.frombuffer(data.take(len(groups) * odd), dtype=np.uint8).reshape(-1, odd)
        words = groups.view("<u8") >> _PLACES * np.uint64(odd) & np.uint64((1 << odd) - 1)
        out: Naturals = words.reshape(-1)[:count] << np.uint64(bits - odd)
    else:
        out = np.zeros(count, dtype=np.uint64)
    for place, plane in enumerate(planes):
        out |= plane.astype(np.uint64) << np.uint64(8 * place)
    return out


def put_table(table: Ints) -> bytes:
    """A table with at least one column of values, quickly."""
    least, most = table.min(axis=1), table.max(axis=1)
    moving = np.flatnonzero(least != most)
    rest = (table[moving] - least[moving, None]).view(np.uint64)
    tops = (most - least)[moving].view(np.uint64)
    thousands = _divided(rest, tops, _SHORT)
    wide = np.searchsorted(_TOPS, tops)
    parts = [least.tobytes(), bytes(len(least)), b""]
    forms = np.zeros(len(least), dtype=np.uint8)
    forms[moving] = wide + 8 * thousands
    parts[1] = forms.tobytes()
    parts += [row.astype(f"<u{_WIDTHS[place]}").tobytes() for row, place in zip(rest, wide.tolist(), strict=True)]
    return b"".join(parts)


def _divided(rest: Naturals, tops: Naturals, above: int) -> NDArray[np.int64]:
    """How many thousands were divided out of each row whose greatest value is above."""
    thousands = np.zeros(len(rest), dtype=np.int64)
    for place in np.flatnonzero(tops > np.uint64(above)).tolist():
        row, top = rest[place], int(tops[place])
        for times in range(_MOST_THOUSANDS, 0, -1):
            divisor = 1000**times
            if top % divisor == 0:
                less = row // np.uint64(divisor)
                if (less * np.uint64(divisor) == row).all():
                    rest[place], tops[place], thousands[place] = less, top // divisor, times
                    break
    return thousands


def get_table(data: Reader, table: Ints) -> None:
    """Fill a table with what ``put_table`` wrote."""
    rows, count = table.shape
    least = np.frombuffer(data.take(8 * rows), dtype="<i8")
    for row, form, low in zip(table, data.take(rows), least, strict=True):
        if not form:
            row[:] = low
            continue
        width = _WIDTHS[form % 8]
        row.view(np.uint64)[:] = np.frombuffer(data.take(width * count), dtype=f"<u{width}")
        if form >= 8:
            row *= 1000 ** (form // 8)
        row += low


def put_flat(flat: Ints) -> bytes:
    """One column, some of it perhaps missing, quickly."""
    if not len(flat):
        return b""
    missing = flat == NONE
    if not missing.any():
        return b"\x00" + put_table(flat[None])
    there = flat[~missing]
    filled = np.where(missing, there[0] if len(there) else 0, flat)
    return b"\x01" + np.packbits(missing).tobytes() + put_table(filled[None])


def get_flat(data: Reader, out: Ints) -> None:
    """Fill ``out`` with what ``put_flat`` wrote."""
    if not len(out):
        return
    missing = data.take(-(-len(out) // 8)) if data.take(1) != b"\x00" else None
    get_table(data, out[None])
    if missing is not None:
        out[np.unpackbits(np.frombuffer(missing, dtype=np.uint8), count=len(out)).view(np.bool_)] = NONE


def put_words(table: Ints) -> bytes:
    """A table with at least one column of values, each column as one number or a few: its values are the digits, each
    to a base of its own. Few bytes where there are more rows than is worth describing each."""
    least, most = table.min(axis=1), table.max(axis=1)
    rest = (table - least[:, None]).view(np.uint64)
    tops = (most - least).view(np.uint64)
    thousands = _divided(rest, tops, 0)
    head, parts = [], []
    words, room = np.zeros(table.shape[1], dtype=np.uint64), 1
    for row, low, top, times in zip(rest, least.tolist(), tops.tolist(), thousands.tolist(), strict=True):
        head.append(integer(low) + number(top * 4 + times))
        if room * (top + 1) > 1 << 64:
            parts.append(put_bits(words, (room - 1).bit_length()))
            words, room = np.zeros(table.shape[1], dtype=np.uint64), 1
        if top:
            words += row * np.uint64(room)
            room *= top + 1
    return b"".join((*head, *parts, put_bits(words, (room - 1).bit_length())))


def get_words(data: Reader, table: Ints) -> None:
    """Fill a table with what ``put_words`` wrote."""
    heads = [(data.integer(), data.number()) for _ in table]
    place = 0
    while place < len(heads):
        room, bases = 1, []
        for _, top in heads[place:]:
            if room * (top // 4 + 1) > 1 << 64:
                break
            bases.append(top // 4 + 1)
            room *= bases[-1]
        words = get_bits(data, table.shape[1], (room - 1).bit_length())
        for base, row, (low, top) in zip(bases, table[place:], heads[place:], strict=False):
            if base == 1:
                row[:] = low
                continue
            if base == 1 << 64:
                row.view(np.uint64)[:] = words
            else:
                np.divmod(words, np.uint64(base), out=(words, row.view(np.uint64)))
            if top % 4:
                row *= 1000 ** (top % 4)
            row += low
        place += len(bases)
