"""What samples come to by the hour: per vantage how many, how they ended, and how long answers took.

Everything here can be computed anew from the samples, which stay the evidence. A round-trip time is that of a packet,
or for a probe without packets how long an Up sample took. The histogram counts them by a quarter of an octave:
place ``4 * b + q`` is for times of ``b`` bits in whole microseconds of which the two bits after the first are ``q``;
so a quantile read from it is wrong by less than a quarter of itself.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.store.bits import Damaged
from monitor.store.columns import NONE, OUTCOMES, Columns, Ints
from probes.sample import MICROSECOND, Outcome

HOUR = 3_600_000_000_000
FIELDS = ("hour", "vantage", "up", "down", "unknown", "sent", "received", "answers", "total", "least", "most")
"""``hour`` counts from 1970; ``vantage`` is a place in ``vantages``; ``answers`` is how many times were measured, and
``total``, ``least`` and ``most`` are of them (ns; 0 where there are none)."""
PLACES = 4 * 33
"""Of 32 bits and more, that is of 35 minutes and more, the last four places are."""
_KEYS = 2
_LEAST, _MOST = FIELDS.index("least"), FIELDS.index("most")
_VANTAGE, _ANSWERS = FIELDS.index("vantage"), FIELDS.index("answers")


@dataclass(frozen=True, slots=True)
class Hours:
    """Roll-ups by ``(hour, vantage)``; ``histogram`` has one line of ``PLACES`` counts per hour."""

    vantages: tuple[str, ...]
    table: Ints
    histogram: NDArray[np.uint32]

    def __len__(self) -> int:
        return int(self.table.shape[1])

    def __getitem__(self, name: str) -> Ints:
        """The row of a field."""
        row: Ints = self.table[FIELDS.index(name)]
        return row

    def between(self, start: int, end: int) -> "Hours":
        """Those of hours that begin in ``[start, end)``."""
        begins = self["hour"]
        inside: NDArray[np.bool_] = (begins >= -(-start // HOUR)) & (begins < -(-end // HOUR))
        if inside.all():
            return self
        return Hours(self.vantages, self.table[:, inside], self.histogram[inside])


def empty() -> Hours:
    """No hours."""
    return Hours((), np.zeros((len(FIELDS), 0), dtype=np.int64), np.zeros((0, PLACES), dtype=np.uint32))


def hours_of(columns: Columns) -> Hours:
    """The roll-ups of samples in any order."""
    if not len(columns):
        return empty()
    vantages = tuple(sorted({columns.words[place] or "" for place in set(columns["vantage"].tolist())}))
    place = {name: index for index, name in enumerate(vantages)}
    of_word = np.array([place.get(word or "", 0) for word in columns.words], dtype=np.int64)
    keys, group = np.unique((columns["at"] // HOUR) * len(vantages) + of_word[columns["vantage"]], return_inverse=True)
    table = np.zeros((len(FIELDS), len(keys)), dtype=np.int64)
    table[0], table[1] = np.divmod(keys, len(vantages))
    for row, outcome in enumerate((Outcome.UP, Outcome.DOWN, Outcome.UNKNOWN), _KEYS):
        table[row] = np.bincount(group[columns["outcome"] == OUTCOMES.index(outcome)], minlength=len(keys))
    for row, name in enumerate(("sent", "received"), _KEYS + 3):
        values = columns[name]
        np.add.at(table[row], group, np.where(values == NONE, 0, values))
    times, where = _times(columns, group)
    table[_ANSWERS] = np.bincount(where, minlength=len(keys))
    np.add.at(table[_ANSWERS + 1], where, times)
    table[_LEAST] = np.iinfo(np.int64).max
    np.minimum.at(table[_LEAST], where, times)
    np.maximum.at(table[_MOST], where, times)
    table[_LEAST][table[_ANSWERS] == 0] = 0
    counts = np.bincount(where * PLACES + _place(times), minlength=len(keys) * PLACES)
    return Hours(vantages, table, counts.reshape(len(keys), PLACES).astype(np.uint32))


def _times(columns: Columns, group: NDArray[np.int64]) -> tuple[Ints, NDArray[np.int64]]:
    """Every time measured, and the group it belongs to."""
    packets, took = columns["packets"], columns["took"]
    alone = (packets == 0) & (columns["outcome"] == OUTCOMES.index(Outcome.UP)) & (took != NONE)
    answered = columns.rtts != NONE
    times = np.concatenate((columns.rtts[answered], took[alone]))
    return times.clip(0), np.concatenate((np.repeat(group, packets)[answered], group[alone]))


def _place(times: Ints) -> NDArray[np.int64]:
    """Where in the histogram. A float holds an integer of 32 bits and its two first bits exactly."""
    part, bits = np.frexp((times // MICROSECOND).clip(max=(1 << 32) - 1).astype(np.float64))
    places: NDArray[np.int64] = bits.astype(np.int64) * 4 + np.where(part > 0, (part - 0.5) * 8, 0).astype(np.int64)
    return places


def joined(parts: Sequence[Hours]) -> Hours:
    """All of them; those of the same hour and vantage made one."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return empty()
    vantages = tuple(sorted({name for part in parts for name in part.vantages}))
    tables = [part.table.copy() for part in parts]
    for part, table in zip(parts, tables, strict=True):
        places = np.array([vantages.index(name) for name in part.vantages], dtype=np.int64)
        table[_VANTAGE] = places[table[_VANTAGE]]
    table = np.concatenate(tables, axis=1)
    histogram = np.concatenate([part.histogram for part in parts])
    keys = table[0] * len(vantages) + table[_VANTAGE]
    if (keys[1:] > keys[:-1]).all():
        return Hours(vantages, table, histogram)
    order = np.argsort(keys, kind="stable")
    starts = np.flatnonzero(np.diff(keys[order], prepend=keys[order[0]] - 1))
    table, histogram = table[:, order], histogram[order]
    made = np.add.reduceat(table, starts, axis=1)
    made[:_KEYS] = table[:_KEYS, starts]
    there = np.where(table[_ANSWERS] > 0, table[_LEAST], np.iinfo(np.int64).max)
    made[_LEAST] = np.where(made[_ANSWERS] > 0, np.minimum.reduceat(there, starts), 0)
    made[_MOST] = np.maximum.reduceat(table[_MOST], starts)
    return Hours(vantages, made, np.add.reduceat(histogram, starts, axis=0))


