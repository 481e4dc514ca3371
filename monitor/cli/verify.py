"""``upheld verify``: does an issued statement follow from its evidence, and agree with others? From the files alone."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

import click

from monitor.cli.common import BAD_FACTS, UNAVAILABLE, USAGE, fail
from monitor.issuing.papers import disagreements, paper, superseded
from monitor.issuing.verify import Verified, verify


@click.command("verify")
@click.argument("statement")
@click.argument("evidence", required=False)
@click.option("--key", metavar="BASE64", help="The public key that has to have signed it.")
@click.option(
    "--beside", metavar="STATEMENT", multiple=True, help="Another statement that you hold: can both stand? Repeatable."
)
@click.option("--json", "as_json", is_flag=True, help="The finding as one line of JSON.")
def command(statement: str, evidence: str | None, key: str | None, beside: tuple[str, ...], as_json: bool) -> None:
    """Recompute an issued STATEMENT from exported EVIDENCE alone, or hold it to other statements (--beside).

    Exit 0 where every figure is the same, 1 with the first difference. It checks that the statement was not altered,
    who signed it, that the evidence is what it rests on, and judges it again. With --beside: that of one period there
    is one statement of each revision, that a later one says what it changed, and that what was recorded only grew.
    """
    if evidence is None and not beside:
        fail(USAGE, "name the EVIDENCE, as `upheld export` writes it, or another statement (--beside)")
    document = _document(statement)
    others = {path: _document(path) for path in beside}
    found, about = Verified(None) if evidence is None else _judged(document, evidence, key), f"{statement}: "
    if beside and found.problem is None:
        held, about = _held(key, {statement: document, **others}), ""
        found = replace(held, notes=(*found.notes, *held.notes))
    if as_json:
        told = {"verified": found.problem is None, "problem": found.problem, "key": found.key, "notes": found.notes}
        click.echo(json.dumps(told, ensure_ascii=False))
    elif found.problem is not None:
        click.echo(f"{about}{found.problem}", err=True)
    else:
        click.echo(f"{statement}: {_said(evidence, beside)}; signed by {found.key}")
    for note in () if as_json else found.notes:
        click.echo(f"note: {note}", err=True)
    if found.problem is not None:
        raise SystemExit(1)


def _said(evidence: str | None, beside: Sequence[str]) -> str:
    said = [] if evidence is None else [f"every figure follows from {evidence}"]
    return ", and ".join([*said, *([f"it agrees with {', '.join(beside)}"] if beside else [])])


def _judged(document: dict[str, object], evidence: str, key: str | None) -> Verified:
    from monitor.cli.filed import filed
    from monitor.store.port import StoreError

    try:
        with filed(evidence) as facts:
            return verify(document, facts, key)
    except StoreError as error:
        fail(UNAVAILABLE, str(error))


def _held(key: str | None, documents: Mapping[str, dict[str, object]]) -> Verified:
    """The statements of these files, held to one another."""
    try:
        papers = [paper(file, document) for file, document in documents.items()]
    except ValueError as error:
        return Verified(str(error))
    foreign = (f"{one.file} was signed by {one.key}, not by {key}" for one in papers if key not in (None, one.key))
    problem = next(chain(foreign, disagreements(papers)), None)
    return Verified(problem, papers[0].key, tuple(superseded(papers)) if problem is None else ())


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
