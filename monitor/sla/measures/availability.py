"""Availability: the share of the observed base in which the service was up, U / (U + D)."""

from fractions import Fraction

from config.contract.model import Promise
from monitor.sla.figures import View
from monitor.sla.measure import Measured

NAME = "availability"
UNIT = "ratio"
METHOD = "availability/1"


def measure(view: View, promise: Promise) -> Measured:
    """Bounds: the unknown all down, and all up. Nothing observed: no value, [0, 1]; no base left: nothing."""
    if view.base == 0:
        return Measured(None, None, None)
    observed = view.up + view.down
    value = Fraction(view.up, observed) if observed else None
    return Measured(value, Fraction(view.up, view.base), Fraction(view.up + view.unknown, view.base))


def budget(view: View, promise: Promise) -> Fraction | None:
    """What the target leaves of the whole base."""
    return (1 - promise.target) * view.base
