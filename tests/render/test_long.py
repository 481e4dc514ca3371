"""The long form of a contract: complete by itself, the same contract when it is read, printed again the same text."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from config import periods, places
from config.contract import (
    calendars,
    caps,
    claims,
    credit_items,
    exclusions,
    measure_kinds,
    measure_rules,
    outages,
    promises,
    rights,
    services,
    shapes,
)
from config.contract import read as read_contract
from config.contract.model import Contract
from config.dump import dump
from config.model import Config
from config.period_kinds import kind_of
from monitor.cli.explain import command as explain
from monitor.render.facts import read as read_facts
from monitor.render.long import long
from monitor.render.statement_json import members
from monitor.sla.evidence import Facts
from monitor.sla.statement import build
from tests.config.kit import CONTRACT, config, read
from tests.render.language_samples import SAMPLES, loaded, two
from tests.render.long_kit import EXAMPLES, FILES, again, said
from tests.vectors.records import Run, lines, records

FIELDS = [(of, field) for of, fields in SAMPLES.items() for field in fields]
SHORT = {
    *("claim within", "not with", "signals"),  # claim, combine, and the names that facts have
    *("durations", "columns", "at most per item", "at most per day", "at most per ticket"),  # what was chosen of them
    *("even if met",),  # without 'for' the shape alone decides
}
TEXTS = ("digest", "contract_digest", "software", "remarks")
RECORDS = [(record, name) for record in records() for name in record.runs]


@cache
def gallery(file: Path) -> Config:
    return read(file)


def statement(whole: Config, contract: Contract, run: Run) -> Mapping[str, Any]:
    """The statement of a run without what is text."""
    period = periods.parse(run.period, ZoneInfo(contract.timezone), contract.period)
    facts = read_facts(lines(run, {service.name: service for service in contract.services}), "facts")
    found = members(build(whole, contract, period, Facts(facts), None))
    promises = [{key: value for key, value in one.items() if key != "text"} for one in _each(found, "promises")]
    rights = [{key: value for key, value in one.items() if key != "steps"} for one in _each(found, "rights")]
    return {key: value for key, value in found.items() if key not in TEXTS} | {"promises": promises, "rights": rights}


def _each(found: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    return list(found[key])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_long_form_is_the_same_contract_and_prints_the_same(file: Path, tmp_path: Path) -> None:
    for contract in gallery(file).contracts.values():
        once = again(file, contract, tmp_path).contracts[contract.name]
        assert said(once) == said(contract)
        assert long(once) == long(contract)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_revisions_are_the_same_texts(file: Path, tmp_path: Path) -> None:
    for contract in gallery(file).contracts.values():
        once = again(file, contract, tmp_path).contracts[contract.name]
        dated = [[(one.id, one.start, one.applies_by) for one in each.revisions] for each in (once, contract)]
        assert dated[0] == dated[1]
        for mine, theirs in zip(once.revisions, contract.revisions, strict=True):
            assert said(mine.contract) == said(theirs.contract)


@pytest.mark.parametrize(("record", "name"), RECORDS, ids=[f"{record.id}-{name}" for record, name in RECORDS])
def test_statements_of_both_forms_have_the_same_figures(record: Any, name: str, tmp_path: Path) -> None:
    run = record.runs[name]
    whole = gallery(record.file)
    contract = whole.contracts[run.contract]
    once = again(record.file, contract, tmp_path)
    assert statement(once, once.contracts[run.contract], run) == statement(whole, contract, run)


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda file: file.stem)
def test_statements_of_the_examples_have_the_same_figures(file: Path, tmp_path: Path) -> None:
    whole = gallery(file)
    for contract in whole.contracts.values():
        run = Run(contract.name, "2026-10", list(trouble(contract)))
        run = run if not kind_of(contract.period).trailing else Run(run.contract, "2026-10-05", run.facts)
        once = again(file, contract, tmp_path)
        assert statement(once, once.contracts[contract.name], run) == statement(whole, contract, run)


def trouble(contract: Contract) -> list[dict[str, Any]]:
    """Two outages of every service, one of them in maintenance that was announced, and a ticket that took a day."""
    facts: list[dict[str, Any]] = []
    for place, service in enumerate(contract.services):
        name = service.name
        facts.append({"down": name, "from": f"2026-10-0{place % 8 + 1} 10:00", "for": "7h"})
        facts.append({"down": name, "from": "2026-10-20 01:00", "for": "45m"})
        facts.append(
            {
                "kind": "exclusion",
                "id": f"M{place}",
                "services": [name],
                "cause": "planned maintenance",
                "from": "2026-10-20 01:00",
                "to": "2026-10-20 03:00",
                "announced_at": "2026-10-01 00:00",
            }
        )
        ticket = {"kind": "ticket", "id": f"T{place}", "service": name, "severity": "critical"}
        times = {"opened": "2026-10-06 09:00", "responded": "2026-10-06 15:00", "restored": "2026-10-07 09:00"}
        facts.append(ticket | times)
    return facts


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[dict[str, Any]], str]:
    """The long form of a sample's data, seen to be the same contract when it is read; each once."""
    folder, known = tmp_path_factory.mktemp("samples"), dict[str, str]()

    def of(data: dict[str, Any]) -> str:
        typed = dump(data)
        if typed not in known:
            contract = loaded(data, folder)[1]
            once = again(folder / "sample.yaml", contract, folder).contracts["acme"]
            assert said(once) == said(contract)
            text = long(contract)
            assert long(once) == text
            known[typed] = text
        return known[typed]

    return of


