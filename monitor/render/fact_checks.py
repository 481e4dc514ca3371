"""What facts must not say together: found across the lines of a file, told with the lines that disagree."""

from collections.abc import Hashable, Iterable
from dataclasses import replace

from monitor.sla.facts import (
    AssumeFact,
    ChargeFact,
    EpochFact,
    ExclusionFact,
    Fact,
    HeartbeatFact,
    IncidentFact,
    ScheduleFact,
    StateFact,
)
from probes.notation import instant_text
from probes.sample import Sample

Numbered = tuple[int, StateFact]


class Checks:
    """Facts as they come, each kept once. ``problems`` are (line, text)."""

    def __init__(self) -> None:
        self.problems: list[tuple[int, str]] = []
        self._kept: dict[Hashable, tuple[int, Fact]] = {}

    @property
    def facts(self) -> list[Fact]:
        """Every fact once, in the order of its first line."""
        return [fact for _, fact in self._kept.values()]

    def take(self, number: int, fact: Fact) -> None:
        """One more line. A fact that was there changes nothing; one that contradicts it is a problem."""
        key = _matter(fact)
        first = self._kept.setdefault(key, (number, fact))
        if first[1] is fact or first[1] == fact:
            return
        if isinstance(fact, Sample) and isinstance(first[1], Sample):
            self._again(key, first[0], first[1], number, fact)
            return
        self.problems.append((number, f"{_named(fact)} is given other content on line {first[0]}"))

    def _again(self, key: Hashable, first: int, kept: Sample, number: int, fact: Sample) -> None:
        """When a sample reached a store is no part of what it saw: of two copies the earlier stays."""
        if replace(kept, received_at=fact.received_at) != fact:
            self.problems.append((number, f"{_named(fact)} has other content on line {first}"))
            return
        arrivals = [at for at in (kept.received_at, fact.received_at) if at is not None]
        self._kept[key] = (first, replace(kept, received_at=min(arrivals)))

    def finish(self) -> None:
        """After the last line: what only shows in all of them together."""
        by_service: dict[str, list[Numbered]] = {}
        for number, fact in self._kept.values():
            if isinstance(fact, StateFact):
                by_service.setdefault(fact.service, []).append((number, fact))
        for states in by_service.values():
            self.problems.extend(_overlaps(states))


def _matter(fact: Fact) -> Hashable:
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
        case ChargeFact():
            return ("charge", fact.service, fact.contract, fact.name, fact.period)
        case HeartbeatFact() | EpochFact() | IncidentFact() | StateFact():
            return fact


def _named(fact: Fact) -> str:
    match fact:
        case Sample():
            return f"sample (vantage {fact.vantage!r}, boot {fact.boot!r}, seq {fact.seq})"
        case ExclusionFact():
            return f"exclusion {fact.id!r} of the same recorded_at"
        case AssumeFact():
            return f"assume for service {fact.service!r}"
        case ScheduleFact():
            return f"schedule of target {fact.target!r} from {instant_text(fact.start)}"
        case ChargeFact():
            return f"charge {fact.name!r} of service {fact.service!r} for {fact.period}"
    return "the fact"


def _overlaps(states: list[Numbered]) -> Iterable[tuple[int, str]]:
    """States of one service that overlap and differ. One without a contract holds for all, so it meets all of
    them; of those that agree only the one that lasts longest needs to be remembered."""
    open_: dict[tuple[str | None, str, str | None], Numbered] = {}
    for number, state in sorted(states, key=_by_start):
        mine = (state.contract, state.state, state.cause)
        for (contract, *said), (other, before) in open_.items():
            meets = None in (contract, state.contract) or contract == state.contract
            if meets and before.end > state.start and tuple(said) != mine[1:]:
                yield _overlap((number, state), (other, before))
        if mine not in open_ or open_[mine][1].end < state.end:
            open_[mine] = (number, state)


def _by_start(numbered: Numbered) -> tuple[int, int]:
    return numbered[1].start, numbered[0]


def _overlap(*both: Numbered) -> tuple[int, str]:
    """Told at the later line, which names the earlier one."""
    (first, before), (number, state) = sorted(both, key=lambda one: one[0])
    text = f"state {_said(state)} of service {state.service!r} overlaps {_said(before)} on line {first}"
    return number, text


def _said(state: StateFact) -> str:
    cause = f" ({state.cause})" if state.cause else ""
    return f"{state.state}{cause} {instant_text(state.start)}/{instant_text(state.end)}"
