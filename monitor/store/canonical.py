"""One UTC day of one target's samples of one vantage as canonical bytes, and what they come to.

The bytes depend on nothing but the samples: not on how they lie in the store, nor in what order they came. They are
never kept, only hashed, so what matters is that two different days never give the same bytes, and that they are few:
hashing is what costs. So a row of numbers is written as its least, its greatest, and the differences from the least in
1, 2, 4 or 8 bytes each, not at all where all are alike; and what another field foretells as the difference.
``FORM`` names this way of writing; a leaf says its own, so that those of every form can be checked for ever.
"""

import hashlib
import json
import struct
from bisect import bisect_left
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from monitor.store.packing.bits import KINDS, TOPS
from monitor.store.packing.moving import Moving, Row, high_of, low_of, minus, translated, values_of
from monitor.store.packing.steady import TEXT_ROWS, Steady, as_steady
from probes.columns import NONE, ROW, Columns, Ints

FORM = 1
_PACKETS, _SEQ, _TOOK = (ROW[name] for name in ("packets", "seq", "took"))
_AT, _SCHEDULED, _RECEIVED_AT = (ROW[name] for name in ("at", "scheduled_at", "received_at"))
_EXTREMES = struct.Struct("<?qq")
_MIX = np.uint64(0x9E3779B97F4A7C15)
_FACTORS = (np.arange(1, 129, dtype=np.uint64) * _MIX) | np.uint64(1)
_MARKS = struct.Struct("<3sBH")
Marks = dict[int, tuple[int, bytes]]


def digest_of(vantage: str, target: str, day: int, samples: Columns | Steady) -> bytes:
    """SHA-256 of a day's samples, which are in order of ``(at, identity)``."""
    samples = as_steady(samples)
    words, ranks = _ranked(samples)
    rows = [translated(row, ranks) for row in samples.rows[:TEXT_ROWS]]
    rows += samples.rows[TEXT_ROWS:]
    taken = _foretell(samples, rows)
    parts = [json.dumps([FORM, vantage, target, day, samples.count, words]).encode(), bytes(taken)]
    parts += map(_written, rows)
    for flat, count in (samples.rtts, samples.steps):
        parts.append(count.to_bytes(8, "little"))
        if count:
            parts.append(_written(flat))
    return hashlib.sha256(b"".join(parts)).digest()


def _ranked(samples: Steady) -> tuple[list[str | None], dict[int, int]]:
    """The words that are used, in order of themselves, and for the place of each its place there."""
    places = sorted(samples.used, key=lambda place: _first_none(samples.words[place]))
    words = [samples.words[place] for place in places]
    rank = {word: number for number, word in enumerate(words)}
    return words, {place: rank[word] for place, word in zip(places, words, strict=True)}


def _first_none(word: str | None) -> tuple[bool, str]:
    return word is not None, word or ""


def _foretell(samples: Steady, rows: list[Row]) -> tuple[bool, bool, bool]:
    """Differences where they are small; gives which were taken. Each can be undone from what is written, so nothing is
    lost."""
    missing, told = samples.missing, samples.told
    received, planned = missing[_RECEIVED_AT] is False, missing[_SCHEDULED] is False
    alone = samples.rtts[1] > 0 and rows[_PACKETS] == 1
    for place, small in ((_RECEIVED_AT, received), (_AT, planned)):
        if small:
            rows[place] = told[place]
    for place in (_SCHEDULED if planned else _AT, _SEQ):
        rows[place] = _steps(samples, place)
    if alone:
        some = missing[_TOOK] is not False
        rows[_TOOK] = minus(rows[_TOOK], samples.answers[0]) if some else told[_TOOK]
    return received, planned, alone


def _steps(samples: Steady, place: int) -> Row:
    """Each value of a row as the step from the one before; the first stays."""
    steps, row = samples.stepped(place), samples.rows[place]
    first = row if isinstance(row, int) else int(row.values[0])
    if samples.count == 1 or steps == first:
        return first
    values = np.empty(samples.count, dtype=np.int64)
    values[0], values[1:] = first, steps if isinstance(steps, int) else steps.values
    return Moving(values, min(first, low_of(steps)), max(first, high_of(steps)))


def _written(row: Row) -> bytes:
    """What is hashed of a row."""
    if isinstance(row, int):
        return _EXTREMES.pack(False, row, row)
    values, low, high = row
    if low != NONE:
        return _EXTREMES.pack(False, low, high) + _above(values, low, high)
    where = values == NONE
    values = np.where(where, high, values)
    low = int(values.min())
    return _EXTREMES.pack(True, low, high) + np.packbits(where).tobytes() + _above(values, low, high)


