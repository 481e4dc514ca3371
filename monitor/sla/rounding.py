"""Rounding as a contract says, exactly, in one place for every figure.

A figure is rounded before it is compared only where the contract says so; otherwise rounding is for display alone.
"""

from dataclasses import replace
from fractions import Fraction
from math import ceil, floor

from config.contract.noun import Mode, Rounding
from monitor.sla.measure import Measured

HALF = Fraction(1, 2)


def rounded(value: Fraction, rounding: Rounding) -> Fraction:
    """The multiple of ``to`` that the mode picks: the next one up or down, or the nearest, halves up."""
    return to_multiple(value, rounding.to, rounding.mode)


def to_multiple(value: Fraction, to: Fraction, mode: Mode) -> Fraction:
    """``value`` as a multiple of ``to`` (above zero)."""
    steps = value / to
    match mode:
        case "up":
            return ceil(steps) * to
        case "down":
            return floor(steps) * to
        case "half_up":
            return floor(steps + HALF) * to


def for_comparison(found: Measured, rounding: Rounding | None) -> Measured:
    """A measured figure as it is compared: value, bounds and the figures of its items rounded, where the contract
    rounds ``for: compare``; unchanged otherwise."""
    if rounding is None or not rounding.compare:
        return found
    items = tuple(
        replace(
            item,
            value=_some(item.value, rounding),
            lower=_some(item.lower, rounding),
            upper=_some(item.upper, rounding),
        )
        for item in found.items
    )
    return replace(
        found,
        value=_some(found.value, rounding),
        lower=_some(found.lower, rounding),
        upper=_some(found.upper, rounding),
        items=items,
    )


def _some(value: Fraction | None, rounding: Rounding) -> Fraction | None:
    return None if value is None else rounded(value, rounding)
