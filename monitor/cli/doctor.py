"""``upheld doctor``: is this machine fit to measure and is the store sound?"""

import platform
import sqlite3
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click

from monitor.cli.common import UNAVAILABLE, config_option, configuration
from monitor.cli.kernel import Finding, features
from monitor.version import upheld
from probes.sync import read as clock_sync


@click.command(name="doctor")
@config_option
@click.option("--thorough", is_flag=True, help="Check every record of the store, not its structure alone.")
def command(config_path: str | None, thorough: bool) -> None:
    """Look at permissions, clock, versions and the store; exit 69 if something needs a hand."""
    config = configuration(config_path)
    good = True
    for fine, text in (*_versions(), *features(), *_clock(), *_store(config.daemon.store, thorough)):
        good = good and fine
        click.echo(f"{'ok  ' if fine else 'LOOK'} {text}")
    if not good:
        raise SystemExit(UNAVAILABLE)


def _versions() -> Iterator[Finding]:
    names = ("aiohttp", "pydantic", "httptools", "aiomqtt", "tzdata")
    yield True, ", ".join((f"upheld {upheld()}", *(f"{name} {version(name)}" for name in names)))
    yield True, f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {platform.platform()}"


def _clock() -> Iterator[Finding]:
    sync = clock_sync()
    if sync.synchronised is None:
        yield True, "clock: the system does not tell whether it is kept"
        return
    bound = "" if sync.error is None else f", greatest error {sync.error / 1_000_000:.1f} ms"
    if sync.synchronised:
        yield True, f"clock: synchronised{bound}"
    else:
        yield False, f"clock: not synchronised{bound}; run chrony or systemd-timesyncd"


def _store(path: str, thorough: bool) -> Iterator[Finding]:
    from monitor.store.port import StoreError
    from monitor.store.sqlite import open_store

    if not Path(path).exists():
        yield True, f"store: none yet at {path}"
        return
    try:
        store = open_store(path, read_only=True)
        try:
            problems = store.integrity() if thorough else store.quick_check()
            size, told = store.size(), store.security_events()
        finally:
            store.close()
    except StoreError as error:
        yield False, f"store: {error}"
        return
    yield not problems, f"store: {path}, {size / 1e6:.1f} MB, {'; '.join(problems) or 'sound'}"
    for event in told:
        yield False, f"security: {event.code}: {event.text}"
