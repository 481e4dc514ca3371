"""The rows of a credit's table as typed, and the scale they lie on.

    < 99.9%      one side; rows of one direction nest
    [95%, 99%)   two sides; a bracket takes its edge in, a parenthesis does not
    26s - 1h     two sides that take in both edges; at an edge that two such rows share, the worse one holds

A place on a scale is a *cut*: ``(x, 0)`` lies just before ``x``, ``(x, 1)`` just after it, so that a row is a half-open
stretch between two cuts whichever of its edges it takes in.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from config.contract.figures import Figure, Side
from config.contract.model import Operator
from config.contract.money import Give, Tier
from config.reader import Reader

Cut = tuple[Fraction, int]

FAR = Fraction(10**30)
ROW_PATTERN = r"\s*(?:<=|>=|<|>|≤|≥|[\[(]|[0-9])"

_ONE = re.compile(r"(<=|>=|<|>|≤|≥)\s*([^<>=≤≥]+)")
_TWO = re.compile(r"([\[(])([^,\[\]()]+),([^,\[\]()]+)([\])])")
_DASH = re.compile(r"([0-9][^<>=]*?)\s+(?:-|–|to)\s+([0-9][^<>=]*)")
_OPERATORS: dict[str, Operator] = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "≤": "<=", "≥": ">="}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: ``[low, high)`` between cuts. ``meets``: it shares its edges with its neighbours."""

    tier: Tier
    text: str
    at: Reader
    low: Cut
    high: Cut
    meets: bool = False

    @property
    def two_sided(self) -> bool:
        """Whether it was typed with two edges."""
        return self.tier.other is not None


def row(text: str, at: Reader, scale: Figure, given: Give) -> Row:
    """A row as typed; ValueError says what is wrong with it."""
    words = " ".join(text.split())
    if found := _ONE.fullmatch(words):
        return _one(words, at, _OPERATORS[found[1]], scale.read(found[2]), given)
    if found := _TWO.fullmatch(words):
        edges = (scale.read(found[2]), scale.read(found[3]))
        return _two(words, at, edges, (found[1] == "[", found[4] == "]"), given)
    if found := _DASH.fullmatch(words):
        edges = (scale.read(found[1]), scale.read(found[2]))
        if edges[0] == edges[1]:
            raise ValueError(f"{words!r} goes from an edge to the same; write both its edges")
        return _two(words, at, edges, (True, True), given, meets=True)
    raise ValueError(f"is no row; write it as '< 99%', '[95%, 99%)' or '1h - 4h', not {words!r}")


def _one(text: str, at: Reader, operator: Operator, edge: Fraction, given: Give) -> Row:
    tier = Tier(operator=operator, edge=edge, give=given)
    if operator[0] == "<":
        return Row(tier, text, at, (-FAR, 0), (edge, int(operator == "<=")))
    return Row(tier, text, at, (edge, int(operator == ">")), (FAR, 1))


def _two(
    text: str,
    at: Reader,
    edges: tuple[Fraction, Fraction],
    takes: tuple[bool, bool],
    given: Give,
    meets: bool = False,
) -> Row:
    low, high = (edges[0], int(not takes[0])), (edges[1], int(takes[1]))
    if edges[0] > edges[1]:
        raise ValueError(f"{text!r} begins above its end; write the smaller figure first")
    if low >= high:
        raise ValueError(f"{text!r} holds nothing; write '[' and ']' for edges that belong to it")
    tier = Tier(
        operator=">=" if takes[0] else ">",
        edge=edges[0],
        give=given,
        other="<=" if takes[1] else "<",
        other_edge=edges[1],
    )
    return Row(tier, text, at, low, high, meets)


@dataclass(frozen=True, slots=True)
class Scale:
    """From good to bad: cuts are turned where low figures are bad, so that more is always worse. ``best`` and ``worst``
    are the cuts beyond which nothing can be measured."""

    worse: Side
    best: Cut
    worst: Cut
    show: Callable[[Fraction], str]

    def turned(self, cut: Cut) -> Cut:
        """A cut of the figure as one of badness, and back."""
        return cut if self.worse == "high" else (-cut[0], 1 - cut[1])

    def stretch(self, row: Row) -> tuple[Cut, Cut]:
        """Where a row holds, from its good end to its bad one."""
        low, high = self.turned(row.low), self.turned(row.high)
        low, high = min(low, high), max(low, high)
        return max(low, self.best), min(high, self.worst)

    def said(self, low: Cut, high: Cut) -> str:
        """A stretch of badness as figures: ``97.89% up to 97.9%``, ``exactly 99%``, ``less than 90%``."""
        first, last = sorted((self.turned(low), self.turned(high)))
        ends = (self.turned(self.best), self.turned(self.worst))
        if first[0] == last[0]:
            return f"exactly {self.show(first[0])}"
        if (first <= min(ends) and first[0] <= -FAR) or first == min(ends):
            return f"{self.show(last[0])} or less" if last[1] else f"less than {self.show(last[0])}"
        if last == max(ends):
            return f"more than {self.show(first[0])}" if first[1] else f"{self.show(first[0])} or more"
        start = f"more than {self.show(first[0])}" if first[1] else self.show(first[0])
        return f"{start} up to {'and with ' if last[1] else ''}{self.show(last[0])}"


def scale_of(scale: Figure, worse: Side, show: Callable[[Fraction], str]) -> Scale:
    """The scale of a figure: shares end at 0% and 100%, everything but a score at 0."""
    low: Cut = (-FAR, 0) if scale.unit == "score" else (Fraction(0), 0)
    high: Cut = (Fraction(1), 1) if scale.unit == "ratio" and not scale.unlimited else (FAR, 1)
    plain = Scale(worse, low, high, show)
    ends = sorted((plain.turned(low), plain.turned(high)))
    return Scale(worse, ends[0], ends[1], show)
