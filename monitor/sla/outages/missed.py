"""States by a figure: a bucket is bad while the measure of it, or of the window that ends with it, misses.

Buckets are laid from the period's start in both directions, as far as all that the figure looks at was read; those of
a ``daily`` rule are local days. A bucket without a figure is unknown, unless the contract says what an empty one is.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from config.contract.rules import Bucket, OutageRule
from config.periods import Period, day_of, start_of
from monitor.sla.measure import Measured
from monitor.sla.model import State
from monitor.sla.occurrence import World
from monitor.sla.outages.buckets import empty
from monitor.sla.timeline import NOT_MEASURED, PENDING, Piece, clipped, reaching
from monitor.sla.verdict import holds

if TYPE_CHECKING:
    from monitor.sla.scene import Scene


def pieces(scene: "Scene", rule: OutageRule, world: World) -> list[Piece]:
    """The states of a rule whose buckets a measure judges; outside of what can be judged nothing was measured."""
    assert rule.bucket is not None
    found: list[Piece] = []
    last = State.UP
    for part, measured in scene.figures(rule):
        state = State.UNKNOWN if measured is None else _state(measured, rule.bucket, last, world)
        last = last if state is State.UNKNOWN else state
        cause = PENDING if measured is None else NOT_MEASURED
        found.append(Piece(part.start, part.end, state, cause if state is State.UNKNOWN else None))
    start, end = scene.view.pieces[0].start, scene.view.pieces[-1].end
    kept = clipped(in_rows(found, rule.consecutive), start, end)
    return reaching(kept, start, end) if kept else [Piece(start, end, State.UNKNOWN, NOT_MEASURED)]


def figures(scene: "Scene", rule: OutageRule) -> Iterator[tuple[Period, Measured | None]]:
    """The figure of each bucket; None for what has not happened yet."""
    # Measures are made of outages, and such an outage of a measure: what imports these modules is imported by them.
    from monitor.sla.ruled import measure_rule
    from monitor.sla.windows import window

    measure = scene.contract.measure(rule.sources[0].name or "")
    zone, over = ZoneInfo(scene.contract.timezone), measure.over
    first = scene.view.pieces[0].start
    for part in _parts(scene, rule, zone):
        if (part.start if over is None else window(part.end, over, zone).start) < first:
            continue  # not all that the figure looks at was read
        if scene.now is not None and part.end > scene.now:
            yield Period(part.label, None, part.start, scene.view.pieces[-1].end), None
            return
        yield part, measure_rule([scene.during(part)], measure, None)


def _parts(scene: "Scene", rule: OutageRule, zone: ZoneInfo) -> Iterator[Period]:
    assert rule.bucket is not None
    at, end = _first(scene.view.pieces[0].start, scene.anchor, rule.bucket, zone), scene.view.pieces[-1].end
    while at < end:
        to = _next(at, rule.bucket, zone)
        yield Period(day_of(at, zone).isoformat() if rule.bucket.daily else "", None, at, to)
        at = to


def _first(first: int, anchor: int, bucket: Bucket, zone: ZoneInfo) -> int:
    return start_of(day_of(first, zone), zone) if bucket.daily else first - (first - anchor) % bucket.length


def _next(at: int, bucket: Bucket, zone: ZoneInfo) -> int:
    return start_of(day_of(at, zone) + timedelta(days=1), zone) if bucket.daily else at + bucket.length


def _state(found: Measured, bucket: Bucket, last: State, world: World) -> State:
    few = bucket.minimum > 1 and (found.samples or 0) < bucket.minimum
    if found.value is None or few:
        return empty(bucket, last)
    assert bucket.operator is not None
    if world == "measured" or found.lower is found.value is found.upper:
        bad = holds(bucket.operator, found.value, bucket.target)
    else:
        ends = (found.lower, found.upper)
        sides = [None if one is None else holds(bucket.operator, one, bucket.target) for one in ends]
        bad = all(side is True for side in sides) if world == "least" else any(side is not False for side in sides)
    return State.DOWN if bad else State.UP


def in_rows(found: list[Piece], least: int) -> list[Piece]:
    """Fewer bad buckets in a row are no outage."""
    if least == 1:
        return found
    out: list[Piece] = []
    row: list[Piece] = []
    for one in [*found, None]:
        if one is not None and one.state is State.DOWN:
            row.append(one)
            continue
        out += row if len(row) >= least else [replace(bad, state=State.UP, cause=None) for bad in row]
        row = []
        out += [] if one is None else [one]
    return out
