"""Incidents, and what they could have been had the unknown been known.

A *chain* is a stretch without UP: outages, and unknown time next to them. Measured, the outages of a chain are one
incident (unknown time between two outages does not end it, and is not charged). Its bounds are the extremes
of what it would have been with each unknown moment up, or down:

    measured   ▓▓▓░░▓▓▓      one incident, charged 6
    least      ▓▓▓  ▓▓▓      the unknown was up: the longest lasts 3
    greatest   ▓▓▓▓▓▓▓▓      the unknown was down: it lasts 8

An incident belongs whole to the period it begins in. Exclusions shorten what is charged and never split.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from config.spans import Span
from monitor.sla.model import State
from monitor.sla.timeline import PENDING, Piece

Charge = Callable[[Sequence[Span]], int]


@dataclass(frozen=True, slots=True)
class Chain:
    """Neighbouring DOWN and UNKNOWN pieces. ``open``: the facts end before an UP does."""

    pieces: tuple[Piece, ...]
    open: bool

    @property
    def start(self) -> int:
        return self.pieces[0].start

    @property
    def end(self) -> int:
        return self.pieces[-1].end

    @property
    def outages(self) -> list[Span]:
        """The DOWN spans, by time."""
        spans: list[Span] = []
        for piece in self.pieces:
            if piece.state is not State.DOWN:
                continue
            if spans and spans[-1][1] == piece.start:
                spans[-1] = (spans[-1][0], piece.end)
            else:
                spans.append((piece.start, piece.end))
        return spans

    @property
    def cause(self) -> str | None:
        """The first cause that anybody named for an outage of it."""
        return next((p.cause for p in self.pieces if p.state is State.DOWN and p.cause), None)


def chains(pieces: Sequence[Piece]) -> list[Chain]:
    """All stretches without UP, in order. EXCLUDED pieces (unknown time that is not charged) are no unknown: between
    two others they join, at a stretch's edges they are left out."""
    out: list[Chain] = []
    here: list[Piece] = []
    for piece in pieces:
        if piece.state is State.UP:
            out += _chain(here, False)
            here = []
        else:
            here.append(piece)
    return out + _chain(here, True)


def _chain(pieces: list[Piece], runs_out: bool) -> list[Chain]:
    inner = [index for index, piece in enumerate(pieces) if piece.state is not State.EXCLUDED]
    if not inner:
        return []
    return [Chain(tuple(pieces[inner[0] : inner[-1] + 1]), runs_out and inner[-1] == len(pieces) - 1)]


@dataclass(frozen=True, slots=True)
class Bounds:
    """A value with what it is at least and at most; ``upper`` None: no bound can be given yet."""

    value: int
    lower: int
    upper: int | None


def longest(found: Sequence[Chain], start: int, end: int, charge: Charge) -> Bounds:
    """The longest charged duration (ns) of the incidents that begin in ``[start, end)``."""
    value = lower = 0
    upper: int | None = 0
    for chain in found:
        if chain.start >= end or chain.end <= start:
            continue
        outages = chain.outages
        if outages and start <= outages[0][0] < end:
            value = max(value, charge(outages))
        if chain.start >= start:
            lower = max([lower, *(charge([span]) for span in sure_outages(chain) if start <= span[0] < end)])
        begin = earliest_begin(chain, start, end)
        if begin is not None and upper is not None:
            runs_on = chain.open and bool(outages)
            upper = None if runs_on else max(upper, charge([(begin, _last_known(chain, end))]))
    return Bounds(value, lower, upper)


def sure_outages(chain: Chain) -> list[Span]:
    """The outages of a chain had its unknown been up."""
    return [span for down, span in _stretches(chain, chain.start) if down]


def _last_known(chain: Chain, end: int) -> int:
    """Where a chain may end at the latest; unknown time that only runs on past the period is cut there."""
    return chain.end if chain.outages or not chain.open else max(chain.start, min(chain.end, end))


def earliest_begin(chain: Chain, start: int, end: int) -> int | None:
    """The first instant in ``[start, end)`` at which an incident of this chain may have begun: the chain's own start,
    or wherever the time before may have been up."""
    if start <= chain.start < end:
        return chain.start
    if chain.start >= end:
        return None
    for before, piece in zip((None, *chain.pieces), chain.pieces, strict=False):
        if piece.end <= start:
            continue
        if piece.state is State.UNKNOWN:
            return max(piece.start, start) if max(piece.start, start) < end else None
        if piece.start == start and before is not None and before.state is State.UNKNOWN:
            return start
    return None


def count(found: Sequence[Chain], start: int, end: int, over: int, charge: Charge) -> Bounds:
    """How many incidents begin in ``[start, end)`` and are charged more than ``over`` ns.

    One stretch of unknown hides at most one outage; what has not happened yet may hide any number.
    """
    value = lower = upper = 0
    unbounded = False
    for chain in found:
        if chain.start >= end or chain.end <= start:
            continue
        outages = chain.outages
        if outages and start <= outages[0][0] < end and charge(outages) > over:
            value += 1
        if chain.start >= start and any(charge([span]) > over for span in sure_outages(chain) if span[0] < end):
            lower += 1
        upper += _most(chain, start, end, over, charge)
        unbounded = unbounded or any(is_pending(piece) and piece.start < end for piece in chain.pieces)
    return Bounds(value, min(lower, value), None if unbounded else max(upper, value))


def _most(chain: Chain, start: int, end: int, over: int, charge: Charge) -> int:
    """The greatest number of incidents longer than ``over`` that a chain may hide in ``[start, end)``.

    From left to right: a stretch of unknown gives the outage before it just what that needs to qualify, and leaves
    the rest to what follows. At a chain's edge, towards UP, it may hide an outage of its own.
    """
    begin = earliest_begin(chain, start, end)
    if begin is None:
        return 0
    stretches = _stretches(chain, begin)
    found, carried, began = 0, 0, begin
    goes_on = any(piece.state is State.DOWN for piece in chain.pieces if piece.start < begin)
    for index, (down, span) in enumerate(stretches):
        length = charge([span])
        last = index == len(stretches) - 1
        if down or (goes_on and index == 0 and not last):
            carried += length
            found += int(last and began < end and (carried > over or chain.open))
        elif index == 0 or last:
            reached = carried + length > over or (chain.open and carried > 0)
            alone = index > 0 and length - max(0, over - carried) > over and span[0] < end
            found += int(reached and began < end) + int(alone)
            carried, began = (length - over, span[0]) if reached else (length, began)
        elif carried + length > over:
            found += int(began < end)
            carried, began = length - max(0, over - carried), span[0]
        else:
            carried += length
    return found


def _stretches(chain: Chain, begin: int) -> list[tuple[bool, Span]]:
    """A chain from ``begin`` on as alternating (is it down, span)."""
    out: list[tuple[bool, Span]] = []
    for piece in chain.pieces:
        if piece.end <= begin:
            continue
        joins = piece.state is State.EXCLUDED and bool(out) and out[-1][0]
        down, span = piece.state is State.DOWN or joins, (max(piece.start, begin), piece.end)
        if out and out[-1][0] == down:
            out[-1] = (down, (out[-1][1][0], span[1]))
        else:
            out.append((down, span))
    return out


def is_pending(piece: Piece) -> bool:
    """Whether a piece has not happened yet."""
    return piece.state is State.UNKNOWN and piece.cause == PENDING
