"""``upheld people``: who stands behind the pseudonyms in facts and statements, and how a name is erased."""

import click

from monitor.cli.common import USAGE, config_option, configuration, fail, store_option
from monitor.cli.reading import made, reader


@click.command("people")
@click.option("--erase", metavar="NAME", help="Erase this name for ever; the pseudonym stays in what was recorded.")
@store_option
@config_option
def command(erase: str | None, store_path: str | None, config_path: str | None) -> None:
    """The people that facts name, by pseudonym. Erasing needs the store, so the daemon has to be stopped; backups made
    before have the name still."""
    config = configuration(config_path, store_path)
    if erase is None:
        with reader(config) as store:
            for told, name in store.chain.names().items():
                click.echo(f"{told} {name}")
        return
    from monitor.store.which import open_store

    made(config)
    store = open_store(config.daemon.store)
    try:
        count = store.chain.erase(erase)
    finally:
        store.close()
    if not count:
        fail(USAGE, f"nobody is named {erase!r}; `upheld people` lists who is")
    click.echo(f"{erase} is erased; {count} pseudonym{'s' if count > 1 else ''} stood for that name")
