"""Worked examples of what the figures mean: a contract, its facts, and the statement word for word.

Each directory of ``golden`` holds ``upheld.yaml``, ``facts.jsonl``, ``statement.txt`` and ``statement.json``. The
table here was worked out by hand from the facts, so that a golden file cannot make a wrong figure right. Versions
and digests are masked: they may change while nothing else does.
"""

import json
import re
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.contract.model import Contract
from config.periods import parse
from monitor.cli.common import configuration
from monitor.render import statement_csv, statement_json, statement_text
from monitor.render.facts import read_file
from monitor.sla.evidence import Facts
from monitor.sla.model import Statement
from monitor.sla.statement import build

GOLDEN = Path(__file__).parent / "golden"
SECOND = 10**9
DAY, MONTH = 86_400, 744 * 3_600

# directory: period, (up, down, unknown, excluded) in seconds, {promise: (value, lower, upper, verdict)};
# durations in seconds
BY_HAND = {
    "outage": (
        "2026-10-05",
        (DAY - 300, 300, 0, 0),
        {
            "total-outage": (300, 300, 300, "breached"),
            "longest-outage": (300, 300, 300, "breached"),
            "outages": (1, 1, 1, "breached"),
            "availability": (Fraction(86_100, 86_400),) * 3 + ("breached",),
        },
    ),
    "stall": (
        "2026-10-05",
        (DAY - 300, 240, 60, 0),
        {
            "total-outage": (240, 240, 300, "indeterminate"),
            "longest-outage": (240, 120, 300, "indeterminate"),
            "outages": (1, 1, 2, "breached"),
        },
    ),
    "maintenance": (
        "2026-10-05",
        (DAY - 300, 180, 0, 120),
        {
            "total-outage": (180, 180, 180, "met"),
            "longest-outage": (180, 180, 180, "met"),
            "availability": (Fraction(86_100, 86_280),) * 3 + ("breached",),
        },
    ),
    "maintenance-not-down": (
        "2026-10-05",
        (DAY - 180, 180, 0, 0),
        {"total-outage": (180, 180, 180, "met"), "availability": (Fraction(86_220, 86_400),) * 3 + ("breached",)},
    ),
    "gap": ("2026-10-05", (DAY - 540, 0, 540, 0), {"total-outage": (0, 0, 540, "indeterminate")}),
    "one-missing": ("2026-10-05", (DAY, 0, 0, 0), {"availability": (1, 1, 1, "met")}),
    "recheck": (
        "2026-10-05",
        (DAY - 5, 5, 0, 0),
        {"total-outage": (5, 5, 5, "met"), "outages": (1, 1, 1, "breached"), "outages-over-60s": (0, 0, 0, "met")},
    ),
    "cap": (
        "2026-10",
        (MONTH - 5 * 3_600, 3_600, 0, 4 * 3_600),
        {"total-outage": (3_600, 3_600, 3_600, "breached"), "outages": (1, 1, 1, "breached")},
    ),
    "vantages": ("2026-10-05", (DAY - 60, 60, 0, 0), {"total-outage": (60, 60, 60, "met")}),
    "open-incident": (
        "2026-10-05",
        (DAY - 3 * 3_600, 3 * 3_600, 0, 0),
        {"longest-outage": (3 * 3_600, 3 * 3_600, None, "indeterminate")},
    ),
    "indeterminate-month": (
        "2026-10",
        (MONTH - 3_000, 2_400, 600, 0),
        {
            "availability": (
                Fraction(44_590, 44_630),
                Fraction(44_590, 44_640),
                Fraction(44_600, 44_640),
                "indeterminate",
            )
        },
    ),
}


def statement_of(name: str) -> Statement:
    config = configuration(str(GOLDEN / name / "upheld.yaml"))
    contract: Contract = config.contracts["acme"]
    period = parse(BY_HAND[name][0], ZoneInfo(contract.timezone))
    return build(config, contract, period, Facts(read_file(str(GOLDEN / name / "facts.jsonl"))), None)


def masked(text: str) -> str:
    text = re.sub(r"sha256:[0-9a-f]{64}", "sha256:…", text)
    text = re.sub(r"tzdata \S+", "tzdata …", text)
    return re.sub(r'("tzdata"|"version"): "[^"]*"', r'\1: "…"', text)


def test_every_example_has_its_figures() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == set(BY_HAND)


@pytest.mark.parametrize("name", sorted(BY_HAND))
def test_the_figures_are_those_worked_out_by_hand(name: str) -> None:
    _, buckets, promises = BY_HAND[name]
    statement = statement_of(name)
    (figures,) = statement.services
    assert (figures.up, figures.down, figures.unknown, figures.excluded) == tuple(s * SECOND for s in buckets)
    found = {result.id: result for result in statement.promises}
    for promise, (*expected, verdict) in promises.items():
        result = found[promise]
        unit = SECOND if result.unit == "ns" else 1
        scaled = [None if figure is None else figure * unit for figure in expected]
        assert [result.value, result.lower, result.upper] == scaled
        assert result.verdict == verdict


@pytest.mark.parametrize("name", sorted(BY_HAND))
def test_the_statement_reads_as_it_did(name: str) -> None:
    statement = statement_of(name)
    assert masked(statement_text.render(statement)) == (GOLDEN / name / "statement.txt").read_text()
    assert masked(statement_json.render(statement)) == (GOLDEN / name / "statement.json").read_text()


def test_the_incident_of_the_first_example_keeps_both_bounds() -> None:
    """Down 10:00 to 10:04, up 10:05: at least 240 s, at most 360 s, charged 300 s."""
    (incident,) = statement_of("outage").incidents
    assert (incident.charged, incident.lower, incident.upper) == (300 * SECOND, 240 * SECOND, 360 * SECOND)


def test_the_credit_is_told_step_by_step_and_in_all_views() -> None:
    """One started minute beyond four: 5 % of 1200.00."""
    statement = statement_of("outage")
    members = json.loads(statement_json.render(statement))
    assert members["credits"][0]["amount"] == members["credit_total"]["amount"] == "60.00"
    assert members["claim_by"] == "2026-11-05T00:00:00Z"
    assert "→ breached, 5 % credit, 60.00 EUR" in statement_text.render(statement)
    row = next(line for line in statement_csv.render(statement).splitlines() if ",total-outage," in line)
    assert row.endswith(",5m00s,breached,60.00,EUR")


def test_the_digest_holds_without_the_software_and_changes_with_a_figure() -> None:
    members = statement_json.members(statement_of("outage"))
    again = statement_json.members(statement_of("outage"))
    other = statement_json.members(statement_of("stall"))
    assert members["digest"] == again["digest"] != other["digest"]


def test_canonical_json_has_no_floats_and_sorted_keys() -> None:
    text = statement_json.render(statement_of("stall"))

    def refuse(number: str) -> None:
        raise AssertionError(f"a float: {number}")

    members = json.loads(text, parse_float=refuse)
    assert json.dumps(members, sort_keys=True, ensure_ascii=False, indent=2) + "\n" == text
