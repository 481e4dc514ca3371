"""What outages could have been had the unknown been known: how long the longest, and how many.

Of plain outages the bounds are exact. Of others they hold, but may be wider than need be: every outage of the greatest
world is a stretch in which the real ones lie, and a stretch of unknown time hides at most one more.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from config.contract.model import Promise
from config.contract.rules import MeasureRule
from monitor.sla.chains import Bounds, count, is_pending, longest
from monitor.sla.lost import outage_rule, outages_of, whole
from monitor.sla.measure import Measured
from monitor.sla.model import State
from monitor.sla.occurrence import Occurrence
from monitor.sla.timeline import Piece

if TYPE_CHECKING:
    from monitor.sla.scene import Scene

ZERO = Fraction(0)
Passes = Callable[[Fraction], bool]


def longest_of(scene: "Scene", rule: MeasureRule, promise: Promise | None) -> Measured:
    """The longest of the outages that began in the period; no upper bound while one of them runs."""
    if whole(scene, rule, promise):
        view = scene.view
        return _exact(longest(view.chains, view.start, view.end, view.charge))
    value = max((one.charged for one in _begun(scene, rule, promise)), default=ZERO)
    lower, upper = min(ZERO, value), value
    open_end = any(one.open for one in _begun(scene, rule, promise))
    for wide, sure, _ in _stretches(scene, rule, promise):
        lower = max([lower, *(one.charged for one in sure)])
        upper = max(upper, wide.charged)
        open_end = open_end or wide.open
    return Measured(value, min(lower, value), None if open_end else upper)


def number_of(scene: "Scene", rule: MeasureRule, promise: Promise | None, passes: Passes) -> Measured:
    """How many of the outages that began in the period count for more than nothing, and for so much; what has not
    happened yet may hide any number."""
    value = sum(passes(one.charged) for one in _begun(scene, rule, promise))
    lower = upper = 0
    for wide, sure, unknown in _stretches(scene, rule, promise):
        lower += any(passes(one.charged) for one in sure)
        inside = sum(passes(one.charged) for one in _begun(scene, rule, promise) if _within(one, wide))
        upper += inside + len(unknown) if passes(wide.charged) else inside
    pending = any(is_pending(piece) and piece.start < scene.period.end for piece in _unknown(scene, rule, promise))
    return Measured(Fraction(value), Fraction(min(lower, value)), None if pending else Fraction(max(upper, value)))


def number_of_plain(scene: "Scene", over: int) -> Measured:
    """The number of plain outages that are charged more than ``over`` ns."""
    view = scene.view
    return _exact(count(view.chains, view.start, view.end, over, view.charge))


def _exact(found: Bounds) -> Measured:
    upper = None if found.upper is None else Fraction(found.upper)
    return Measured(Fraction(found.value), Fraction(found.lower), upper)


def _begun(scene: "Scene", rule: MeasureRule, promise: Promise | None) -> list[Occurrence]:
    return [one for one in outages_of(scene, rule, promise, "measured") if one.counted]


def _stretches(
    scene: "Scene", rule: MeasureRule, promise: Promise | None
) -> Iterator[tuple[Occurrence, list[Occurrence], list[Piece]]]:
    """The outages of the greatest world that began in the period or may have: each with those in it that are sure to
    have begun there, and the unknown time within."""
    least = [one for one in outages_of(scene, rule, promise, "least") if one.counted]
    unknown = _unknown(scene, rule, promise)
    for wide in outages_of(scene, rule, promise, "greatest"):
        inside = [p for p in unknown if p.start < wide.end and p.end > wide.start]
        if wide.counted:
            yield wide, [one for one in least if _within(one, wide)], inside
        elif any(p.end >= scene.period.start for p in inside):
            yield wide, [], inside


def _unknown(scene: "Scene", rule: MeasureRule, promise: Promise | None) -> list[Piece]:
    view = scene.states(outage_rule(scene, rule, promise))
    return [p for p in view.pieces if p.state is State.UNKNOWN and p.start < scene.period.end]


def _within(one: Occurrence, wide: Occurrence) -> bool:
    return one.start < wide.end and one.end > wide.start