def pack(hours: Hours) -> bytes:
    """The roll-ups of one vantage as few bytes: the same byte of every number side by side, deflated."""
    used = np.flatnonzero(hours.histogram.any(axis=0))
    low, high = (int(used[0]), int(used[-1]) + 1) if len(used) else (0, 0)
    table = np.delete(hours.table, _VANTAGE, axis=0)
    table[0, 1:] = np.diff(hours.table[0])
    planes = table.view(np.uint8).reshape(-1, 8).T.tobytes()
    counts = np.ascontiguousarray(hours.histogram[:, low:high].T).view(np.uint8).reshape(-1, 4).T.tobytes()
    return len(hours).to_bytes(4, "little") + bytes([low, high - low]) + zlib.compress(planes + counts, 6)


def unpack(body: bytes, vantage: str) -> Hours:
    """What ``pack`` made. Raises Damaged."""
    count, low, width = int.from_bytes(body[:4], "little"), body[4], body[5]
    numbers = (len(FIELDS) - 1) * count
    data = np.frombuffer(zlib.decompress(body[6:]), dtype=np.uint8)
    if len(data) != numbers * 8 + width * count * 4:
        raise Damaged("roll-ups are of another length than was written")
    table = np.ascontiguousarray(data[: numbers * 8].reshape(8, -1).T).view(np.int64).reshape(-1, count)
    np.cumsum(table[0], out=table[0])
    counts = np.ascontiguousarray(data[numbers * 8 :].reshape(4, -1).T).view(np.uint32).reshape(width, count)
    histogram = np.zeros((count, PLACES), dtype=np.uint32)
    histogram[:, low : low + width] = counts.T
    return Hours((vantage,), np.insert(table, _VANTAGE, 0, axis=0), histogram)
