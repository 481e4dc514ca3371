"""Samples of which most fields stand still, as nearly all do that one target has of a day: row by row. What several
need to know of the same samples is found once."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from monitor.store.packing.moving import (
    Missing,
    Moving,
    Row,
    begins,
    filled,
    joined,
    minus,
    missing_in,
    plus,
    row_of,
    rows_of,
    steps_of,
    values_of,
)
from probes.columns import NONE, ROW, ROWS, TEXTS, Columns, Ints, Words, in_order

HOUR = 3_600_000_000_000
TEXT_ROWS = len(TEXTS) + 1
_AT, _SCHEDULED, _TOOK, _SENT, _RECEIVED, _RECEIVED_AT, _PACKETS = (
    ROW[name] for name in ("at", "scheduled_at", "took", "sent", "received", "received_at", "packets")
)
OPTIONAL = (_SCHEDULED, _TOOK, _SENT, _RECEIVED, _RECEIVED_AT)
"""The rows of which values may be missing."""
Several = tuple[Row, int]
"""Values of which each sample has a number of its own, and how many that makes: 0, and the row is 0 too, for none."""


class Steady:
    """Samples in a given order; ``rtts`` and ``steps`` as in columns."""

    def __init__(
        self, words: Sequence[str | None], rows: Sequence[Row], count: int, rtts: Several, steps: Several
    ) -> None:
        self.words, self.rows, self.count, self.rtts, self.steps = words, rows, count, rtts, steps
        self._stepped: dict[int, Row] = {}
        self._raw: Sequence[Row] | None = None

    @classmethod
    def foretold(
        cls, words: Sequence[str | None], told: Sequence[Row], count: int, rtts: Several, steps: Several
    ) -> "Steady":
        """Samples of which each row is told as by ``raw``."""
        found = answers(told[_PACKETS], rtts)
        samples = cls(words, restored(told, found), count, rtts, steps)
        samples._raw, samples.answers = told, found
        return samples

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, name: str) -> Row:
        """The row of a field."""
        return self.rows[ROW[name]]

    @cached_property
    def used(self) -> Sequence[int]:
        """The places of the words that its texts use, in order."""
        found = set[int]()
        for row in self.rows[:TEXT_ROWS]:
            found.update([row] if isinstance(row, int) else np.flatnonzero(np.bincount(row.values)).tolist())
        return sorted(found)

    @cached_property
    def hours(self) -> tuple[Ints, NDArray[np.intp]]:
        """The hour (since 1970) of samples in a row that have the same, and where each begins."""
        hours = values_of(self.rows[_AT], self.count) // HOUR
        starts = begins(hours)
        return hours[starts], starts

    @cached_property
    def missing(self) -> Mapping[int, Missing]:
        """Which values are missing of each row of which some may be."""
        return {place: missing_in(self.rows[place]) for place in OPTIONAL}

    @cached_property
    def told(self) -> Sequence[Row]:
        """The rows, each without what another foretells of it. What is missing is 0, and foretells nothing."""
        if all(missing is False for missing in self.missing.values()):
            return self.raw
        rows = list(self.rows)
        for place, missing in self.missing.items():
            rows[place] = filled(rows[place], missing, 0)
        return foretold(rows, self.answers)

    @property
    def raw(self) -> Sequence[Row]:
        """The same as if nothing were missing: modulo 2^64 each row can be made of it again."""
        if self._raw is None:
            self._raw = foretold(self.rows, self.answers)
        return self._raw

    def stepped(self, place: int) -> Row:
        """From each value of a row to the next, what is missing being 0; 0 where it does not move."""
        if place not in self._stepped:
            row = filled(self.rows[place], self.missing.get(place, False), 0)
            self._stepped[place] = 0 if isinstance(row, int) else steps_of(row)
        return self._stepped[place]

    @cached_property
    def answers(self) -> tuple[Row, Row]:
        """See ``answers``."""
        return answers(self.rows[_PACKETS], self.rtts)

    def in_words(self, words: Words) -> list[Row]:
        """The rows, with their texts at their places in ``words``."""
        places = list(map(words.__getitem__, self.words))
        if places == list(range(len(places))):
            return list(self.rows)
        new = np.array(places, dtype=np.int64)
        texts = [places[row] if isinstance(row, int) else row_of(new[row.values]) for row in self.rows[:TEXT_ROWS]]
        return [*texts, *self.rows[TEXT_ROWS:]]

    def columns(self) -> Columns:
        """The same as columns."""
        table = np.empty((len(ROWS), self.count), dtype=np.int64)
        for out, row in zip(table, self.rows, strict=True):
            out[:] = row if isinstance(row, int) else row.values
        return Columns(self.words, table, values_of(*self.rtts), values_of(*self.steps))


def as_steady(samples: Columns | Steady) -> Steady:
    """Samples in either form, row by row."""
    if isinstance(samples, Steady):
        return samples
    rows = rows_of(samples.table) if len(samples) else [0] * len(ROWS)
    return Steady(samples.words, rows, len(samples), several_of(samples.rtts), several_of(samples.steps))


def several_of(flat: Ints) -> Several:
    """Values as they lie in columns."""
    return row_of(flat) if len(flat) else 0, len(flat)


def ordered(samples: Steady) -> Steady:
    """By ``(at, vantage, boot, seq)``."""
    at = samples.rows[_AT]
    if not isinstance(at, int) and (at.values[1:] > at.values[:-1]).all():
        return samples
    return as_steady(in_order(samples.columns()))


def foretold(rows: Sequence[Row], found: tuple[Row, Row]) -> list[Row]:
    """Rows without what others foretell of them; ``found`` are the answers."""
    told, (longest, answered) = list(rows), found
    for place, other in ((_TOOK, longest), (_SENT, rows[_PACKETS]), (_RECEIVED, answered)):
        told[place] = minus(rows[place], other)
    for place, before in ((_RECEIVED_AT, _AT), (_AT, _SCHEDULED)):
        told[place] = minus(rows[place], rows[before])
    return told


def restored(told: Sequence[Row], found: tuple[Row, Row]) -> list[Row]:
    """The rows of which ``foretold`` made others."""
    rows, (longest, answered) = list(told), found
    for place, other in ((_TOOK, longest), (_SENT, rows[_PACKETS]), (_RECEIVED, answered)):
        rows[place] = plus(rows[place], other)
    for place, before in ((_AT, _SCHEDULED), (_RECEIVED_AT, _AT)):
        rows[place] = plus(rows[place], rows[before])
    return rows


def concat(parts: Sequence[Steady]) -> Steady:
    """One after the other, their words made one list. Each has a sample at least."""
    words, counts = Words({None: 0}), [part.count for part in parts]
    rows = [joined(each, counts) for each in zip(*(part.in_words(words) for part in parts), strict=True)]
    rtts, steps = _several([part.rtts for part in parts]), _several([part.steps for part in parts])
    return Steady(list(words), rows, sum(counts), rtts, steps)


def _several(parts: Sequence[Several]) -> Several:
    some = [part for part in parts if part[1]]
    counts = [count for _, count in some]
    return (joined([row for row, _ in some], counts) if some else 0, sum(counts))


def answers(packets: Row, several: Several) -> tuple[Row, Row]:
    """The longest round-trip time of each sample, and how many answers it got; 0 where there are none."""
    rtts, count = several
    if not count:
        return 0, 0
    missing = missing_in(rtts)
    if packets == 1:
        there = int(not missing) if isinstance(missing, bool) else Moving((~missing).astype(np.int64), 0, 1)
        return filled(rtts, missing, 0), there
    values = values_of(rtts, count)
    answered = values != NONE
    times = np.where(answered, values, 0)
    if isinstance(packets, int):
        return row_of(times.reshape(-1, packets).max(axis=1)), row_of(answered.reshape(-1, packets).sum(axis=1))
    counts = packets.values
    longest, found = np.zeros((2, len(counts)), dtype=np.int64)
    some = counts > 0
    starts = (np.cumsum(counts) - counts)[some]
    longest[some] = np.maximum.reduceat(times, starts)
    found[some] = np.add.reduceat(answered.astype(np.int64), starts)
    return row_of(longest), row_of(found)
