"""``upheld export``: the facts behind a period, so that anybody can judge it again from the file alone."""

import time
from collections.abc import Iterable

import click

from config.contract.model import Contract
from config.model import Config
from config.periods import Period
from monitor.cli.common import (
    BAD_FACTS,
    USAGE,
    config_option,
    configuration,
    contract_of,
    fail,
    period_of,
    store_option,
    written_bytes,
)
from monitor.cli.reading import reader
from monitor.cli.statement import open_at
from monitor.sla.facts import Fact


@click.command("export")
@click.argument("contract")
@click.argument("period")
@click.option("-o", "--output", metavar="FILE", help="Write there, all or nothing.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["jsonl", "parquet"]),
    help="Default: parquet where FILE ends with .parquet, else jsonl.",
)
@store_option
@config_option
def command(
    contract: str, period: str, output: str | None, format_: str | None, store_path: str | None, config_path: str | None
) -> None:
    """The facts behind CONTRACT's PERIOD as JSON Lines or Parquet.

    Of a period that is over, `upheld statement CONTRACT PERIOD --facts FILE` gives the statement again, byte for byte;
    of one that was issued, these are the facts that its newest revision rests on. Memory does not grow with their
    number.
    """
    config = configuration(config_path, store_path)
    agreed = contract_of(config, contract)
    write_behind(config, agreed, period_of(agreed, period), None, output, format_)


def write_behind(
    config: Config, contract: Contract, span: Period, issued_at: int | None, output: str | None, format_: str | None
) -> None:
    """The facts behind a period into a file: of the statement that was issued at an instant; None: of the newest, or,
    where there is none, of the period as it stands now."""
    from monitor.cli.shelf import Shelving
    from monitor.issuing.behind import behind, behind_issued

    with reader(config) as store, Shelving.of(store) as evidence:
        issued = [one.at for one in store.issued(contract.name, span.start, span.end)] if issued_at is None else []
        at = issued_at if issued_at is not None else issued[-1] if issued else None
        try:
            if at is not None:
                found = behind_issued(config, contract, span, evidence, at)
            else:
                found = behind(config, contract, span, evidence, open_at(span, time.time_ns()))
        except ValueError as error:
            fail(USAGE, str(error))
        _write(found.facts, output, format_)


def _write(facts: Iterable[Fact], output: str | None, format_: str | None) -> None:
    from monitor.render.fact_files import format_of, writing
    from monitor.render.facts import FactsError

    try:
        with written_bytes(output) as file, writing(file, format_of(output, format_)) as write:
            for fact in facts:
                write(fact)
    except (FactsError, ValueError) as error:
        fail(BAD_FACTS, str(error))
