"""What a rule's outages are made of, tick by tick: the word of each source, or the tickets one by one."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from config.contract.model import Contract, Service
from config.contract.noun import Condition
from config.contract.rules import Bucket, Edge, OutageRule
from monitor.sla.facts import FAULT, CountsFact, Fact, StateFact, TicketFact
from tests.oracle.exempt import effects, same
from tests.oracle.speech import DOWN, UNKNOWN, UP
from tests.oracle.ticks import TICK, Grid, inside


@dataclass(frozen=True)
class Desk:
    """One service, everything that was told, and what was seen of every service at each tick."""

    contract: Contract
    service: Service
    facts: tuple[Fact, ...]
    grid: Grid
    period: range
    seen: dict[str, tuple[str, ...]]
    found: dict[str, object] = field(default_factory=dict)

    @cached_property
    def gone(self) -> dict[int, str]:
        """The effect of the exclusions at each tick that has one."""
        return {tick: effect for tick, (effect, _) in self.why.items()}

    @cached_property
    def why(self) -> dict[int, tuple[str, str]]:
        """The same with the cause."""
        return effects(self.contract, self.service, self.facts, self.grid)

    def tickets(self) -> list[TicketFact]:
        return [f for f in self.facts if isinstance(f, TicketFact) and f.service == self.service.name]


@dataclass(frozen=True)
class Event:
    """Something that went wrong from tick ``start`` to before ``end``; ``down``: the ticks of it that were."""

    start: int
    end: int
    down: tuple[int, ...]
    ticket: TicketFact | None = None
    open: bool = False


def fits(where: Condition, service: Service, ticket: TicketFact) -> bool:
    """Whether a condition is about a ticket: of what it does not say itself, its service is asked."""
    told = {
        "severity": ticket.severity,
        "category": ticket.category or service.category,
        "region": ticket.region or service.region,
        "cause": ticket.cause,
        "type": ticket.type,
    }
    wanted = {name: getattr(where, name) for name in told}
    return all(not values or any(same(told[name], value) for value in values) for name, values in wanted.items())


def events(desk: Desk, rule: OutageRule) -> list[Event]:
    """Those of one source one by one, or what several say together."""
    words: list[tuple[str, ...]] = []
    told: list[Event] = []
    for source in rule.sources:
        if source.kind == "tickets":
            told += tickets(desk, rule)
            filled = {tick for event in tickets(desk, rule) for tick in range(event.start, event.end)}
            words.append(tuple(DOWN if tick in filled else UP for tick in range(desk.grid.size)))
        elif rule.bucket is not None:
            words.append(bucketed(desk, rule, source.kind, source.name))
        else:
            words.append(desk.seen[desk.service.name])
    if all(source.kind == "tickets" for source in rule.sources):
        return told
    return [_ticketed(desk, rule, event) for event in runs(_joined(desk, rule, words))]


def unknown(desk: Desk, rule: OutageRule) -> frozenset[int]:
    """The ticks of which the sources of a rule know nothing."""
    if any(source.kind == "tickets" for source in rule.sources):
        return frozenset()
    words = _joined(
        desk,
        rule,
        [
            bucketed(desk, rule, source.kind, source.name) if rule.bucket else desk.seen[desk.service.name]
            for source in rule.sources
        ],
    )
    return frozenset(tick for tick, word in enumerate(words) if word == UNKNOWN)


def _joined(desk: Desk, rule: OutageRule, words: Sequence[Sequence[str]]) -> list[str]:
    """What all the sources say together, while the control was up."""
    joined = [together(said, rule.every_source) for said in zip(*words, strict=True)]
    if rule.control is not None:
        joined = [_while_up(word, control) for word, control in zip(joined, desk.seen[rule.control], strict=True)]
    return joined


def _ticketed(desk: Desk, rule: OutageRule, event: Event) -> Event:
    """With the ticket that it was handled under, where the rule reads tickets or names pauses: of those that ran while
    it did the one opened first."""
    if rule.pauses is None and all(source.kind != "tickets" for source in rule.sources):
        return event
    for ticket in sorted(faults(desk, rule), key=lambda t: (t.opened, t.id)):
        span = desk.grid.within(ticket.start, ticket.end)
        if span.start < event.end and (span.stop > event.start):
            return replace(event, ticket=ticket)
    return event


def _while_up(word: str, control: str) -> str:
    if word == UP or control == DOWN:
        return UP
    return word if control == UP else UNKNOWN


def together(said: Sequence[str], every: bool) -> str:
    """Down when all are, or when any is; what is open is unknown."""
    if every:
        return DOWN if all(w == DOWN for w in said) else UP if UP in said else UNKNOWN
    return DOWN if DOWN in said else UNKNOWN if UNKNOWN in said else UP


def runs(words: Sequence[str]) -> list[Event]:
    """The stretches without UP from their first DOWN to their last."""
    out: list[Event] = []
    run: list[int] = []
    for tick, word in enumerate([*words, UP]):
        if word != UP:
            run.append(tick)
            continue
        down = [t for t in run if words[t] == DOWN]
        if down:
            out.append(Event(down[0], down[-1] + 1, tuple(down), open=tick == len(words)))
        run = []
    return out


def tickets(desk: Desk, rule: OutageRule) -> list[Event]:
    """Each fault that the rule is about, between its moments; one that has none of them is no outage."""
    found: list[Event] = []
    for ticket in faults(desk, rule):
        if rule.affected and (ticket.affected is None or ticket.affected < rule.affected):
            continue
        start = moment(rule.starts, ticket)
        if start is None:
            continue
        for a, b in _stretches(rule, ticket, start):
            span = desk.grid.within(a, b)
            if b is None:
                span = range(span.start, max(span.start, desk.period.stop))
            if len(span):
                found.append(Event(span.start, span.stop, tuple(span), ticket, b is None))
    return sorted(found, key=lambda e: (e.start, e.end))


def faults(desk: Desk, rule: OutageRule) -> list[TicketFact]:
    """The tickets that a rule is about."""
    kinds = rule.where.type or (FAULT,)
    return [t for t in desk.tickets() if t.type in kinds and fits(rule.where, desk.service, t)]


def _stretches(rule: OutageRule, ticket: TicketFact, start: int) -> list[tuple[int, int | None]]:
    """Once from start to end, or anew each time it was reopened."""
    end = moment(rule.ends, ticket)
    if end is not None and any(again >= end for again in ticket.reopened) and "closed" not in rule.ends.of:
        end = None
    if rule.reopen == "continues" or not ticket.reopened:
        return [(start, end)]
    out: list[tuple[int, int | None]] = []
    for again in sorted(at for at in ticket.reopened if at > start):
        out.append((start, again))
        start = again
    return [*out, (start, end)]


def moment(edge: Edge, ticket: TicketFact) -> int | None:
    """When a ticket's outage starts or ends."""
    restored = ticket.restored if ticket.restored is not None else ticket.closed
    told = {
        "first_failure": ticket.opened if ticket.occurred is None else ticket.occurred,
        "confirmation": ticket.confirmed,
        "report": ticket.opened,
        "detection": ticket.detected,
        "acknowledgement": ticket.acknowledged,
        "response": ticket.responded,
        "occurred": ticket.occurred,
        "first_success": restored,
        "restored": restored,
        "closed": ticket.closed,
    }
    named = [told[name] for name in edge.of]
    known = [at for at in named if at is not None]
    if edge.pick == "latest":
        return max(known) if len(known) == len(named) else None
    return min(known, default=None)


