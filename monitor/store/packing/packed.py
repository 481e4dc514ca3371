"""Samples as a quick body holds them, without being made columns: for whoever only moves them about.

The strips hold what is left of rows without what others foretell of them (``steady.foretold``), as it is written.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.store.packing.bits import Damaged, Reader, number
from monitor.store.packing.moving import row_of
from monitor.store.packing.steady import answers, several_of
from monitor.store.packing.strips import (
    Flat,
    Narrow,
    Strip,
    flats_joined,
    joined,
    narrowed,
    read_flat,
    read_strips,
    written,
    written_flat,
)
from probes.columns import ROW, ROWS, Columns, Ints, Words

VERSION = 2
PLAIN, TIGHT, QUICK = 0, 1, 2
"""The forms of a body. In a plain one only ``at`` was foretold; it is read still."""
TEXTS = ROW["phases"] + 1
_AT, _SCHEDULED, _TOOK, _SENT, _RECEIVED, _RECEIVED_AT, _PACKETS, _STEPS = (
    ROW[name] for name in ("at", "scheduled_at", "took", "sent", "received", "received_at", "packets", "steps")
)
_WORDS = json.JSONEncoder(separators=(",", ":")).encode
_PLAIN = bytes(set(range(0x20, 0x7F)) - set(b'"\\'))
"""What stands in JSON as it is."""
Places = NDArray[np.intp]
Exchange = Narrow | None
"""The place of each word in another list, where that is not the same as in its own."""


@dataclass(frozen=True, slots=True)
class Packed:
    """``times`` are the round-trip times of all samples, ``spent`` the durations of their phases."""

    words: Sequence[str | None]
    count: int
    strips: list[Strip]
    times: Flat
    spent: Flat

    @property
    def packets(self) -> int:
        """How many round-trip times there are."""
        return self.times.count

    @property
    def steps(self) -> int:
        """How many phases there are."""
        return self.spent.count

    def fill(self, part: Columns, words: Words) -> None:
        """Fill columns that are as long; texts get their places in ``words``."""
        self._fill(part, self.strips_at(exchange(self.words, words)))
        table, packets = part.table, self.strips[_PACKETS]
        each = packets.low if packets.values is None else row_of(table[_PACKETS])
        for place, row in zip((_TOOK, _RECEIVED), answers(each, several_of(part.rtts)), strict=True):
            table[place] += row if isinstance(row, int) else row.values
        for place, before in ((_SENT, _PACKETS), (_AT, _SCHEDULED), (_RECEIVED_AT, _AT)):
            table[place] += table[before]

    def _fill(self, part: Columns, strips: Sequence[Strip]) -> None:
        for strip, out in zip(strips, part.table, strict=True):
            strip.fill(out)
        self.times.fill(part.rtts)
        self.spent.fill(part.steps)

    def plain(self) -> Columns:
        """The samples, where this is what is left of a plain body."""
        times, spent = (np.empty(each, dtype=np.int64) for each in (self.packets, self.steps))
        part = Columns(self.words, np.empty((len(ROWS), self.count), dtype=np.int64), times, spent)
        self._fill(part, self.strips)
        part.table[_AT] += part.table[_SCHEDULED]
        return part

    def strips_at(self, places: Exchange) -> list[Strip]:
        """The strips, with the texts at these places instead of those of ``words``."""
        if places is None:
            return self.strips
        return [*(strip.exchanged(places) for strip in self.strips[:TEXTS]), *self.strips[TEXTS:]]

    def row(self, name: str) -> Ints:
        """A field's values."""
        out = np.empty(self.count, dtype=np.int64)
        self.strips[ROW[name]].fill(out)
        return out + self.row("scheduled_at") if name == "at" else out

    def take(self, places: Places) -> "Packed":
        """The samples at some places."""
        times = self.times.take(self._belonging(_PACKETS, places))
        spent = self.spent.take(self._belonging(_STEPS, places))
        return Packed(self.words, len(places), [strip.take(places) for strip in self.strips], times, spent)

    def arranged(self, places: Places) -> "Packed":
        """The same where these are not needed any more: each strip goes once it is taken, so few are held twice."""
        times = self.times.take(self._belonging(_PACKETS, places))
        spent = self.spent.take(self._belonging(_STEPS, places))
        strips = list[Strip]()
        self.strips.reverse()
        while self.strips:
            strips.append(self.strips.pop().take(places))
        return Packed(self.words, len(places), strips, times, spent)

    def cut(self, first: int, after: int) -> "Packed":
        """The samples from one place to another."""
        packets, steps = self.ends("packets"), self.ends("steps")
        strips = [strip.cut(first, after) for strip in self.strips]
        times = self.times.cut(packets(first), packets(after)) if self.packets else self.times
        spent = self.spent.cut(steps(first), steps(after)) if self.steps else self.spent
        return Packed(self.words, after - first, strips, times, spent)

    def of(self, targets: Sequence[str]) -> "Packed":
        """The samples of some targets."""
        places = [place for target in targets for place in _places(self.words, target)]
        wanted = np.zeros(len(self.words), dtype=np.bool_)
        wanted[places] = True
        found = np.flatnonzero(wanted[self.row("target")])
        return self if len(found) == self.count else self.take(found)._tidy()

    def _tidy(self) -> "Packed":
        """The same with no words but those it uses."""
        texts = [self.row(name) for name in ROWS[:TEXTS]]
        used = np.zeros(len(self.words), dtype=np.bool_)
        for row in texts:
            used[row] = True
        places = (np.cumsum(used) - 1).astype(np.uint32)
        strips = [Strip(0, 0, places[row]) for row in texts]
        words = [self.words[place] for place in np.flatnonzero(used).tolist()]
        return Packed(words, self.count, [*strips, *self.strips[TEXTS:]], self.times, self.spent)

    def _belonging(self, row: int, places: Places) -> Places:
        """Where that lies which belongs to some samples, each of which has as many values as the row says."""
        strip = self.strips[row]
        if strip.values is None:
            return places if strip.low == 1 else (places[:, None] * strip.low + np.arange(strip.low)).reshape(-1)
        each = self.row(ROWS[row])
        starts, picked = np.cumsum(each) - each, each[places]
        ends = np.cumsum(picked)
        return np.repeat(starts[places] - ends + picked, picked) + np.arange(int(picked.sum()))

    def ends(self, row: str) -> Callable[[int], int]:
        """How many values the samples before a place have, of those that the row counts."""
        strip = self.strips[ROW[row]]
        if strip.values is None:
            return lambda place: place * strip.low
        before = np.concatenate(([0], np.cumsum(self.row(row)))).tolist()
        return lambda place: int(before[place])


