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
Track = list[tuple[int, State]]


def tracks(heard: Heard, control: Sequence[Piece] | None) -> list[Track]:
    """The samples of each target and vantage, by time; of good ones in a row only the first."""
    found: dict[tuple[str, str], Track] = defaultdict(list)
    for sample, state, _ in heard:
        found[sample.target, sample.vantage].append((sample.at, _said(sample.at, state, control)))
    return [_told(sorted(track)) for track in found.values()]


def _said(at: int, state: State, control: Sequence[Piece] | None) -> State:
    if state is not State.DOWN or control is None:
        return state
    return {State.UP: State.DOWN, State.DOWN: State.UP}.get(state_at(control, at), State.UNKNOWN)


def _told(track: Track) -> Track:
    before = [State.DOWN, *(state for _, state in track)]
    return [one for one, last in zip(track, before, strict=False) if one[1] is not State.UP or last is not State.UP]


def rows(tracks: Iterable[Track], least: int, world: World) -> list[Span]:
    """Where at least ``least`` samples of one target and vantage failed in a row: from the first of them to the next
    that did not. Unknown samples are as the world says."""
    other = {"measured": State.UNKNOWN, "least": State.UP, "greatest": State.DOWN}[world]
    return union(span for track in tracks for span in _rows(track, least, other))


def _rows(track: Track, least: int, unknown: State) -> Iterable[Span]:
    begun, failed = 0, 0
    for at, state in track:
        said = unknown if state is State.UNKNOWN else state
        if said is State.DOWN:
            begun = begun if failed else at
            failed += 1
        elif said is State.UP:
            if failed >= least:
                yield begun, at
            failed = 0
    if failed >= least:
        yield begun, FOREVER


def state_at(pieces: Sequence[Piece], at: int) -> State:
    """What a service was at an instant; unknown where nothing says."""
    index = bisect_right(pieces, at, key=lambda piece: piece.start) - 1
    return pieces[index].state if index >= 0 and at < pieces[index].end else State.UNKNOWN
