"""Every published figure that was collected comes out of the program: contract and facts in, statement out."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config import periods
from config.errors import ConfigError
from config.model import Config
from monitor.render.facts import read as read_facts
from monitor.render.statement_json import members
from monitor.sla.evidence import Facts
from monitor.sla.statement import build
from tests.config.kit import problems, read
from tests.config.test_examples import complaints
from tests.vectors.figures import USUAL, interval
from tests.vectors.figures import read as read_figure
from tests.vectors.records import GALLERY, Record, Run, lines, records
from tests.vectors.shown import same

VECTORS = 181
ALL = records()


@cache
def gallery(file: Path) -> Config:
    return read(file)


def judged(config: Config, run: Run) -> Mapping[str, Any]:
    """The statement of a run, as its JSON has it."""
    contract = config.contracts[run.contract]
    period = periods.parse(run.period, ZoneInfo(contract.timezone), contract.period)
    facts = read_facts(lines(run, {service.name: service for service in contract.services}), "facts")
    return members(build(config, contract, period, Facts(facts), None))


def figure(words: object, runs: Mapping[str, Mapping[str, Any]]) -> Any:
    return [figure(one, runs) for one in words] if isinstance(words, list) else read_figure(str(words), runs)


@pytest.mark.parametrize("record", ALL, ids=lambda record: record.id)
def test_a_vector_comes_out(record: Record, tmp_path: Path) -> None:
    refusal = _refusal(record, tmp_path)
    runs = {name: judged(gallery(record.file), run) for name, run in record.runs.items()}
    wrong = {}
    for key, expected in record.expected.items():
        words = record.figures.get(key) or USUAL[key]
        found = refusal(words) if str(words).startswith("refused") else figure(words, runs)
        if not same(found, expected):
            wrong[key] = (expected, found)
    assert not wrong, wrong


def _refusal(record: Record, tmp_path: Path) -> Any:
    """The text as it was published: the loader refuses it, with the problem named."""
    if not record.edits:
        return None
    text = record.file.read_text()
    for old, new in record.edits:
        assert old in text, old
        text = text.replace(old, new)
    told = problems(tmp_path, text)
    assert any(record.refused in one for one in told), told
    named = next(one for one in told if record.refused in one)
    return lambda words: True if words == "refused" else interval(named)


def test_every_vector_is_here_once() -> None:
    found = [record.id for record in ALL]
    assert len(found) == len(set(found)) == VECTORS, f"{len(set(found))} of {VECTORS}"


@pytest.mark.parametrize("file", sorted(GALLERY.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_published_contract_loads(file: Path) -> None:
    try:
        config = gallery(file)
    except ConfigError as error:
        pytest.fail("\n".join(str(one) for one in error.problems))
    assert config.contracts
    used = {run.contract for record in ALL if record.file == file for run in record.runs.values()}
    assert used <= config.contracts.keys()
    assert used, "no vector is about this file"


@pytest.mark.parametrize("file", sorted(GALLERY.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_published_contract_pleases_the_schema(file: Path) -> None:
    assert complaints(file.read_text(encoding="utf-8")) == []
