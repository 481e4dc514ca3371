"""Outages that need several failing samples in a row, of one target seen from one vantage.

A sample that failed while the control service failed too says nothing about this one. A sample that says nothing
neither begins nor ends a row.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence

from config.spans import Span, union
from monitor.sla.model import State
from monitor.sla.occurrence import World
from monitor.sla.timeline import Piece
from monitor.sla.words import FOREVER
from probes.sample import Sample

Heard = Iterable[tuple[Sample, State, str]]


def rows(heard: Heard, least: int, control: Sequence[Piece] | None, world: World) -> list[Span]:
    """Where at least ``least`` samples of one target and vantage failed in a row: from the first of them to the next
    that did not. Unknown samples are as the world says."""
    tracks: dict[tuple[str, str], list[tuple[int, State]]] = defaultdict(list)
    for sample, state, _ in heard:
        tracks[sample.target, sample.vantage].append((sample.at, _said(sample.at, state, control, world)))
    return union(span for track in tracks.values() for span in _rows(track, least))


def _said(at: int, state: State, control: Sequence[Piece] | None, world: World) -> State:
    if state is State.DOWN and control is not None:
        other = state_at(control, at)
        state = {State.UP: State.DOWN, State.DOWN: State.UP}.get(other, State.UNKNOWN)
    if state is State.UNKNOWN and world != "measured":
        return State.UP if world == "least" else State.DOWN
    return state


def _rows(track: Sequence[tuple[int, State]], least: int) -> Iterable[Span]:
    begun, failed = 0, 0
    for at, state in sorted(track):
        if state is State.DOWN:
            begun = begun if failed else at
            failed += 1
        elif state is State.UP:
            if failed >= least:
                yield begun, at
            failed = 0
    if failed >= least:
        yield begun, FOREVER


def state_at(pieces: Sequence[Piece], at: int) -> State:
    """What a service was at an instant; unknown where nothing says."""
    index = bisect_right(pieces, at, key=lambda piece: piece.start) - 1
    return pieces[index].state if index >= 0 and at < pieces[index].end else State.UNKNOWN
