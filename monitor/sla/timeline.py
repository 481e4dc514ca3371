"""The timeline of a service: its targets' runs composed, what was judged elsewhere laid over, silence named.

    targets' runs ── any | all | n of ──▶ state facts override ──▶ assumptions fill silence ──▶ pieces

Pieces tile ``[start, end)`` without gap or overlap. Exclusions are not in here: they cut when a period is judged.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from operator import itemgetter

from config.spans import Span, subtract, union
from monitor.sla.facts import DAMAGED, AssumeFact, StateFact
from monitor.sla.fold import Run
from monitor.sla.model import State
from monitor.sla.words import FOREVER

NOT_MEASURED = "not_measured"
PENDING = "pending"
_ORDER = itemgetter(0, 1)
SILENCE = frozenset({NOT_MEASURED, "gap", "monitor_down", "suspend"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A span of one state. ``cause`` is why it is unknown, or what a state fact says of it."""

    start: int
    end: int
    state: State
    cause: str | None


def compose(targets: Sequence[Sequence[Run]], down_when: int, start: int, end: int) -> list[Piece]:
    """DOWN while at least ``down_when`` targets are; UP while more than the others are up; else UNKNOWN."""
    if not targets:
        return [Piece(start, end, State.UNKNOWN, NOT_MEASURED)] if start < end else []
    risen = _risen(targets, start, end)
    if risen is not None:
        since = risen[len(risen) - down_when]
        before, after = Piece(start, since, State.UNKNOWN, NOT_MEASURED), Piece(since, end, State.UP, None)
        return [piece for piece in (before, after) if piece.start < piece.end]
    return together([_tile(runs, start, end) for runs in targets], down_when)


def _risen(targets: Sequence[Sequence[Run]], start: int, end: int) -> list[int] | None:
    """Since when each target was up, in order of time, where none was ever anything else and each is up at the end."""
    found: list[int] = []
    for runs in targets:
        if len(runs) != 1:
            return None
        run = runs[0]
        if run.state is not State.UP or run.end < end or run.start >= end:
            return None
        found.append(max(run.start, start))
    return sorted(found)


def together(tracks: Sequence[Sequence[Piece]], down_when: int) -> list[Piece]:
    """Several tracks over the same time as one, as ``compose`` says."""
    if len(tracks) == 1:
        return join(tracks[0])
    edges = [(piece.start, index, piece) for index, track in enumerate(tracks) for piece in track]
    edges.sort(key=_ORDER)
    end = max(piece.end for track in tracks for piece in track)
    here = _Together(len(tracks), down_when)
    pieces: list[Piece] = []
    since, said = edges[0][0], None
    for number, (left, index, piece) in enumerate(edges, 1):
        here.turn(index, piece)
        right = edges[number][0] if number < len(edges) else end
        if left < right and (word := here.word()) != said:
            if said is not None:
                pieces.append(Piece(since, left, *said))
            since, said = left, word
    return pieces if said is None else [*pieces, Piece(since, end, *said)]


def reaching(pieces: Sequence[Piece], start: int, end: int) -> list[Piece]:
    """Pieces that cover ``[start, end)`` at least; beyond what they covered nothing was measured."""
    first, last = pieces[0].start, pieces[-1].end
    if first <= start and end <= last:
        return list(pieces)
    before, after = Piece(start, first, State.UNKNOWN, NOT_MEASURED), Piece(last, end, State.UNKNOWN, NOT_MEASURED)
    return join([before, *pieces, after])


def clipped(pieces: Iterable[Piece], start: int, end: int) -> list[Piece]:
    """The part of some pieces within ``[start, end)``."""
    return join(
        p if start <= p.start and p.end <= end else replace(p, start=max(p.start, start), end=min(p.end, end))
        for p in pieces
    )


class _Together:
    """What several targets are together. It is told of changes only, so that a thousand targets that stay as they are
    cost nothing at every edge of one of them."""

    def __init__(self, size: int, down_when: int) -> None:
        self._size, self._down_when = size, down_when
        self._now: list[Piece | None] = [None] * size
        self._ups = self._downs = 0
        self._unknown: list[int] = []

    def turn(self, index: int, piece: Piece) -> None:
        """From here on a target is as the piece says."""
        before, state = self._now[index], piece.state
        if before is not None:
            self._ups -= before.state is State.UP
            self._downs -= before.state is State.DOWN
        self._now[index] = piece
        self._ups += state is State.UP
        self._downs += state is State.DOWN
        if state is State.UNKNOWN:
            heappush(self._unknown, index)

    def word(self) -> tuple[State, str | None]:
        """State and cause; that of unknown time is the first unknown target's."""
        if self._downs >= self._down_when:
            return State.DOWN, None
        if self._ups > self._size - self._down_when:
            return State.UP, None
        while True:
            piece = self._now[self._unknown[0]]
            if piece is not None and piece.state is State.UNKNOWN:
                return State.UNKNOWN, piece.cause
            heappop(self._unknown)


