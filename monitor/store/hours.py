"""What samples come to by the hour: per vantage how many, how they ended, and how long answers took.

Everything here can be computed anew from the samples, which stay the evidence. A round-trip time is that of a packet,
or for a probe without packets how long an Up sample took. The histogram counts them by a quarter of an octave:
place ``4 * b + q`` is for times of ``b`` bits in whole microseconds of which the two bits after the first are ``q``;
so a quantile read from it is wrong by less than a quarter of itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.store.bits import Damaged, Reader, get_words, integer, number, put_words
from probes.columns import NONE, OUTCOMES, Columns, Ints
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
    vantages, keys = _keyed(columns)
    if (keys[1:] < keys[:-1]).any():
        order = np.argsort(keys, kind="stable")
        columns, keys = columns.take(order), keys[order]
    starts = np.concatenate(([0], np.flatnonzero(keys[1:] != keys[:-1]) + 1))
    table = np.zeros((len(FIELDS), len(starts)), dtype=np.int64)
    table[0], table[1] = np.divmod(keys[starts], len(vantages))
    which = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(keys)))
    # The places of outcomes are in the order of the fields that count them.
    ends = np.bincount(which * len(OUTCOMES) + columns["outcome"], minlength=len(starts) * len(OUTCOMES))
    table[_KEYS : _KEYS + len(OUTCOMES)] = ends.reshape(len(starts), len(OUTCOMES)).T
    for row, name in enumerate(("sent", "received"), _KEYS + len(OUTCOMES)):
        values = columns[name]
        table[row] = np.add.reduceat(np.where(values == NONE, 0, values), starts)
    times, bounds = _times(columns, starts)
    table[_ANSWERS] = np.diff(bounds)
    some = table[_ANSWERS] > 0
    for row, reduced in enumerate((np.add, np.minimum, np.maximum), _ANSWERS + 1):
        table[row][some] = reduced.reduceat(times, bounds[:-1][some]) if len(times) else 0
    where = np.repeat(np.arange(len(starts)) * PLACES, table[_ANSWERS])
    counts = np.bincount(where + _place(times), minlength=len(starts) * PLACES)
    return Hours(vantages, table, counts.reshape(len(starts), PLACES).astype(np.uint32))


def _keyed(columns: Columns) -> tuple[tuple[str, ...], Ints]:
    """The vantages in order, and for each sample a number that goes up with its hour, then with its vantage."""
    seen, hours = columns["vantage"], columns["at"] // HOUR
    if (seen == seen[0]).all():
        return (columns.words[int(seen[0])] or "",), hours
    vantages = tuple(sorted({columns.words[place] or "" for place in set(seen.tolist())}))
    place = {name: index for index, name in enumerate(vantages)}
    ours = np.array([place.get(word or "", 0) for word in columns.words])
    return vantages, hours * len(vantages) + ours[seen]


def _times(columns: Columns, starts: NDArray[np.intp]) -> tuple[Ints, NDArray[np.int64]]:
    """Every time measured, and between which places of them lie those of the samples from one start to the next."""
    packets, answered = columns["packets"], columns.rtts != NONE
    counts, times = np.zeros(len(columns), dtype=np.int64), columns.rtts[answered]
    if len(answered):
        before = np.concatenate(([0], np.cumsum(answered)))
        ends = np.cumsum(packets)
        counts = before[ends] - before[ends - packets]
    alone = packets == 0
    if alone.any():
        took = columns["took"]
        alone &= (columns["outcome"] == OUTCOMES.index(Outcome.UP)) & (took != NONE)
        counts += alone
    after = np.cumsum(counts)
    if alone.any():
        times, measured = np.empty(int(after[-1]), dtype=np.int64), times
        single = np.zeros(len(times), dtype=np.bool_)
        single[after[alone] - 1] = True
        times[single], times[~single] = took[alone], measured
    return times.clip(0), np.concatenate(([0], after[starts[1:] - 1], after[-1:]))


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
    if len(parts) == 1:
        return parts[0]
    vantages = tuple(sorted({name for part in parts for name in part.vantages}))
    table = np.concatenate([part.table for part in parts], axis=1)
    if any(part.vantages != vantages for part in parts):
        ours = [[vantages.index(name) for name in part.vantages] for part in parts]
        table[_VANTAGE] = np.concatenate([np.array(o)[part["vantage"]] for o, part in zip(ours, parts, strict=True)])
    return _merged(vantages, table, np.concatenate([part.histogram for part in parts]))


def _merged(vantages: tuple[str, ...], table: Ints, histogram: NDArray[np.uint32]) -> Hours:
    """In order, and those of the same hour and vantage made one."""
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
    """The roll-ups of one vantage as few bytes: what others foretell of them is taken off."""
    used = np.flatnonzero(hours.histogram.any(axis=0))
    low, high = (int(used[0]), int(used[-1]) + 1) if len(used) else (0, 1)
    table = np.concatenate((hours.table, hours.histogram[:, low:high].T.astype(np.int64)))
    fullest = int(table[len(FIELDS) :].sum(axis=1).argmax())
    head = number(len(hours)) + bytes([low, high - low, fullest])
    if not len(hours):
        return head
    _foretold(table, fullest, np.subtract)
    before = int(table[0, 0]) - 1
    table[0], table[_VANTAGE] = np.diff(table[0], prepend=before), 0
    return head + integer(before) + put_words(table)


def unpack_all(bodies: Sequence[tuple[bytes, str]]) -> Hours:
    """What ``pack`` made of several, each of one vantage, joined: filled in where it is to lie. Raises Damaged."""
    vantages = tuple(sorted({vantage for _, vantage in bodies}))
    opened = [(Reader(body), vantages.index(vantage)) for body, vantage in bodies]
    counts = [data.number() for data, _ in opened]
    table = np.empty((len(FIELDS), sum(counts)), dtype=np.int64)
    histogram = np.zeros((sum(counts), PLACES), dtype=np.uint32)
    start = 0
    for (data, vantage), count in zip(opened, counts, strict=True):
        _fill(data, table[:, start : start + count], histogram[start : start + count])
        table[_VANTAGE, start : start + count] = vantage
        start += count
    return _merged(vantages, table, histogram) if len(bodies) > 1 and start else Hours(vantages, table, histogram)


def _fill(data: Reader, fields: Ints, histogram: NDArray[np.uint32]) -> None:
    """Fill in what is behind the number of hours."""
    low, width, fullest = data.take(3)
    if len(histogram):
        before = data.integer()
        table = np.empty((len(FIELDS) + width, len(histogram)), dtype=np.int64)
        get_words(data, table)
        table[0, 0] += before
        np.cumsum(table[0], out=table[0])
        _foretold(table, fullest, np.add)
        fields[:], histogram[:, low : low + width] = table[: len(FIELDS)], table[len(FIELDS) :].T
    if data.at != len(data.data):
        raise Damaged("roll-ups are of another length than was written")


def _foretold(table: Ints, fullest: int, change: np.ufunc) -> None:
    """Take off each row what foretells it (``np.subtract``), or put it on again (``np.add``)."""
    up, down, unknown, sent, received, answers, total, least, most = table[_KEYS : len(FIELDS)]
    histogram = table[len(FIELDS) :]
    most_of_all = histogram[fullest]
    steps: list[tuple[Ints, Callable[[], Ints]]] = [
        (most, lambda: least),
        (total, lambda: answers * least),
        (most_of_all, lambda: answers - histogram.sum(axis=0) + most_of_all),
        (answers, lambda: received),
        (received, lambda: sent - down),
        (up, lambda: -(down + unknown)),
    ]
    for row, reference in steps if change is np.subtract else reversed(steps):
        change(row, reference(), out=row)
