"""``upheld export``: the facts behind a period, so that anybody can judge it again from the file alone."""

import time
from collections.abc import Sequence

import click

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
from monitor.cli.reading import reader
from monitor.cli.statement import open_at
from monitor.sla.words import FOREVER
from monitor.store.port import Issued


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
    from monitor.issuing.behind import behind
    from monitor.render.fact_lines import line

    config = configuration(config_path, store_path)
    agreed = contract_of(config, contract)
    span = period_of(agreed, period)
    with reader(config) as store, written(output) as file:
        try:
            until = _known_until(store.issued(agreed.name, span.start, span.end), span)
            facts = behind(config, agreed, span, store, open_at(span, time.time_ns()), until=until).facts
        except ValueError as error:
            fail(USAGE, str(error))
        for fact in facts:
            file.write(line(fact) + "\n")


def _known_until(issued: Sequence[Issued], period: Period) -> int:
    """Of a period that was issued, what its newest statement rests on; else everything."""
    from monitor.issuing.behind import known_until

    return max((known_until(period, one.at) for one in issued), default=FOREVER)
