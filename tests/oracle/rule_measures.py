"""The figures of measures that a contract defines, from outages and tickets on ticks. Only what was measured: unknown
time is left unknown."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from config.contract.rules import MeasureRule
from monitor.sla.facts import FAULT, TicketFact, ValueFact
from tests.oracle.exempt import same
from tests.oracle.rule_requests import requests
from tests.oracle.ruled import Outage, outages
from tests.oracle.sources import Desk, fits, hours, unknown
from tests.oracle.ticks import TICK, inside, rounded

LEGS = {
    "response": ("opened", "responded"),
    "acknowledgement": ("opened", "acknowledged"),
    "resolution": ("opened", "restored"),
    "closure": ("opened", "closed"),
    "notification": ("detected", "notified"),
    "start of repair": ("opened", "repair_started"),
    "delivery": ("requested", "delivered"),
}


def figure(desks: Sequence[Desk], rule: MeasureRule) -> Fraction | None:
    """The value of one measure over the period, of one service or of several pooled; None: there is none."""
    match rule.kind:
        case "ratio":
            value = _ratio(desks, rule)
        case "total":
            value = sum((_weighed(desks, desk) * _lost(desk, rule) for desk in desks), Fraction(0)) - rule.beyond
            value = max(value, Fraction(0))
        case "longest":
            value = max((one.charged for desk in desks for one in _begun(desk, rule)), default=Fraction(0))
        case "count":
            value = Fraction(sum(_counts(rule, one) for desk in desks for one in _begun(desk, rule)))
        case "each":
            value = _statistic(rule, [length for desk in desks for length in _lengths(desk, rule)])
        case "tickets":
            value = _share(desks, rule)
        case "requests" | "counts":
            value = requests(desks, rule)
        case _:
            value = _given(desks, rule)
    return value if value is None or rule.round is None or not rule.round.compare else rounded(value, rule.round)


def _weighed(desks: Sequence[Desk], desk: Desk) -> Fraction:
    """What a service counts for beside others."""
    return desk.service.weight if len(desks) > 1 else Fraction(1)


def _begun(desk: Desk, rule: MeasureRule) -> list[Outage]:
    """The outages that began in the period and of which something counts."""
    found = outages(desk, desk.contract.outage(rule.of))
    return [one for one in found if one.start in desk.period and one.charged and _about(desk, rule, one)]


def _about(desk: Desk, rule: MeasureRule, one: Outage) -> bool:
    return rule.where == type(rule.where)() or any(fits(rule.where, desk.service, t) for t in one.tickets)


def _counts(rule: MeasureRule, one: Outage) -> bool:
    return one.charged > rule.longer if rule.strict_longer else one.charged >= rule.longer


def _lost(desk: Desk, rule: MeasureRule, within: frozenset[int] | None = None) -> Fraction:
    """What outages took of the period."""
    own = desk.contract.outage(rule.of)
    total = Fraction(0)
    for one in outages(desk, own):
        if not _about(desk, rule, one):
            continue
        part = one.part(desk.period)
        if within is not None and one.kept:
            ticks = sum(t in desk.period and t in within for t in one.kept)
            part = one.charged * ticks / len(one.kept)
        total += part * (one.weight if own.weighted or rule.weighted else 1)
    return total


def _ratio(desks: Sequence[Desk], rule: MeasureRule) -> Fraction | None:
    lost = base = Fraction(0)
    for desk in desks:
        own = desk.contract.base if rule.base is None else rule.base
        gone = desk.gone
        ticks = [t for t in desk.period if not (gone.get(t) == "absent" and rule.absent == "shrink")]
        there = len(ticks)
        ticks = [t for t in ticks if gone.get(t) != "out_of_base"]
        silent = unknown(desk, desk.contract.outage(rule.of)) & set(ticks)
        within = None
        length = Fraction(len(ticks) * TICK)
        if own.kind == "scheduled":
            within = inside(desk.contract.calendar(own.calendar or ""), desk.grid)
            length = Fraction(sum(t in within for t in ticks) * TICK)
            silent &= within
        if own.kind == "flat":
            length = Fraction(own.flat or 0) * there / len(desk.period)
        length = length - len(silent) * TICK if len(silent) < len(ticks) else Fraction(0)
        base += length * _weighed(desks, desk)
        lost += _lost(desk, rule, within) * _weighed(desks, desk)
    return max(Fraction(0), 1 - lost / base) if base else None


def _statistic(rule: MeasureRule, values: Sequence[Fraction]) -> Fraction | None:
    """One figure of many; without a statistic the worst."""
    if not values:
        return None
    name = rule.statistic or "max"
    ordered = sorted(values)
    match name:
        case "mean":
            return sum(values, Fraction(0)) / len(values)
        case "max" | "min":
            return ordered[-1] if name == "max" else ordered[0]
        case "sum":
            return sum(values, Fraction(0))
        case "share within":
            return Fraction(sum(v <= (rule.threshold or 0) for v in values), len(values))
        case "share over":
            return Fraction(sum(v > (rule.threshold or 0) for v in values), len(values))
        case "share under":
            return Fraction(sum(v < (rule.threshold or 0) for v in values), len(values))
    rank = Fraction(50) if name == "median" else Fraction(name[1:])
    return ordered[max(1, ceil(rank * len(values) / 100)) - 1]


def _lengths(desk: Desk, rule: MeasureRule) -> list[Fraction]:
    """The length of every outage, or of the leg of every ticket that belongs to the period."""
    if rule.of in {"outage", *(own.name for own in desk.contract.outages)}:
        if rule.less_excluded:
            found = outages(desk, desk.contract.outage(rule.of))
            return [one.charged for one in found if one.start in desk.period and _about(desk, rule, one)]
        return [one.charged for one in _begun(desk, rule)]
    mine = [t for t in _mine(desk, rule) if _starts(desk, rule.of, t) and not _excluded(desk, rule, t, rule.of)]
    found = [leg(desk, rule, rule.of, t) for t in mine]
    return [length for length in found if length is not None]


def _mine(desk: Desk, rule: MeasureRule) -> list[TicketFact]:
    """The provider's tickets that a measure is about, of the kind it names, else faults."""
    kinds = rule.where.type or (FAULT,)
    found = [t for t in desk.tickets() if t.by == "provider" and t.type in kinds]
    return [t for t in found if fits(rule.where, desk.service, t)]


