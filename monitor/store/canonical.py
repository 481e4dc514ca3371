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
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from monitor.store.steady import Row, minus, rows_of, translated, used
from probes.columns import NONE, ROW, TEXTS, Columns, Ints

FORM = 1
HOUR = 3_600_000_000_000
_TEXT_ROWS = len(TEXTS) + 1
_PACKETS, _SEQ, _TOOK = (ROW[name] for name in ("packets", "seq", "took"))
_AT, _SCHEDULED, _RECEIVED_AT = (ROW[name] for name in ("at", "scheduled_at", "received_at"))
_WIDTHS = ((1, "<u1"), (2, "<u2"), (4, "<u4"))
_MIX = np.uint64(0x9E3779B97F4A7C15)
_FACTORS = (np.arange(1, 129, dtype=np.uint64) * _MIX) | np.uint64(1)
_MARKS = struct.Struct("<3sBH")
Marks = dict[int, tuple[int, bytes]]


def digest_of(vantage: str, target: str, day: int, columns: Columns) -> bytes:
    """SHA-256 of a day's samples, which are in order of ``(at, identity)``."""
    rows = rows_of(columns.table)
    words = _ranked(rows, columns.words)
    whole = hashlib.sha256(json.dumps([FORM, vantage, target, day, len(columns), words]).encode())
    whole.update(bytes(_foretell(rows, len(columns), columns.rtts)))
    for row in rows:
        _put(whole, row)
    for flat in (columns.rtts, columns.steps):
        whole.update(len(flat).to_bytes(8, "little"))
        if len(flat):
            _put(whole, flat)
    return whole.digest()


def _ranked(rows: list[Row], words: Sequence[str | None]) -> list[str | None]:
    """The words that are used, in order of themselves; in the rows they get their places there."""
    texts = rows[:_TEXT_ROWS]
    places = sorted(used(texts), key=lambda place: _first_none(words[place]))
    rank = {words[place]: number for number, place in enumerate(places)}
    ranks = {place: rank[words[place]] for place in places}
    rows[:_TEXT_ROWS] = [translated(row, ranks) for row in texts]
    return [words[place] for place in places]


def _first_none(word: str | None) -> tuple[bool, str]:
    return word is not None, word or ""


def _foretell(rows: list[Row], count: int, rtts: Ints) -> tuple[bool, bool, bool]:
    """Differences where they are small; gives which were taken. Each can be undone from what is written, so nothing is
    lost."""
    received, planned = (not bool(np.any(rows[row] == NONE)) for row in (_RECEIVED_AT, _SCHEDULED))
    packets = rows[_PACKETS]
    alone = len(rtts) > 0 and isinstance(packets, int) and packets == 1
    if received:
        rows[_RECEIVED_AT] = minus(rows[_RECEIVED_AT], rows[_AT])
    if planned:
        rows[_AT] = minus(rows[_AT], rows[_SCHEDULED])
    for row in (_SCHEDULED if planned else _AT, _SEQ):
        rows[row] = _steps(rows[row], count)
    if alone:
        rows[_TOOK] = minus(rows[_TOOK], np.where(rtts == NONE, 0, rtts))
    return received, planned, alone


def _steps(row: Row, count: int) -> Ints:
    """Each of so many values as the step from the one before; the first stays."""
    steps = np.zeros(count, dtype=np.int64)
    if isinstance(row, int):
        steps[0] = row
    else:
        steps[0] = row[0]
        np.subtract(row[1:], row[:-1], out=steps[1:])
    return steps


def _put(whole: "hashlib._Hash", row: Row) -> None:
    low, high = (row, row) if isinstance(row, int) else (int(row.min()), int(row.max()))
    missing = low == NONE and high != NONE
    if missing:
        where = row == NONE
        row = np.where(where, high, row)
        low = int(row.min())
    whole.update(struct.pack("<?qq", missing, low, high))
    if missing:
        whole.update(np.packbits(where).tobytes())
    if low != high:
        width = next((name for size, name in _WIDTHS if high - low < 1 << 8 * size), "<u8")
        whole.update((row - np.int64(low)).view(np.uint64).astype(width).tobytes())


def marks_of(columns: Columns) -> bytes:
    """Of each hour (UTC) that has samples: which of the day it is, how many, and three bytes that hardly stay the same
    when a sample changes.

    They name the hour when the digest says that something differs; alone they prove nothing.
    """
    hours = columns["at"] // HOUR
    starts = np.concatenate(([0], np.flatnonzero(hours[1:] != hours[:-1]) + 1))
    sums = np.add.reduceat(_mixed(columns), starts).tolist()
    counts = np.diff(starts, append=len(hours)).tolist()
    told = ((count, (total & 0xFFFFFF).to_bytes(3, "little")) for count, total in zip(counts, sums, strict=True))
    return pack_marks(dict(zip((hours[starts] % 24).tolist(), told, strict=True)))


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


def _mixed(columns: Columns) -> NDArray[np.uint64]:
    """A number of 24 bits for each sample that another sample hardly has."""
    mixed, still = np.zeros(len(columns), dtype=np.uint64), 0
    for place, row in enumerate(rows_of(columns.table)):
        factor = int(_FACTORS[place])
        if isinstance(row, int):
            still += factor * (_code(columns.words[row]) if place < _TEXT_ROWS else row)
        else:
            values = _codes(row, columns.words) if place < _TEXT_ROWS else row.view(np.uint64)
            mixed += values * _FACTORS[place]
    mixed += np.uint64(still % (1 << 64))
    for flat, owners in ((columns.rtts, columns["packets"]), (columns.steps, columns["steps"])):
        if len(flat):
            mixed += _shares(flat.view(np.uint64), owners)
    mixed = (mixed ^ (mixed >> np.uint64(31))) * _MIX
    mixed ^= mixed >> np.uint64(29)
    marks: NDArray[np.uint64] = mixed * _MIX >> np.uint64(40)
    return marks


@lru_cache(maxsize=4096)
def _code(word: str | None) -> int:
    """A number that stands for a text."""
    return int.from_bytes(
        hashlib.blake2b((word or "").encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little"
    )


def _codes(row: Ints, words: Sequence[str | None]) -> NDArray[np.uint64]:
    table = np.zeros(len(words), dtype=np.uint64)
    for place in used([row]):
        table[place] = _code(words[place])
    codes: NDArray[np.uint64] = table[row]
    return codes


def _shares(flat: NDArray[np.uint64], owners: Ints) -> NDArray[np.uint64]:
    """What the values that belong to each sample add to its number."""
    width = int(owners[0])
    if 0 < width < 64 and (owners == width).all():  # as below, for all at once
        same: NDArray[np.uint64] = flat.reshape(-1, width) @ _FACTORS[64 : 64 + width]
        return same
    places = np.arange(len(flat)) - np.repeat(np.cumsum(owners) - owners, owners)
    shares = np.zeros(len(owners), dtype=np.uint64)
    np.add.at(shares, np.repeat(np.arange(len(owners)), owners), flat * _FACTORS[64 + places % 64])
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
