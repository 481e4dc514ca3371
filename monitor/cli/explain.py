"""``upheld explain CONTRACT``: the contract in plain language, every default spelled out."""

import click

from monitor.cli.common import config_option, configuration, contract_of


@click.command(name="explain")
@click.argument("contract")
@config_option
def command(contract: str, config_path: str | None) -> None:
    """Print CONTRACT in plain language: what is promised, how it is measured, what follows from a breach."""
    from monitor.render.explain import explain

    config = configuration(config_path)
    click.echo(explain(config, contract_of(config, contract)), nl=False)
