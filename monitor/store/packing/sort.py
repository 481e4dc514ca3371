"""Batches as they came, put in order by part, UTC day and target, all of a step at once and as they are packed.

Batches of an hour hold thousands of targets, a few samples of each: whatever is done once for each part or each target
costs more than what is done for all samples. So least, greatest and equal values are looked for in all parts in one
pass, and each part's row is then cut out of the strips.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.store.packing.bits import KINDS, TOPS
from monitor.store.packing.packed import TEXTS, Packed, all_of, body_of
from monitor.store.packing.strips import NOTHING, Flat, Strip
from probes.columns import NONE, ROW, Ints, Words

DAY = 86_400_000_000_000
_TARGET, _VANTAGE, _BOOT, _SEQ, _AT, _SCHEDULED = (
    ROW[name] for name in ("target", "vantage", "boot", "seq", "at", "scheduled_at")
)
_COUNTED = 1 << 16
"""Numbers below this are sorted by counting."""
Keys = NDArray[np.integer]
Numbers = Callable[[Sequence[str]], Sequence[int]]
Extent = tuple[str, str, int, int]
"""(vantage, boot, the least and the greatest sequence number)."""


@dataclass(frozen=True, slots=True)
class Sorted:
    """The samples of a part and UTC day, target by target in the order of their numbers, so that rows of a part have
    the same words; those of each in the order they came."""

    part: int
    first_at: int
    last_at: int
    count: int
    body: bytes
    sources: Sequence[Extent]


def in_parts(bodies: list[Packed], numbers: Numbers, size: int) -> Iterator[Sorted]:
    """Bodies with at least one sample each, sorted, and let go of. ``numbers`` gives the number of each target, of
    which ``size`` in a row are a part."""
    if not bodies:
        return
    whole = all_of(bodies)
    bodies.clear()
    targets, part_of = _ranked(whole, numbers, size)
    days = _days(whole)
    keys = targets if days is None else targets + days * len(part_of)
    order = np.argsort(keys.astype(np.uint16, copy=False) if int(keys.max()) < _COUNTED else keys, kind="stable")
    keys = keys.take(order)
    runs = _starts(keys)
    first = keys[runs].astype(np.int64)
    groups = _starts(first // len(part_of) * (1 + max(part_of)) + np.array(part_of)[first % len(part_of)])
    whole = whole.arranged(order)
    del targets, order, keys
    yield from _Cut(whole, runs, groups).all(part_of[key % len(part_of)] for key in first[groups].tolist())


def _ranked(whole: Packed, numbers: Numbers, size: int) -> tuple[Keys, list[int]]:
    """For each sample the place of its target among those there are, by number; and the part of each place."""
    low, _, targets = whole.strips[_TARGET]
    there = [0] if targets is None else np.flatnonzero(np.bincount(targets)).tolist()
    found = sorted(zip(numbers([whole.words[low + place] or "" for place in there]), there, strict=True))
    ranks: Keys = np.zeros(there[-1] + 1, dtype=np.uint16 if len(found) < _COUNTED else np.int64)
    ranks[[place for _, place in found]] = np.arange(len(found))
    ranked = ranks[np.zeros(whole.count, dtype=np.uint8) if targets is None else targets]
    return ranked, [number // size for number, _ in found]


def _days(whole: Packed) -> Ints | None:
    """How many days after the first each sample is; None where all are of one, as nearly always."""
    at, scheduled = whole.strips[_AT], whole.strips[_SCHEDULED]
    low = at.low + scheduled.low
    high = low + at.top + scheduled.top
    if low // DAY == high // DAY and low >= NONE and high < -NONE:
        return None
    days = whole.row("at") // DAY
    after: Ints = days - days.min()
    return after


def _starts(keys: Keys) -> NDArray[np.intp]:
    """Where a value stands that is not the one before it."""
    return np.concatenate((np.zeros(1, dtype=np.intp), np.flatnonzero(keys[1:] != keys[:-1]) + 1))


def in_shares(bodies: list[Packed], most: int) -> Iterator[list[Packed]]:
    """The samples of a part's bodies, those of as many targets at a time as come to ``most`` samples, one at least. The
    bodies have one list of words in common."""
    if sum(body.count for body in bodies) <= most:
        yield from [bodies] if bodies else []
        return
    shares, number = _shared(bodies, most)
    cuts = list[list[int]]()
    for place, body in enumerate(bodies):
        ours = shares[body.row("target")]
        if (ours[1:] < ours[:-1]).any():  # as where targets were sorted by what came first
            order = np.argsort(ours, kind="stable")
            bodies[place], ours = body.take(order), ours[order]
        cuts.append(np.searchsorted(ours, np.arange(number + 1)).tolist())
    for share in range(number):
        bounds = [cut[share : share + 2] for cut in cuts]
        yield [body.cut(*bound) for body, bound in zip(bodies, bounds, strict=True) if bound[0] < bound[1]]


def _shared(bodies: Sequence[Packed], most: int) -> tuple[Ints, int]:
    """The share of each word that is a target's, and how many shares there are."""
    words = len(bodies[0].words)
    counts = sum((np.bincount(body.row("target"), minlength=words) for body in bodies), np.zeros(words, dtype=np.int64))
    shares, share, room = np.zeros(words, dtype=np.int64), 0, most
    for place in np.flatnonzero(counts).tolist():
        count = int(counts[place])
        if room < count and room < most:
            share, room = share + 1, most
        shares[place], room = share, room - count
    return shares, share + 1