def _places(words: Sequence[str | None], word: str) -> Iterator[int]:
    """Where a word stands, at which a list is faster than a look at each."""
    at = -1
    with suppress(ValueError):
        while True:
            yield (at := words.index(word, at + 1))


def read_packed(words: Sequence[str | None], own: int, count: int, packets: int, steps: int, data: Reader) -> Packed:
    """What ``body_of`` wrote, of which the head is read, with ``own`` words. Raises Damaged where that cannot be."""
    strips = read_strips(data, len(ROWS), count) if count else [Strip(0)] * len(ROWS)
    body = Packed(words, count, strips, read_flat(data, packets), read_flat(data, steps))
    if any(not 0 <= strip.low <= strip.low + strip.top < own for strip in strips[:TEXTS]):
        raise Damaged("a body has other words than its samples")
    if (strips[_PACKETS].sum(count), strips[_STEPS].sum(count)) != (packets, steps):
        raise Damaged("a body has other round-trip times than its samples")
    return body


def all_of(bodies: Sequence[Packed]) -> Packed:
    """Bodies with at least one sample each, one after the other as one."""
    counts = [body.count for body in bodies]
    words, parts = _in_common(bodies)
    strips = [joined(rows, counts, place >= TEXTS) for place, rows in enumerate(zip(*parts, strict=True))]
    times, spent = flats_joined([body.times for body in bodies]), flats_joined([body.spent for body in bodies])
    return Packed(words, sum(counts), strips, times, spent)


def _in_common(bodies: Sequence[Packed]) -> tuple[Sequence[str | None], list[list[Strip]]]:
    """The words of all bodies, and the strips of each with the places that its words have there."""
    lists = {id(body.words): body.words for body in bodies}
    if len(lists) == 1:  # as of those that were read together
        return bodies[0].words, [body.strips for body in bodies]
    words = Words({None: 0})
    places = {key: exchange(found, words) for key, found in lists.items()}
    return list(words), [body.strips_at(places[id(body.words)]) for body in bodies]


def exchange(words: Sequence[str | None], others: Words) -> Exchange:
    """The place of each word among others, to which the new ones are added."""
    places = list(map(others.__getitem__, words))
    return None if places == list(range(len(places))) else narrowed(np.array(places, dtype=np.uint32))


def _json_of(words: Sequence[str | None]) -> bytes:
    """Words as JSON. Thousands of them, of which none needs an escape, are joined in a fifth of the time."""
    others = words[1:]
    if others and words[0] is None:
        with suppress(TypeError):  # there is another None
            text = '","'.join(others).encode("utf-8", "surrogatepass")  # type: ignore[arg-type]
            if text.translate(None, _PLAIN) == b'""' * (len(others) - 1):
                return b'[null,"%b"]' % text
    return _WORDS(words).encode()


def head_of(words: Sequence[str | None], count: int, packets: int, steps: int) -> bytes:
    """What stands at the beginning of each body."""
    text = _json_of(words)
    return b"".join((number(count), number(packets), number(steps), number(len(text)), text))


def body_of(words: Sequence[str | None], count: int, strips: Sequence[Strip], times: Flat, spent: Flat) -> bytes:
    """A quick body."""
    head = head_of(words, count, times.count, spent.count)
    parts = (written(strips), written_flat(times), written_flat(spent)) if count else ()
    return b"".join((bytes((VERSION, QUICK)), number(len(head)), head, *parts))
