"""A store carried over to another one, and the proof that both hold the same.

Samples go first, target by target in order of time, through the door by which they always come, so that a move which
was cut short goes on where it stopped; everything else follows in one transaction, links and leaves as they are, so
that the chains go on. What is over is sealed in the old store first, and in the new one without leaves of its own:
then both have the same days sealed. Until the proof is done the new store is marked, and nothing but the same move
opens it.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice

from monitor.store.port import Batch, Store, StoreError
from monitor.store.rowdigest import digests
from monitor.store.whole import MOVING, NAMED, TABLES, Whole
from probes.columns import from_samples
from probes.sample import Sample

PIECE = 10_000
_SEAL_EVERY = 50
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two stores: what it is called, and its two ways of being read."""

    name: str
    store: Store
    whole: Whole


@dataclass(frozen=True, slots=True)
class Content:
    """What a store holds: how many of each thing, and a digest over all of them in order."""

    counts: tuple[tuple[str, int], ...]
    digest: str


def move(source: Side, target: Side, now: int, progress: Progress) -> Content:
    """Carry everything from one store to the other, both open to write; gives what both hold then. The target is to be
    opened anew before anything else is written to it.

    ``progress`` is told of samples as they are written, and again as they are read back on either side: thrice as many
    as there are. Raises StoreError ``move_refused`` where the target is not empty, ``move_differs`` where it does not
    hold the same in the end.
    """
    begun = target.whole.meta(MOVING)
    identity = source.whole.meta("uuid") or ""
    if begun is None and not target.whole.is_empty():
        raise StoreError("move_refused", f"{target.name}: it is not empty; a store is moved into an empty one only")
    if begun not in (None, identity):
        raise StoreError(
            "move_refused", f"{target.name}: another store is being moved into it; name that one, or drop it"
        )
    source.store.seal(now)
    target.whole.begin(identity)
    for name in source.whole.targets():
        _carry(source, target, name, now, progress)
    target.store.seal(now)
    if not any(True for table in (*TABLES, "heartbeats", "leaves") for _ in islice(target.whole.rows(table), 1)):
        target.whole.adopt(source.whole.rows)
    there, here = content(source, progress), content(target, progress)
    if there != here:
        raise StoreError("move_differs", f"{target.name}: {_difference(there, here)}; drop it and move again")
    target.whole.finish()
    return here


def _carry(source: Side, target: Side, name: str, now: int, progress: Progress) -> None:
    """One target's samples, from where they were carried to; those in quarantine too, because leaves cover them."""
    last = target.store.last_before(name, _MOST)
    for number, some in enumerate(_pieces(source.whole.samples(name, _LEAST if last is None else last.at))):
        target.store.append(Batch(samples=some))
        progress(len(some))
        if number % _SEAL_EVERY == _SEAL_EVERY - 1:
            target.store.seal(now)


def content(side: Side, progress: Progress) -> Content:
    """What a store holds, all of it read."""
    whole = blake2b(digest_size=32)
    counts = {"samples": 0}
    for name in side.whole.targets():
        whole.update(f"{json.dumps(name)}\n".encode())
        for some in _pieces(side.store.samples(name, _LEAST, _MOST)):
            whole.update(b"".join(digests(from_samples(some))))
            counts["samples"] += len(some)
            progress(len(some))
    for table in (*TABLES, *NAMED):
        counts[table] = 0
        whole.update(f"{table}\n".encode())
        for row in side.whole.rows(table):
            told = [value.hex() if isinstance(value, bytes) else value for value in row]
            whole.update(f"{json.dumps(told)}\n".encode())
            counts[table] += 1
    return Content(tuple(counts.items()), whole.hexdigest())


def _pieces(samples: Iterator[Sample]) -> Iterator[list[Sample]]:
    while some := list(islice(samples, PIECE)):
        yield some


def _difference(one: Content, other: Content) -> str:
    for (name, count), (_, found) in zip(one.counts, other.counts, strict=True):
        if count != found:
            return f"it has {found} {name.replace('_', ' ')} where {count} were to be moved"
    return "it has as many of everything, and not the same"