def bucketed(desk: Desk, rule: OutageRule, kind: str, name: str | None) -> tuple[str, ...]:
    """Every tick as its bucket is judged; too few bad ones in a row are good."""
    assert rule.bucket is not None
    length = rule.bucket.length // TICK
    first = desk.period.start % length
    marks = [*([0] if first else []), *range(first, desk.grid.size, length), desk.grid.size]
    judged: list[str] = []
    facts = [f for f in desk.facts if isinstance(f, CountsFact) and f.signal == name]
    facts = [f for f in facts if f.service in (None, desk.service.name)]
    gone = desk.gone
    for a, b in itertools.pairwise(marks):
        before = judged[-1] if judged else UNKNOWN
        if kind == "counts":
            judged.append(_of_counts(desk, facts, rule.bucket, (a, b), before))
        else:
            judged.append(_of_time(desk, rule.bucket, list(range(a, b)), gone))
    spread: list[str] = []
    for a, b, word in zip(marks, marks[1:], in_a_row(judged, rule.consecutive), strict=False):
        spread += [word] * (b - a)
    if kind != "counts" or not facts:
        return tuple(spread)
    # beyond the first and the last word, and outside the period, nothing is an outage
    low = min(desk.period.start, *(desk.grid.index(fact.start) for fact in facts))
    high = max(desk.period.stop, *(desk.grid.index(fact.end) for fact in facts))
    return tuple(word if low <= tick < high else UP for tick, word in enumerate(spread))


def in_a_row(judged: Sequence[str], least: int) -> list[str]:
    out = list(judged)
    i = 0
    while i < len(out):
        j = i
        while j < len(out) and out[j] == DOWN:
            j += 1
        if 0 < j - i < least:
            out[i:j] = [UP] * (j - i)
        i = max(j, i + 1)
    return out


def _bad(bucket: Bucket, share: Fraction) -> bool:
    match bucket.when:
        case "all_fail":
            return share == 1
        case "any_fail":
            return share > 0
        case _:
            return share > bucket.ratio if bucket.strict else share >= bucket.ratio


def _of_time(desk: Desk, bucket: Bucket, ticks: Sequence[int], gone: dict[int, str]) -> str:
    """A bucket of probed time by the share of it that failed; what is exempted did not."""
    words = [desk.seen[desk.service.name][t] for t in ticks]
    words = [
        UP if gone.get(t) in ("absent", "out_of_base", "not_down") else w for t, w in zip(ticks, words, strict=True)
    ]
    known = [w for w in words if w != UNKNOWN]
    if not known:
        return UNKNOWN
    return DOWN if _bad(bucket, Fraction(known.count(DOWN), len(known))) else UP


def _of_counts(desk: Desk, facts: Sequence[CountsFact], bucket: Bucket, span: tuple[int, int], before: str) -> str:
    """A bucket of requests by the share of them that failed."""
    if not facts:
        return UNKNOWN
    total = failed = Fraction(0)
    for fact in facts:
        told = desk.grid.within(fact.start, fact.end)
        part = Fraction(max(0, min(told.stop, span[1]) - max(told.start, span[0])), len(told))
        total += part * fact.total * (fact.weight or 1)
        failed += part * fact.failed * (fact.weight or 1)
    if total < bucket.minimum:
        return {"good": UP, "bad": DOWN, "skip": UNKNOWN, "carry": before}[bucket.empty]
    return DOWN if _bad(bucket, failed / total) else UP


def weight_at(desk: Desk, tick: int) -> Fraction:
    """The share that the state of a tick speaks of."""
    for fact in desk.facts:
        if not isinstance(fact, StateFact) or fact.service != desk.service.name or fact.weight is None:
            continue
        if fact.state == "down" and tick in desk.grid.within(fact.start, fact.end):
            return fact.weight
    return Fraction(1)


def hours(desk: Desk, clock: str | None) -> frozenset[int] | None:
    """The ticks inside a clock; None: all."""
    return None if clock is None else inside(desk.contract.calendar(clock), desk.grid)