@pytest.mark.parametrize(("of", "field"), FIELDS, ids=[f"{of}.{field}" for of, field in FIELDS])
def test_what_a_field_says_is_in_the_long_form(of: str, field: str, printed: Callable[[dict[str, Any]], str]) -> None:
    before, after = map(printed, two(of, field))
    assert before != after


def test_every_key_of_the_language_is_written(printed: Callable[[dict[str, Any]], str]) -> None:
    """Those that are read, but for short forms of others and the keys that say how a text is made."""
    written: set[str] = set()
    for text in {printed(data) for of, field in FIELDS for data in two(of, field)}:
        tree = places.parse(text.encode(), "long.yaml", [])
        written |= set() if tree is None else set(keys(tree))
    kinds = {key for name, kind in measure_kinds.KINDS.items() for key in (name, *kind.keys)}
    readers = (read_contract.KEYS, services.KEYS, calendars.KEYS, outages.KEYS, exclusions.KEYS, measure_rules.COMMON)
    more = (promises.KEYS, credit_items.KEYS, shapes.PER_UNIT_KEYS, shapes.PRO_RATA_KEYS, shapes.BRACKET_KEYS)
    last = (caps.CAP_KEYS, caps.COMBINE_KEYS, caps.FLOOR_KEYS, claims.CLAIM_KEYS, rights.RIGHT_KEYS, rights.EARN_KEYS)
    read_keys = kinds.union(*readers, *more, *last)
    assert read_keys - written == SHORT


def keys(node: places.Node) -> Iterator[str]:
    """Every key of a tree."""
    if isinstance(node.value, dict):
        yield from node.value
        for child in node.value.values():
            yield from keys(child)
    elif isinstance(node.value, list):
        for child in node.value:
            yield from keys(child)


def test_remarks_stand_in_their_clauses(tmp_path: Path) -> None:
    whole = config(
        tmp_path,
        CONTRACT.replace("- availability >= 99.9%", "- {promise: availability >= 99.9%, text: Always.}")
        + "    credits:\n      availability: {'< 99.9%': 10%, interpret: Of each month.}\n",
    )
    once = again(tmp_path / "upheld.yaml", whole.contracts["acme"], tmp_path).contracts["acme"]
    assert once.remarks == whole.contracts["acme"].remarks
    assert [one.path for one in once.remarks] == ["promises.availability", "credits.availability"]


def test_explain_long_prints_a_text_that_loads(tmp_path: Path) -> None:
    file = EXAMPLES / "contract.yaml"
    printed = CliRunner().invoke(explain, ["acme", "--long", "-c", str(file)])
    assert printed.exit_code == 0, printed.output
    assert "      availability:\n        ratio: outage\n        base: actual\n" in printed.output
    head = file.read_text(encoding="utf-8").partition("contracts:")[0]
    assert "acme" in config(tmp_path, head + printed.output).contracts


def test_a_standard_measure_that_is_defined_is_the_standard_one(tmp_path: Path) -> None:
    defined = CONTRACT + "    measures: {availability: {ratio: outage}}\n    outages: {outage: {from: probes}}\n"
    plain, typed = (config(tmp_path, text).contracts["acme"] for text in (CONTRACT, defined))
    assert said(typed) == said(plain)
    assert (typed.promises[0].rule, typed.measures, typed.outages) == (None, (), ())
