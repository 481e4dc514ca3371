"""What a promise by a defined measure allows, and how much of it is used: so that people are warned before it breaks.

Time that an outage has lasted counts here at once, also where it becomes one only once it is long enough.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from config.contract.model import Contract, Promise
from config.contract.rules import MeasureRule
from config.spans import clip, total
from monitor.sla.judge import rule_of, scenes_of
from monitor.sla.lost import ground, lost, outage_rule, outages_of
from monitor.sla.measures.total import free
from monitor.sla.model import Item
from monitor.sla.outages.counting import charged
from monitor.sla.scene import Scene

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Stakes:
    """``total`` of the period's budget with what is ``used`` of it (ns, or a count); ``used`` with ``running``, what
    the outage that goes on adds once it qualifies. ``limit``: of each outage or ticket, with what the longest that
    runs has ``reached`` and when the first of them is ``due``."""

    total: Fraction | None = None
    used: Fraction = ZERO
    running: Fraction = ZERO
    limit: Fraction | None = None
    reached: Fraction | None = None
    due: int | None = None


def stakes_of(contract: Contract, promise: Promise, scene: Scene | None, items: Sequence[Item]) -> Stakes | None:
    """Of one promise as it stands; None where it is no matter of lost time, of outages or of tickets, or is made on
    no defined measure."""
    rule = rule_of(contract, promise)
    if rule is None or scene is None:
        return None
    return stakes(scenes_of(contract, promise, rule, scene), rule, promise, items)


def stakes(scenes: Sequence[Scene], rule: MeasureRule, promise: Promise, items: Sequence[Item]) -> Stakes | None:
    """As ``stakes_of``, on the scenes that the measure is taken from."""
    over = rule.over is not None or rule.per is not None or promise.per is not None
    if over and rule.kind in ("ratio", "total"):
        return None
    match rule.kind:
        case "ratio" if promise.operator in (">", ">="):
            allowed = sum(
                ((1 - promise.target) * s.service.weight * ground(s, rule, promise).base for s in scenes), ZERO
            )
            return _time(scenes, rule, promise, allowed, True)
        case "total" if promise.operator in ("<", "<="):
            return _time(scenes, rule, promise, promise.target + free(scenes, rule), rule.pool)
        case "count" if promise.operator in ("<", "<="):
            found = [one for scene in scenes for one in outages_of(scene, rule, promise, "measured") if one.counted]
            least = rule.longer
            longer = [one for one in found if one.charged > least or (one.charged == least and not rule.strict_longer)]
            return Stakes(promise.target, Fraction(sum(one.charged > 0 for one in longer)))
        case "longest" if promise.operator in ("<", "<="):
            reached = [_reached(scene, rule, promise) for scene in scenes]
            known = [length for length in reached if length is not None]
            return Stakes(limit=promise.target, reached=max(known, default=None))
        case "each" | "tickets":
            return _each(promise, items)
    return None


def _time(scenes: Sequence[Scene], rule: MeasureRule, promise: Promise, allowed: Fraction, weighed: bool) -> Stakes:
    used = running = ZERO
    for scene in scenes:
        weight = scene.service.weight if weighed else Fraction(1)
        used += weight * lost(scene, rule, promise, "measured", ground(scene, rule, promise).scheduled)
        going_on, counted = _going_on(scene, rule, promise)
        running += weight * (going_on if counted is None else max(ZERO, going_on - counted))
    return Stakes(allowed, used, running)


def _going_on(scene: Scene, rule: MeasureRule, promise: Promise) -> tuple[Fraction, Fraction | None]:
    """What the running outage comes to within the period, were all of it to count; and what already does."""
    outage = outage_rule(scene, rule, promise)
    view = scene.states(outage)
    chain = next((c for c in reversed(view.chains) if c.open and c.outages), None)
    if chain is None:
        return ZERO, None
    spans = clip(charged(chain.outages, (), scene, outage), *scene.span)
    counted = [
        one.part(*scene.span) for one in outages_of(scene, rule, promise, "measured") if one.open and one.charged
    ]
    return Fraction(total(spans)), sum(counted, ZERO) if counted else None


def _reached(scene: Scene, rule: MeasureRule, promise: Promise) -> Fraction | None:
    lengths = [one.charged for one in outages_of(scene, rule, promise, "measured") if one.open and one.counted]
    outage = outage_rule(scene, rule, promise)
    chain = next((c for c in reversed(scene.states(outage).chains) if c.open and c.outages), None)
    if chain is not None:
        lengths.append(Fraction(total(charged(chain.outages, (), scene, outage))))
    return max(lengths, default=None)


def _each(promise: Promise, items: Sequence[Item]) -> Stakes | None:
    """Those that still run; what is late already is no risk any more."""
    if promise.operator not in ("<", "<="):
        return None
    running = [item for item in items if item.end is None and item.value is not None]
    lengths = [item.value for item in running if item.value is not None]
    dues = [item.due for item in running if item.due is not None]
    return Stakes(limit=promise.target, reached=max(lengths, default=None), due=min(dues, default=None))
