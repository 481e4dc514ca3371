"""Longest outage: the greatest charged duration of the incidents that began in the period."""

from fractions import Fraction

from config.contract.model import Promise
from monitor.sla.chains import longest
from monitor.sla.figures import View
from monitor.sla.measure import Measured

NAME = "longest-outage"
UNIT = "ns"
METHOD = "longest-outage/1"


def measure(view: View, promise: Promise) -> Measured:
    """Incidents belong whole to the period of their start. No upper bound while one of them is open."""
    if view.base == 0:
        return Measured(None, None, None)
    found = longest(view.chains, view.start, view.end, view.charge)
    upper = None if found.upper is None else Fraction(found.upper)
    return Measured(Fraction(found.value), Fraction(found.lower), upper)


def budget(view: View, promise: Promise) -> Fraction | None:
    """A limit of each incident is no budget of the period."""
    return None
