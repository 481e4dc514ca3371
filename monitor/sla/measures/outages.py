"""Outages: how many incidents began in the period, or how many of them were charged more than the threshold."""

from fractions import Fraction

from config.contract.model import Promise
from monitor.sla.chains import count
from monitor.sla.figures import View
from monitor.sla.measure import Measured

NAME = "outages"
UNIT = "count"
METHOD = "outages/1"


def measure(view: View, promise: Promise) -> Measured:
    """One stretch of unknown hides at most one outage."""
    if view.base == 0:
        return Measured(None, None, None)
    found = count(view.chains, view.start, view.end, promise.threshold or 0, view.charge)
    upper = None if found.upper is None else Fraction(found.upper)
    return Measured(Fraction(found.value), Fraction(found.lower), upper)


def budget(view: View, promise: Promise) -> Fraction | None:
    """Outages are counted, not timed."""
    return None
