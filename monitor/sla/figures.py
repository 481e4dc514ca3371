"""The buckets of a period, and the view of it that every measure is taken from."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from config.spans import Span, clip, intersect, subtract, total, union
from monitor.sla.chains import Chain, chains, is_pending
from monitor.sla.exclusions import Excluded, charged
from monitor.sla.model import ServiceFigures, State, Sufficiency
from monitor.sla.timeline import Piece, join, overlay


@dataclass(frozen=True)
class View:
    """One service in one period: its pieces (which may reach past the period's edges, so that incidents are whole),
    what is excluded and the buckets (ns); ``forgiven`` are the outages that something made none at all."""

    start: int
    end: int
    pieces: tuple[Piece, ...]
    excluded: Excluded
    up: int
    down: int
    unknown: int
    out: int
    pending: int
    forgiven: tuple[Span, ...] = ()

    @cached_property
    def chains(self) -> tuple[Chain, ...]:
        """All stretches without UP, in order; made when somebody asks, since many look at parts of a period."""
        return tuple(chains(marked(self.pieces, self.excluded)))

    def charge(self, spans: Sequence[Span]) -> int:
        """The part of some spans that is charged (ns)."""
        return charged(subtract(spans, self.forgiven) if self.forgiven else spans, self.excluded)

    @property
    def base(self) -> int:
        """The period less what left the base (ns)."""
        return self.end - self.start - self.out

    @property
    def coverage(self) -> Fraction | None:
        """The share of the base so far that was observed, None where nothing is left of it."""
        base = self.base - self.pending
        return Fraction(self.up + self.down, base) if base else None

    def figures(self, service: str) -> ServiceFigures:
        """The buckets, for a statement."""
        return ServiceFigures(service, self.up, self.down, self.unknown, self.out, self.coverage, self.pending)


def look(pieces: Sequence[Piece], excluded: Excluded, start: int, end: int) -> View:
    """Judge the buckets of ``[start, end)``. They sum to its length: asserted here, at every close."""
    near = pieces[bisect_right(pieces, start, key=_end) : bisect_left(pieces, end, key=_start)]
    if len(near) == 1 and near[0].state is State.UP and not (excluded.all or excluded.voided):
        if not near[0].start <= start < end <= near[0].end:
            raise AssertionError(f"[{start}, {end}) is not covered by what is known of it")
        return View(start, end, tuple(pieces), excluded, end - start, 0, 0, 0, 0)  # as most parts of most periods are
    spans = {state: _spans(near, state, start, end) for state in (State.UP, State.DOWN, State.UNKNOWN)}
    forgiven = _forgiven(chains(marked(pieces, excluded)), excluded) if excluded.voided else []
    out = clip(union(excluded.out_of_base), start, end)
    lifted = subtract(clip(union([*excluded.not_down, *excluded.paused, *forgiven]), start, end), out)
    cut = union([*out, *lifted])
    down = total(subtract(spans[State.DOWN], cut))
    unknown = total(subtract(spans[State.UNKNOWN], cut))
    up = total(subtract(spans[State.UP], cut)) + total(lifted)
    if up + down + unknown + total(out) != end - start:
        raise AssertionError(f"the buckets of [{start}, {end}) do not sum to it")
    pending = union((p.start, p.end) for p in near if is_pending(p))
    return View(
        start=start,
        end=end,
        pieces=tuple(pieces),
        excluded=excluded,
        up=up,
        down=down,
        unknown=unknown,
        out=total(out),
        pending=total(intersect(subtract(spans[State.UNKNOWN], cut), pending)),
        forgiven=tuple(forgiven),
    )


def _forgiven(found: Sequence[Chain], excluded: Excluded) -> list[Span]:
    """The outages that are touched by what makes them none at all, with the unknown time within them."""
    return union(
        (chain.start, chain.end)
        for chain in found
        if any(start < b and a < end for a, b in chain.outages for start, end in excluded.voided)
    )


def marked(pieces: Sequence[Piece], excluded: Excluded) -> list[Piece]:
    """The pieces with the unknown that is excluded told apart."""
    out = [Piece(start, end, State.EXCLUDED, None) for start, end in excluded.all]
    marked: list[Piece] = []
    for piece in pieces:
        marked += overlay([piece], out) if piece.state is State.UNKNOWN and not is_pending(piece) else [piece]
    return marked


def _start(piece: Piece) -> int:
    return piece.start


def _end(piece: Piece) -> int:
    return piece.end


def _spans(pieces: Sequence[Piece], state: State, start: int, end: int) -> list[Span]:
    return clip(union((p.start, p.end) for p in pieces if p.state is state), start, end)


def under_policy(view: View, policy: str) -> View:
    """The view as a contract sees it that says what unknown time counts as; what is yet to come stays unknown."""
    if policy == "indeterminate":
        return view
    if policy == "exclude":
        unknown = [p for p in view.pieces if p.state is State.UNKNOWN and not is_pending(p)]
        left = subtract(union((p.start, p.end) for p in unknown), view.excluded.all)
        spans = union([*view.excluded.out_of_base, *left])
        excluded = replace(view.excluded, out_of_base=tuple(spans))
        return look(view.pieces, excluded, view.start, view.end)
    first = view.pieces[0]
    pieces = list(view.pieces)
    if first.state is State.UNKNOWN and first.start < view.start:  # silence before all that is known settles nothing
        pieces[0] = replace(first, start=min(first.end, view.start))
    state = State(policy)
    settled = join(p if p.state is not State.UNKNOWN or is_pending(p) else replace(p, state=state) for p in pieces)
    return look(settled, view.excluded, view.start, view.end)


def sufficiency(unknown: int, budget: Fraction) -> Sufficiency:
    """Coverage against the error budget (ns), not against a magic percentage."""
    if unknown * 10 <= budget:
        return Sufficiency.HIGH
    return Sufficiency.USABLE if unknown <= budget else Sufficiency.INSUFFICIENT
