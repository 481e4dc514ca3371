"""Incidents, and by brute force everything they could have been.

An incident is a stretch without UP, as seen before exclusions, from its first DOWN to its last; UNKNOWN between two
DOWNs lies inside it. Its charged time is what of it is accounted DOWN.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, product

from tests.oracle.speech import DOWN, UNKNOWN, UP
from tests.oracle.timeline import Piece

MOST_PIECES = 3
"""More unknown pieces than this are not tried out."""


@dataclass(frozen=True)
class Incident:
    """From its first DOWN to its last; ``open`` while nothing UP is known after it."""

    start: int
    end: int
    charged: int
    open: bool


def incidents(pieces: Sequence[Piece]) -> list[Incident]:
    """All incidents of a history in order."""
    last = pieces[-1].end
    return [incident for run in _runs(pieces) for incident in _incident(run, run[-1].end == last)]


def _runs(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The stretches without UP."""
    out: list[list[Piece]] = [[]]
    for piece in pieces:
        if piece.seen == UP:
            out.append([])
        else:
            out[-1].append(piece)
    return [run for run in out if run]


def _incident(run: Sequence[Piece], still_open: bool) -> list[Incident]:
    downs = [piece for piece in run if piece.seen == DOWN]
    if not downs:
        return []
    charged = sum(piece.end - piece.start for piece in downs if piece.counted == DOWN)
    return [Incident(downs[0].start, downs[-1].end, charged, still_open)]


def stretches(pieces: Sequence[Piece]) -> list[tuple[int, int]]:
    """The stretches of unknown time, as seen before exclusions; each from where it is first accounted unknown to
    where it is last."""
    out: list[tuple[int, int]] = []
    for state, group in groupby(pieces, key=lambda piece: piece.seen):
        unknown = [piece for piece in group if state == UNKNOWN == piece.counted]
        if unknown:
            out.append((unknown[0].start, unknown[-1].end))
    return out


def possible(pieces: Sequence[Piece], start: int, end: int) -> Iterator[list[Piece]] | None:
    """Every way in which the unknown of incidents in ``[start, end)`` could have been; None if too many to try.

    Each unknown stretch may have been up, down, or down but for a moment at either edge or both (a gap of no length,
    written as an UP piece from an instant to itself).
    """
    unknown = [
        (piece.start, piece.end)
        for run in _runs(pieces)
        if run[0].start < end and run[-1].end > start
        for piece in run
        if piece.counted == UNKNOWN
    ]
    if len(unknown) > MOST_PIECES:
        return None
    return (_assigned(pieces, dict(zip(unknown, choice, strict=True))) for choice in product(WAYS, repeat=len(unknown)))


WAYS = ("up", "down", "up down", "down up", "up down up")


def _assigned(pieces: Sequence[Piece], ways: dict[tuple[int, int], str]) -> list[Piece]:
    out: list[Piece] = []
    for piece in pieces:
        span, way = next(((s, w) for s, w in ways.items() if s[0] <= piece.start < s[1]), ((0, 0), ""))
        if not way:
            out.append(piece)
            continue
        if way.startswith("up ") and piece.start == span[0]:
            out.append(Piece(piece.start, piece.start, UP, UP))
        state = UP if way == "up" else DOWN
        out.append(Piece(piece.start, piece.end, state, state))
        if way.endswith(" up") and piece.end == span[1]:
            out.append(Piece(piece.end, piece.end, UP, UP))
    return out


def beginning_in(pieces: Sequence[Piece], start: int, end: int) -> list[Incident]:
    """The incidents of a history that begin in ``[start, end)``."""
    return [incident for incident in incidents(pieces) if start <= incident.start < end]
