"""``upheld check``: every problem of the configuration at once."""

import time

import click

from config.contract.dates import review_due
from monitor.cli.common import config_option, configuration


@click.command(name="check")
@config_option
def command(config_path: str | None) -> None:
    """Check the configuration: all its problems on standard error and exit 2, or one line and exit 0. Contracts that
    are to be reviewed soon are told of on standard error, and fail nothing."""
    config = configuration(config_path)
    for contract in config.contracts.values():
        due = review_due(contract, time.time_ns())
        if due is not None:
            click.echo(f"warning: {due}", err=True)
    promises = sum(len(promise.services) for contract in config.contracts.values() for promise in contract.promises)
    counts = (
        (len(config.targets), "target"),
        (len(config.contracts), "contract"),
        (promises, "promise"),
        (len(config.hooks), "hook"),
    )
    text = ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for number, word in counts)
    click.echo(f"ok: {text} ({config.digest[:19]})")