def _tile(runs: Sequence[Run], start: int, end: int) -> list[Piece]:
    """Runs as pieces that fill ``[start, end)``; what nobody ever spoke for is not measured."""
    pieces: list[Piece] = []
    at = start
    for run in runs:
        left, right = max(run.start, start), min(run.end, end)
        if left >= right:
            continue
        if at < left:
            pieces.append(Piece(at, left, State.UNKNOWN, NOT_MEASURED))
        pieces.append(Piece(left, right, run.state, run.reason if run.state is State.UNKNOWN else None))
        at = right
    if at < end:
        pieces.append(Piece(at, end, State.UNKNOWN, NOT_MEASURED))
    return pieces


def join(pieces: Iterable[Piece]) -> list[Piece]:
    """Neighbours of the same state and cause as one; what has no length vanishes."""
    out: list[Piece] = []
    for piece in pieces:
        if piece.start >= piece.end:
            continue
        if out and (out[-1].state, out[-1].cause, out[-1].end) == (piece.state, piece.cause, piece.start):
            out[-1] = replace(out[-1], end=piece.end)
        else:
            out.append(piece)
    return out


def overlay(pieces: Sequence[Piece], over: Sequence[Piece]) -> list[Piece]:
    """``over`` (sorted, disjoint) laid over the pieces, within the time that these fill."""
    out: list[Piece] = []
    j = 0
    for piece in pieces:
        at = piece.start
        while j < len(over) and over[j].end <= at:
            j += 1
        k = j
        while k < len(over) and over[k].start < piece.end:
            if at < over[k].start:
                out.append(replace(piece, start=at, end=over[k].start))
            right = min(over[k].end, piece.end)
            out.append(replace(over[k], start=max(at, over[k].start), end=right))
            at = right
            k += 1
        if at < piece.end:
            out.append(replace(piece, start=at))
    return join(out)


def judged_elsewhere(facts: Iterable[StateFact]) -> list[Piece]:
    """State facts as disjoint pieces: where two that agree overlap, the earlier one's cause stands. Where something is
    damaged nothing else stands."""
    facts, pieces = list(facts), list[Piece]()
    for fact in sorted(facts, key=lambda f: (f.start, f.end, f.cause or "")):
        start = max(fact.start, pieces[-1].end) if pieces else fact.start
        if start < fact.end and fact.cause != DAMAGED:
            pieces.append(Piece(start, fact.end, State(fact.state), fact.cause))
    lost = union((fact.start, fact.end) for fact in facts if fact.cause == DAMAGED)
    if lost:
        pieces = [replace(p, start=a, end=b) for p in pieces for a, b in subtract([(p.start, p.end)], lost)]
        pieces = sorted([*pieces, *(Piece(a, b, State.UNKNOWN, DAMAGED) for a, b in lost)], key=lambda p: p.start)
    return pieces


def fill(pieces: Sequence[Piece], assumption: AssumeFact | None, silent: Sequence[Span]) -> list[Piece]:
    """What neither a state nor a sample speaks for, as the assumption says. ``silent``: where no target speaks."""
    if assumption is None:
        return list(pieces)
    assumed = [Piece(start, end, State(assumption.state), None) for start, end in silent]
    out: list[Piece] = []
    for piece in pieces:
        out += overlay([piece], assumed) if piece.state is State.UNKNOWN and piece.cause in SILENCE else [piece]
    return join(out)


def silence(targets: Sequence[Sequence[Run]], start: int, end: int) -> list[Span]:
    """Where no sample of any target speaks."""
    spoken = union((r.start, r.end) for runs in targets for r in runs if r.reason not in SILENCE)
    return subtract([(start, end)], spoken)


def at_least(sets: Sequence[Sequence[Span]], count: int) -> list[Span]:
    """Where at least ``count`` of several sets of spans hold."""
    if count == 1:
        return union(span for spans in sets for span in spans)
    edges = sorted([(start, 1) for s in sets for start, _ in s] + [(end, -1) for s in sets for _, end in s])
    out: list[Span] = []
    depth, since = 0, 0
    for at, step in edges:
        depth += step
        if step == 1 and depth == count:
            since = at
        elif step == -1 and depth == count - 1:
            out.append((since, at))
    return union(out)


def certain(runs: Sequence[Run]) -> list[Span]:
    """What is sure of a target's outages: from the first failing word to the last."""
    return union((run.first, run.last) for run in runs if run.state is State.DOWN)


def possible(runs: Sequence[Run]) -> list[Span]:
    """How long a target's outages may have been: from the last good word before to the first good one after."""
    spans: list[Span] = []
    before, down_since = None, None
    for run in runs:
        if run.state is State.UP:
            if down_since is not None:
                spans.append((down_since, run.first))
            before, down_since = run.last, None
        elif run.state is State.DOWN and down_since is None:
            down_since = run.first if before is None else before
    if down_since is not None:
        spans.append((down_since, FOREVER))
    return union(spans)
