"""Every word of ours that a statement can have in it has its word in every language: causes, verdicts, measures."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

import probes.kinds.http
from config.contract.gives import TIME_IN_KIND
from config.contract.measures import DESK, FORMS
from monitor.render.fact_kinds import ACTIONS
from monitor.render.language import Language
from monitor.render.languages import LANGUAGES
from monitor.sla.exclusions import NOT_IN_SERVICE
from monitor.sla.facts import DAMAGED
from monitor.sla.model import Sufficiency, Verdict
from monitor.sla.timeline import NOT_MEASURED, PENDING, SILENCE
from monitor.sla.words import CUT_OFF
from probes.net import reasons

ROOT = Path(__file__).parents[2]
OTHERS = [language for language in LANGUAGES.values() if language.code != "en"]
SLA = ROOT / "monitor" / "sla"
WORD = re.compile(r"[a-z]+(?:_[a-z]+)*")


def strings(*files: Path) -> Iterator[tuple[str, ast.AST]]:
    """Every text in some modules with what it stands in."""
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.Constant) and isinstance(child.value, str):
                    yield child.value, node


def of_samples() -> set[str]:
    """The reasons that probes give, as their documentation and their tables list them."""
    told = probes.kinds.http.__doc__ or ""
    listed = told[told.index("Down, each with") :]
    words = {word for part in re.findall(r"``([^`]+)``", listed) for word in part.split() if WORD.fullmatch(word)}
    tables = (reasons._REMOTE, reasons._ICMP4, reasons._ICMP6)
    return words | {reason for table in tables for reason in table.values()} | of_findings()


def of_findings() -> set[str]:
    """What stands right behind an outcome wherever one is made."""
    found = set()
    for file in (ROOT / "probes").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            parts = node.args if isinstance(node, ast.Call) else node.elts if isinstance(node, ast.Tuple) else []
            for outcome, reason in pairwise(parts):
                made = isinstance(outcome, ast.Attribute) and outcome.attr in ("DOWN", "UNKNOWN")
                if made and isinstance(reason, ast.Constant) and isinstance(reason.value, str):
                    found.add(reason.value)
    return found


def of_silence() -> set[str]:
    """Why nobody can speak for a time."""
    told = {NOT_MEASURED, PENDING, DAMAGED, CUT_OFF, NOT_IN_SERVICE, *SILENCE}
    votes = {text for text, node in strings(SLA / "words.py") if isinstance(node, ast.IfExp) and WORD.fullmatch(text)}
    breaks = {text for text, node in strings(SLA / "known.py") if isinstance(node, ast.Tuple) and WORD.fullmatch(text)}
    return told | votes | (breaks & {"clock", "suspend"}) | {"stall"}


def of_lapsing() -> set[str]:
    """Why an exclusion, or a part of it, is not granted."""
    files = (SLA / "exclusions.py", SLA / "exclusion_terms.py")
    return {text for text, node in strings(*files) if isinstance(node, ast.Tuple) and " " in text}


def of_measures() -> set[str]:
    return {
        *FORMS,
        *DESK,
        "mean latency",
        "median latency",
        "max latency",
        "mean jitter",
        "median jitter",
        "max jitter",
    }


WORDS = {
    "samples": of_samples(),
    "silence": of_silence(),
    "lapsing": of_lapsing(),
    "measures": of_measures(),
    "verdicts": {*(one.value for one in Verdict), *(one.value for one in Sufficiency)},
    "actions": set(ACTIONS),
    "units": {*TIME_IN_KIND, "points", "transactions"},
    "causes": {"planned_maintenance", "emergency_maintenance", "force_majeure", "customer", "third_party"},
}


def test_words_are_found_where_they_are_made() -> None:
    assert {"refused", "ttl_exceeded", "dns_local", "tls_expired", "redirect_loop", "clock_step"} <= of_samples()
    assert {"no_quorum", "disputed", "clock", "suspend", "gap", "vantage_cut_off"} <= of_silence()
    assert of_lapsing() >= {"without the notice", "beyond the cap", "outside the window"}


@pytest.mark.parametrize("language", OTHERS, ids=lambda one: one.code)
@pytest.mark.parametrize("kind", WORDS)
def test_every_word_of_ours_has_its_word(kind: str, language: Language) -> None:
    lacking = {word for word in WORDS[kind] if word.replace("_", " ") not in language.words}
    assert not lacking


@pytest.mark.parametrize("language", OTHERS, ids=lambda one: one.code)
@pytest.mark.parametrize(
    "words",
    [
        "p95 latency",
        "p99.9 jitter",
        "outages over 30m",
        "share of samples under 50ms",
        "share of tickets answered within 15m",
        "share of tickets resolved within 4h",
        "mean response time",
        "max resolution time",
    ],
)
def test_a_measure_with_a_limit_or_a_statistic_has_its_words(words: str, language: Language) -> None:
    assert language.measure(words) != words
    assert re.findall(r"[0-9.]+", language.measure(words)) == re.findall(r"[0-9.]+", words)


@pytest.mark.parametrize("language", OTHERS, ids=lambda one: one.code)
def test_a_word_of_the_contract_stands_as_it_was_typed(language: Language) -> None:
    assert language.measure("uptime of the year") == "uptime of the year"
    assert language.word("fibre_cut") == "fibre cut"
