"""``upheld demo``: months of an invented provider's history, made in seconds, then the daemon on it."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from monitor.cli.common import UNAVAILABLE, USAGE, configuration, fail, shown

if TYPE_CHECKING:
    from monitor.demo.story import Story

MILLISECOND = 1_000_000
WEB, METRICS = 8420, 9420


@click.command("demo")
@click.option("--directory", default="./var/demo", show_default=True, metavar="DIR", help="Everything is kept here.")
@click.option(
    "--months", default=4, show_default=True, type=click.IntRange(1, 24), help="Whole months before this one."
)
@click.option("--no-daemon", is_flag=True, help="Make the history and stop.")
def command(directory: str, months: int, no_daemon: bool) -> None:
    """Five customers of a provider that does not exist, with outages, maintenances and credits.

    What an earlier demo left in the directory is made anew.
    """
    from monitor.demo.setting import NAME
    from monitor.demo.stage import stage
    from monitor.demo.story import tell

    where = Path(directory)
    _clear(where)
    with stage() as port:
        story = tell(time.time_ns() // MILLISECOND * MILLISECOND, months)
        _set_up(where, story, port)
        _write_history(where, story)
        click.echo(_what_to_try(where / NAME, story))
        if not no_daemon:
            from monitor.cli.run import run

            run(str(where / NAME), None)


def _clear(where: Path) -> None:
    """Remove an earlier demo; never anything else, and never under a running daemon."""
    from monitor.demo.setting import MARK, NAME, STORE
    from monitor.store.sqlite import open_store

    config, store = where / NAME, where / STORE
    try:
        where.mkdir(parents=True, exist_ok=True)
        if not config.exists() and not store.exists():
            return
        if not config.exists() or not config.read_text("utf-8", "replace").startswith(MARK):
            fail(USAGE, f"{where}: holds what no demo made; name another --directory")
        open_store(store).close()
        for file in where.glob(f"{STORE}*"):
            file.unlink()
    except OSError as error:
        fail(UNAVAILABLE, f"{where}: {error.strerror}")


def _set_up(where: Path, story: "Story", port: int) -> None:
    from monitor.demo.setting import NAME, Ports, text
    from monitor.demo.stage import free_port

    ports = Ports(free_port(WEB), free_port(METRICS), port)
    (where / NAME).write_text(text(story, ports), "utf-8")


def _write_history(where: Path, story: "Story") -> None:
    """With a progress bar, on a terminal only."""
    from monitor.demo.history import write
    from monitor.demo.setting import NAME
    from monitor.store.sqlite import open_store

    config = configuration(str(where / NAME))
    store = open_store(config.daemon.store)
    began = time.monotonic()
    try:
        with click.progressbar(length=story.end - story.start, label="months go by", hidden=not _terminal()) as bar:
            count = write(story, config, store, bar.update)
    finally:
        store.close()
    click.echo(f"{count} samples of {len(story.targets)} targets in {time.monotonic() - began:.1f} s")


def _terminal() -> bool:
    return sys.stdout.isatty()


def _what_to_try(config: Path, story: "Story") -> str:
    from zoneinfo import ZoneInfo

    from config.periods import containing, from_ns
    from monitor.demo.story import HOME

    zone = ZoneInfo(HOME)
    current = containing("month", story.end, zone)
    last = containing("month", current.start - 1, zone)
    verbs = [("status",), *(("statement", c.contract, last.label) for c in story.customers)]
    verbs.append(("explain", story.customers[0].contract))
    lines = [
        f"history from {from_ns(story.start, zone):%Y-%m-%d} to now; try:",
        *(f"  {shown(*words, '-c', str(config))}" for words in verbs),
    ]
    return "\n".join(lines)
