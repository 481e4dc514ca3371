"""``upheld store``: the store as a whole. ``move`` carries it to another kind of store and proves both the same."""

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from config.address import is_url, shown, store_address
from monitor.cli.common import UNAVAILABLE, USAGE, fail

if TYPE_CHECKING:
    from monitor.store.port import Store


@click.group("store")
def command() -> None:
    """The store as a whole: move it from SQLite to PostgreSQL or back."""


@command.command("move")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
def move_(source: str, target: str) -> None:
    """Carry the store FROM to TO, which must be empty: a file's path or postgresql://user@host/database.

    Stop the daemon first. FROM is sealed as its daemon would have done, otherwise left as it is. In the end both are
    read and compared, every sample and every record; a move that was cut short goes on when it is run again. The
    chains go on in TO.
    """
    from monitor.store.port import StoreError

    for name in (source, target):
        try:
            store_address(name)
        except ValueError as error:
            fail(USAGE, str(error))
    if source == target:
        fail(USAGE, f"{shown(source)}: it cannot be moved into itself")
    try:
        _move(source, target)
    except StoreError as error:
        fail(UNAVAILABLE, str(error))


def _move(source: str, target: str) -> None:
    from monitor.store.move import Side, move
    from monitor.store.port import StoreError
    from monitor.store.which import is_made, open_store, whole

    if not is_made(source):
        fail(UNAVAILABLE, f"{shown(source)}: there is no store")
    old = open_store(source)
    try:
        damaged = old.integrity()
        if damaged:
            text = f"{damaged[0]}{f' (and {len(damaged) - 1} more)' if len(damaged) > 1 else ''}"
            raise StoreError("move_refused", f"{shown(source)}: what is damaged cannot be moved: {text}")
        _bind(source, old)
        new = open_store(target, moving=True)
        try:
            count, began = 3 * whole(old).count(), time.monotonic()
            with click.progressbar(length=count, label="moving", hidden=not sys.stdout.isatty()) as bar:
                advance: Callable[[int], None] = bar.update
                found = move(
                    Side(shown(source), old, whole(old)), Side(shown(target), new, whole(new)), time.time_ns(), advance
                )
        finally:
            new.close()
    finally:
        old.close()
    counts = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in found.counts if count)
    click.echo(f"{shown(source)} moved to {shown(target)} in {time.monotonic() - began:.1f} s: {counts or 'nothing'}")
    click.echo(f"both hold the same: blake2b {found.digest}")
    click.echo(_advice(source, target), err=True)


def _bind(source: str, store: "Store") -> None:
    """What is sealed now is bound now where the key lies beside the store; else by the first upkeep of the new one."""
    from monitor.issuing.binding import bind
    from monitor.issuing.keys import KeyTrouble, key_file, signing_key

    if is_url(source) or not key_file(source).exists():
        return
    now = time.time_ns()
    try:
        store.seal(now)
        bind(store, source, signing_key(source), now, at_once=True)
    except (KeyTrouble, OSError) as error:
        fail(UNAVAILABLE, str(error))


def _advice(source: str, target: str) -> str:
    """What lies beside a store is not moved: whoever has the file may sign."""
    old, new = ("STATE/upheld" if is_url(name) else name for name in (source, target))
    return (
        f"keep the key and the heads, with which the chains go on: copy {old}.key to {new}.key and {old}.heads to "
        f"{new}.heads; then let `daemon: {{store: …}}` say {shown(target)!r} and keep the old store as it is"
    )
