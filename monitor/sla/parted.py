"""A figure that is taken over a window of its own, or in each part of the period: for kinds that count or pool what
was told, where parts say nothing about each other.

Of several parts the worst is the figure, and every part an item: what is judged in each day is broken by one day.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from config.contract.model import Promise
from config.contract.rules import MeasureRule, good_side
from monitor.sla.measure import Measured, worst
from monitor.sla.model import Item
from monitor.sla.windows import window, within

if TYPE_CHECKING:
    from monitor.sla.scene import Scene

NOTHING = Measured(None, None, None, 0)


def parted(
    scenes: "Sequence[Scene]",
    rule: MeasureRule,
    promise: Promise | None,
    take: Callable[["Sequence[Scene]"], Measured],
) -> Measured:
    """``take`` on the scenes as the rule and the promise have the time. A window is the one that ends with the
    period."""
    first = scenes[0]
    if rule.over is not None:
        there = window(first.period.end, rule.over, ZoneInfo(first.contract.timezone))
        scenes = [scene.during(there) for scene in scenes]
    per = promise.per if promise is not None and promise.per is not None else rule.per
    if per is None or per == first.period.kind:
        return take(scenes)
    return _worst(scenes, per, take, _more_is_better(rule, promise))


def _more_is_better(rule: MeasureRule, promise: Promise | None) -> bool:
    return good_side(rule) == "high" if promise is None else promise.operator in (">", ">=")


def _worst(
    scenes: "Sequence[Scene]", per: str, take: Callable[["Sequence[Scene]"], Measured], more_is_better: bool
) -> Measured:
    """Parts of which nothing is left are none; of those still to come nothing is known."""
    first = scenes[0]
    found: list[Measured] = []
    items: list[Item] = []
    for part in within(scenes[0].period, per, first.contract):
        if first.now is not None and part.start >= first.now:
            found.append(NOTHING)
            break
        here = [scene.during(part) for scene in scenes]
        if not any(scene.view.base for scene in here):
            continue
        one = take(here)
        found.append(one)
        items.append(Item(part.label, part.start, part.end, one.value, one.lower, one.upper))
    if not items:
        return NOTHING
    least = worst(found, more_is_better)
    number = sum(one.samples or 0 for one in found)
    return Measured(least.value, least.lower, least.upper, number, tuple(items))
