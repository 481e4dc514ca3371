"""``upheld export``: the facts behind a period, so that anybody can judge it again from the file alone."""

import time

import click

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
from monitor.cli.reading import reader
from monitor.cli.statement import open_at


@click.command("export")
@click.argument("contract")
@click.argument("period")
@click.option("-o", "--output", metavar="FILE", help="Write there, all or nothing.")
@store_option
@config_option
def command(contract: str, period: str, output: str | None, store_path: str | None, config_path: str | None) -> None:
    """The facts behind CONTRACT's PERIOD as JSON Lines.

    Of a period that is over, `upheld statement CONTRACT PERIOD --facts FILE` gives the statement again, byte for byte;
    of one that was issued, these are the facts that its newest revision rests on.
    """
    from monitor.issuing.behind import behind, behind_issued
    from monitor.render.fact_lines import line

    config = configuration(config_path, store_path)
    agreed = contract_of(config, contract)
    span = period_of(agreed, period)
    with reader(config) as store, written(output) as file:
        try:
            if issued := store.issued(agreed.name, span.start, span.end):
                found = behind_issued(config, agreed, span, store, issued[-1].at)
            else:
                found = behind(config, agreed, span, store, open_at(span, time.time_ns()))
        except ValueError as error:
            fail(USAGE, str(error))
        for fact in found.facts:
            file.write(line(fact) + "\n")
