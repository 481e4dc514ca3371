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

import numpy as np
from numpy.typing import NDArray

from probes.columns import NONE, ROW, TEXTS, Columns, Ints

FORM = 1
HOUR = 3_600_000_000_000
_TEXT_ROWS = len(TEXTS) + 1
_WIDTHS = ((1, "<u1"), (2, "<u2"), (4, "<u4"))
_MIX = np.uint64(0x9E3779B97F4A7C15)
_FACTORS = (np.arange(1, 129, dtype=np.uint64) * _MIX) | np.uint64(1)
_MARKS = struct.Struct("<3sBH")
Marks = dict[int, tuple[int, bytes]]


def digest_of(vantage: str, target: str, day: int, columns: Columns) -> bytes:
    """SHA-256 of a day's samples, which are in order of ``(at, identity)``."""
    words, table = _ranked(columns)
    whole = hashlib.sha256(json.dumps([FORM, vantage, target, day, len(columns), words]).encode())
    rtts = columns.rtts
    whole.update(bytes(_foretell(table, rtts)))
    least, greatest = table.min(axis=1).tolist(), table.max(axis=1).tolist()
    for row, low, high in zip(table, least, greatest, strict=True):
        _put(whole, row, low, high)
    for flat in (rtts, columns.steps):
        whole.update(len(flat).to_bytes(8, "little"))
        if len(flat):
            _put(whole, flat, int(flat.min()), int(flat.max()))
    return whole.digest()


def _ranked(columns: Columns) -> tuple[list[str | None], Ints]:
    """The words in order of themselves, and the table with their places there."""
    used = np.zeros(len(columns.words), dtype=np.bool_)
    used[columns.table[:_TEXT_ROWS]] = True
    words = sorted((columns.words[place] for place in np.flatnonzero(used).tolist()), key=_first_none)
    place = {word: number for number, word in enumerate(words)}
    ranks = np.array([place.get(word, 0) for word in columns.words], dtype=np.int64)
    table = columns.table.copy()
    table[:_TEXT_ROWS] = ranks[table[:_TEXT_ROWS]]
    return words, table


def _first_none(word: str | None) -> tuple[bool, str]:
    return word is not None, word or ""


def _foretell(table: Ints, rtts: Ints) -> tuple[bool, bool, bool]:
    """Differences where they are small; gives which were taken. Each can be undone from what is written, so nothing is
    lost."""
    at, scheduled, received_at = table[ROW["at"]], table[ROW["scheduled_at"]], table[ROW["received_at"]]
    received = not bool((received_at == NONE).any())
    planned = not bool((scheduled == NONE).any())
    alone = len(rtts) == table.shape[1] and bool((table[ROW["packets"]] == 1).all())
    if received:
        received_at -= at
    if planned:
        at -= scheduled
    _step(scheduled if planned else at)
    _step(table[ROW["seq"]])
    if alone:
        table[ROW["took"]] -= np.where(rtts == NONE, 0, rtts)
    return received, planned, alone


def _step(row: Ints) -> None:
    """Each value as the step from the one before; the first stays."""
    row[1:] -= row[:-1].copy()


def _put(whole: "hashlib._Hash", row: Ints, low: int, high: int) -> None:
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
    ats = columns["at"]
    starts = np.flatnonzero(np.diff(ats // HOUR, prepend=int(ats[0]) // HOUR - 1))
    sums = np.add.reduceat(_mixed(columns), starts).tolist()
    hours = (ats[starts] // HOUR % 24).tolist()
    counts = np.diff(starts, append=len(ats)).tolist()
    told = ((count, (total & 0xFFFFFF).to_bytes(3, "little")) for count, total in zip(counts, sums, strict=True))
    return pack_marks(dict(zip(hours, told, strict=True)))


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
    words = [hashlib.blake2b((word or "").encode("utf-8", "surrogatepass"), digest_size=8) for word in columns.words]
    codes = np.array([int.from_bytes(word.digest(), "little") for word in words], dtype=np.uint64)
    table = columns.table.astype(np.uint64)
    table[:_TEXT_ROWS] = codes[columns.table[:_TEXT_ROWS]]
    moving = (table != table[:, :1]).any(axis=1)
    factors = _FACTORS[: len(table)]
    mixed = np.einsum("i,ij->j", factors[moving], table[moving])
    mixed += (factors[~moving] * table[~moving, 0]).sum(dtype=np.uint64)
    for flat, owners in ((columns.rtts, columns["packets"]), (columns.steps, columns["steps"])):
        if len(flat):
            mixed += _shares(flat.view(np.uint64), owners)
    mixed = (mixed ^ (mixed >> np.uint64(31))) * _MIX
    mixed ^= mixed >> np.uint64(29)
    marks: NDArray[np.uint64] = mixed * _MIX >> np.uint64(40)
    return marks


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
