"""A kind is one file and one test: a probe, a measure or a hook that lacks a part is found here, by name."""

import importlib
import inspect
import sys
from collections.abc import Mapping
from dataclasses import is_dataclass
from pathlib import Path

import pytest

import monitor.hooks.kinds as hook_kinds
import monitor.sla.measures as measures
import probes.kinds as probe_kinds
from config.contract.measures import FORMS

TESTS = Path(__file__).parent
MEASURES: dict[str, object] = {**measures.TIMELINE, **measures.SAMPLE}
ALL = {**MEASURES, **measures.RULES}
ACTS = ("NAME", "Options", "open")
FAMILIES = [
    pytest.param("probes.kinds", probe_kinds.KINDS, ACTS, TESTS / "probes", id="probes"),
    pytest.param("monitor.hooks.kinds", hook_kinds.KINDS, ACTS, TESTS / "hooks", id="hooks"),
    pytest.param("monitor.sla.measures", ALL, ("NAME", "METHOD"), TESTS / "sla/measures", id="measures"),
]


def lacking(package: str, registry: Mapping[str, object], parts: tuple[str, ...], tests: Path) -> list[str]:
    """What every module of a package of kinds still needs."""
    home = Path(inspect.getfile(importlib.import_module(package))).parent
    out = []
    for path in sorted(home.glob("*.py")):
        if path.stem != "__init__":
            module = importlib.import_module(f"{package}.{path.stem}")
            out += [f"{path.name}: {problem}" for problem in _of(module, path.stem, registry, parts, tests)]
    return out


def _of(module: object, stem: str, registry: Mapping[str, object], parts: tuple[str, ...], tests: Path) -> list[str]:
    out = [f"has no {part}" for part in parts if not hasattr(module, part)]
    if registry.get(getattr(module, "NAME", "")) is not module:
        out.append("is not in the list of its package")
    options = getattr(module, "Options", None)
    if options is not None:
        frozen = is_dataclass(options) and options.__dataclass_params__.frozen
        if getattr(options, "__pydantic_config__", {}).get("extra") != "forbid" or not frozen:
            out.append("its Options take unknown keys or can be changed")
    if len((module.__doc__ or "").split()) < 10:
        out.append("does not explain itself: its docstring says in a few lines what it does and on what theory")
    if not any("def test_" in path.read_text() for path in tests.glob(f"test_{stem}*.py")):
        out.append(f"has no test: write {tests.name}/test_{stem}.py")
    return out


@pytest.mark.parametrize(("package", "registry", "parts", "tests"), FAMILIES)
def test_every_kind_is_whole(package: str, registry: Mapping[str, object], parts: tuple[str, ...], tests: Path) -> None:
    assert lacking(package, registry, parts, tests) == []


def test_a_measure_that_needs_no_definition_has_its_unit() -> None:
    assert [name for name, module in MEASURES.items() if not hasattr(module, "UNIT")] == []


def test_every_measure_can_be_promised_and_every_promise_measured() -> None:
    assert {form.slug for form in FORMS.values()} == set(MEASURES)


WHOLE = '''"""A kind that knocks on a door and listens whether anybody answers.

It is made up for this test and explains itself well."""
from dataclasses import dataclass
from config.typed import STRICT
NAME = "knock"
@dataclass(frozen=True)
class Options:
    __pydantic_config__ = STRICT
def open(kit): ...
'''

FORGOTTEN = [
    pytest.param('NAME = "knock"\n', "", "has no NAME", id="name"),
    pytest.param("= STRICT", "= {}", "its Options take unknown keys or can be changed", id="strict"),
    pytest.param("(frozen=True)", "", "its Options take unknown keys or can be changed", id="frozen"),
    pytest.param("def open(kit): ...\n", "", "has no open", id="open"),
    pytest.param(WHOLE[: WHOLE.index("from")], "", "does not explain itself", id="docstring"),
    pytest.param('NAME = "knock"', 'NAME = "knocker"', "is not in the list of its package", id="unlisted"),
]


@pytest.fixture
def made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package with one whole kind, listed and tested."""
    (tmp_path / "knocking").mkdir()
    (tmp_path / "knocking/__init__.py").write_text("")
    (tmp_path / "knocking/knock.py").write_text(WHOLE)
    (tmp_path / "test_knock.py").write_text("def test_it_knocks(): ...")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return tmp_path


@pytest.fixture(autouse=True)
def forget() -> None:
    for name in ("knocking", "knocking.knock"):
        sys.modules.pop(name, None)
    importlib.invalidate_caches()


def _lacking(place: Path) -> list[str]:
    module = importlib.import_module("knocking.knock")
    return lacking("knocking", {"knock": module}, ACTS, place)


def test_nothing_is_said_of_a_whole_kind(made_up: Path) -> None:
    assert _lacking(made_up) == []


@pytest.mark.parametrize(("part", "instead", "problem"), FORGOTTEN)
def test_what_was_forgotten_is_named(made_up: Path, part: str, instead: str, problem: str) -> None:
    (made_up / "knocking/knock.py").write_text(WHOLE.replace(part, instead))
    assert any(problem in line for line in _lacking(made_up))


def test_a_kind_without_a_test_is_named(made_up: Path) -> None:
    (made_up / "test_knock.py").unlink()
    [line] = _lacking(made_up)
    assert line.startswith("knock.py: has no test: write ")
