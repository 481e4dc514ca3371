"""``upheld issue``: freeze and sign the statement of a period that is over, and keep what it rests on."""

import json
import time

import click

from config.contract.model import Contract
from config.model import Config
from config.periods import Period
from monitor.cli.adding import through_door
from monitor.cli.common import (
    UNAVAILABLE,
    USAGE,
    config_option,
    configuration,
    contract_of,
    fail,
    period_of,
    store_option,
    written,
)
from monitor.cli.export import write_behind
from monitor.cli.reading import made
from probes.notation import instant


@click.command("issue")
@click.argument("contract")
@click.argument("period")
@click.option("-o", "--output", metavar="FILE", help="Write the statement there, all or nothing.")
@click.option(
    "--evidence",
    metavar="FILE",
    help="Write the facts it rests on there, for `upheld verify`; Parquet where it ends so.",
)
@store_option
@config_option
def command(
    contract: str,
    period: str,
    output: str | None,
    evidence: str | None,
    store_path: str | None,
    config_path: str | None,
) -> None:
    """Freeze and sign the statement of CONTRACT for PERIOD, as JSON.

    What was issued stays. If facts that came since change a figure, a further revision is issued that says what
    differs; if they do not, the newest revision is given again. The daemon issues by itself once a period is over
    for the time that `issue after` says.
    """
    config = configuration(config_path, store_path)
    agreed = contract_of(config, contract)
    span = period_of(agreed, period)
    made(config)
    text, said = _issued(config, agreed, span)
    with written(output) as file:
        file.write(text)
    if evidence is not None:
        write_behind(config, agreed, span, instant(json.loads(text)["issued_at"]), evidence, None)
    click.echo(said, err=True)


def _issued(config: Config, contract: Contract, period: Period) -> tuple[str, str]:
    """The newest statement of the period and what to say of it; by the daemon where one holds the store."""
    from monitor.issuing.binding import bind
    from monitor.issuing.issue import issue
    from monitor.issuing.keys import KeyTrouble, signing_key
    from monitor.store.port import StoreError, StoreHeld
    from monitor.store.which import open_store
    from monitor.web.issue_door import PATH, said

    try:
        store = open_store(config.daemon.store)
        try:
            now, key = time.time_ns(), signing_key(config.daemon.beside)
            store.seal(now)
            bind(store, config.daemon.beside, key, now, at_once=True)
            outcome = issue(config, contract, period, store, now, key)
            bind(store, config.daemon.beside, key, now, at_once=True)  # the statement itself
            return outcome.statement.body, said(outcome, period.label)
        finally:
            store.close()
    except StoreHeld as held:
        asked = {"contract": contract.name, "period": period.label}
        answer = through_door(config, PATH, asked, str(held))
        return str(answer["statement"]), str(answer["said"])
    except (StoreError, KeyTrouble, OSError) as error:
        fail(UNAVAILABLE, str(error))
    except ValueError as error:
        fail(USAGE, str(error))
