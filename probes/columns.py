"""Many samples as arrays, one row of a table per field: what is stored, and what figures are computed from.

A text is the place of a word in ``words`` (place 0 is no text at all), an outcome its place in ``OUTCOMES``, an
integer is itself, and ``NONE`` stands for a missing one. Round-trip times and the durations of phases, of which a
sample has several, lie one after the other in arrays of their own; the table tells how many belong to each sample.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from inspect import signature
from itertools import chain, repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probes.sample import Outcome, Sample

Ints = NDArray[np.int64]
Steps = tuple[tuple[str, int], ...]
Packets = tuple[int | None, ...]

NONE = -(1 << 63)
OUTCOMES = (Outcome.UP, Outcome.DOWN, Outcome.UNKNOWN)
TEXTS = ("target", "vantage", "boot", "reason", "address", "config", "clock")
NUMBERS = ("seq", "at", "scheduled_at", "took", "sent", "received", "duplicates", "late", "received_at")
ROWS = (*TEXTS, "phases", "outcome", *NUMBERS, "packets", "steps")
"""The rows of a table. ``phases`` is the word that names a sample's phases as JSON, ``packets`` the number of its
round-trip times, ``steps`` that of its phases."""
ROW = {name: place for place, name in enumerate(ROWS)}
_FIRST_NUMBER, _PHASES, _OUTCOME = ROW[NUMBERS[0]], ROW["phases"], ROW["outcome"]
_OWN = 8
"""So many words a sample may bring; where there are more, they are those of others too."""
_IN_ORDER = tuple(signature(Sample).parameters)


@dataclass(frozen=True, slots=True)
class Columns:
    """Samples in a given order. ``rtts`` and ``steps`` are nanoseconds, ``NONE`` where no reply came in time."""

    words: Sequence[str | None]
    table: Ints
    rtts: Ints
    steps: Ints

    def __len__(self) -> int:
        return int(self.table.shape[1])

    def __getitem__(self, name: str) -> Ints:
        """The row of a field."""
        row: Ints = self.table[ROW[name]]
        return row

    def take(self, places: NDArray[np.int64]) -> "Columns":
        """The samples at these places, in this order."""
        rtts = _gathered(self.rtts, self["packets"], places)
        return Columns(
            self.words, np.take(self.table, places, axis=1), rtts, _gathered(self.steps, self["steps"], places)
        )

    def cut(self, bounds: Sequence[int]) -> Iterator["Columns"]:
        """The samples between each bound and the next."""
        packets = np.concatenate(([0], np.cumsum(self["packets"])))[bounds].tolist()
        steps = np.concatenate(([0], np.cumsum(self["steps"])))[bounds].tolist()
        for piece in range(len(bounds) - 1):
            yield Columns(
                self.words,
                self.table[:, bounds[piece] : bounds[piece + 1]],
                self.rtts[packets[piece] : packets[piece + 1]],
                self.steps[steps[piece] : steps[piece + 1]],
            )

    def tidy(self) -> "Columns":
        """The same with no words but those it uses."""
        used = np.zeros(len(self.words), dtype=np.bool_)
        used[self.table[: _PHASES + 1]] = used[0] = True
        if used.all():
            return self
        table = self.table.copy()
        table[: _PHASES + 1] = (np.cumsum(used) - 1)[table[: _PHASES + 1]]
        return Columns([self.words[place] for place in np.flatnonzero(used).tolist()], table, self.rtts, self.steps)

    def sources(self) -> Iterator[tuple[str, str, Ints]]:
        """(vantage, boot, sequence numbers in order) of each that sent."""
        names, seqs = self["vantage"] * len(self.words) + self["boot"], self["seq"]
        alone = len(seqs) > 0 and bool((names == names[0]).all())
        for name in [int(names[0])] if alone else sorted(set(names.tolist())):
            vantage, boot = (self.words[place] for place in divmod(name, len(self.words)))
            yield vantage or "", boot or "", seqs if alone else seqs[names == name]


def from_samples(samples: Sequence[Sample]) -> Columns:
    """The samples as columns. Raises OverflowError for an integer beyond 64 bits."""
    table = np.zeros((len(ROWS), len(samples)), dtype=np.int64)
    words = Words({None: 0})
    if not samples:
        return Columns(list(words), table, table[0], table[0])
    fields = _fields(samples)
    for row, texts in enumerate(fields[: len(TEXTS)]):
        table[row] = words.places(texts)
    steps = _put_phases(fields[_PHASES], words, table)
    outcomes = fields[_OUTCOME]
    if outcomes.count(Outcome.UP) < len(outcomes):
        table[_OUTCOME] = list(map(OUTCOMES.index, outcomes))
    missing = sum(_put_numbers(table[_FIRST_NUMBER + row], fields[_FIRST_NUMBER + row]) for row in range(len(NUMBERS)))
    packets: Sequence[Packets] = fields[-1]
    widths = list(map(len, packets))
    table[ROW["packets"]] = widths[0] if widths.count(widths[0]) == len(widths) else widths
    flat = tuple(chain.from_iterable(packets))
    rtts = np.empty(len(flat), dtype=np.int64)
    missing += _put_numbers(rtts, flat)
    numbers = table[_FIRST_NUMBER : _FIRST_NUMBER + len(NUMBERS)]
    if np.count_nonzero(numbers == NONE) + np.count_nonzero(rtts == NONE) != missing:
        raise OverflowError(f"{NONE} is the one integer of 64 bits that cannot be stored")
    return Columns(list(words), table, rtts, steps)


def _fields(samples: Sequence[Sample]) -> tuple[list[Any], ...]:
    """The values of each row, then the round-trip times. Written out, because this is done for every sample there is,
    and takes half as long so."""
    return (
        [sample.target for sample in samples],
        [sample.vantage for sample in samples],
        [sample.boot for sample in samples],
        [sample.reason for sample in samples],
        [sample.address for sample in samples],
        [sample.config for sample in samples],
        [sample.clock for sample in samples],
        [sample.phases for sample in samples],
        [sample.outcome for sample in samples],
        [sample.seq for sample in samples],
        [sample.at for sample in samples],
        [sample.scheduled_at for sample in samples],
        [sample.took for sample in samples],
        [sample.sent for sample in samples],
        [sample.received for sample in samples],
        [sample.duplicates for sample in samples],
        [sample.late for sample in samples],
        [sample.received_at for sample in samples],
        [sample.rtts for sample in samples],
    )


class Words(dict[str | None, int]):
    """The place of each word; a new one gets the next."""

    def __missing__(self, word: str | None) -> int:
        place = self[word] = len(self)
        return place

    def places(self, texts: Sequence[str | None]) -> int | list[int]:
        """Their places, or the one place when all are alike."""
        if texts.count(texts[0]) == len(texts):
            return self[texts[0]]
        return list(map(self.__getitem__, texts))

    def take_in(self, columns: Columns) -> None:
        """Give the texts of columns their places here instead of those among words of their own."""
        places = list(map(self.__getitem__, columns.words))
        if places != list(range(len(places))):
            texts = columns.table[: _PHASES + 1]
            np.take(np.array(places, dtype=np.int64), texts, out=texts)


def _put_numbers(row: Ints, values: Sequence[int | None]) -> int:
    """Fill a row; gives how many are missing."""
    if values and values.count(values[0]) == len(values):
        row[:] = NONE if values[0] is None else values[0]
        return len(values) if values[0] is None else 0
    try:
        row[:] = values  # type: ignore[assignment]
    except TypeError:  # what has no value is not looked for among thousands that have one
        row[:] = [NONE if value is None else value for value in values]
        return values.count(None)
    return 0


def _put_phases(phases: Sequence[Steps], words: Words, table: Ints) -> Ints:
    if not any(phases):
        return np.zeros(0, dtype=np.int64)
    known: dict[tuple[str, ...], int] = {(): 0}
    times: list[int] = []
    for place, steps in enumerate(phases):
        names = tuple(name for name, _ in steps)
        if names not in known:
            known[names] = words[json.dumps(names)]
        table[_PHASES, place] = known[names]
        times += [time for _, time in steps]
    table[ROW["steps"]] = list(map(len, phases))
    return np.array(times, dtype=np.int64)


def as_columns(samples: Sequence[Sample] | Columns) -> Columns:
    """Samples in either form, as columns."""
    return samples if isinstance(samples, Columns) else from_samples(samples)


def as_samples(samples: Sequence[Sample] | Columns) -> Sequence[Sample]:
    """Samples in either form, one by one."""
    return to_samples(samples) if isinstance(samples, Columns) else samples


def to_samples(columns: Columns) -> list[Sample]:
    """The samples themselves."""
    count = len(columns)
    if not count:
        return []
    values: dict[str, Iterable[object]] = {name: _texts(columns, name) for name in TEXTS}
    values |= {name: _optional(columns[name]) for name in NUMBERS}
    values["phases"], values["rtts"] = _phases(columns), _rtts(columns)
    values["outcome"] = map(OUTCOMES.__getitem__, columns["outcome"].tolist())
    return list(map(Sample, *(values[name] for name in _IN_ORDER)))


def _texts(columns: Columns, name: str) -> Iterable[str | None]:
    row = columns[name]
    if (row == row[0]).all():
        return repeat(columns.words[int(row[0])], len(row))
    return map(columns.words.__getitem__, row.tolist())


def _optional(row: Ints) -> Iterable[int | None]:
    if len(row) and (row == row[0]).all():
        return repeat(None if row[0] == NONE else int(row[0]), len(row))
    values: list[int | None] = row.tolist()
    for place in np.flatnonzero(row == NONE).tolist():
        values[place] = None
    return values


def _rtts(columns: Columns) -> Iterable[Packets]:
    packets, flat = columns["packets"], _optional(columns.rtts)
    width = int(packets[0])
    if (packets == width).all():
        return zip(*[iter(flat)] * width, strict=True) if width else repeat((), len(packets))
    rest = iter(flat)
    return [tuple(next(rest) for _ in range(count)) for count in packets.tolist()]


def _phases(columns: Columns) -> Iterable[Steps]:
    if not len(columns.steps):
        return repeat((), len(columns))
    places = columns["phases"].tolist()
    names = {place: tuple(json.loads(columns.words[place] or "[]")) for place in set(places)}
    rest = iter(columns.steps.tolist())
    return [tuple((name, next(rest)) for name in names[place]) for place in places]


def concat(parts: Sequence[Columns]) -> Columns:
    """One after the other, their words made one list."""
    parts = [part for part in parts if len(part)]
    if not parts:
        return from_samples(())
    if len(parts) == 1:
        return parts[0]
    if all(part.words is parts[0].words for part in parts):
        return _behind(parts, parts[0].words, np.concatenate([part.table for part in parts], axis=1))
    parts = [part.tidy() if len(part.words) > _OWN * (len(part) + _OWN) else part for part in parts]
    words, places = Words({None: 0}), list[int]()
    known: dict[int, int] = {}
    # Parts often share a list, or there are many of a few samples: as little for each as can be.
    for part in parts:
        if id(part.words) not in known:
            known[id(part.words)] = len(places)
            places += map(words.__getitem__, part.words)
    table = np.concatenate([part.table for part in parts], axis=1)
    if places != list(range(len(places))) or len(known) > 1:
        texts = table[: _PHASES + 1]
        texts += np.repeat([known[id(part.words)] for part in parts], list(map(len, parts)))
        np.take(np.array(places, dtype=np.int64), texts, out=texts)
    return _behind(parts, list(words), table)


def _behind(parts: Sequence[Columns], words: Sequence[str | None], table: Ints) -> Columns:
    rtts, steps = (np.concatenate([getattr(part, name) for part in parts]) for name in ("rtts", "steps"))
    return Columns(words, table, rtts, steps)


def in_order(columns: Columns) -> Columns:
    """By ``(at, vantage, boot, seq)``. What one vantage sent comes so already, which is cheaper to see than to sort."""
    ats = columns["at"]
    if (ats[1:] > ats[:-1]).all():
        return columns
    ranks = np.zeros(len(columns.words), dtype=np.int64)
    ranks[sorted(range(len(ranks)), key=lambda place: columns.words[place] or "")] = np.arange(len(ranks))
    return columns.take(np.lexsort((columns["seq"], ranks[columns["boot"]], ranks[columns["vantage"]], ats)))


def _gathered(flat: Ints, counts: Ints, places: NDArray[np.int64]) -> Ints:
    """What belongs to the samples at these places, of values of which each sample has a number of its own."""
    if not len(flat):
        return flat
    if (counts == counts[0]).all():
        same: Ints = flat.reshape(len(counts), -1)[places].reshape(-1)
        return same
    starts, picked = np.cumsum(counts) - counts, counts[places]
    ends = np.cumsum(picked)
    return flat[np.repeat(starts[places] - ends + picked, picked) + np.arange(int(picked.sum()))]
