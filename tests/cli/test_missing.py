"""A statement says what is missing where a verdict is open."""

from pathlib import Path

from tests.cli.kit import lines, upheld

CONFIG = """upheld: 1
contracts:
  desk:
    provider: P
    customer: C
    services: {desk: {}}
    measures: {satisfaction: {given: csat, unit: score}}
    promises: [satisfaction >= 4.5, response time <= 1h]
"""
TICKET = {"kind": "ticket", "id": "T9", "service": "desk", "opened": "2026-10-31T23:30:00Z"}


def test_a_statement_lists_what_would_settle_it(tmp_path: Path) -> None:
    config, facts = tmp_path / "upheld.yaml", tmp_path / "facts.jsonl"
    config.write_text(CONFIG)
    facts.write_text(lines([TICKET, {"kind": "assume", "service": "desk", "state": "up"}]))
    told = upheld("statement", "desk", "2026-10", "--facts", facts, "-c", config).output
    assert "  desk, satisfaction: no figure was told of satisfaction\n" in told
    assert "  desk, response-time: T9 is not over, or nobody told when\n" in told
    german = upheld("statement", "desk", "2026-10", "--facts", facts, "-c", config, "--language", "de").output
    assert "  desk, response-time: T9 ist nicht zu Ende, oder niemand hat gesagt, wann\n" in german
