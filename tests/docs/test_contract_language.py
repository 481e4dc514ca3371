"""The reference of the contract language: every example on it loads, and the figures it tells are those computed."""

import json
import re
from functools import reduce
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config import periods
from config.contract import caps, credit_items, dates, exclusions, outages, services
from config.contract.measure_fields import GIVEN_UNITS, LEGS
from config.contract.measure_kinds import KINDS
from config.contract.promises import KEYS as PROMISE_KEYS
from config.contract.read import KEYS
from monitor.render.fact_kinds import READERS
from monitor.render.facts import read_file
from monitor.render.statement_json import members
from monitor.sla.evidence import Facts
from monitor.sla.statement import build
from tests.config.kit import read

PAGE = (Path(__file__).parents[2] / "docs" / "contract-language.md").read_text()
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)\n```$", re.DOTALL | re.MULTILINE)
BLOCKS = [(kind, dict(re.findall(r"(\w+)=(\S+)", more)), more, text) for kind, more, text in BLOCK.findall(PAGE)]
FRAME = next(text for kind, _, more, text in BLOCKS if kind == "yaml" and "frame" in more)
FILES = {told["file"]: text for kind, told, _, text in BLOCKS if "file" in told}
YAML = [text for kind, _, more, text in BLOCKS if kind == "yaml"]
NUMBER = re.compile(r"\| `(\w[\w\[\].]*)` \| `([^`]+)` \|")


def whole(text: str) -> str:
    """A file as it is; keys of a contract within the frame, in the place of the frame's own."""
    if text.startswith("upheld:"):
        return text
    lines, skipping = [], False
    typed = set(re.findall(r"^([a-z][a-z ]*):", text, re.MULTILINE))
    for line in FRAME.splitlines():
        key = re.match(r" {4}([a-z][a-z ]*):", line)
        if key:
            skipping = key[1] in typed
        if not skipping:
            lines.append(line)
    return "\n".join([*lines, *("    " + line for line in text.splitlines())]) + "\n"


@pytest.mark.parametrize("text", YAML, ids=lambda text: text.splitlines()[0])
def test_an_example_loads(text: str, tmp_path: Path) -> None:
    for name, content in FILES.items():
        (tmp_path / name).write_text(content)
    file = tmp_path / "example.yaml"
    file.write_text(whole(text))
    assert read(file).contracts


@pytest.mark.parametrize("text", [text for kind, _, _, text in BLOCKS if kind == "json"], ids=["october", "kinds"])
def test_an_example_of_facts_is_read(text: str, tmp_path: Path) -> None:
    file = tmp_path / "facts.jsonl"
    file.write_text(text + "\n")
    assert len(read_file(str(file))) == len(text.splitlines())


def test_the_first_example_comes_to_its_figures(tmp_path: Path) -> None:
    for name, content in FILES.items():
        (tmp_path / name).write_text(content + "\n")
    config = read(tmp_path / "acme.yaml")
    contract = config.contracts["acme"]
    period = periods.parse("2026-10", ZoneInfo(contract.timezone), contract.period)
    statement = members(build(config, contract, period, Facts(read_file(str(tmp_path / "october.jsonl"))), None))
    told = NUMBER.findall(PAGE)
    assert len(told) == 6
    for path, value in told:
        assert reduce(_into, re.findall(r"[a-z_]+|\d+", path), statement) == value, path
    assert json.dumps(statement)


def _into(value: Any, step: str) -> Any:
    return value[int(step)] if step.isdigit() else value[step]


@pytest.mark.parametrize(
    "key",
    sorted(
        (
            {*KEYS, *dates.KEYS, *services.KEYS, *outages.KEYS, *exclusions.KEYS, *KINDS, *PROMISE_KEYS, *LEGS}
            | {*credit_items.KEYS, *caps.CAP_KEYS, *caps.COMBINE_KEYS, *READERS, *GIVEN_UNITS}
            | {key for kind in KINDS.values() for key in kind.keys}
        )
        - {"at most per day", "at most per ticket", "at most per item"}
    ),
)
def test_every_key_of_the_language_is_on_the_page(key: str) -> None:
    assert re.search(rf"(?<![a-z]){re.escape(key)}(?![a-z])", PAGE), f"{key} is not told"
