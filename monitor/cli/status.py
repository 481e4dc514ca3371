"""``upheld status``: where every contract stands now, as the daemon last wrote it down."""

import json
import time

import click

from config.model import Config
from monitor.cli.common import UNAVAILABLE, config_option, configuration, contract_of, fail, store_option
from monitor.cli.reading import reader
from monitor.render.account import Account


@click.command("status")
@click.argument("contract", required=False)
@click.option("--json", "as_json", is_flag=True, help="The accounts as the store has them.")
@click.option("--exit-code", is_flag=True, help="Exit 1 if a promise is breached.")
@store_option
@config_option
def command(
    contract: str | None, as_json: bool, exit_code: bool, store_path: str | None, config_path: str | None
) -> None:
    """Figures, budgets left, incidents, risk and exposure of CONTRACT, or of all."""
    config = configuration(config_path, store_path)
    names = [contract_of(config, contract).name] if contract else sorted(config.contracts)
    with reader(config) as store:
        written = store.accounts()
    found = {name: _read(name, written[name]) for name in names if name in written}
    if as_json:
        click.echo(json.dumps({name: json.loads(written[name]) for name in found}, sort_keys=True, indent=2))
    else:
        _tell(config, names, found)
    if exit_code and any(p.verdict == "breached" for one in found.values() for p in one.promises):
        raise SystemExit(1)


def _read(name: str, text: str) -> Account:
    from monitor.render.account import read

    try:
        return read(text)
    except ValueError:
        fail(UNAVAILABLE, f"the account of {name!r} in the store is none that this version reads; run the daemon once")


def _tell(config: Config, names: list[str], found: dict[str, Account]) -> None:
    from config.contract.dates import review_due
    from monitor.render.status_text import render

    if not names:
        click.echo("no contracts are configured")
    for name in names:
        account = found.get(name)
        if account is None:
            click.echo(f"{name}: no daemon has written its account yet; `upheld run` does, once it has judged")
        else:
            click.echo(render(account, time.time_ns()), nl=False)
        due = review_due(config.contracts[name], time.time_ns())
        if due is not None:
            click.echo(f"  {due}")
