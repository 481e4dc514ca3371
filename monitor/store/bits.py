"""Integers and texts as short byte strings: what every stored body is made of.

A column of integers is kept as what is surprising about it. From the values the first one is taken off and the
common divisor divided out (instants quantised to a millisecond lose twenty bits here); then whichever is
narrower, the values, their differences or the differences of those, is packed at one width of bits, and the few
that do not fit stand apart with their place (frame of reference with patches). Any integer at all is kept
exactly: a column that spans more than 58 bits is written out in full.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64] | NDArray[np.object_]

_SAFE = 1 << 58
"""Differences of differences of numbers within this still fit 64 bits."""
_AFFINE, _PACKED, _WIDE = 0, 1, 2


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

    def signed(self) -> int:
        """The next integer of either sign."""
        folded = self.number()
        return (folded >> 1) ^ -(folded & 1)


def number(value: int) -> bytes:
    """A natural number of any size."""
    out = bytearray()
    while value > 0x7F:
        out.append((value & 0x7F) | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def signed(value: int) -> bytes:
    """An integer of either sign and any size: small magnitudes are short."""
    return number(value << 1 if value >= 0 else ((-value) << 1) - 1)


def array(values: Sequence[int]) -> Ints:
    """The values as an array on which one subtraction cannot overflow."""
    if not values or (min(values) > -(1 << 62) and max(values) < 1 << 62):
        return np.array(values, dtype=np.int64)
    return np.array(values, dtype=np.object_)


def put_ints(values: Ints, tight: bool) -> bytes:
    """A column of integers. ``tight`` looks longer for the shortest form; both are read back alike."""
    count = len(values)
    if count == 0:
        return b""
    first = int(values[0])
    if int(values.max()) - int(values.min()) >= _SAFE:
        return bytes([_WIDE]) + b"".join(signed(int(value)) for value in values)
    rest = (values - first).astype(np.int64)
    step = int(rest[1]) if count > 1 else 0
    if not (rest - np.arange(count, dtype=np.int64) * step).any():
        return bytes([_AFFINE]) + signed(first) + signed(step)
    divisor = int(np.gcd.reduce(rest))
    order, body = _narrowest(rest // divisor, tight)
    return bytes([_PACKED, order]) + signed(first) + number(divisor) + body


def get_ints(reader: Reader, count: int) -> Ints:
    """The column of ``count`` integers that ``put_ints`` wrote."""
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    form = reader.take(1)[0]
    if form == _WIDE:
        return array([reader.signed() for _ in range(count)])
    if form == _AFFINE:
        first, step = reader.signed(), reader.signed()
        return _shifted(np.arange(count, dtype=np.int64) * step, first)
    if form != _PACKED:
        raise Damaged(f"no column is written in form {form}")
    order = reader.take(1)[0]
    first, divisor = reader.signed(), reader.number()
    rest = _unpack(reader, count)
    for _ in range(order):
        rest = np.cumsum(rest, dtype=np.int64)
    return _shifted(rest * divisor, first)


def _shifted(rest: NDArray[np.int64], first: int) -> Ints:
    if abs(first) < 1 << 62:
        return rest + first
    exact: Ints = rest.astype(np.object_) + first
    return exact


def _narrowest(rest: NDArray[np.int64], tight: bool) -> tuple[int, bytes]:
    """The order of difference that packs shortest, and the packed bytes."""
    levels = [rest, np.diff(rest, prepend=0)]
    if not tight:
        spans = [int(level.max()) - int(level.min()) for level in levels]
        order = spans.index(min(spans))
        return order, _pack(levels[order], int(levels[order].min()), spans[order].bit_length())
    levels.append(np.diff(levels[1], prepend=0))
    plans = [_plan(level) for level in levels]
    order = min(range(len(plans)), key=lambda index: plans[index][0])
    _, floor, width = plans[order]
    return order, _pack(levels[order], floor, width)


def _plan(level: NDArray[np.int64]) -> tuple[int, int, int]:
    """(bits needed, floor, width) of the cheapest frame: what lies outside it costs about four bytes each."""
    ordered = np.sort(level)
    count = len(ordered)
    best: tuple[int, int, int] | None = None
    for below in {0, count // 64}:
        floor = int(ordered[below])
        widths = np.arange((int(ordered[-1]) - floor).bit_length() + 1, dtype=np.int64)
        outside = count - np.searchsorted(ordered, floor + (1 << widths)) + below
        bits = count * widths + outside * 32
        width = int(bits.argmin())
        if best is None or bits[width] < best[0]:
            best = (int(bits[width]), floor, width)
    assert best is not None
    return best


def _pack(level: NDArray[np.int64], floor: int, width: int) -> bytes:
    over = level - floor
    odd = np.flatnonzero((over < 0) | (over >= 1 << width))
    out = [signed(floor), number(width), number(len(odd))]
    last = 0
    for place in odd.tolist():
        out += [number(place - last), signed(int(over[place]))]
        last = place
    if width:
        over[odd] = 0
        bits = (over[:, None] >> np.arange(width, dtype=np.int64)) & 1
        out.append(np.packbits(bits.astype(np.uint8)).tobytes())
    return b"".join(out)


def _unpack(reader: Reader, count: int) -> NDArray[np.int64]:
    floor, width, odd = reader.signed(), reader.number(), reader.number()
    patches, place = [], 0
    for _ in range(odd):
        place += reader.number()
        patches.append((place, reader.signed()))
    over = np.zeros(count, dtype=np.int64)
    if width:
        packed = np.frombuffer(reader.take((count * width + 7) // 8), dtype=np.uint8)
        bits = np.unpackbits(packed, count=count * width).reshape(count, width)
        for shift in range(width):
            over |= bits[:, shift].astype(np.int64) << shift
    for place, value in patches:
        over[place] = value
    return over + floor


def put_optional(values: Sequence[int | None], reference: Ints, tight: bool) -> bytes:
    """Integers some of which may be missing, as what they differ from ``reference`` by."""
    missing = values.count(None)
    if missing == len(values):
        return b"\x00"
    if not missing:
        return b"\x01" + put_ints(array([value for value in values if value is not None]) - reference, tight)
    there = np.array([value is not None for value in values])
    present = array([value for value in values if value is not None]) - reference[there]
    return b"\x02" + np.packbits(there).tobytes() + put_ints(present, tight)


def get_optional(reader: Reader, reference: Ints) -> list[int | None]:
    """What ``put_optional`` wrote beside the same reference."""
    count = len(reference)
    form = reader.take(1)[0]
    if form == 0:
        return [None] * count
    if form == 1:
        return list((get_ints(reader, count) + reference).tolist())
    packed = np.frombuffer(reader.take((count + 7) // 8), dtype=np.uint8)
    there = np.unpackbits(packed, count=count).astype(np.bool_)
    present = iter((get_ints(reader, int(there.sum())) + reference[there]).tolist())
    return [next(present) if here else None for here in there.tolist()]


def put_texts(values: Sequence[str | None], tight: bool) -> bytes:
    """Texts, each different one written once."""
    words = values[:1] if values.count(values[0]) == len(values) else list(dict.fromkeys(values))
    out = [number(len(words)), *(word_bytes(word) for word in words)]
    if len(words) > 1:
        place = {word: index for index, word in enumerate(words)}
        out.append(put_ints(array([place[value] for value in values]), tight))
    return b"".join(out)


def word_bytes(word: str | None) -> bytes:
    """One text with its length before it; zero stands for none."""
    if word is None:
        return b"\x00"
    text = word.encode("utf-8", "surrogatepass")
    return number(len(text) + 1) + text


def get_texts(reader: Reader, count: int) -> list[str | None]:
    """What ``put_texts`` wrote."""
    words = [_word(reader) for _ in range(reader.number())]
    if len(words) == 1:
        return words * count
    return [words[index] for index in get_ints(reader, count).tolist()]


def _word(reader: Reader) -> str | None:
    length = reader.number()
    return reader.take(length - 1).decode("utf-8", "surrogatepass") if length else None
