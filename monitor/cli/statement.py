"""``upheld statement``: what a period's facts mean, for people, for machines, for a spreadsheet."""

import time
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from config.contract.model import Contract
from config.contract.revisions import texts
from config.errors import unknown
from config.model import Config
from config.periods import Period
from monitor.cli.common import (
    USAGE,
    config_option,
    configuration,
    contract_of,
    fail,
    period_of,
    store_option,
    written,
)
from monitor.sla.evidence import Evidence
from monitor.sla.facts import (
    AssumeFact,
    ChargeFact,
    CountsFact,
    ExclusionFact,
    Fact,
    IncidentFact,
    ScheduleFact,
    StateFact,
    TicketFact,
    ValueFact,
    WitnessesFact,
)
from monitor.sla.model import Statement, Verdict
from probes.notation import instant
from probes.sample import MILLISECOND

if TYPE_CHECKING:
    from monitor.cli.filed import Filed


@click.command("statement")
@click.argument("contract")
@click.argument("period")
@click.option("--facts", "facts_path", metavar="FILE", help="Judge this file; no store, no network, no clock.")
@click.option("--format", "format_", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@click.option("--language", metavar="CODE", help="The text in this language instead of the contract's: en, de.")
@click.option("-o", "--output", metavar="FILE", help="Write there, all or nothing.")
@click.option("--as-of", metavar="TIME", help="Judge as it stood then; the rest of the period is still to come.")
@click.option("--exit-code", is_flag=True, help="Exit 1 if a promise was breached.")
@store_option
@config_option
def command(
    contract: str,
    period: str,
    facts_path: str | None,
    format_: str,
    language: str | None,
    output: str | None,
    as_of: str | None,
    exit_code: bool,
    store_path: str | None,
    config_path: str | None,
) -> None:
    """The statement of CONTRACT for PERIOD.

    PERIOD is 2026-10, 2026-Q4, 2026, 2026-W41, 2026-10-05 or FROM/TO; of a contract accounted by trailing windows, the
    day before which one ends. One that is not the contract's own gives figures without verdicts.
    """
    config = configuration(config_path, store_path)
    agreed = contract_of(config, contract)
    span = period_of(agreed, period)
    at = _as_of(as_of)
    if at is None and facts_path is None:
        at = open_at(span, time.time_ns())
    with evidence_of(config, facts_path) as evidence:
        statement = judged(config, agreed, span, evidence, at)
    with written(output) as file:
        file.write(_rendered(statement, format_, language))
    if exit_code and any(result.verdict is Verdict.BREACHED for result in statement.promises):
        raise SystemExit(1)


def open_at(period: Period, now: int) -> int | None:
    """Until when a period is known: None once it is over, since then nothing of it is still to come."""
    return now - now % MILLISECOND if now < period.end else None


def judged(config: Config, contract: Contract, period: Period, evidence: Evidence, as_of: int | None) -> Statement:
    """The statement, or exit 2 where the period has not begun."""
    from monitor.sla.statement import build

    try:
        return build(config, contract, period, evidence, as_of)
    except ValueError as error:
        fail(USAGE, str(error))


def _as_of(text: str | None) -> int | None:
    try:
        return None if text is None else instant(text)
    except ValueError as error:
        fail(USAGE, f"--as-of: {error}")


@contextmanager
def evidence_of(config: Config, path: str | None) -> Iterator[Evidence]:
    """A file of facts, or the store where none is named."""
    if path is None:
        from monitor.cli.reading import reader

        with reader(config) as store:
            yield store
        return
    from monitor.cli.filed import filed

    with filed(path) as facts:
        for line in _strangers(config, facts):
            click.echo(f"{path}: {line}", err=True)
        yield facts


def _strangers(config: Config, facts: "Filed") -> Iterator[str]:
    """Facts of what the configuration does not know: they bear on nothing, which may be a typo."""
    contracts = config.contracts.values()
    known: dict[str, Collection[str]] = {
        "target": {*config.targets, *_witnesses(facts)},
        "service": {service.name for contract in contracts for text in texts(contract) for service in text.services},
        "contract": config.contracts.keys(),
        "signal": {name for contract in contracts for text in texts(contract) for name in _signals(text)},
        "measure": {
            rule.of
            for contract in contracts
            for text in texts(contract)
            for rule in text.measures
            if rule.kind == "given"
        },
    }
    named = Counter(one for fact in facts.others() for one in _named(fact))
    named.update({("target", target): count for target, count in facts.targets().items()})
    unknown = {one: number for one, number in named.items() if one[1] not in known[one[0]]}
    for (noun, name), number in sorted(unknown.items()):
        near = get_close_matches(name, known[noun], 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        yield f"note: {number} facts of {noun} {name!r}, which the configuration does not know, bear on nothing{hint}"


def _witnesses(facts: "Filed") -> Iterator[str]:
    """Who was a witness once may be no target any more."""
    yield from (name for fact in facts.others() if isinstance(fact, WitnessesFact) for name in fact.witnesses)


def _named(fact: Fact) -> Iterator[tuple[str, str]]:
    """What a fact names of the configuration."""
    match fact:
        case ScheduleFact():
            yield "target", fact.target
        case StateFact() | IncidentFact() | AssumeFact() | ChargeFact() | TicketFact():
            yield "service", fact.service
        case CountsFact() | ValueFact():
            yield ("signal", fact.signal) if isinstance(fact, CountsFact) else ("measure", fact.measure)
            if fact.service is not None:
                yield "service", fact.service
        case ExclusionFact():
            yield from (("service", name) for name in fact.services)
    contract = getattr(fact, "contract", None)
    if contract is not None:
        yield "contract", contract


def _signals(contract: Contract) -> Iterator[str]:
    """The counts that a contract reads."""
    yield from (source.name for rule in contract.outages for source in rule.sources if source.name is not None)
    yield from (rule.of for rule in contract.measures if rule.kind in ("requests", "counts"))


def _rendered(statement: Statement, format_: str, language: str | None) -> str:
    from monitor.render import statement_csv, statement_json, statement_text
    from monitor.render.languages import LANGUAGES

    if language is not None and language not in LANGUAGES:
        fail(USAGE, f"--language: {unknown('language', language, LANGUAGES)}")

    match format_:
        case "json":
            return statement_json.render(statement)
        case "csv":
            return statement_csv.render(statement)
    return statement_text.render(statement, None if language is None else LANGUAGES[language])