def _excluded(desk: Desk, rule: MeasureRule, ticket: TicketFact, name: str) -> bool:
    """Whether its own cause exempts a ticket for as long as its leg lasted."""
    start, end = ends_of(name, ticket)
    if rule.less_excluded or start is None:
        return False
    if not _cause_exempts(desk, ticket):
        return False
    ticks = desk.grid.within(start, max(start, ticket.end or start) if end is None else max(start, end))
    return all(same(ticket.cause, desk.why.get(t, ("", ""))[1]) for t in ticks)


def _cause_exempts(desk: Desk, ticket: TicketFact) -> bool:
    terms = [term for term in desk.contract.exclusions if same(ticket.cause, term.cause)]
    return any(term.notice is None and term.notice_days is None for term in terms)


def _starts(desk: Desk, name: str, ticket: TicketFact) -> bool:
    start = ends_of(name, ticket)[0]
    return start is not None and desk.grid.index(start) in desk.period


def ends_of(name: str, ticket: TicketFact) -> tuple[int | None, int | None]:
    """From when to when a leg of a ticket runs."""
    first, last = LEGS[name] if name in LEGS else tuple(name.split(" to "))
    start, end = getattr(ticket, first), getattr(ticket, last)
    if name == "delivery" and start is None:
        start = ticket.opened
    if name == "resolution" and end is None:
        end = ticket.closed
    if name == "notification":
        start = ticket.opened if start is None else start
        end = min([*ticket.updates, *([] if end is None else [end])], default=None)
    return start, end


def leg(desk: Desk, rule: MeasureRule, name: str, ticket: TicketFact, until: int | None = None) -> Fraction | None:
    """How long a leg took on its clock, less pauses; None where its end was never told."""
    start, end = ends_of(name, ticket)
    end = end if until is None else until
    if start is None or end is None:
        return None
    ticks = set(desk.grid.within(start, max(start, end)))
    gone = {t for t, effect in desk.gone.items() if effect == "pause"}
    if rule.less_excluded:
        gone = set(desk.gone)
    if _cause_exempts(desk, ticket):
        gone |= {t for t, (_, cause) in desk.why.items() if same(ticket.cause, cause)}
    for pause in ticket.pauses:
        gone |= set(desk.grid.within(pause.start, pause.end))
    clock = hours(desk, rule.clock)
    return Fraction(len([t for t in ticks - gone if clock is None or t in clock]) * TICK)


def _at_most(desk: Desk, rule: MeasureRule, name: str, ticket: TicketFact, limit: int) -> Fraction | None:
    """A leg's length; where its end was not told, what the whole ticket took, if even that is within the limit."""
    found = leg(desk, rule, name, ticket)
    if found is None and ticket.end is not None and ends_of(name, ticket)[0] is not None:
        whole = leg(desk, rule, name, ticket, ticket.end)
        found = whole if whole is not None and whole <= limit else None
    return found


def _share(desks: Sequence[Desk], rule: MeasureRule) -> Fraction | None:
    """Of the tickets of which it is known, the share that kept every leg."""
    kept = missed = 0
    for desk in desks:
        for ticket in _mine(desk, rule):
            if desk.grid.index(ticket.opened) not in desk.period:
                continue
            if all(_excluded(desk, rule, ticket, name) for name, _ in rule.legs):
                continue
            taken = [(_at_most(desk, rule, name, ticket, limit), limit) for name, limit in rule.legs]
            if any(length is not None and length > limit for length, limit in taken):
                missed += 1
            elif all(length is not None for length, _ in taken):
                kept += 1
    return Fraction(kept, kept + missed) if kept + missed else None


def _given(desks: Sequence[Desk], rule: MeasureRule) -> Fraction | None:
    """One statistic of the values that were told of the service, else of all, in the period."""
    desk = desks[0]
    found = [
        f
        for f in desk.facts
        if isinstance(f, ValueFact)
        and f.measure == rule.of
        and f.at is not None
        and desk.grid.index(f.at) in desk.period
    ]
    own = [f for f in found if f.service == desk.service.name] or [f for f in found if f.service is None]
    own.sort(key=lambda f: f.at or 0)
    values = [f.value * rule.scale for f in own]
    if rule.statistic == "last":
        return values[-1] if values else None
    if rule.statistic in (None, "mean") and own:
        weights = [f.n or 1 for f in own]
        return sum((v * n for v, n in zip(values, weights, strict=True)), Fraction(0)) / sum(weights)
    return _statistic(rule, values)
