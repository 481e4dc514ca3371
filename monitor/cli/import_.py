"""``upheld import``: facts into the store, all of a file or none of it."""

import time

import click

from monitor.cli.adding import add
from monitor.cli.common import BAD_FACTS, USAGE, config_option, configuration, fail, store_option
from monitor.cli.staging import Staging
from monitor.sla.facts import ExclusionFact


@click.command("import")
@click.argument("file")
@click.option("--format", "format_", type=click.Choice(["jsonl", "parquet"]), help="Default: by what is in it.")
@store_option
@config_option
def command(file: str, format_: str | None, store_path: str | None, config_path: str | None) -> None:
    """The facts of FILE (``-``: standard input), JSON Lines or Parquet, into the store; through the daemon where one
    runs.

    The whole file is checked first, and nothing of it is taken where anything is wrong, with it or with both it and the
    store. What is there already changes nothing, so a file may be imported again.
    """
    from monitor.render.fact_files import facts_in
    from monitor.render.facts import FactsError

    config = configuration(config_path, store_path)
    try:
        with facts_in(file, format_) as found, Staging.of(file, found.place) as staged:
            staged.take(found.facts)
            new, old, undated = add(config, staged), len(staged), _undated(staged)
    except FactsError as error:
        fail(BAD_FACTS, str(error))
    except OSError as error:
        fail(USAGE, f"{file}: cannot be read: {error.strerror}")
    there = f"; {old - new} were there already" if old > new else ""
    click.echo(
        f"{new} facts recorded in {config.daemon.shown}{there}" + ("" if new or not old else ", nothing changed")
    )
    if new and undated:
        text = "exclusions began before now and do not say when they were recorded (recorded_at)"
        click.echo(f"note: {undated} {text}; no statement marks them as entered late", err=True)


def _undated(staged: Staging) -> int:
    """How many exclusions may have been entered after they began, and do not say so. When a file was imported is no
    part of it: the same facts make the same statement, wherever they lie."""
    now = time.time_ns()
    return sum(
        isinstance(fact, ExclusionFact)
        and fact.recorded_at is None
        and fact.start < now
        and (fact.announced_at is None or fact.announced_at <= fact.start)
        for fact in staged.versions()
    )
