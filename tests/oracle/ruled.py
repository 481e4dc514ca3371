"""Outages as a rule counts them: one plain step after the other, each from events on ticks to events on ticks."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from config.contract.rules import Edge, OutageRule
from monitor.sla.facts import TicketFact
from tests.oracle.exempt import same
from tests.oracle.sources import Desk, Event, events, hours, moment, weight_at
from tests.oracle.ticks import TICK, midnights, rounded


@dataclass(frozen=True)
class Outage:
    """``kept``: the ticks that count (one may count more than once); ``charged`` ns, rounded and less a franchise."""

    start: int
    end: int
    kept: tuple[int, ...]
    charged: Fraction
    weight: Fraction
    tickets: tuple[TicketFact, ...] = ()
    open: bool = False

    def part(self, span: range) -> Fraction:
        """What counts of it within a span."""
        within = sum(tick in span for tick in self.kept)
        return self.charged * within / len(self.kept) if self.kept else Fraction(0)


def outages(desk: Desk, rule: OutageRule) -> list[Outage]:
    """All the outages of a rule on the grid, by start."""
    key = f"outages {rule.name}"
    if key not in desk.found:
        desk.found[key] = _outages(desk, rule)
    return desk.found[key]  # type: ignore[return-value]


def _outages(desk: Desk, rule: OutageRule) -> list[Outage]:
    if rule.services and desk.service.name not in rule.services:
        return []
    found = [_kept(desk, rule, event) for event in _confirmed(rule, events(desk, rule))]
    voided = {tick for tick, effect in desk.gone.items() if effect == "void"}
    found = [one for one in found if not voided & set(range(one.start, one.end))]
    found = [one for one in found if _reported(desk, rule, one)]
    found = _overlapping(rule, found)
    found = _merged(desk, rule, found)
    found = [part for one in found for part in _split(desk, rule, one)]
    found = _qualified(rule, found)
    found = [_beyond(rule, one) for one in found]
    found = [left for one in found for left in _graced(desk, rule, one)]
    found = [replace(one, charged=rounded(one.charged, rule.round)) for one in found]
    if any(source.kind != "tickets" for source in rule.sources):
        found = [_weighed(desk, one) for one in found]
    return sorted(found, key=lambda one: (one.start, one.end))


def _weighed(desk: Desk, one: Outage) -> Outage:
    """With the mean of what the states say of the time that counts."""
    weights = [weight_at(desk, tick) for tick in one.kept]
    return replace(one, weight=sum(weights, Fraction(0)) / len(weights)) if weights else one


def _confirmed(rule: OutageRule, found: Sequence[Event]) -> list[Event]:
    """Those that lasted; counted from their confirmation where the rule says so."""
    after = rule.confirm_after // TICK
    lasted = [event for event in found if event.end - event.start >= after]
    if rule.starts.of != ("confirmation",) or not after:
        return lasted
    late = [(event, event.start + after) for event in lasted if event.end - event.start > after]
    return [replace(e, start=start, down=tuple(t for t in e.down if t >= start)) for e, start in late]


def _kept(desk: Desk, rule: OutageRule, event: Event) -> Outage:
    """What counts: inside the clock, less pauses of its ticket and what is exempted."""
    gone = {tick for tick, effect in desk.gone.items() if effect != "void"}
    clock = hours(desk, rule.clock)
    for pause in event.ticket.pauses if event.ticket else ():
        if rule.pauses is None or any(same(pause.cause, name) for name in rule.pauses):
            gone |= set(desk.grid.within(pause.start, pause.end))
    kept = tuple(t for t in event.down if t not in gone and (clock is None or t in clock))
    weight = Fraction(1)
    if all(source.kind == "tickets" for source in rule.sources):
        weight = (event.ticket and event.ticket.weight) or Fraction(1)
    told = () if event.ticket is None else (event.ticket,)
    return Outage(event.start, event.end, kept, Fraction(len(kept) * TICK), weight, told, event.open)


def _reported(desk: Desk, rule: OutageRule, one: Outage) -> bool:
    """Whether a ticket was open at its start, or was opened soon enough after."""
    if rule.reported_within is None:
        return True
    start = desk.grid.at(one.start)
    for ticket in desk.tickets():
        ended = ticket.end is not None and ticket.end <= start
        if ticket.opened <= start + rule.reported_within and (ticket.opened >= start or not ended):
            return True
    return False


def joined(parts: Sequence[Outage], kept: tuple[int, ...]) -> Outage:
    """Several outages as one."""
    told = tuple(ticket for one in parts for ticket in one.tickets)
    weights = [one.weight for one in parts for _ in one.kept]
    weight = sum(weights, Fraction(0)) / len(weights) if weights else parts[0].weight
    span = min(one.start for one in parts), max(one.end for one in parts)
    return Outage(*span, kept, Fraction(len(kept) * TICK), weight, told, any(one.open for one in parts))


def _overlapping(rule: OutageRule, found: list[Outage]) -> list[Outage]:
    """Of events at the same time their union, the longest, or each."""
    if rule.overlap == "sum":
        return found
    groups: list[list[Outage]] = []
    for one in sorted(found, key=lambda one: (one.start, one.end)):
        if groups and one.start < max(other.end for other in groups[-1]):
            groups[-1].append(one)
        else:
            groups.append([one])
    if rule.overlap == "longest":
        return [max(group, key=lambda one: one.charged) for group in groups]
    return [
        joined(group, tuple(sorted({t for one in group for t in one.kept}))) if len(group) > 1 else group[0]
        for group in groups
    ]


def _accumulated(rule: OutageRule, found: list[Outage]) -> list[Outage]:
    """Those in a window, slid over all of time, that holds enough of outage."""
    if rule.accumulate is None or not found:
        return found
    need, window = rule.accumulate[0] // TICK, rule.accumulate[1] // TICK
    reach = range(min(one.start for one in found) - window, max(one.end for one in found) + 1)
    keep: set[int] = set()

    def inside(at: int, ones: Sequence[Outage]) -> int:
        return sum(at <= t < at + window for one in ones for t in one.kept)

    sums = {at: inside(at, found) for at in [*reach, reach.stop]}
    for number, one in enumerate(found):
        own = {at: inside(at, [one]) for at in [*reach, reach.stop]}
        for at in reach:
            ends = [(sums[at], own[at]), (sums[at + 1], own[at + 1])]
            if any(f >= need and g for f, g in ends) or (any(f > need for f, _ in ends) and any(g for _, g in ends)):
                keep.add(number)
    return [one for number, one in enumerate(found) if number in keep]


def _merged(desk: Desk, rule: OutageRule, found: list[Outage]) -> list[Outage]:
    """Outages of enough length whose gap is small are one."""
    if rule.merge_within is None:
        return found
    within = rule.merge_within // TICK
    long = [one for one in found if one.kept and one.charged >= rule.merge_least]
    groups: list[list[Outage]] = []
    for one in sorted(long, key=lambda one: (one.start, one.end)):
        if groups and one.start - max(other.end for other in groups[-1]) <= within:
            groups[-1].append(one)
        else:
            groups.append([one])
    out = [one for one in found if one not in long]
    for group in groups:
        kept = sorted(t for one in group for t in one.kept)
        if rule.merge_span and len(group) > 1:
            kept = sorted(kept + _gaps(desk, rule, group))
        out.append(joined(group, tuple(kept)) if len(group) > 1 else group[0])
    return out


def _gaps(desk: Desk, rule: OutageRule, group: Sequence[Outage]) -> list[int]:
    """The ticks between outages that are charged with them."""
    gone = {tick for tick, effect in desk.gone.items() if effect != "void"}
    clock = hours(desk, rule.clock)
    whole = range(min(one.start for one in group), max(one.end for one in group))
    covered = {t for one in group for t in range(one.start, one.end)}
    return [t for t in whole if t not in covered and t not in gone and (clock is None or t in clock)]


def _split(desk: Desk, rule: OutageRule, one: Outage) -> list[Outage]:
    """Divided at local midnights or the period's edges."""
    if rule.split is None:
        return [one]
    edges = midnights(desk.grid, desk.contract.timezone)
    if rule.split == "period":
        edges = [desk.period.start, desk.period.stop]
    marks = [one.start, *(edge for edge in edges if one.start < edge < one.end), one.end]
    parts = []
    for a, b in itertools.pairwise(marks):
        kept = tuple(t for t in one.kept if a <= t < b)
        parts.append(replace(one, start=a, end=b, kept=kept, charged=Fraction(len(kept) * TICK)))
    return parts


