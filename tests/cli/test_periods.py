"""A contract accounted by billing months, from its file to its statement."""

import json
from pathlib import Path

import pytest

from tests.cli.kit import CONFIG, lines, upheld

BILLED = CONFIG.replace("    period: month\n", "    starts: 2025-06-15\n    period: contract month\n")
UP = {"kind": "state", "service": "hq", "state": "up", "from": "2026-08-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}
DOWN = UP | {"state": "down", "from": "2026-10-01T10:00:00Z", "to": "2026-10-01T12:00:00Z"}
CHARGE = {"kind": "charge", "service": "hq", "name": "charge", "amount": "1000.00", "currency": "EUR"}
FACTS = [
    UP | {"to": DOWN["from"]},
    DOWN,
    UP | {"from": DOWN["to"]},
    CHARGE | {"period": "2026-09"},
]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "upheld.yaml"
    path.write_text(BILLED.replace("      - p95 latency <= 80ms\n", ""))
    return path


def stated(config: Path, period: str) -> dict[str, object]:
    facts = config.with_name("facts.jsonl")
    facts.write_text(lines(FACTS))
    result = upheld("statement", "acme", period, "--facts", facts, "--format", "json", "-c", config)
    assert result.exit_code == 0, result.output
    found: dict[str, object] = json.loads(result.output)
    return found


@pytest.mark.parametrize("period", ["0001-01", "1677", "2262-Q1", "9999-12", "2026-10-01/9999-12-31"])
def test_a_period_that_no_instant_can_be_told_of_is_refused(config: Path, period: str) -> None:
    result = upheld("statement", "acme", period, "--facts", "-", "-c", config, given=b"")
    assert result.exit_code == 2 and result.output.endswith(" is outside the years 1678 to 2261\n"), result.output


def test_a_billing_month_is_judged_and_credited_under_the_month_it_begins_in(config: Path) -> None:
    statement = stated(config, "2026-09")
    assert statement["period"]["from"] == "2026-09-14T22:00:00Z"
    assert statement["period"]["to"] == "2026-10-14T22:00:00Z"
    assert statement["promises"][0]["verdict"] == "breached"
    assert statement["credit_total"] == {"amount": "100.00", "currency": "EUR"}


def test_a_span_that_is_one_of_its_months_is_that_month(config: Path) -> None:
    assert stated(config, "2026-09-15/2026-10-15") == stated(config, "2026-09")


@pytest.mark.parametrize("period", ["2026-09-15/2026-10-14", "2026-Q3", "2026-10-01"])
def test_any_other_period_has_figures_and_no_verdict(config: Path, period: str) -> None:
    statement = stated(config, period)
    assert statement["promises"][0]["verdict"] is None and statement["credit_total"] is None


def test_a_trailing_window_is_asked_for_by_the_day_it_ends_before(config: Path) -> None:
    config.write_text(config.read_text().replace("period: contract month", "period: trailing 30 days"))
    statement = stated(config, "2026-10-31")
    assert statement["period"]["from"] == "2026-09-30T22:00:00Z"
    assert statement["period"]["to"] == "2026-10-30T23:00:00Z"
    assert statement["promises"][0]["verdict"] == "breached"
    assert stated(config, "2026-11-02")["promises"][0]["verdict"] == "met"


def test_explain_says_what_a_period_is(config: Path) -> None:
    told = " ".join(upheld("explain", "acme", "-c", config).output.split())
    assert "Accounted by month from day 15 in the time zone Europe/Berlin" in told
