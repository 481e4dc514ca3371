"""The published schemas say what the program reads and writes, no more and no less."""

import json
from pathlib import Path

import pytest
from hypothesis import given

from monitor.render import fact_lines
from monitor.render.fact_kinds import READERS
from monitor.render.schemas import FACTS, facts_schema, statement_schema
from monitor.sla.facts import Fact
from probes.fields import Fields
from tests.cli.kit import upheld
from tests.render.fact_kit import M1, SAMPLE, STATE, any_fact
from tests.render.schema_check import faults
from tests.render.test_golden import GOLDEN, statement_of

STATEMENTS = sorted(path.name for path in GOLDEN.iterdir())


def test_every_kind_of_fact_has_its_schema() -> None:
    assert set(FACTS) == set(READERS)


@pytest.mark.parametrize("kind", sorted(FACTS))
def test_a_kind_has_exactly_the_keys_that_its_reader_knows(kind: str) -> None:
    fields = Fields({"?": 1})
    READERS[kind](fields)
    (complaint,) = (problem for problem in fields.finish() if problem.startswith("unknown key '?'"))
    known = complaint.split("there are ")[1].split(", ")
    assert sorted(known) == sorted(FACTS[kind][0])


@pytest.mark.parametrize("kind", sorted(FACTS))
def test_a_key_is_required_exactly_where_the_reader_misses_it(kind: str) -> None:
    fields = Fields({})
    READERS[kind](fields)
    missing = {problem.removesuffix(" is missing") for problem in fields.problems if problem.endswith(" is missing")}
    assert missing == set(FACTS[kind][1].split())


@given(any_fact)
def test_a_written_fact_is_valid(fact: Fact) -> None:
    assert faults(json.loads(fact_lines.line(fact)), facts_schema()) == []


@pytest.mark.parametrize(
    "fact", [SAMPLE | {"seq": "7"}, SAMPLE | {"sqe": 7}, STATE | {"state": "ok"}, {"kind": "x"}, M1 | {"id": None}]
)
def test_a_wrong_fact_is_not_valid(fact: dict[str, object]) -> None:
    assert faults(fact, facts_schema()) != []


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_is_valid(name: str) -> None:
    from monitor.render.statement_json import render

    assert faults(json.loads(render(statement_of(name))), statement_schema()) == []


def test_a_statement_without_its_digest_is_not_valid(tmp_path: Path) -> None:
    from monitor.render.statement_json import members

    statement = members(statement_of("outage"))
    del statement["digest"]
    assert faults(statement, statement_schema()) == ["$.digest: missing"]


@pytest.mark.parametrize("of", ["facts", "statement"])
def test_the_command_prints_them(of: str) -> None:
    expected = {"facts": facts_schema(), "statement": statement_schema()}[of]
    assert json.loads(upheld("schema", of).output) == expected
