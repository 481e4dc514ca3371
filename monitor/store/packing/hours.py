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

from monitor.store.packing.bits import Damaged, Reader, get_words, integer, number, put_words
from monitor.store.packing.moving import Row, begins, filled, missing_in, values_of
from monitor.store.packing.steady import Steady, as_steady
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
_UP = OUTCOMES.index(Outcome.UP)
_BEHIND = 50
"""How many bits of a float of 64 stand behind its exponent and the two bits after it."""


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


def hours_of(samples: Columns | Steady) -> Hours:
    """The roll-ups of samples: of columns in any order, of one vantage in order of time where they are steady."""
    if not len(samples):
        return empty()
    if isinstance(samples, Steady):
        (hours, starts), vantage = samples.hours, samples["vantage"]
        assert isinstance(vantage, int)
        vantages: tuple[str, ...] = (samples.words[vantage] or "",)
        return _rolled(samples, starts, vantages, hours)
    vantages, keys = _keyed(samples)
    if (keys[1:] < keys[:-1]).any():
        order = np.argsort(keys, kind="stable")
        samples, keys = samples.take(order), keys[order]
    starts = begins(keys)
    return _rolled(as_steady(samples), starts, vantages, keys[starts])


def _rolled(samples: Steady, starts: NDArray[np.intp], vantages: tuple[str, ...], keys: Ints) -> Hours:
    """From each start to the next, which is of one hour and vantage, as ``keys`` say."""
    table = np.zeros((len(FIELDS), len(starts)), dtype=np.int64)
    table[0], table[1] = np.divmod(keys, len(vantages))
    ends = [*starts[1:].tolist(), samples.count]
    counts = ends - starts
    _count_outcomes(table[_KEYS : _KEYS + len(OUTCOMES)], samples["outcome"], starts, counts)
    for row, name in enumerate(("sent", "received"), _KEYS + len(OUTCOMES)):
        values = samples[name]
        values = filled(values, missing_in(values), 0)
        table[row] = values * counts if isinstance(values, int) else np.add.reduceat(values.values, starts)
    times, bounds = _times(samples, starts)
    table[_ANSWERS] = bounds[1:] - bounds[:-1]
    some = table[_ANSWERS] > 0
    for row, reduced in enumerate((np.add, np.minimum, np.maximum), _ANSWERS + 1):
        table[row][some] = reduced.reduceat(times, bounds[:-1][some]) if len(times) else 0
    where = np.repeat(np.arange(len(starts)) * PLACES, table[_ANSWERS])
    where += _place(times)
    histogram = np.bincount(where, minlength=len(starts) * PLACES)
    return Hours(vantages, table, histogram.reshape(len(starts), PLACES).astype(np.uint32))


def _count_outcomes(ends: Ints, outcome: Row, starts: NDArray[np.intp], counts: Ints) -> None:
    """How many of each, in the order of their places, which is that of the fields that count them."""
    if isinstance(outcome, int):
        ends[outcome] = counts
        return
    for place in range(1, outcome.high + 1):
        ends[place] = np.add.reduceat((outcome.values == place).astype(np.int64), starts)
    ends[0] = counts - ends[1:].sum(axis=0)


def _keyed(columns: Columns) -> tuple[tuple[str, ...], Ints]:
    """The vantages in order, and for each sample a number that goes up with its hour, then with its vantage."""
    seen, hours = columns["vantage"], columns["at"] // HOUR
    if (seen == seen[0]).all():
        return (columns.words[int(seen[0])] or "",), hours
    vantages = tuple(sorted({columns.words[place] or "" for place in set(seen.tolist())}))
    place = {name: index for index, name in enumerate(vantages)}
    ours = np.array([place.get(word or "", 0) for word in columns.words])
    return vantages, hours * len(vantages) + ours[seen]


def _times(samples: Steady, starts: NDArray[np.intp]) -> tuple[Ints, NDArray[np.int64]]:
    """Every time measured, and between which places of them lie those of the samples from one start to the next."""
    packets = samples["packets"]
    if not isinstance(packets, int):
        return _times_of_both(samples, packets.values, starts)
    flat = values_of(*samples.rtts) if packets else values_of(samples["took"], samples.count)
    there = flat != NONE
    if not packets:
        there &= values_of(samples["outcome"], samples.count) == _UP
    counts = np.add.reduceat(there, starts * (packets or 1), dtype=np.int64)
    return np.maximum(flat[there], 0), np.concatenate(([0], np.cumsum(counts)))


def _times_of_both(samples: Steady, packets: Ints, starts: NDArray[np.intp]) -> tuple[Ints, NDArray[np.int64]]:
    """The same where some samples have more packets than others, or none."""
    rtts = values_of(*samples.rtts)
    answered = rtts != NONE
    before, ends = np.concatenate(([0], np.cumsum(answered))), np.cumsum(packets)
    counts, times = before[ends] - before[ends - packets], rtts[answered]
    took = values_of(samples["took"], samples.count)
    alone = (packets == 0) & (values_of(samples["outcome"], samples.count) == _UP) & (took != NONE)
    counts += alone
    after = np.cumsum(counts)
    if alone.any():
        times, measured = np.empty(int(after[-1]), dtype=np.int64), times
        single = np.zeros(len(times), dtype=np.bool_)
        single[after[alone] - 1] = True
        times[single], times[~single] = took[alone], measured
    return np.maximum(times, 0), np.concatenate(([0], after[starts[1:] - 1], after[-1:]))


def _place(times: Ints) -> NDArray[np.int64]:
    """Where in the histogram. A float holds an integer of 32 bits exactly: its exponent, of which 1,022 are too many,
    and then the two bits after the first. That of 0 is 0."""
    micros = np.minimum(times // MICROSECOND, (1 << 32) - 1).astype(np.float64)
    places: NDArray[np.int64] = np.maximum((micros.view(np.int64) >> _BEHIND) - 4 * 1022, 0)
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
    table[0, 1:] -= table[0, :-1].copy()
    table[0, 0], table[_VANTAGE] = 1, 0
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
