"""Where a judgement takes its facts from: any store, or a list of facts in memory."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from config.spans import Span, union
from monitor.sla.facts import (
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
from probes.sample import Sample

VERSIONED = (ExclusionFact, TicketFact)


class Evidence(Protocol):
    """Samples and other facts, by time (ns UTC)."""

    def samples(self, target: str, start: int, end: int) -> Iterator[Sample]:
        """Samples of one target with ``start <= at < end`` from every vantage, by ``(at, identity)``."""

    def last_before(self, target: str, at: int) -> Sample | None:
        """The latest sample of a target before an instant."""

    def facts(self, start: int, end: int) -> Iterator[Fact]:
        """Facts other than samples and heartbeats that touch ``[start, end)``, and those without a span. Every version
        of an exclusion or a ticket is given if one of them touches."""

    def heartbeats(self, start: int, end: int) -> Iterator[HeartbeatFact]:
        """The heartbeats of ``[start, end)`` that a judgement rests on: the last of each boot, and those on both sides
        of a suspend; by ``at``."""

    def damaged(self, target: str, start: int, end: int) -> Sequence[Span]:
        """Spans, sorted and disjoint, that touch ``[start, end)`` and of which samples of the target were recorded
        that can no longer be read."""


class Facts:
    """A list of facts as evidence. Order does not matter; a repeated fact counts once, and two samples of one identity
    that differ count neither."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._samples: dict[str, list[Sample]] = defaultdict(list)
        self._others: list[Fact] = []
        self._heartbeats: list[HeartbeatFact] = []
        unique = list(dict.fromkeys(facts))
        copies = Counter(fact.identity for fact in unique if isinstance(fact, Sample))
        for fact in unique:
            if isinstance(fact, HeartbeatFact):
                self._heartbeats.append(fact)
            elif not isinstance(fact, Sample):
                self._others.append(fact)
            elif copies[fact.identity] == 1:
                self._samples[fact.target].append(fact)
        for samples in self._samples.values():
            samples.sort(key=_order)
        self._others.sort(key=repr)
        self._versioned = [fact for fact in self._others if isinstance(fact, VERSIONED)]
        self._heartbeats.sort(key=lambda beat: (beat.at, beat.vantage, beat.boot))

    def targets(self) -> list[str]:
        """The targets that have samples."""
        return sorted(self._samples)

    def samples(self, target: str, start: int, end: int) -> Iterator[Sample]:
        """As Evidence says."""
        found = self._samples.get(target, [])
        return iter(found[bisect_left(found, start, key=_at) : bisect_left(found, end, key=_at)])

    def last_before(self, target: str, at: int) -> Sample | None:
        """As Evidence says."""
        found = self._samples.get(target, [])
        index = bisect_left(found, at, key=_at)
        return found[index - 1] if index else None

    def facts(self, start: int, end: int) -> Iterator[Fact]:
        """As Evidence says."""
        touched = {(type(fact), fact.id) for fact in self._versioned if touches(fact, start, end)}
        for fact in self._others:
            if touches(fact, start, end) or (isinstance(fact, VERSIONED) and (type(fact), fact.id) in touched):
                yield fact

    def heartbeats(self, start: int, end: int) -> Iterator[HeartbeatFact]:
        """As Evidence says."""
        return telling([beat for beat in self._heartbeats if start <= beat.at < end])

    def damaged(self, target: str, start: int, end: int) -> Sequence[Span]:
        """As Evidence says: where a fact says so."""
        return damage(self._others, target, start, end)


def telling(beats: Iterable[HeartbeatFact]) -> Iterator[HeartbeatFact]:
    """Of heartbeats by ``at``: the last of each boot, and those on both sides of a suspend."""
    last: dict[tuple[str, str], HeartbeatFact] = {}
    kept: dict[HeartbeatFact, None] = {}
    for beat in beats:
        before = last.get((beat.vantage, beat.boot))
        if beat.suspended > 0:
            kept |= {b: None for b in (before, beat) if b is not None}
        last[beat.vantage, beat.boot] = beat
    kept |= dict.fromkeys(last.values())
    return iter(sorted(kept, key=lambda beat: (beat.at, beat.vantage, beat.boot)))


def damage(facts: Iterable[Fact], target: str, start: int, end: int) -> list[Span]:
    """What facts say was damaged of a target's samples, as ``Evidence.damaged`` gives it."""
    return union(
        (fact.start, fact.end)
        for fact in facts
        if isinstance(fact, DamageFact) and fact.target == target and fact.start < end and fact.end > start
    )


def _at(sample: Sample) -> int:
    return sample.at


def _order(sample: Sample) -> tuple[int, tuple[str, str, int]]:
    return (sample.at, sample.identity)


def touches(fact: Fact, start: int, end: int) -> bool:
    """Whether a fact may bear on ``[start, end)``: by its span, by its instant, or because it has neither."""
    match fact:
        case StateFact() | ExclusionFact() | CountsFact() | DamageFact():
            return fact.start < end and fact.end > start
        case TicketFact():
            return fact.start < end and (fact.end is None or fact.end >= start)
        case ValueFact() if fact.at is not None:
            return start <= fact.at < end
        case HeartbeatFact() | EpochFact():
            return start <= fact.at < end
        case IncidentFact():
            return fact.start < end
        case ScheduleFact() | WitnessesFact():
            return fact.start < end
        case Sample():
            return start <= fact.at < end
    return True