def _above(values: Ints, low: int, high: int) -> bytes:
    """How much more than the least each value is."""
    if low == high:
        return b""
    width = KINDS[bisect_left(TOPS, high - low)]
    return (values - low).astype(width, copy=False).tobytes()


def marks_of(samples: Columns | Steady) -> bytes:
    """Of each hour (UTC) that has samples: which of the day it is, how many, and three bytes that hardly stay the same
    when a sample changes.

    They name the hour when the digest says that something differs; alone they prove nothing.
    """
    samples = as_steady(samples)
    hours, starts = samples.hours
    sums = np.add.reduceat(_mixed(samples), starts).astype("<u8", copy=False).tobytes()
    bounds = [*starts.tolist(), samples.count]
    told = ((bounds[at + 1] - bounds[at], sums[8 * at : 8 * at + 3]) for at in range(len(starts)))
    return pack_marks(dict(zip((hours % 24).tolist(), told, strict=True)))


def pack_marks(marks: Marks) -> bytes:
    """Which hours of the day, the least count, how much more each has (in no byte where all are alike, in one or two
    otherwise), then their three bytes. A count above 65,535 is told as that."""
    if not marks:
        return b""
    hours = sorted(marks)
    counts = [min(marks[hour][0], 0xFFFF) for hour in hours]
    least = min(counts)
    width = ((max(counts) - least).bit_length() + 7) // 8
    more = b"".join((count - least).to_bytes(width, "little") for count in counts if width)
    head = _MARKS.pack(sum(1 << hour for hour in hours).to_bytes(3, "little"), width, least)
    return head + more + b"".join(marks[hour][1] for hour in hours)


def _mixed(samples: Steady) -> NDArray[np.uint64]:
    """A number of 24 bits for each sample that another sample hardly has."""
    (mixed, spare), still = np.zeros((2, samples.count), dtype=np.uint64), 0
    for place, row in enumerate(samples.rows):
        factor = int(_FACTORS[place])
        if isinstance(row, int):
            still += factor * (_code(samples.words[row]) if place < TEXT_ROWS else row)
        else:
            values = _codes(row, samples) if place < TEXT_ROWS else row.values.view(np.uint64)
            mixed += np.multiply(values, _FACTORS[place], out=spare)
    for (flat, count), owners in ((samples.rtts, samples["packets"]), (samples.steps, samples["steps"])):
        if count:
            mixed += _shares(values_of(flat, count).view(np.uint64), owners)
    mixed += np.uint64(still % (1 << 64))
    mixed ^= mixed >> np.uint64(31)
    mixed *= _MIX
    mixed ^= mixed >> np.uint64(29)
    mixed *= _MIX
    mixed >>= np.uint64(40)
    return mixed


@lru_cache(maxsize=4096)
def _code(word: str | None) -> int:
    """A number that stands for a text."""
    return int.from_bytes(
        hashlib.blake2b((word or "").encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"
    )


def _codes(row: Moving, samples: Steady) -> NDArray[np.uint64]:
    table = np.zeros(row.high + 1, dtype=np.uint64)
    for place in samples.used:
        if place <= row.high:
            table[place] = _code(samples.words[place])
    codes: NDArray[np.uint64] = table[row.values]
    return codes


def _shares(flat: NDArray[np.uint64], owners: Row) -> NDArray[np.uint64]:
    """What the values that belong to each sample add to its number."""
    if isinstance(owners, int):  # as below, for all at once
        factors = _FACTORS[64 + np.arange(owners) % 64]
        same: NDArray[np.uint64] = flat * factors if owners == 1 else flat.reshape(-1, owners) @ factors
        return same
    counts = owners.values
    places = np.arange(len(flat)) - np.repeat(np.cumsum(counts) - counts, counts)
    shares = np.zeros(len(counts), dtype=np.uint64)
    np.add.at(shares, np.repeat(np.arange(len(counts)), counts), flat * _FACTORS[64 + places % 64])
    return shares


def read_marks(marks: bytes) -> Marks:
    """hour → (how many, its three bytes). Raises struct.error where they are none."""
    if not marks:
        return {}
    which, width, least = _MARKS.unpack_from(marks)
    hours = [hour for hour in range(24) if int.from_bytes(which, "little") >> hour & 1]
    more, told = struct.unpack_from(f"<{width * len(hours)}s{3 * len(hours)}s", marks, _MARKS.size)
    return {
        hour: (least + int.from_bytes(more[width * at : width * (at + 1)], "little"), told[3 * at : 3 * (at + 1)])
        for at, hour in enumerate(hours)
    }
