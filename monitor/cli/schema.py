"""``upheld schema``: JSON Schemas: of the configuration for editors, of facts and statements for other programs."""

import json

import click


@click.command(name="schema")
@click.argument("of", type=click.Choice(["config", "facts", "statement"]), default="config")
def command(of: str) -> None:
    """Print the JSON Schema (draft 2020-12) of the configuration as it is typed, of a line of facts, or of a
    statement's JSON.

    Name the first in the first line of a file: ``# yaml-language-server: $schema=upheld.schema.json``.
    """
    click.echo(json.dumps(_schema(of), indent=2, ensure_ascii=False))


def _schema(of: str) -> object:
    from monitor.render.schemas import facts_schema, statement_schema

    match of:
        case "facts":
            return facts_schema()
        case "statement":
            return statement_schema()
    from config.schema import schema
    from monitor.hooks.kinds import KINDS as HOOKS
    from probes.kinds import KINDS as PROBES

    probes = {name: kind.Options for name, kind in PROBES.items()}
    hooks = {name: kind.Options for name, kind in HOOKS.items()}
    return schema(probes, hooks)
