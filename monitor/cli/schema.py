"""``upheld schema``: the JSON Schema of the configuration, for editors."""

import json

import click


@click.command(name="schema")
def command() -> None:
    """Print the JSON Schema (draft 2020-12) of the configuration as it is typed.

    Name it in the first line of a file: ``# yaml-language-server: $schema=upheld.schema.json``.
    """
    from config.schema import schema

    from monitor.hooks.kinds import KINDS as HOOKS
    from probes.kinds import KINDS as PROBES

    probes = {name: kind.Options for name, kind in PROBES.items()}
    hooks = {name: kind.Options for name, kind in HOOKS.items()}
    click.echo(json.dumps(schema(probes, hooks), indent=2, ensure_ascii=False))
