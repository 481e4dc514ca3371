"""``upheld explain CONTRACT``: the contract in plain language, or in the long form, every default spelled out."""

import click

from monitor.cli.common import config_option, configuration, contract_of


@click.command(name="explain")
@click.argument("contract")
@click.option(
    "--long", "as_long", is_flag=True, help="As a contract of a configuration that leaves nothing to a default."
)
@config_option
def command(contract: str, as_long: bool, config_path: str | None) -> None:
    """Print CONTRACT in plain language: what is promised, how it is measured, what follows from a breach."""
    from monitor.render.explain import explain
    from monitor.render.long import long

    config = configuration(config_path)
    found = contract_of(config, contract)
    click.echo(long(found) if as_long else explain(config, found), nl=False)
