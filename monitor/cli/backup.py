"""``upheld backup``: a consistent copy of the store, whether or not a daemon works on it."""

import click

from monitor.cli.common import UNAVAILABLE, config_option, configuration, fail, store_option


@click.command(name="backup")
@config_option
@store_option
@click.argument("path", type=click.Path(dir_okay=False))
def command(config_path: str | None, store_path: str | None, path: str) -> None:
    """Copy the store to PATH, which must not exist. A running daemon goes on meanwhile."""
    from monitor.store.port import StoreError
    from monitor.store.which import open_store

    config = configuration(config_path, store_path)
    try:
        store = open_store(config.daemon.store, read_only=True)
        try:
            store.backup(path)
        finally:
            store.close()
    except StoreError as error:
        fail(UNAVAILABLE, str(error))
    click.echo(f"{config.daemon.shown} copied to {path}")
