"""How much of an outage counts: inside its clock, less exclusions and pauses, past its grace, beyond its threshold."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from config.calendars import ALWAYS, Calendar
from config.contract.model import Contract
from config.contract.rules import Moment, OutageRule
from config.periods import containing, day_of, start_of
from config.spans import Span, clip, intersect, subtract, union
from monitor.sla.occurrence import overlap
from monitor.sla.outages import edges, tickets
from monitor.sla.outages.raw import Raw, after

if TYPE_CHECKING:
    from monitor.sla.scene import Scene


def calendar_of(contract: Contract, name: str | None) -> Calendar | None:
    """A calendar of the contract; None where every instant counts. KeyError where there is none of that name."""
    if name is None or name == ALWAYS:
        return None
    for calendar in contract.calendars:
        if calendar.name == name:
            return calendar
    raise KeyError(name)


def counted(raw: Raw, scene: "Scene", rule: OutageRule) -> Raw:
    """The outage with what counts of its spans."""
    return replace(raw, kept=tuple(charged(raw.spans, raw.stops, scene, rule)))


def charged(spans: Sequence[Span], stops: Sequence[Span], scene: "Scene", rule: OutageRule) -> list[Span]:
    """What counts of some spans: inside the rule's clock, less what is excluded or paused."""
    calendar = calendar_of(scene.contract, rule.clock)
    excluded = scene.view.excluded
    forgiven = scene.states(rule).forgiven if excluded.voided and not _of_tickets(rule) else ()
    kept = subtract(union(spans), union([*excluded.all, *forgiven, *stops]))
    if calendar is None or not kept:
        return kept
    return intersect(kept, calendar.open_spans(kept[0][0], kept[-1][1]))


def _of_tickets(rule: OutageRule) -> bool:
    return all(source.kind == "tickets" for source in rule.sources)


def void(raw: Raw, scene: "Scene") -> bool:
    """Whether it is touched by what makes an outage none at all."""
    return any(overlap(raw.spans, start, end) for start, end in scene.view.excluded.voided)


def after_grace(raw: Raw, scene: "Scene", rule: OutageRule) -> Raw:
    """What was restored within the grace does not count; of the rest all, or what is beyond it. A grace that a moment
    of the ticket begins runs from there, on the same clock; without a ticket that tells it, it never ends."""
    if not rule.grace or not raw.kept:
        return raw
    if rule.grace_from is not None:
        return _after_notice(raw, scene, rule, rule.grace_from)
    if raw.length <= rule.grace:
        return replace(raw, kept=())
    return replace(raw, kept=after(raw.kept, rule.grace)) if rule.grace_beyond else raw


def _after_notice(raw: Raw, scene: "Scene", rule: OutageRule, moment: Moment) -> Raw:
    ticket = next((one for one in tickets.faults(scene, rule) if one.id == raw.ticket), None)
    ticket = ticket or edges.ticket_of(raw, scene, rule)
    told = None if ticket is None else tickets.moment(ticket, moment)
    if told is None or told >= raw.end:
        return replace(raw, kept=())
    left = after(charged([(told, raw.end)], raw.stops, scene, rule), rule.grace)
    if not left:
        return replace(raw, kept=())
    return replace(raw, kept=tuple(intersect(raw.kept, left))) if rule.grace_beyond else raw


def parts(raw: Raw, scene: "Scene", rule: OutageRule) -> list[Raw]:
    """The outage divided at local midnights, or at the edges of the contract's periods."""
    if rule.split is None:
        return [raw]
    edges = _edges(raw.start, raw.end, scene.contract, rule.split)
    out = []
    for start, end in zip([raw.start, *edges], [*edges, raw.end], strict=True):
        spans, kept = clip(union(raw.spans), start, end), clip(raw.kept, start, end)
        if spans:
            runs = raw.open and end == raw.end
            out.append(replace(raw, start=start, end=end, open=runs, spans=tuple(spans), kept=tuple(kept)))
    return out


def _edges(start: int, end: int, contract: Contract, split: str) -> list[int]:
    zone = ZoneInfo(contract.timezone)
    edges: list[int] = []
    if split == "day":
        day = day_of(start, zone) + timedelta(days=1)
        while (at := start_of(day, zone)) < end:
            edges += [at] if at > start else []
            day += timedelta(days=1)
        return edges
    at = containing(contract.period, start, zone).end
    while at < end:
        edges.append(at)
        at = containing(contract.period, at, zone).end
    return edges


def weighed(raw: Raw, shares: Sequence[tuple[int, int, Fraction]]) -> Fraction:
    """The share of people or things that an outage hit, over all that counts of it: as the facts of its spans say
    (start, end, share), and all of them where none does."""
    if not raw.length:
        return raw.weight
    lost, left = Fraction(0), list(raw.kept)
    for since, until, share in shares:
        if since >= raw.end or until <= raw.start:
            continue
        hit = clip(left, since, until)
        lost += share * sum(end - start for start, end in hit)
        left = subtract(left, hit)
    return (lost + raw.weight * sum(end - start for start, end in left)) / raw.length
