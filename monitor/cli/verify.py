"""``upheld verify``: does an issued statement follow from its evidence? Needs the two files and nothing else."""

import json
from collections.abc import Mapping
from pathlib import Path

import click

from monitor.cli.common import BAD_FACTS, UNAVAILABLE, USAGE, fail


@click.command("verify")
@click.argument("statement")
@click.argument("evidence")
@click.option("--key", metavar="BASE64", help="The public key that has to have signed it.")
@click.option("--json", "as_json", is_flag=True, help="The finding as one line of JSON.")
def command(statement: str, evidence: str, key: str | None, as_json: bool) -> None:
    """Recompute an issued STATEMENT from exported EVIDENCE alone.

    Exit 0 where every figure is the same, 1 with the first difference. It checks that the statement was not altered,
    who signed it, that the evidence is what it rests on, and judges it again.
    """
    from monitor.cli.filed import filed
    from monitor.issuing.verify import verify
    from monitor.store.port import StoreError

    document = _document(statement)
    try:
        with filed(evidence) as facts:
            found = verify(document, facts, key)
    except StoreError as error:
        fail(UNAVAILABLE, str(error))
    if as_json:
        told = {"verified": found.problem is None, "problem": found.problem, "key": found.key, "notes": found.notes}
        click.echo(json.dumps(told, ensure_ascii=False))
    elif found.problem is not None:
        click.echo(f"{statement}: {found.problem}", err=True)
    else:
        click.echo(f"{statement}: every figure follows from {evidence}; signed by {found.key}")
    for note in () if as_json else found.notes:
        click.echo(f"note: {note}", err=True)
    if found.problem is not None:
        raise SystemExit(1)


def _document(path: str) -> dict[str, object]:
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"), parse_float=_no_float, object_pairs_hook=_once)
    except OSError as error:
        fail(USAGE, f"{path}: cannot be read: {error.strerror}")
    except ValueError as error:
        fail(BAD_FACTS, f"{path}: no statement: {error}")
    if not isinstance(found, Mapping) or found.get("format") != "upheld/statement/1":
        fail(BAD_FACTS, f"{path}: no statement of format upheld/statement/1")
    return dict(found)


def _once(members: list[tuple[str, object]]) -> dict[str, object]:
    """No member twice: one of them would be read, and the other one verified."""
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)} stands twice in it")
    return found


def _no_float(text: str) -> float:
    raise ValueError(f"{text} is a fraction in floating point; statements have none")
