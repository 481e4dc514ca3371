"""Each: how long every outage, or every leg of a ticket, took by itself; or one statistic of them all.

Items belong whole to the period in which they begin. Of one that still runs the length so far is known. Of several
the worst is the figure.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from config.contract.model import Promise
from config.contract.rules import MeasureRule
from config.periods import from_ns
from monitor.sla.lost import outages_of
from monitor.sla.measure import Measured
from monitor.sla.model import Item
from monitor.sla.occurrence import Occurrence, World
from monitor.sla.spread import Figures, figure
from monitor.sla.timed import timed

if TYPE_CHECKING:
    from monitor.sla.scene import Scene

NAME = "each"
METHOD = "each/1"
KEPT = ("share within", "share under")  # shares of those that were quick
NONE = Fraction(0)


def measure(scenes: "Sequence[Scene]", rule: MeasureRule, promise: Promise | None) -> Measured:
    """Without items there is no value, and nothing missed; as long as the period runs there may be more of them."""
    if rule.of in {"outage", *(outage.name for outage in scenes[0].contract.outages)}:
        items = [item for scene in scenes for item in _outages(scene, rule, promise)]
        least: Figures = [one.charged for scene in scenes for one in _counted(scene, rule, promise, "least")]
        most: Figures = [_ended(one) for scene in scenes for one in _counted(scene, rule, promise, "greatest")]
    else:
        items = [item for scene in scenes for item in _tickets(scene, rule, promise)]
        least, most = [item.lower for item in items], [item.upper for item in items]
    items.sort(key=lambda item: (item.start, item.key))
    high = promise is not None and promise.operator in (">", ">=")
    name = rule.statistic or ("min" if high else "max")
    told = [item.value for item in items if item.value is not None and _decided(item, rule)]
    value = figure(name, rule.threshold, told) if told else None
    nothing = Fraction(1) if name in KEPT else NONE
    ends = [figure(name, rule.threshold, some) if some else nothing for some in (least, most)]
    runs = any(scene.now is not None and scene.now < scene.period.end for scene in scenes)
    lower, upper = _bounds(name, [*ends, *([] if value is None else [value])], runs)
    return Measured(value, lower, upper, len(items), () if rule.statistic is not None else tuple(items))


def _decided(item: Item, rule: MeasureRule) -> bool:
    """Whether it is known on which side of a share's threshold it falls."""
    if rule.threshold is None or item.upper is not None:
        return True
    return item.lower is not None and item.lower > rule.threshold


def _bounds(name: str, found: Sequence[Fraction | None], runs: bool) -> tuple[Fraction, Fraction | None]:
    """What the figure is at least and at most. In a period that runs more items may come, of any length."""
    ended = [one for one in found if one is not None]
    lower, upper = min(ended, default=NONE), max(ended) if len(ended) == len(found) else None
    if not runs:
        return lower, upper
    if name in (*KEPT, "share over"):
        return NONE, Fraction(1)
    return (lower, None) if name in ("max", "sum") else (NONE, None)


def _tickets(scene: "Scene", rule: MeasureRule, promise: Promise | None) -> Iterator[Item]:
    for one in timed(scene, rule.of, rule, promise):
        yield Item(
            key=one.ticket.id,
            start=one.leg.start,
            end=one.leg.end,
            value=one.timing.value,
            lower=one.timing.lower,
            upper=one.timing.upper,
            due=one.due(promise),
            cause=one.qualities.cause,
            severity=one.qualities.severity,
            category=one.qualities.category,
            region=one.qualities.region,
        )


def _outages(scene: "Scene", rule: MeasureRule, promise: Promise | None) -> Iterator[Item]:
    least, greatest = (_counted(scene, rule, promise, world) for world in ("least", "greatest"))
    for one in _counted(scene, rule, promise, "measured"):
        short = [other.charged for other in least if _meet(one, other)]
        long = [_ended(other) for other in greatest if _meet(one, other)]
        ended = [length for length in (_ended(one), *long) if length is not None]
        yield Item(
            key=one.ticket or from_ns(one.start, ZoneInfo(scene.contract.timezone)).isoformat(),
            start=one.start,
            end=None if one.open else one.end,
            value=one.charged,
            lower=min(one.charged, max(short, default=NONE)),
            upper=max(ended) if len(ended) == len(long) + 1 else None,
            cause=one.cause,
            severity=one.severity,
            category=one.category,
            region=one.region,
        )


def _counted(scene: "Scene", rule: MeasureRule, promise: Promise | None, world: World) -> list[Occurrence]:
    """The outages that began in the period and that measure and promise are about; wholly excluded ones only with
    ``less: excluded``, which takes what is excluded off the lengths and not off the number."""
    found = outages_of(scene, rule, promise, world)
    return [one for one in found if one.counted and (one.charged or rule.less_excluded)]


def _ended(one: Occurrence) -> Fraction | None:
    return None if one.open else one.charged


def _meet(one: Occurrence, other: Occurrence) -> bool:
    return one.start < other.end and other.start < one.end
