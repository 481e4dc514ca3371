"""``upheld run``: the daemon.

What takes longest begins first. Another process reads the configuration while this one imports what it will need; once
the configuration and the store's lock are there, it observes. The store is opened and read after that, beside the
event loop.
"""

import asyncio
import resource
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

import click

from monitor.cli.common import UNAVAILABLE, config_option, fail, shown, stored_in

if TYPE_CHECKING:
    from config.model import Config
    from monitor.configuration import Reading
    from monitor.front import Front
    from monitor.listeners import Listeners
    from monitor.store.lock import Lock
    from monitor.store.port import Store

TURN = 0.001
"""How long (s) another thread may keep the interpreter while the event loop wants it."""
OBSERVING = (
    "monitor.log",
    "monitor.front",
    "probes.kinds.icmp",
    "monitor.starting",
    "monitor.store.lock",
    "monitor.store.which",
)
"""What is needed at once; of kinds the one that nearly every daemon has."""
LATER = ("monitor.store.sqlite", "monitor.sla.ledger", "aiohttp.web", "monitor.housekeeping", "monitor.daemon")
"""What observing does without, in pieces."""

Started = Callable[["Listeners"], None]


@click.command(name="run")
@config_option
@click.option("--store", "store_path", metavar="PATH|URL", help="Keep the store here instead of where the file says.")
def command(config_path: str | None, store_path: str | None) -> None:
    """Probe, keep, judge and tell, until SIGTERM or Ctrl-C; SIGHUP reads the configuration again."""
    run(config_path, store_path)


def run(config_path: str | None, store_path: str | None) -> None:
    """The daemon on these files, until it is stopped."""
    from monitor.configuration import Reading
    from monitor.memory import keep_little

    hung_up = _hangups()
    interrupted = _interrupts()
    reading = Reading(config_path)
    keep_little()
    _more_descriptors()
    _import(OBSERVING)
    _import(LATER, reading.goes_on)

    def reread() -> "Config":
        return _placed(Reading(config_path), store_path)

    try:
        config = _placed(reading, store_path)
    finally:
        if interrupted():
            raise KeyboardInterrupt
    signal.signal(signal.SIGINT, signal.default_int_handler)
    options = [*(("-c", config_path) if config_path else ()), *(("--store", config.daemon.shown) if store_path else ())]
    status = shown("status", *options)

    def started(listeners: "Listeners") -> None:
        click.echo(_where_to_look(config, status, listeners))

    asyncio.run(serve(config, reread, started, hung_up))


def _hangups() -> Callable[[], bool]:
    """Whether SIGHUP came from now on. Until the daemon hears it itself it would end the process, and systemd starts
    nothing again that ended so."""
    came: list[int] = []
    signal.signal(signal.SIGHUP, lambda number, _: came.append(number))
    return lambda: bool(came)


def _interrupts() -> Callable[[], bool]:
    """Whether SIGINT came from now on. It is raised too, and some libraries drop whatever is raised while they are
    imported."""
    came: list[int] = []

    def noted(number: int, _: object) -> None:
        came.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, noted)
    return lambda: bool(came)


def _import(names: tuple[str, ...], goes_on: Callable[[], bool] = lambda: True) -> None:
    for name in names:
        if not goes_on():
            return
        import_module(name)


def _placed(reading: "Reading", store_path: str | None) -> "Config":
    config = reading.result()
    return config if store_path is None else stored_in(config, store_path)


async def serve(
    config: "Config", reread: Callable[[], "Config"], started: Started, hung_up: Callable[[], bool]
) -> None:
    """Run on this configuration. Exit 69: an address of it is taken, or the store took no last samples."""
    from monitor import log
    from monitor.front import Front
    from monitor.starting import step
    from monitor.store.which import claim

    sys.setswitchinterval(TURN)
    log.begin(config.daemon.log_format, config.daemon.log_level)
    step("configuration")
    front = Front()
    try:
        lock = claim(config.daemon.store)
        if lock is not None:
            _observe(front, config)
        store = await asyncio.to_thread(_opened, config, lock)
        step("store")
        if lock is None:  # a database gives the right to write it when it is opened
            _observe(front, config)
        await _work(config, store, reread, front, started, hung_up)
    finally:
        front.end()


def _observe(front: "Front", config: "Config") -> None:
    from monitor.starting import step

    front.start(config)
    step("observing")


def _opened(config: "Config", lock: "Lock | None") -> "Store":
    from monitor.libraries import drop_authorities
    from monitor.store.which import open_store

    _import(LATER)
    drop_authorities()
    return open_store(config.daemon.store, hooks=tuple(config.hooks), lock=lock)


async def _work(
    config: "Config",
    store: "Store",
    reread: Callable[[], "Config"],
    front: "Front",
    started: Started,
    hung_up: Callable[[], bool],
) -> None:
    from monitor.daemon import Daemon
    from monitor.listeners import Unavailable

    daemon = Daemon(config, store, reread, front)
    try:
        await daemon.run(started, hung_up)
    except Unavailable as error:
        fail(UNAVAILABLE, str(error))
    finally:
        await asyncio.to_thread(store.close)
    if daemon.lost:  # it is told already
        raise SystemExit(UNAVAILABLE)


def _where_to_look(config: "Config", status: str, listeners: "Listeners") -> str:
    lines = [
        f"upheld: {_many(len(config.targets), 'target')}, {_many(len(config.contracts), 'contract')},"
        f" seen from {config.vantage.name!r}",
        f"  pages    {listeners.web_url}/",
        f"  health   {listeners.web_url}/-/healthy",
        f"  ready    {listeners.web_url}/-/ready",
        f"  metrics  {listeners.metrics_url}",
        f"  store    {config.daemon.shown}",
        f"  status   {status}",
    ]
    return "\n".join(lines)


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _more_descriptors() -> None:
    """As many as we may have: each HTTP run holds one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
