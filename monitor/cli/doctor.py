"""``upheld doctor``: is this machine fit to measure and is the store sound?"""

import platform
import sqlite3
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

import click

from config.address import shown
from config.model import Config
from monitor.cli.common import UNAVAILABLE, config_option, configuration, store_option
from monitor.cli.kernel import Finding, features
from monitor.version import upheld
from probes.sync import read as clock_sync

if TYPE_CHECKING:
    from monitor.store.port import Store


@click.command(name="doctor")
@config_option
@store_option
@click.option("--thorough", is_flag=True, help="Check every record of the store, not its structure alone.")
@click.option("--deep", is_flag=True, help="Check every record against the signed chains too: was anything altered?")
@click.option("--key", metavar="BASE64", help="With --deep: the public key that has to have signed the chains.")
@click.option("--anchor", "anchors", metavar="STATEMENT", multiple=True, help="With --deep: hold the chains to these.")
def command(
    config_path: str | None,
    store_path: str | None,
    thorough: bool,
    deep: bool,
    key: str | None,
    anchors: tuple[str, ...],
) -> None:
    """Look at permissions, clock, versions and the store; exit 69 if something needs a hand.

    --deep computes every link, sample, fact and statement anew and holds them to what was signed, and to the statements
    that customers hold (--anchor): exit 1 with the first record that differs, by vantage, target and day.
    """
    config = configuration(config_path, store_path)
    good = True
    found = (*_versions(), *features(), *_clock(), *_store(config.daemon.store, thorough or deep))
    for fine, text in found:
        good = good and fine
        click.echo(f"{'ok  ' if fine else 'LOOK'} {text}")
    if deep and _altered(config, key, anchors):
        raise SystemExit(1)
    if not good:
        raise SystemExit(UNAVAILABLE)


def _altered(config: Config, key: str | None, anchors: Sequence[str]) -> bool:
    """Tells what is not as it was recorded; whether anything is not."""
    from monitor.cli.deep import findings
    from monitor.store.port import StoreError
    from monitor.store.which import is_made, open_store

    if not is_made(config.daemon.store):
        return False
    try:
        store = open_store(config.daemon.store, read_only=True)
        try:
            found = list(findings(store.chain, config.daemon.beside, key, anchors))
        finally:
            store.close()
    except StoreError as error:
        found = [str(error)]
    for text in found:
        click.echo(f"LOOK evidence: {text}")
    if not found:
        click.echo("ok   evidence: all that was bound is as it was recorded")
    return bool(found)


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
    from monitor.store.which import is_made, open_store

    name = shown(path)
    try:
        if not is_made(path):
            yield True, f"store: none yet at {name}"
            return
        store = open_store(path, read_only=True)
        try:
            problems = store.integrity() if thorough else store.quick_check()
            size, told, heads = store.size(), store.security_events(), _heads(store)
        finally:
            store.close()
    except StoreError as error:
        yield False, f"store: {error}"
        return
    yield not problems, f"store: {name}, {size / 1e6:.1f} MB, {'; '.join(problems) or 'sound'}"
    for head in heads:
        yield True, head
    for event in told:
        yield False, f"security: {event.code}: {event.text}"


def _heads(store: "Store") -> list[str]:
    """The chains, and what stands for all that they bind."""
    return [f"chain: {link.chain}, {link.number} links, {link.head}" for link in store.chain.heads()]