def _qualified(rule: OutageRule, found: list[Outage]) -> list[Outage]:
    """Those that are long enough by themselves, or enough together."""
    together = [] if rule.accumulate is None else _accumulated(rule, found)
    alone = [] if rule.accumulate is not None and not rule.least else [o for o in found if _long_enough(rule, o)]
    return [one for one in found if one in together or one in alone]


def _long_enough(rule: OutageRule, one: Outage) -> bool:
    return one.charged > rule.least if rule.strict else one.charged >= rule.least


def _beyond(rule: OutageRule, one: Outage) -> Outage:
    return _rest(one, rule.least) if rule.excess else one


def _rest(one: Outage, ns: int) -> Outage:
    """An outage without the first so much of it."""
    kept = one.kept[ns // TICK :]
    return replace(one, kept=kept, charged=Fraction(len(kept) * TICK))


def _graced(desk: Desk, rule: OutageRule, one: Outage) -> list[Outage]:
    """Nothing of what was over within the grace."""
    if not rule.grace:
        return [one]
    since = one.start
    if rule.grace_from is not None:
        told = [moment(Edge(of=(rule.grace_from,)), ticket) for ticket in one.tickets]
        known = [at for at in told if at is not None]
        if not known:
            return []
        since = desk.grid.index(min(known))
    before = tuple(t for t in one.kept if t < since)
    after = tuple(t for t in one.kept if t >= since)[rule.grace // TICK :]
    if not after:
        return []
    del before
    return [replace(one, kept=after, charged=Fraction(len(after) * TICK))] if rule.grace_beyond else [one]
