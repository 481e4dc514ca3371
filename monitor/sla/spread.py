"""One figure made of several, exactly; None among them is one that has no end yet, greater than all others."""

from collections.abc import Sequence
from fractions import Fraction

Figures = Sequence[Fraction | int | None]


def figure(statistic: str, threshold: int | None, values: Figures) -> Fraction | None:
    """mean, sum, last, min, median, max, pNN by nearest rank, or a share of the values against the threshold; None
    where it has no end. At least one value."""
    match statistic:
        case "mean" | "sum":
            ended = [value for value in values if value is not None]
            if len(ended) < len(values):
                return None
            return Fraction(sum(ended), len(values) if statistic == "mean" else 1)
        case "last":
            return _exact(values[-1])
        case "share within":
            return Fraction(sum(1 for v in values if v is not None and v <= _above(threshold)), len(values))
        case "share under":
            return Fraction(sum(1 for v in values if v is not None and v < _above(threshold)), len(values))
        case "share over":
            return Fraction(sum(1 for v in values if v is None or v > _above(threshold)), len(values))
    ordered = sorted(values, key=lambda value: (value is None, value or 0))
    rank = rank_of(statistic) * len(values)
    return _exact(ordered[max(1, -(-rank.numerator // rank.denominator)) - 1])


def _exact(value: Fraction | int | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _above(threshold: int | None) -> int:
    assert threshold is not None
    return threshold


def rank_of(statistic: str) -> Fraction:
    """min, median, max or pNN as a share of the values."""
    named = {"min": Fraction(0), "median": Fraction(1, 2), "max": Fraction(1)}
    return named[statistic] if statistic in named else Fraction(statistic.removeprefix("p")) / 100
