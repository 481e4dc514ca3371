"""``upheld export``: the facts behind a period, so that anybody can judge it again from the file alone.

What has to be in the file is found by judging: the evidence that the statement asks for is noted, and exactly that
is written. So an incident that began months before the period brings its samples with it.
"""

import time
from collections.abc import Iterator

import click

from config.contract.model import Contract
from config.model import Config
from config.periods import Period
from config.spans import Span, union
from monitor.cli.common import (
    config_option,
    configuration,
    contract_of,
    period_of,
    store_option,
    written,
)
from monitor.cli.reading import reader
from monitor.cli.statement import judged, open_at
from monitor.sla.evidence import Evidence
from monitor.sla.facts import Fact, HeartbeatFact, ScheduleFact
from probes.sample import Sample


class Noted:
    """Evidence that remembers what was asked of it."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self.asked: dict[str, list[Span]] = {}
        self.before: dict[Sample, None] = {}
        self.told: dict[Fact, None] = {}

    def samples(self, target: str, start: int, end: int) -> Iterator[Sample]:
        """As Evidence says."""
        self.asked.setdefault(target, []).append((start, end))
        return self._evidence.samples(target, start, end)

    def last_before(self, target: str, at: int) -> Sample | None:
        """As Evidence says."""
        found = self._evidence.last_before(target, at)
        if found is not None:
            self.before[found] = None
        return found

    def facts(self, start: int, end: int) -> Iterator[Fact]:
        """As Evidence says."""
        for fact in self._evidence.facts(start, end):
            self.told[fact] = None
            yield fact

    def heartbeats(self, start: int, end: int) -> Iterator[HeartbeatFact]:
        """As Evidence says."""
        for beat in self._evidence.heartbeats(start, end):
            self.told[beat] = None
            yield beat

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


@click.command("export")
@click.argument("contract")
@click.argument("period")
@click.option("-o", "--output", metavar="FILE", help="Write there, all or nothing.")
@store_option
@config_option
def command(contract: str, period: str, output: str | None, store_path: str | None, config_path: str | None) -> None:
    """The facts behind CONTRACT's PERIOD as JSON Lines.

    Of a period that is over, `upheld statement CONTRACT PERIOD --facts FILE` gives the statement again, byte for byte.
    """
    from monitor.render.fact_lines import line

    config = configuration(config_path, store_path)
    agreed = contract_of(config, contract)
    span = period_of(agreed, period)
    with reader(config) as store, written(output) as file:
        for fact in behind(config, agreed, span, store):
            file.write(line(fact) + "\n")


def behind(config: Config, contract: Contract, period: Period, evidence: Evidence) -> Iterator[Fact]:
    """Every fact that the statement of a period rests on, with the schedule where only the configuration says it."""
    noted = Noted(evidence)
    judged(config, contract, period, noted, open_at(period, time.time_ns()))
    scheduled = {fact.target for fact in noted.told if isinstance(fact, ScheduleFact)}
    for name in sorted({name for service in contract.services for name in service.targets} - scheduled):
        target, spans = config.targets[name], noted.asked.get(name, [(period.start, period.end)])
        yield ScheduleFact(name, min(start for start, _ in spans), target.every, target.timeout)
    yield from noted.everything()
