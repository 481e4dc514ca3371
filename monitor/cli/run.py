"""``upheld run``: the daemon."""

import asyncio
import resource

import click

from config.model import Config
from monitor.cli.common import UNAVAILABLE, config_option, fail, shown, stored_in


@click.command(name="run")
@config_option
@click.option("--store", "store_path", metavar="PATH|URL", help="Keep the store here instead of where the file says.")
def command(config_path: str | None, store_path: str | None) -> None:
    """Probe, keep, judge and tell, until SIGTERM or Ctrl-C; SIGHUP reads the configuration again."""
    from monitor.listeners import Unavailable

    _more_descriptors()
    try:
        asyncio.run(serve(config_path, store_path))
    except Unavailable as error:
        fail(UNAVAILABLE, str(error))


async def serve(config_path: str | None, store_path: str | None) -> None:
    from monitor import log
    from monitor.configuration import read_apart as read
    from monitor.daemon import Daemon
    from monitor.listeners import Listeners
    from monitor.store.which import open_store

    def reread() -> Config:
        config = read(config_path)
        return config if store_path is None else stored_in(config, store_path)

    config = reread()
    log.begin(config.daemon.log_format, config.daemon.log_level)
    store = open_store(config.daemon.store, hooks=tuple(config.hooks))
    try:

        def started(listeners: Listeners) -> None:
            click.echo(_where_to_look(config, config_path, store_path, listeners.web_url, listeners.metrics_url))

        await Daemon(config, store, reread).run(started)
    finally:
        await asyncio.to_thread(store.close)


def _where_to_look(config: Config, config_path: str | None, store_path: str | None, web: str, metrics: str) -> str:
    options = [*(("-c", config_path) if config_path else ()), *(("--store", config.daemon.shown) if store_path else ())]
    lines = [
        f"upheld: {_many(len(config.targets), 'target')}, {_many(len(config.contracts), 'contract')},"
        f" seen from {config.vantage.name!r}",
        f"  pages    {web}/",
        f"  health   {web}/-/healthy",
        f"  ready    {web}/-/ready",
        f"  metrics  {metrics}",
        f"  store    {config.daemon.shown}",
        f"  status   {shown('status', *options)}",
    ]
    return "\n".join(lines)


def _many(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _more_descriptors() -> None:
    """As many as we may have: each HTTP run holds one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
