"""Every step of a settlement, and every reason why something is not given, reads in every language there is."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from monitor.render.language import Language, patterns
from monitor.render.languages import LANGUAGES, de_steps
from tests.laws.settlements import case
from tests.render.test_long import gallery, statement
from tests.vectors.records import records

SETTLE = sorted((Path(__file__).parents[2] / "monitor" / "sla" / "settle").glob("*.py"))
OTHERS = [language for language in LANGUAGES.values() if language.code != "en"]

PUT_TOGETHER = {
    "{} of {}": ["{} of the period before", "{} of the {} periods before, on average,", "{} of {}"],
    "the {} of {}": ["the greatest of {}", "the least of {}"],
    "the period before": ["{} of the period before", "for failing in the period before too"],
    "the {} periods before, on average,": ["{} of the {} periods before, on average,"],
    "each of the {} periods before": ["for failing in each of the {} periods before too"],
    "for failing in {} too": ["for failing in the period before too"],
    "the contract": ["{} of the charge of the contract", "{} of what the contract is based on", "{} of the contract"],
    "; {} may choose another": ["{} is given, and no other of {}; {} may choose another"],
    "{} is given, and no other of {}{}": ["{} is given, and no other of {}"],
    "{} {} of charge": ["{} month of charge", "{} months of charge"],
    "{} {} {}": ["{} misses its target by {}", "{} exceeds its target by {}", "{} is {}"],
    "misses its target by": ["{} misses its target by {}"],
    "exceeds its target by": ["{} exceeds its target by {}"],
    "{} {} each": ["at most {} each", "at least {} each"],
    "at most": ["at most {} each"],
    "at least": ["at least {} each"],
    "at most {}": ["at most {}: {}"],
    "{}{} is {}": ["{} of {} is {}", "{}, {} of {}, is {}"],
    " of {}": ["{} of {} is {}"],
    ", {} of {},": ["{}, {} of {}, is {}"],
    "{} beyond, each {}: {}": ["{} units beyond, each {}: {}", "1 unit beyond, each {}: {}"],
    "{} beyond {}, each {} more: {}": [
        "{} units beyond {}, each {} more: {}",
        "1 unit beyond {}, each {} more: {}",
    ],
    "{}{}, each {}: {}": ["{} units, each {}: {}", "1 unit, each {}: {}"],
    " up to {}": ["{} units up to {}, each {}: {}", "1 unit up to {}, each {}: {}"],
    "{} and {} {}": ["{} and {}"],
    " and ": ["{} and {}"],
    " ({})": ["{} ({})"],
}
"""Texts of which a step is made, and the whole ones that become of them."""
WITHOUT_WORDS = {"{}", "{} {}", "{} %", "{} ns", "{}: {}", ", ", " ", "f", "service "}
ERRORS = {"the credits {} read each other's points"}
ENGLISH = re.compile(
    r"(?<![\w-])(?:the|of|each|units?|beyond|periods?|before|is|at most|at least|capped|charge|days?|hours|times|and|"
    r"or|for|row|holds|given|other|rounded|raised|total|while|no|not|by)(?![\w-])"
)


def skeleton(text: str) -> str:
    return re.sub(r"\{\w+\}", "{}", text)


def templates(file: Path) -> Iterator[str]:
    """Texts with places, and texts of several words, in a module; not those that document it."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    apart: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            apart.add(id(node.value))
        if isinstance(node, ast.JoinedStr):
            apart.update(id(part) for part in ast.walk(node) if part is not node)
    for node in ast.walk(tree):
        if id(node) in apart:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.value


@pytest.mark.parametrize("file", SETTLE, ids=lambda file: file.stem)
def test_every_text_that_settling_makes_is_translated(file: Path) -> None:
    known = {skeleton(text) for text in (*de_steps.SENTENCES, *de_steps.PARTS)}
    for template in templates(file):
        if template in WITHOUT_WORDS | ERRORS or template in known:
            continue
        assert template in PUT_TOGETHER, template
        assert set(PUT_TOGETHER[template]) <= known, template


def test_both_tables_have_the_places_of_the_text_they_translate() -> None:
    for texts in (de_steps.SENTENCES, de_steps.PARTS):
        for text, instead in texts.items():
            assert sorted(re.findall(r"\{(\w+)\}", text)) == sorted(re.findall(r"\{(\w+)\}", instead)), text


@cache
def made() -> frozenset[str]:
    """Every step and reason of the published contracts and of random ones."""
    found: set[str] = set()
    for record in records():
        for run in record.runs.values():
            whole = gallery(record.file)
            told = statement(whole, whole.contracts[run.contract], run)
            found.update(step for line in told["credits"] for step in line["steps"])
            found.update(line["withheld"] for line in told["credits"] if line["withheld"])
            found.update(line["note"] for line in told["claims"] if line["note"])
    for seed in range(300):
        for line in case(seed).settled().lines:
            found.update(line.steps)
            found.update([line.withheld] if line.withheld else [])
    return frozenset(found)


@pytest.mark.parametrize("language", OTHERS, ids=lambda one: one.code)
def test_every_step_there_is_reads_in_the_language(language: Language) -> None:
    assert len(made()) > 500
    for step in made():
        assert any(pattern.fullmatch(step) for pattern, _ in language.steps), step
        names = re.compile(r"\([^)]*\)|\"[^\"]*\"")
        assert not ENGLISH.search(names.sub("", language.step(step))), (step, language.step(step))


@pytest.mark.parametrize("language", OTHERS, ids=lambda one: one.code)
def test_a_step_keeps_its_numbers(language: Language) -> None:
    for step in made():
        told = language.step(step).replace(language.point, ".")
        assert re.findall(r"[0-9]+", told.replace("-fach", "")) == re.findall(r"[0-9]+", step), step


def test_a_pattern_takes_a_number_where_a_number_stands() -> None:
    [(pattern, _)] = patterns({"{n} units of {name}": "{n} Einheiten von {name}"})
    assert pattern.fullmatch("2.5 units of a (b)")
    assert not pattern.fullmatch("some units of a")