class _Cut:
    """Sorted samples, to be cut: ``runs`` is where each target of a day begins, ``groups`` which of the runs begin a
    part."""

    def __init__(self, whole: Packed, runs: NDArray[np.intp], groups: NDArray[np.intp]) -> None:
        self._whole = whole
        self._runs = [*groups.tolist(), len(runs)]
        self._lengths = np.diff(runs, append=whole.count)
        starts = runs[groups]
        self._bounds = [*starts.tolist(), whole.count]
        self._extremes = [_extremes(strip, starts) for strip in whole.strips]
        self._calm = [_calm(strip, runs) for strip in whole.strips[:TEXTS]]
        self._packets, self._steps = whole.ends("packets"), whole.ends("steps")

    def all(self, parts: Iterable[int]) -> Iterator[Sorted]:
        """Each part by itself."""
        for group, part in enumerate(parts):
            first, after = self._bounds[group : group + 2]
            words = Words({None: 0})
            strips = [self._text(row, group, words) for row in range(TEXTS)]
            strips += [self._number(row, group) for row in range(TEXTS, len(self._whole.strips))]
            times = self._flat(self._whole.times, self._packets, first, after)
            spent = self._flat(self._whole.spent, self._steps, first, after)
            names, count = list(words), after - first
            at = Packed(names, count, strips, times, spent).row("at")
            span = int(at.min()), int(at.max())
            body = body_of(names, count, strips, times, spent)
            yield Sorted(part, *span, count, body, self._sources(names, strips, group))

    def _number(self, row: int, group: int) -> Strip:
        strip = self._whole.strips[row]
        low, high = self._extremes[row][group]
        if low == high:
            return Strip(strip.low + low * 1000**strip.times)
        return strip.cut(*self._bounds[group : group + 2])

    def _text(self, row: int, group: int, words: Words) -> Strip:
        strip, known = self._whole.strips[row], self._whole.words
        low, high = self._extremes[row][group]
        if strip.values is None or low == high:
            return Strip(words[known[strip.low + low]])
        calm = self._calm[row]
        if calm is not None:
            values, lengths = (each[self._runs[group] : self._runs[group + 1]] for each in (calm, self._lengths))
            return _natural(np.repeat([words[known[strip.low + value]] for value in values.tolist()], lengths))
        ours = strip.values[self._bounds[group] : self._bounds[group + 1]]
        places = np.zeros(high + 1, dtype=np.int64)
        for value in np.flatnonzero(np.bincount(ours)).tolist():
            places[value] = words[known[strip.low + value]]
        return _natural(places[ours])

    def _flat(self, flat: Flat, ends: Callable[[int], int], first: int, after: int) -> Flat:
        return flat.cut(ends(first), ends(after)) if flat.count else flat

    def _sources(self, words: Sequence[str | None], strips: list[Strip], group: int) -> list[Extent]:
        """The extents of the sequence numbers of each that sent."""
        if strips[_VANTAGE].values is None and strips[_BOOT].values is None:
            strip, extremes = self._whole.strips[_SEQ], self._extremes[_SEQ][group]
            low, high = (strip.low + extreme * 1000**strip.times for extreme in extremes)
            return [(words[strips[_VANTAGE].low] or "", words[strips[_BOOT].low] or "", low, high)]
        count = self._bounds[group + 1] - self._bounds[group]
        return list(_of_several(Packed(words, count, strips, NOTHING, NOTHING)))


def _extremes(strip: Strip, starts: NDArray[np.intp]) -> Sequence[tuple[int, int]]:
    """The least and the greatest value of a strip from each start to the next."""
    if strip.values is None:
        return [(0, 0)] * len(starts)
    low, high = (reduce.reduceat(strip.values, starts).tolist() for reduce in (np.minimum, np.maximum))
    return list(zip(low, high, strict=True))


def _calm(strip: Strip, runs: NDArray[np.intp]) -> Ints | None:
    """The value of each run, where all of each have one."""
    if strip.values is None:
        return None
    low = np.minimum.reduceat(strip.values, runs)
    return low.astype(np.int64) if (low == np.maximum.reduceat(strip.values, runs)).all() else None


def _natural(places: Ints) -> Strip:
    """A strip of places of words, of which there are two at least."""
    low = int(places.min())
    return Strip(low, 0, (places - low).astype(KINDS[bisect_left(TOPS, int(places.max()) - low)]))


def _of_several(body: Packed) -> Iterator[Extent]:
    """The same where they are of several."""
    words, seqs = body.words, body.row("seq")
    senders = body.row("vantage") * len(words) + body.row("boot")
    for sender in sorted(set(senders.tolist())):
        vantage, boot = (words[name] or "" for name in divmod(sender, len(words)))
        ours = seqs[senders == sender]
        yield vantage, boot, int(ours.min()), int(ours.max())
