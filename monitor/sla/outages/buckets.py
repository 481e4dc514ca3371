"""States judged bucket by bucket: a bucket is bad, good or unknown as a whole.

Buckets are laid from the period's start, in both directions. Of probed time a bucket's error ratio is the share of
its known time that was down; of counted things it is failed over total. What nobody measured stays unknown; a bucket
of too few samples or requests is *empty*, and the contract says what that counts as.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from config.contract.rules import Bucket
from monitor.sla.facts import CountsFact
from monitor.sla.model import State
from monitor.sla.timeline import NOT_MEASURED, PENDING, Piece, join

Judge = Callable[[int, int], State | None]


def of_pieces(pieces: Sequence[Piece], rule: Bucket, anchor: int, samples: Sequence[int] | None) -> list[Piece]:
    """The pieces judged in buckets from ``anchor`` on. ``samples``: the instants of the samples that were heard, where
    a bucket needs a number of them."""
    out: list[Piece] = []
    last = State.UP
    for start, end, inside in _cut(pieces, rule.length, anchor, samples is None):
        if start + rule.length < end:  # many buckets of one state
            state, cause = inside[0].state, inside[0].cause
        else:
            state, cause = _of_one(inside, rule), next((p.cause for p in inside if p.state is State.UNKNOWN), None)
        if samples is not None and bisect_left(samples, end) - bisect_left(samples, start) < rule.minimum:
            state = empty(rule, last) if cause != PENDING else state
        out.append(Piece(start, end, state, cause if state is State.UNKNOWN else None))
        last = state
    return join(_within(out, pieces))


def _cut(pieces: Sequence[Piece], length: int, anchor: int, runs: bool) -> Iterator[tuple[int, int, list[Piece]]]:
    """Buckets with the pieces that touch them; ``runs``: those that lie in one piece come as one stretch."""
    index = 0
    at = pieces[0].start - (pieces[0].start - anchor) % length
    until = pieces[-1].end
    while at < until:
        while pieces[index].end <= at:
            index += 1
        piece = pieces[index]
        whole = (piece.end - at) // length if runs and piece.start <= at else 0
        if whole > 1:
            yield at, at + whole * length, [piece]
            at += whole * length
            continue
        inside = []
        for other in pieces[index:]:
            if other.start >= at + length:
                break
            inside.append(Piece(max(other.start, at), min(other.end, at + length), other.state, other.cause))
        yield at, at + length, inside
        at += length


def _of_one(inside: Sequence[Piece], rule: Bucket) -> State:
    """One bucket by the shares of time in it."""
    length = dict.fromkeys(State, 0)
    for piece in inside:
        length[piece.state] += piece.end - piece.start
    down, known = length[State.DOWN], length[State.DOWN] + length[State.UP]
    if known == 0:
        return State.UNKNOWN
    return State.DOWN if _bad(rule, Fraction(down), Fraction(known)) else State.UP


def _bad(rule: Bucket, failed: Fraction, total: Fraction) -> bool:
    match rule.when:
        case "all_fail":
            return failed > 0 and failed == total
        case "any_fail":
            return failed > 0
    ratio = failed / total
    return ratio > rule.ratio if rule.strict else ratio >= rule.ratio


def empty(rule: Bucket, last: State) -> State:
    """What a bucket is that has too little in it; ``last`` is the bucket before."""
    match rule.empty:
        case "good":
            return State.UP
        case "bad":
            return State.DOWN
        case "carry":
            return last
    return State.UNKNOWN


def of_counts(
    facts: Sequence[CountsFact], rule: Bucket, anchor: int, start: int, end: int, now: int | None
) -> list[Piece]:
    """``[start, end)`` judged by what was counted in each bucket. Counts of a longer span are spread over it evenly.
    Where nothing was counted at all, nothing is known; from ``now`` on it has not happened yet."""
    if not facts:
        return [Piece(start, end, State.UNKNOWN, NOT_MEASURED)]
    out: list[Piece] = []
    last = State.UP
    found = _summed(facts, rule.length, anchor)
    at = start - (start - anchor) % rule.length
    known = sorted(found)
    while at < end:
        if now is not None and at >= now:
            out.append(Piece(max(at, start), end, State.UNKNOWN, PENDING))
            break
        failed, total = found.get(at, (Fraction(0), Fraction(0)))
        if total < max(1, rule.minimum):
            last = empty(rule, last)
        else:
            last = State.DOWN if _bad(rule, failed, total) else State.UP
        stop = _next_change(known, at, rule.length, end, now) if total == 0 else at + rule.length
        out.append(Piece(max(at, start), min(stop, end), last, NOT_MEASURED if last is State.UNKNOWN else None))
        at = stop
    return join(out)


def _next_change(known: Sequence[int], at: int, length: int, end: int, now: int | None) -> int:
    """The next bucket with something in it: those between are as this one."""
    index = bisect_right(known, at)
    stop = known[index] if index < len(known) else end
    limit = end if now is None else min(end, now)
    return max(at + length, min(stop, limit + (at - limit) % length))


def _summed(facts: Sequence[CountsFact], length: int, anchor: int) -> dict[int, tuple[Fraction, Fraction]]:
    """(failed, total) of every bucket with something in it, by its start."""
    found: dict[int, tuple[Fraction, Fraction]] = {}
    for fact in facts:
        at = fact.start - (fact.start - anchor) % length
        span = max(1, fact.end - fact.start)
        while at < max(fact.end, fact.start + 1):
            share = Fraction(min(fact.start + span, at + length) - max(fact.start, at), span)
            failed, total = found.get(at, (Fraction(0), Fraction(0)))
            found[at] = (failed + share * fact.failed, total + share * fact.total)
            at += length
    return found


def _within(buckets: Sequence[Piece], pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Buckets cut to what the pieces cover."""
    start, end = pieces[0].start, pieces[-1].end
    for one in buckets:
        if one.start < end and one.end > start:
            yield Piece(max(one.start, start), min(one.end, end), one.state, one.cause)


def in_a_row(pieces: Sequence[Piece], least: int) -> list[Piece]:
    """Bad stretches shorter than ``least`` ns (so many buckets) are no outage."""
    return join(
        Piece(p.start, p.end, State.UP, None) if p.state is State.DOWN and p.end - p.start < least else p
        for p in pieces
    )
