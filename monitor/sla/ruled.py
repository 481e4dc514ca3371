"""A measure that a contract defines, taken over the time that it names: the period, the worst trailing window, each
day of it; with unknown time as it says, and rounded as it says."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from config.contract.model import Contract, Promise
from config.contract.rules import MeasureRule
from config.periods import Period, containing
from monitor.sla.measure import Measured, worst
from monitor.sla.measures import RULES
from monitor.sla.model import Item
from monitor.sla.rounding import for_comparison
from monitor.sla.windows import window, within, worst_windows

if TYPE_CHECKING:
    from monitor.sla.scene import Scene

OF_OUTAGES = ("ratio", "total", "longest", "count", "each", "tickets")
NOTHING = Measured(None, None, None)


def measure_rule(scenes: "Sequence[Scene]", rule: MeasureRule, promise: Promise | None) -> Measured:
    """The figure of one service, or of several that are pooled; ``promise`` is the one that it is measured for."""
    if rule.unknown is not None:
        scenes = [scene.under(rule.unknown) for scene in scenes]
    per = promise.per if promise is not None and promise.per is not None else rule.per
    if rule.kind in OF_OUTAGES and per is not None and per != scenes[0].period.kind:
        found = _per(scenes, rule, promise, per)
    else:
        found = _over(scenes, rule, promise)
    return for_comparison(found, rule.round)


def _over(scenes: "Sequence[Scene]", rule: MeasureRule, promise: Promise | None) -> Measured:
    if rule.over is None or rule.kind not in OF_OUTAGES:
        found: Measured = RULES[rule.kind].measure(scenes, rule, promise)
        return found
    plain = rule.but(over=None)
    windows = worst_windows(scenes, rule, promise)
    taken = [RULES[rule.kind].measure([s.during(w) for s in scenes], plain, promise) for w in windows]
    return taken[0] if len(taken) == 1 else worst(taken, high(rule))


def _per(scenes: "Sequence[Scene]", rule: MeasureRule, promise: Promise | None, per: str) -> Measured:
    """The worst of the sub-periods, each of them an item; those of which nothing is left tell nothing."""
    first, plain = scenes[0], rule.but(per=None, unknown=None, round=None)
    found: list[Measured] = []
    items: list[Item] = []
    for part in within(first.period, per, first.contract):
        taken = _over([scene.during(part) for scene in scenes], plain, promise)
        if (taken.value, taken.lower, taken.upper) == (None, None, None) and not taken.items:
            continue
        found.append(taken)
        items.append(Item(part.label, part.start, part.end, taken.value, taken.lower, taken.upper))
    if not found:
        return NOTHING
    least = worst(found, high(rule))
    return Measured(least.value, least.lower, least.upper, items=tuple(items))


def high(rule: MeasureRule) -> bool:
    """Whether more of the figure is better: of what outages and tickets give, shares only. The operator of a promise
    does not tell, since the condition of a right asks for the bad side."""
    return rule.unit == "ratio" and rule.statistic != "share over"


def earliest(contract: Contract, rules: Sequence[MeasureRule], kinds: Sequence[str], period: Period) -> int:
    """The first instant that measures of a period look at. ``kinds``: the sub-periods that promises are judged in."""
    zone = ZoneInfo(contract.timezone)
    starts = [period.start]
    for kind in [*kinds, *(rule.per for rule in rules if rule.per is not None)]:
        starts.append(containing(kind, period.start, zone).start)
    starts += [window(at, rule.over, zone).start for rule in rules if rule.over is not None for at in list(starts)]
    return min(starts)
