"""Total outage: all the time in a period in which the service was down and that is charged."""

from fractions import Fraction

from config.contract.model import Promise
from monitor.sla.figures import View
from monitor.sla.measure import Measured

NAME = "total-outage"
UNIT = "ns"
METHOD = "total-outage/1"


def measure(view: View, promise: Promise) -> Measured:
    """[D, D + N]: none of the unknown was down, or all of it."""
    if view.base == 0:
        return Measured(None, None, None)
    return Measured(Fraction(view.down), Fraction(view.down), Fraction(view.down + view.unknown))


def budget(view: View, promise: Promise) -> Fraction | None:
    """The target itself."""
    return promise.target
