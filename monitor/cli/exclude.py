"""``upheld exclude``: spans that shall not be charged, added by people: who, when, why, and the evidence.

Nothing is ever changed: a withdrawal is a new version of the exclusion, recorded later. Whether and how far one
counts is the contract's to say, when a period is judged.
"""

import secrets
import time
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import click

from config.errors import unknown
from config.model import Config
from monitor.cli.adding import add_facts
from monitor.cli.common import USAGE, config_option, configuration, contract_of, fail, store_option
from monitor.cli.reading import reader
from monitor.sla.facts import ExclusionFact
from probes.notation import instant

ALL_TIME = (-(1 << 62), 1 << 62)


@click.group("exclude")
def command() -> None:
    """Spans that shall not be charged: add, list, withdraw."""


@command.command("add")
@click.option("--from", "start", required=True, metavar="TIME", help="RFC 3339 with offset.")
@click.option("--to", "end", required=True, metavar="TIME", help="RFC 3339 with offset; not included.")
@click.option("--cause", required=True, help="As the contract names it: planned maintenance, customer, …")
@click.option("--announced-at", metavar="TIME", help="When the other party was told; needed where notice is.")
@click.option("--service", "services", multiple=True, help="Only this one; may be given again. Default: all.")
@click.option("--contract", help="Only this contract. Default: every one that has such a service.")
@click.option("--reason", required=True, help="In words, for the statement.")
@click.option("--author", required=True, help="Who says so.")
@click.option("--evidence", metavar="LINK", help="Where it can be looked up.")
@click.option("--id", "id_", help="A name for it, as of a change ticket. Default: a new one.")
@store_option
@config_option
def add(
    start: str,
    end: str,
    cause: str,
    announced_at: str | None,
    services: tuple[str, ...],
    contract: str | None,
    reason: str,
    author: str,
    evidence: str | None,
    id_: str | None,
    store_path: str | None,
    config_path: str | None,
) -> None:
    """Add one. Prints its id."""
    config = configuration(config_path, store_path)
    _check_scope(config, contract, services)
    fact = ExclusionFact(
        id=id_ or f"X-{secrets.token_hex(4)}",
        start=_time("--from", start),
        end=_time("--to", end),
        cause=cause.strip().replace(" ", "_"),
        announced_at=None if announced_at is None else _time("--announced-at", announced_at),
        services=services,
        author=author,
        reason=reason,
        evidence=evidence,
        contract=contract,
        recorded_at=_now(),
    )
    if fact.end <= fact.start:
        fail(USAGE, f"--to: {end} is not after --from, {start}")
    if not _counts_somewhere(config, fact):
        click.echo(f"note: no contract excludes the cause {cause!r}; what was measured will stand", err=True)
    add_facts(config, [_readable(fact)])
    click.echo(fact.id)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One fact a line, every version.")
@store_option
@config_option
def list_(as_json: bool, store_path: str | None, config_path: str | None) -> None:
    """All that were added, the latest version of each."""
    from monitor.render.fact_lines import line
    from monitor.render.numbers import between

    config = configuration(config_path, store_path)
    versions = _versions(config)
    if as_json:
        for fact in versions:
            click.echo(line(fact))
        return
    latest = {fact.id: fact for fact in sorted(versions, key=lambda fact: fact.recorded_at or 0)}
    for fact in sorted(latest.values(), key=lambda fact: (fact.start, fact.id)):
        zone = ZoneInfo(config.contracts[fact.contract].timezone if fact.contract in config.contracts else "UTC")
        state = "withdrawn" if fact.withdrawn else fact.cause.replace("_", " ")
        scope = ", ".join(fact.services) or "all services"
        told = [
            between((fact.start, fact.end), zone),
            state,
            scope,
            f"by {fact.author or 'unknown'}",
            fact.reason or "",
        ]
        click.echo(f"{fact.id}: {', '.join(part for part in told if part)}")


@command.command("withdraw")
@click.argument("id_", metavar="ID")
@click.option("--reason", required=True, help="In words, for the statement.")
@click.option("--author", required=True, help="Who says so.")
@store_option
@config_option
def withdraw(id_: str, reason: str, author: str, store_path: str | None, config_path: str | None) -> None:
    """End one: from now on it counts nowhere, and both versions are kept."""
    config = configuration(config_path, store_path)
    versions = sorted(_versions(config), key=lambda fact: fact.recorded_at or 0)
    mine = [fact for fact in versions if fact.id == id_]
    if not mine:
        fail(USAGE, unknown("exclusion", id_, {fact.id for fact in versions}))
    if mine[-1].withdrawn:
        fail(USAGE, f"exclusion {id_!r} was withdrawn already, by {mine[-1].author or 'unknown'}")
    ended = replace(mine[-1], withdrawn=True, recorded_at=_now(), author=author, reason=reason)
    add_facts(config, [_readable(ended)])
    click.echo(f"{id_} withdrawn")


def _now() -> int:
    """The wall clock, in ns."""
    return time.time_ns()


def _time(option: str, text: str) -> int:
    try:
        return instant(text)
    except ValueError as error:
        fail(USAGE, f"{option}: {error}")


def _readable(fact: ExclusionFact) -> ExclusionFact:
    """The fact as its line reads: what could not be read back is refused before it is recorded."""
    from monitor.render.fact_lines import line
    from monitor.render.facts import FactsError, read

    try:
        (same,) = read([line(fact).encode("utf-8", "surrogateescape")], "exclusion")
    except FactsError as error:
        fail(USAGE, str(error))
    if not isinstance(same, ExclusionFact):
        raise AssertionError("an exclusion reads as one")
    return same


def _check_scope(config: Config, contract: str | None, services: Sequence[str]) -> None:
    contracts = [contract_of(config, contract)] if contract else list(config.contracts.values())
    names = {service.name for one in contracts for service in one.services}
    for service in services:
        if service not in names:
            fail(USAGE, f"--service: {unknown('service', service, names)}")


def _counts_somewhere(config: Config, fact: ExclusionFact) -> bool:
    from monitor.sla.matching import same_words

    contracts = [one for one in config.contracts.values() if fact.contract in (None, one.name)]
    return any(same_words(fact.cause, term.cause) for one in contracts for term in one.exclusions)


def _versions(config: Config) -> list[ExclusionFact]:
    with reader(config) as store:
        return [fact for fact in store.facts(*ALL_TIME) if isinstance(fact, ExclusionFact)]
