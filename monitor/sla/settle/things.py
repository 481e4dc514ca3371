"""What a credit is read for, one by one: the period as a whole, each outage, each day, each ticket."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from zoneinfo import ZoneInfo

from config.contract.money import Credit
from config.contract.rules import MeasureRule
from config.periods import Period, containing, from_ns
from monitor.sla.facts import FAULT, TicketFact
from monitor.sla.judgement import Judgement
from monitor.sla.lost import outages_of
from monitor.sla.matching import Qualities
from monitor.sla.measure import Measured
from monitor.sla.measures import RULES, TIMELINE
from monitor.sla.model import Item, Verdict
from monitor.sla.scene import Scene
from monitor.sla.settle.bases import parts
from monitor.sla.settle.reading import Source, misses, plain

_OF_OUTAGES = {"ratio", "total", "longest", "count", "each"}
_PLAIN = MeasureRule(name="outages", kind="count", of="outage", unit="count")
_LENGTHS = {"longest-outage", "longest", "each"}


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing with a figure of its own, ``[start, end)`` in ns. ``key`` None: the whole period."""

    key: str | None
    start: int
    end: int
    value: Fraction | None
    better: Fraction | None
    qualities: Qualities
    ticket: str | None = None


def things(credit: Credit, judgement: Judgement, service: str, found: Source | None) -> list[Thing]:
    """Everything a credit is read for, of one service. A promise's items count where they broke it."""
    if credit.per == "period" or found is None:
        return [_whole(judgement, service, found)]
    if found.items:
        items = [one for one in found.items if not found.judged or not credit.promises or _broken(found, one)]
        return [_item(judgement, service, found, one) for one in items]
    scene = judgement.scenes.get(service)
    if scene is None:
        return [_whole(judgement, service, found)]
    if credit.per == "day":
        return [one for one in _days(judgement, service, found) if _counts(credit, found, one)]
    if not _of_outages(judgement, found):
        return []
    return [one for one in _outages(judgement, scene, found) if _counts(credit, found, one)]


def _of_outages(judgement: Judgement, found: Source) -> bool:
    """Whether a figure without items is one of outages: then these are what is looked at one by one."""
    if found.rule is not None:
        return _is_outage(judgement, found.rule)
    return (found.about.measure if found.judged and found.about is not None else found.name) in TIMELINE


def key_of(instant: int, judgement: Judgement) -> str:
    """An instant as the key of a thing: its time in the contract's zone, to the second or as fine as it is."""
    return from_ns(instant, ZoneInfo(judgement.contract.timezone)).isoformat()


def qualities_of(judgement: Judgement, service: str) -> Qualities:
    """What is known of a service that stands for its period."""
    own = next((one for one in judgement.contract.services if one.name == service), None)
    return Qualities() if own is None else Qualities(category=own.category, region=own.region)


def _whole(judgement: Judgement, service: str, found: Source | None) -> Thing:
    period = judgement.period
    value = None if found is None else found.value
    better = None if found is None else found.better(found.lower, found.upper)
    return Thing(None, period.start, period.end, value, better, qualities_of(judgement, service))


def _broken(found: Source, item: Item) -> bool:
    if item.verdict is not None:
        return item.verdict is Verdict.BREACHED
    return found.about is not None and misses(found.about, found.better(item.lower, item.upper))


def _counts(credit: Credit, found: Source, thing: Thing) -> bool:
    """Of a promise about the length of outages, those that broke it; of any other all."""
    about = found.about
    if not credit.promises or about is None or not found.judged:
        return True
    lengths = about.measure in _LENGTHS or (found.rule is not None and found.rule.kind in _LENGTHS)
    return misses(about, thing.better) if lengths or credit.per == "day" else True


def _item(judgement: Judgement, service: str, found: Source, item: Item) -> Thing:
    own = qualities_of(judgement, service)
    ticket = _ticket(judgement, service, item.key)
    qualities = Qualities(
        severity=item.severity,
        category=item.category or own.category,
        cause=item.cause,
        region=item.region or own.region,
        type=None if ticket is None else ticket.type,
    )
    end = judgement.period.end if item.end is None else item.end
    better = found.better(item.lower, item.upper)
    return Thing(item.key, item.start, end, item.value, better, qualities)


def _ticket(judgement: Judgement, service: str, id: str) -> TicketFact | None:
    """The ticket of that id, of a service or of one of those that are pooled."""
    scenes = [judgement.scenes[one] for one in parts(service, judgement.scenes)]
    known = [ticket for scene in scenes for ticket in scene.known.tickets.get(scene.service.name, ())]
    return next((ticket for ticket in known if ticket.id == id), None)


def _outages(judgement: Judgement, scene: Scene, found: Source) -> Iterator[Thing]:
    """The outages that began in the period, as short as they may have been; what was measured of each stands beside."""
    rule = found.rule if found.rule is not None and _is_outage(judgement, found.rule) else _PLAIN
    measured = list(outages_of(scene, rule, None, "measured"))
    own = qualities_of(judgement, scene.service.name)
    for one in outages_of(scene, rule, None, "least"):
        if one.counted:
            same = next((m for m in measured if m.start < one.end and one.start < m.end), one)
            place = one.category or own.category, one.region or own.region
            qualities = Qualities(one.severity, place[0], one.cause, place[1], FAULT)
            key = one.ticket or key_of(one.start, judgement)
            bounds = same.charged * same.weight, one.charged * one.weight
            yield Thing(key, one.start, one.end, *bounds, qualities, one.ticket)


def _is_outage(judgement: Judgement, rule: MeasureRule) -> bool:
    known = rule.of == "outage" or any(outage.name == rule.of for outage in judgement.contract.outages)
    return known and rule.kind in _OF_OUTAGES


def _days(judgement: Judgement, service: str, found: Source) -> Iterator[Thing]:
    """Every local day of the period with the figure measured in it."""
    scene, zone = judgement.scenes[service], ZoneInfo(judgement.contract.timezone)
    at = judgement.period.start
    while at < judgement.period.end:
        day = containing("day", at, zone)
        part = Period(day.label, day.kind, at, min(day.end, judgement.period.end))
        measured = _in_day(scene, found, part)
        if measured is not None:
            better = found.better(measured.lower, measured.upper)
            qualities = qualities_of(judgement, service)
            yield Thing(day.label, part.start, part.end, measured.value, better, qualities)
        at = day.end


def _in_day(scene: Scene, found: Source, day: Period) -> Measured | None:
    here = scene.during(day)
    if found.rule is not None:
        by_rule: Measured = RULES[found.rule.kind].measure([here], found.rule, None)
        return by_rule
    name = found.about.measure if found.judged and found.about is not None else found.name
    if name not in TIMELINE:
        return None
    timeline: Measured = TIMELINE[name].measure(here.view, plain(name, scene.service.name))
    return timeline
