"""The periods that a measure looks at other than the contract's: trailing windows, and the days or weeks within.

A trailing window is any stretch so long that ends within the period: the one that counts is the worst of them. It
begins at the same local time so many days, or months, before it ends.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from config.contract.model import Contract, Promise
from config.contract.rules import MeasureRule
from config.period_kinds import Kind, kind_of
from config.periods import Period, containing, from_ns, instant_of
from monitor.sla.lost import outages_of
from monitor.sla.occurrence import Occurrence, World

if TYPE_CHECKING:
    from monitor.sla.scene import Scene

MICROSECOND = 1_000


def moved(instant: int, kind: Kind, zone: ZoneInfo, back: bool) -> int:
    """The same local time a window's length earlier or later; the last day of a month that is shorter."""
    local = from_ns(instant, zone).replace(tzinfo=None)
    sign = -1 if back else 1
    if kind.days:
        there = local + timedelta(days=sign * kind.days)
    else:
        there = _by_months(local, sign * kind.months)
    return instant_of(there, zone) + instant % MICROSECOND


def _by_months(local: datetime, months: int) -> datetime:
    index = local.year * 12 + local.month - 1 + months
    first = local.replace(year=index // 12, month=index % 12 + 1, day=1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(local.day, last.day))


def window(end: int, over: str, zone: ZoneInfo) -> Period:
    """The trailing window that ends at an instant; of a kind of the calendar the period that holds what is just
    before it."""
    kind = kind_of(over)
    if not kind.trailing:
        return containing(over, end - 1, zone)
    return Period(f"{over} to {from_ns(end, zone).isoformat()}", over, moved(end, kind, zone, True), end)


def worst_windows(scenes: "Sequence[Scene]", rule: MeasureRule, promise: Promise | None) -> list[Period]:
    """The windows in which the outages of a measure come to most, in each of the three worlds; and the last of all."""
    assert rule.over is not None
    zone, period = ZoneInfo(scenes[0].contract.timezone), scenes[0].period
    last = window(period.end, rule.over, zone)
    if not kind_of(rule.over).trailing or rule.kind not in ("ratio", "total", "count"):
        return [last]
    wide = Period(last.label, None, window(period.start, rule.over, zone).start, period.end)
    there = [scene.during(wide) for scene in scenes]
    found = {last}
    worlds: tuple[World, ...] = ("measured", "least", "greatest")
    for world in worlds:
        outages = [one for scene in there for one in outages_of(scene, rule, promise, world)]
        ends = _ends(outages, period, rule.over, zone)
        found.add(max((window(end, rule.over, zone) for end in ends), key=lambda w: (_lost(outages, w, rule), w.end)))
    return sorted(found, key=lambda one: one.end)


def _ends(outages: Iterable[Occurrence], period: Period, over: str, zone: ZoneInfo) -> list[int]:
    """Where windows have to end to be tried: with the period, with an outage, or so that they begin with one."""
    kind = kind_of(over)
    edges = {at for one in outages for start, end in (one.spans or ((one.start, one.end),)) for at in (start, end)}
    starts = {one.start for one in outages}
    tried = {moved(at, kind, zone, False) for at in edges | starts} | edges
    return [period.end, *(at for at in tried if period.start < at < period.end)]


def _lost(outages: Sequence[Occurrence], where: Period, rule: MeasureRule) -> object:
    if rule.kind != "count":
        return sum(one.part(where.start, where.end) * one.weight for one in outages)
    longer = [one for one in outages if where.start <= one.start < where.end and one.charged >= max(1, rule.longer)]
    return len([one for one in longer if not rule.strict_longer or one.charged > rule.longer])


def within(period: Period, kind: str, contract: Contract) -> list[Period]:
    """The shorter periods that end within a period, or with it."""
    zone = ZoneInfo(contract.timezone)
    found = []
    at = period.start
    while at < period.end:
        one = containing(kind, at, zone)
        if one.end <= period.end:
            found.append(one)
        at = one.end
    return found
