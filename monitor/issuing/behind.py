"""The facts behind a statement: found by judging, the evidence that the statement asks for is noted, and exactly that
is what it rests on. So an incident that began months before the period brings its samples with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from config.contract.model import Contract
from config.contract.revisions import in_force
from config.model import Config
from config.periods import Period
from config.spans import Span, union
from monitor.issuing.people import by_pseudonym
from monitor.sla.evidence import Evidence
from monitor.sla.facts import DamageFact, Fact, HeartbeatFact, ScheduleFact
from monitor.sla.model import Statement
from monitor.sla.series import Series, series_of
from monitor.sla.statement import build
from monitor.sla.words import FOREVER
from probes.sample import Sample

MINUTE = 60_000_000_000


def known_until(period: Period, issued_at: int) -> int:
    """Up to where a statement that is issued at an instant looks: what a daemon is recording just now is left out, so
    that its evidence is the same whenever it is written."""
    return max(period.end, issued_at - MINUTE)


class Recorded(Evidence, Protocol):
    """Evidence that knows when its facts were recorded."""

    def facts(self, start: int, end: int, recorded: int = FOREVER) -> Iterator[Fact]:
        """As Evidence says, without what was recorded after ``recorded``."""


class Noted:
    """Evidence that remembers what was asked of it. ``named``: people by name, as far as it is known. ``until``: as if
    nothing came after. ``recorded``: without facts that were recorded after this instant."""

    def __init__(self, evidence: Recorded, named: bool = True, until: int = FOREVER, recorded: int = FOREVER) -> None:
        self._evidence, self._named, self._until, self._recorded = evidence, named, until, recorded
        self.asked: dict[str, list[Span]] = {}
        self.before: dict[Sample, None] = {}
        self.told: dict[Fact, None] = {}

    def samples(self, target: str, start: int, end: int) -> Iterator[Sample]:
        """As Evidence says."""
        end = min(end, self._until)
        self.asked.setdefault(target, []).append((start, end))
        return self._evidence.samples(target, start, end)

    def series(self, target: str, start: int, end: int) -> Series | list[Sample]:
        """As Columnar says."""
        end = min(end, self._until)
        self.asked.setdefault(target, []).append((start, end))
        return series_of(self._evidence, target, start, end)

    def last_before(self, target: str, at: int) -> Sample | None:
        """As Evidence says."""
        found = self._evidence.last_before(target, min(at, self._until))
        if found is not None:
            self.before[found] = None
        return found

    def facts(self, start: int, end: int) -> Iterator[Fact]:
        """As Evidence says."""
        for told in self._evidence.facts(start, min(end, self._until), self._recorded):
            fact = told if self._named else by_pseudonym(told)
            self.told[fact] = None
            yield fact

    def heartbeats(self, start: int, end: int) -> Iterator[HeartbeatFact]:
        """As Evidence says."""
        for beat in self._evidence.heartbeats(start, min(end, self._until)):
            self.told[beat] = None
            yield beat

    def damaged(self, target: str, start: int, end: int) -> Sequence[Span]:
        """As Evidence says."""
        found = self._evidence.damaged(target, start, min(end, self._until))
        self.told |= {DamageFact(first, last, target): None for first, last in found}
        return found

    def spans(self) -> Iterator[tuple[str, int, int]]:
        """Where the samples that were asked for lie, as far as there are any."""
        for target, spans in sorted(self.asked.items()):
            single = [(sample.at, sample.at + 1) for sample in self.before if sample.target == target]
            yield from ((target, start, end) for start, end in union([*spans, *single]))

    def everything(self) -> Iterator[Fact]:
        """What was asked for, each once: facts, then samples by target and time."""
        yield from self.told
        for target, spans in sorted(self.asked.items()):
            spans = union(spans)
            for sample in self.before:
                if sample.target == target and not any(start <= sample.at < end for start, end in spans):
                    yield sample
            for start, end in spans:
                yield from self._evidence.samples(target, start, end)


@dataclass(frozen=True, slots=True)
class Behind:
    """A statement with the samples it rests on, by target and span, and all of its facts."""

    statement: Statement
    spans: tuple[tuple[str, int, int], ...]
    facts: Iterator[Fact]


def behind(
    config: Config,
    contract: Contract,
    period: Period,
    evidence: Recorded,
    as_of: int | None,
    named: bool = True,
    until: int = FOREVER,
    recorded: int = FOREVER,
) -> Behind:
    """The statement of a period, and every fact that it rests on, with the schedule where only the configuration says
    it. ``named``: people by name; else by pseudonym. ``until``: by nothing that came after this instant.
    ``recorded``: by no fact that was recorded after it. Raises ValueError where the period has not begun."""
    noted = Noted(evidence, named, until, recorded)
    statement = build(config, contract, period, noted, as_of)
    return Behind(statement, tuple(noted.spans()), _told(config, contract, period, noted))


def behind_issued(config: Config, contract: Contract, period: Period, evidence: Recorded, issued_at: int) -> Behind:
    """What a statement rests on that was issued at an instant, whatever was recorded since."""
    until = known_until(period, issued_at)
    return behind(config, contract, period, evidence, None, until=until, recorded=issued_at)


def _told(config: Config, contract: Contract, period: Period, noted: Noted) -> Iterator[Fact]:
    scheduled = {fact.target for fact in noted.told if isinstance(fact, ScheduleFact)}
    for name in sorted(
        {name for service in in_force(contract, period.start).services for name in service.targets} - scheduled
    ):
        target, spans = config.targets[name], noted.asked.get(name, [(period.start, period.end)])
        yield ScheduleFact(name, min(start for start, _ in spans), target.every, target.timeout)
    yield from noted.everything()
