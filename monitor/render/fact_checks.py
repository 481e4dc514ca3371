"""What facts must not say together: found across the lines of a file, told with the lines that disagree."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import replace

from monitor.render.exact import figure_text
from monitor.sla.facts import (
    AssumeFact,
    ChargeFact,
    ClaimFact,
    CountsFact,
    DamageFact,
    EpochFact,
    ExclusionFact,
    Fact,
    HeartbeatFact,
    IncidentFact,
    ScheduleFact,
    StateFact,
    TicketFact,
    ValueFact,
    WitnessesFact,
)
from probes.notation import instant_text
from probes.sample import Sample

RECORDED = 0
"""The number that recorded facts are said to have."""
Where = Callable[[int], str]
"""What the place of a number is called."""


def placed(place: str) -> Where:
    """Numbers as places of a file: ``on line`` or ``in row``."""
    return lambda number: "in the store" if number == RECORDED else f"{place} {number}"


class Checks:
    """Facts as they come, each kept once. ``problems`` are (line, text)."""

    def __init__(self, where: Where) -> None:
        self._where = where
        self.problems: list[tuple[int, str]] = []
        self._kept: dict[Hashable, tuple[int, Fact]] = {}

    @property
    def facts(self) -> list[Fact]:
        """Every fact once, in the order of its first line."""
        return [fact for _, fact in self._kept.values()]

    def take(self, number: int, fact: Fact) -> None:
        """One more line. A fact that was there changes nothing; one that contradicts it is a problem."""
        key = matter(fact)
        first = self._kept.setdefault(key, (number, fact))
        if first[1] is fact or first[1] == fact:
            return
        if isinstance(fact, Sample) and isinstance(first[1], Sample):
            self._again(key, first[0], first[1], number, fact)
            return
        self.problems.append((number, f"{named(fact)} is given other content {self._where(first[0])}"))

    def _again(self, key: Hashable, first: int, kept: Sample, number: int, fact: Sample) -> None:
        """When a sample reached a store is no part of what it saw: of two copies the earlier stays."""
        if replace(kept, received_at=fact.received_at) != fact:
            self.problems.append((number, f"{named(fact)} has other content {self._where(first)}"))
            return
        arrivals = [at for at in (kept.received_at, fact.received_at) if at is not None]
        self._kept[key] = (first, replace(kept, received_at=min(arrivals)))

    def finish(self) -> None:
        """After the last line: what only shows in all of them together."""
        by_service: dict[str, list[tuple[int, StateFact]]] = {}
        by_signal: dict[str, list[tuple[int, CountsFact]]] = {}
        for number, fact in self._kept.values():
            if isinstance(fact, StateFact):
                by_service.setdefault(fact.service, []).append((number, fact))
            elif isinstance(fact, CountsFact):
                by_signal.setdefault(fact.signal, []).append((number, fact))
        for states in by_service.values():
            self.problems.extend(overlaps(sorted(states, key=_by_start), self._where))
        for counted in by_signal.values():
            self.problems.extend(counted_twice(sorted(counted, key=_by_start), self._where))


def matter(fact: Fact) -> Hashable:
    """What a fact speaks of: two facts of one matter must say the same."""
    match fact:
        case Sample():
            return fact.identity
        case ExclusionFact():
            return ("exclusion", fact.id, fact.recorded_at)
        case AssumeFact():
            return ("assume", fact.service, fact.contract)
        case ScheduleFact():
            return ("schedule", fact.target, fact.start)
        case WitnessesFact():
            return ("witnesses", fact.vantage, fact.start)
        case ChargeFact():
            return ("charge", fact.service, fact.contract, fact.name, fact.period)
        case TicketFact():
            return ("ticket", fact.id, fact.contract, fact.recorded_at)
        case ValueFact():
            return ("value", fact.measure, fact.service, fact.contract, fact.period, fact.at)
        case ClaimFact():  # that it was made is told first, and what became of it later
            return ("claim", fact.contract, fact.at, fact.incident, fact.credit, fact.granted is None)
        case HeartbeatFact() | EpochFact() | IncidentFact() | StateFact() | CountsFact() | DamageFact():
            return fact


def named(fact: Fact) -> str:
    """A fact by what it speaks of, for people."""
    match fact:
        case Sample():
            return f"sample (vantage {fact.vantage!r}, boot {fact.boot!r}, seq {fact.seq})"
        case ExclusionFact():
            return f"exclusion {fact.id!r} of the same recorded_at"
        case AssumeFact():
            return f"assume for service {fact.service!r}"
        case ScheduleFact():
            return f"schedule of target {fact.target!r} from {instant_text(fact.start)}"
        case WitnessesFact():
            return f"witnesses of vantage {fact.vantage!r} from {instant_text(fact.start)}"
        case ChargeFact():
            return f"charge {fact.name!r} of service {fact.service!r} for {fact.period}"
        case TicketFact():
            return f"ticket {fact.id!r} of the same recorded_at"
        case ValueFact():
            return f"value of {fact.measure!r} for {_when(fact)}"
        case ClaimFact():
            return f"claim of contract {fact.contract!r} at {instant_text(fact.at)}"
    return "the fact"


def _when(fact: ValueFact) -> str:
    when = fact.period or instant_text(fact.at or 0)
    return when if fact.service is None else f"{when}, service {fact.service!r},"


def counted_twice(counted: Iterable[tuple[int, CountsFact]], where: Where) -> Iterable[tuple[int, str]]:
    """Counts of one signal, by start, whose spans overlap: what lies in both would be counted twice. One without a
    service or contract holds for all, so it meets all of them."""
    open_: dict[tuple[str | None, str | None], tuple[int, CountsFact]] = {}
    for number, fact in counted:
        mine = (fact.service, fact.contract)
        open_ = {key: one for key, one in open_.items() if one[1].end > fact.start}
        for theirs, (other, before) in open_.items():
            if all(None in pair or pair[0] == pair[1] for pair in zip(mine, theirs, strict=True)):
                (first, early), (last, late) = sorted(((number, fact), (other, before)), key=lambda one: one[0])
                yield last, f"counts of {fact.signal!r} {_span(late)} overlap those {_span(early)} {where(first)}"
        if mine not in open_ or open_[mine][1].end < fact.end:
            open_[mine] = (number, fact)


def overlaps(states: Iterable[tuple[int, StateFact]], where: Where) -> Iterable[tuple[int, str]]:
    """States of one service, by start, that overlap and differ. One without a contract holds for all, so it meets all
    of them; of those that agree only the one that lasts longest needs to be remembered. Told at the later line, which
    names the earlier one."""
    open_: dict[tuple[Hashable, ...], tuple[int, StateFact]] = {}
    for number, state in states:
        mine = (state.contract, state.state, state.cause, state.weight, state.severity, state.affected)
        open_ = {key: one for key, one in open_.items() if one[1].end > state.start}
        for (contract, *said), (other, before) in open_.items():
            if (None in (contract, state.contract) or contract == state.contract) and tuple(said) != mine[1:]:
                (first, early), (last, late) = sorted(((number, state), (other, before)), key=lambda one: one[0])
                yield last, f"state {_said(late)} of service {late.service!r} overlaps {_said(early)} {where(first)}"
        if mine not in open_ or open_[mine][1].end < state.end:
            open_[mine] = (number, state)


def _span(fact: CountsFact | StateFact) -> str:
    return f"{instant_text(fact.start)}/{instant_text(fact.end)}"


def _by_start(numbered: tuple[int, CountsFact | StateFact]) -> tuple[int, int]:
    return numbered[1].start, numbered[0]


def _said(state: StateFact) -> str:
    more = [state.cause] if state.cause else []
    more += [f"weight {figure_text(state.weight)}"] if state.weight is not None else []
    more += [f"severity {state.severity}"] if state.severity is not None else []
    more += [f"{state.affected} affected"] if state.affected is not None else []
    told = f" ({', '.join(more)})" if more else ""
    return f"{state.state}{told} {_span(state)}"
