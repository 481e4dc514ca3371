"""``upheld import``: facts into the store, all of a file or none of it."""

import click

from monitor.cli.adding import add_facts
from monitor.cli.common import config_option, configuration, store_option
from monitor.cli.statement import read_facts


@click.command("import")
@click.argument("file")
@store_option
@config_option
def command(file: str, store_path: str | None, config_path: str | None) -> None:
    """The facts of FILE (``-``: standard input) into the store, through the daemon where one runs.

    What is there already changes nothing, so a file may be imported again.
    """
    config = configuration(config_path, store_path)
    facts = read_facts(file)
    add_facts(config, facts)
    click.echo(f"{len(facts)} facts recorded in {config.daemon.shown}")
