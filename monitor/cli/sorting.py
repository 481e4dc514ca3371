"""Samples put in order on a shelf, whatever order they came in, a few thousand in memory at a time.

They are sorted some at a time; what comes out goes on from what was there before, as in a file that was exported, or
begins a run of its own, and runs are merged a few at a time until one is left.
"""

from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import chain, groupby, islice

from monitor.cli.shelf import Piece, Shelf
from probes.sample import Sample

SOME = 20_000
"""How many are sorted at a time."""
WAYS = 8
"""How many runs are merged at a time; a piece of each is open meanwhile."""
Run = list[Piece]


def by_target(shelf: Shelf, samples: Iterable[Iterable[Sample]]) -> dict[str, Run]:
    """Samples, each once, as pieces of one target each, by ``(at, identity)``."""
    runs = list(_runs(shelf, chain.from_iterable(samples)))
    while len(runs) > 1:
        runs = [_merged(shelf, runs[first : first + WAYS]) for first in range(0, len(runs), WAYS)]
    found: dict[str, Run] = {}
    for piece in chain.from_iterable(runs):
        for target, part in _parts(shelf, piece):
            found.setdefault(target, []).append(part)
    return found


def _runs(shelf: Shelf, samples: Iterator[Sample]) -> Iterator[Run]:
    run: Run = []
    while some := sorted(islice(samples, SOME), key=_order):
        if run and _order(some[0]) < _order(run[-1].last):
            yield run
            run = []
        run += shelf.lay_all(some)
    if run:
        yield run


def _merged(shelf: Shelf, runs: list[Run]) -> Run:
    if len(runs) == 1:
        return runs[0]
    return list(shelf.lay_all(merge(*(_samples(shelf, run) for run in runs), key=_order)))


def _samples(shelf: Shelf, run: Run) -> Iterator[Sample]:
    for piece in run:
        yield from shelf.get(piece.place)


def _parts(shelf: Shelf, piece: Piece) -> Iterator[tuple[str, Piece]]:
    """A piece by target. Samples lie by target first, so one whose ends are of one target is all of it."""
    if piece.first.target == piece.last.target:
        yield piece.first.target, piece
        return
    for target, samples in groupby(shelf.get(piece.place), key=lambda sample: sample.target):
        yield target, shelf.lay(list(samples))


def _order(sample: Sample) -> tuple[str, int, tuple[str, str, int]]:
    return (sample.target, sample.at, sample.identity)
