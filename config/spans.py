"""Half-open spans ``[start, end)`` of integer nanoseconds, and their algebra.

A *set of spans* is a list sorted by start whose members neither overlap nor touch
and have a length above zero. Every function here takes and gives such lists.
"""

from collections.abc import Iterable, Sequence

Span = tuple[int, int]

FIRST_YEAR, LAST_YEAR = 1678, 2261
"""Whole years whose every nanosecond fits the 64-bit integers that instants are kept in."""


def union(spans: Iterable[Span]) -> list[Span]:
    """Any spans, in any order, as a set of spans; those without length vanish."""
    out: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if out and start <= out[-1][1]:
            if end > out[-1][1]:
                out[-1] = (out[-1][0], end)
        else:
            out.append((start, end))
    return out


def intersect(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    """What lies in both sets."""
    out: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            out.append((start, end))
        if left[i][1] <= right[j][1]:
            i += 1
        else:
            j += 1
    return out


def subtract(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    """What lies in ``left`` and not in ``right``."""
    out: list[Span] = []
    j = 0
    for start, end in left:
        while j < len(right) and right[j][1] <= start:
            j += 1
        k = j
        while k < len(right) and right[k][0] < end:
            if start < right[k][0]:
                out.append((start, right[k][0]))
            start = max(start, right[k][1])
            k += 1
        if start < end:
            out.append((start, end))
    return out


def clip(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    """The part of a set that lies in ``[start, end)``."""
    return intersect(spans, [(start, end)]) if start < end else []


def total(spans: Iterable[Span]) -> int:
    """The summed length in nanoseconds."""
    return sum(end - start for start, end in spans)
