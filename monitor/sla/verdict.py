"""Bounds and a target, compared exactly."""

from fractions import Fraction
from operator import eq, ge, gt, le, lt

from monitor.sla.model import Verdict

_COMPARE = {"<": lt, "<=": le, "==": eq, ">=": ge, ">": gt}


def holds(operator: str, value: Fraction, target: Fraction) -> bool:
    """Whether a value keeps the promise."""
    return bool(_COMPARE[operator](value, target))


def judge(operator: str, target: Fraction, lower: Fraction | None, upper: Fraction | None) -> Verdict:
    """Met if even the unfavourable bound keeps the promise, breached if even the favourable one misses it.

    A bound that is not known counts as the worst for what it would have to show.
    """
    if operator == "==":
        if lower is not None and lower == upper:
            return Verdict.MET if lower == target else Verdict.BREACHED
        outside = (lower is not None and lower > target) or (upper is not None and upper < target)
        return Verdict.BREACHED if outside else Verdict.INDETERMINATE
    worse, better = (lower, upper) if operator in (">", ">=") else (upper, lower)
    if worse is not None and holds(operator, worse, target):
        return Verdict.MET
    if better is not None and not holds(operator, better, target):
        return Verdict.BREACHED
    return Verdict.INDETERMINATE
