"""``upheld statement``: the same facts give the same bytes, from a file as from the store."""

import json
from pathlib import Path

import pytest

from tests.cli.kit import lines, sample, upheld, written

HOUR_DOWN = [sample(m, "down", reason="timeout") if 180 <= m < 240 else sample(m) for m in range(420)]
REST = {
    "kind": "state",
    "service": "hq",
    "from": "2026-10-01T03:00:00Z",
    "to": "2026-10-31T23:00:00Z",
    "state": "up",
}

SPAN = {"from": "2026-10-01T03:00:00Z", "to": "2026-10-01T04:00:00Z"}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return written(tmp_path)


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    path = tmp_path / "facts.jsonl"
    path.write_text(lines([*HOUR_DOWN, REST]))
    return path


def test_a_file_of_facts_needs_neither_store_nor_network(config: Path, facts: Path) -> None:
    result = upheld("statement", "acme", "2026-10", "--facts", facts, "-c", config)
    assert result.exit_code == 0
    assert "availability 99.865 % (promised 99.9 %): lost 1h00m00s" in result.output
    assert "→ breached, 10 % credit, 120.00 EUR" in result.output
    assert not config.with_name("upheld.db").exists()


def test_json_holds_the_exact_figures(config: Path, facts: Path) -> None:
    result = upheld("statement", "acme", "2026-10", "--facts", facts, "--format", "json", "-c", config)
    statement = json.loads(result.output)
    hq = statement["services"]["hq"]
    assert (hq["down_ns"], hq["unknown_ns"]) == (str(3_600 * 10**9), "0")
    assert statement["promises"][0]["value"]["exact"] == "744/745"
    assert statement["promises"][0]["verdict"] == "breached"
    assert statement["credit_total"] == {"amount": "120.00", "currency": "EUR"}
    assert statement["period"]["seconds"] == str(745 * 3_600)


def test_facts_come_from_standard_input_too(config: Path, facts: Path) -> None:
    piped = upheld("statement", "acme", "2026-10", "--facts", "-", "-c", config, given=facts.read_text())
    assert piped.output == upheld("statement", "acme", "2026-10", "--facts", facts, "-c", config).output


def test_a_foreign_period_has_figures_and_no_verdict(config: Path, facts: Path) -> None:
    result = upheld("statement", "acme", "2026-10-01", "--facts", facts, "--format", "json", "-c", config)
    statement = json.loads(result.output)
    assert {promise["verdict"] for promise in statement["promises"]} == {None}
    assert statement["credits"] == []
    assert statement["services"]["hq"]["down_ns"] == str(3_600 * 10**9)


def test_an_exit_code_tells_a_breach_only_when_asked(config: Path, facts: Path) -> None:
    asked = ("statement", "acme", "2026-10", "--facts", facts, "-c", config)
    assert upheld(*asked).exit_code == 0
    assert upheld(*asked, "--exit-code").exit_code == 1


def test_a_file_is_written_whole_or_not_at_all(config: Path, facts: Path, tmp_path: Path) -> None:
    out = tmp_path / "october.json"
    asked = ("statement", "acme", "2026-10", "--facts", facts, "--format", "json", "-c", config)
    assert upheld(*asked, "-o", out).output == ""
    assert out.read_text() == upheld(*asked).output
    nowhere = upheld(*asked, "-o", tmp_path / "none" / "october.json")
    assert nowhere.exit_code == 69
    assert "october.json: cannot be written: No such file or directory" in nowhere.output
    assert not list(tmp_path.glob(".october*"))


def test_csv_has_a_row_for_each_promise(config: Path, facts: Path) -> None:
    result = upheld("statement", "acme", "2026-10", "--facts", facts, "--format", "csv", "-c", config)
    rows = result.output.splitlines()
    assert len(rows) == 4
    assert rows[1].startswith("acme,2026-10,hq,availability,availability >= 99.9%,ratio,999/1000,744/745,")


def test_as_of_an_instant_the_rest_of_the_period_is_still_to_come(config: Path, facts: Path) -> None:
    asked = ("statement", "acme", "2026-10", "--facts", facts, "--format", "json", "-c", config)
    statement = json.loads(upheld(*asked, "--as-of", "2026-10-01T02:00:00Z").output)
    assert statement["as_of"] == "2026-10-01T02:00:00Z"
    assert statement["promises"][1]["verdict"] == "indeterminate"
    assert int(statement["services"]["hq"]["pending_ns"]) == (745 - 4) * 3_600 * 10**9
    early = upheld(*asked, "--as-of", "2026-09-01T00:00:00Z")
    assert (early.exit_code, early.output) == (2, "the period 2026-10 has not begun\n")


@pytest.mark.parametrize(
    ("contract", "period", "message"),
    [
        ("acne", "2026-10", "no contract 'acne'"),
        ("acme", "2026-13", "'2026-13' is no month of the calendar"),
        ("acme", "October", "'October' is no period; write 2026-10"),
    ],
)
def test_what_is_asked_wrongly_is_a_usage_error(
    contract: str, period: str, message: str, config: Path, facts: Path
) -> None:
    result = upheld("statement", contract, period, "--facts", facts, "-c", config)
    assert result.exit_code == 2
    assert message in result.output


def test_bad_facts_end_with_65_and_name_every_line(config: Path, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text(lines([sample(0), sample(1, outcome="dwon"), {"kind": "tickets"}]))
    result = upheld("statement", "acme", "2026-10", "--facts", path, "-c", config)
    assert result.exit_code == 65
    assert [line.split(": ")[0] for line in result.output.splitlines()] == [f"{path}:2", f"{path}:3"]


def test_a_target_that_nobody_knows_is_noted(config: Path, tmp_path: Path) -> None:
    path = tmp_path / "facts.jsonl"
    path.write_text(lines([sample(0), sample(1, target="hq-ruoter"), sample(2, target="hq-ruoter")]))
    result = upheld("statement", "acme", "2026-10", "--facts", path, "-c", config)
    assert result.exit_code == 0
    note = "note: 2 facts of target 'hq-ruoter', which the configuration does not know, bear on nothing"
    assert f"{path}: {note}; did you mean 'hq-router'?" in result.output


@pytest.mark.parametrize(
    ("fact", "note"),
    [
        ({"kind": "assume", "service": "hg", "state": "up"}, "service 'hg'"),
        ({"kind": "assume", "service": "hq", "state": "up", "contract": "acne"}, "contract 'acne'"),
        ({"kind": "exclusion", "id": "M", "services": ["hg"], "cause": "customer", **SPAN}, "service 'hg'"),
        ({"kind": "ticket", "id": "T", "service": "hg", "opened": SPAN["from"]}, "service 'hg'"),
        ({"kind": "counts", "signal": "calls", "total": 1, "failed": 0, **SPAN}, "signal 'calls'"),
        ({"kind": "value", "measure": "csat", "period": "2026-10", "value": "4"}, "measure 'csat'"),
        ({"kind": "claim", "contract": "acne", "at": SPAN["from"]}, "contract 'acne'"),
    ],
)
def test_a_service_or_contract_that_nobody_knows_is_noted(
    config: Path, tmp_path: Path, fact: dict[str, object], note: str
) -> None:
    path = tmp_path / "facts.jsonl"
    path.write_text(lines([fact]))
    result = upheld("statement", "acme", "2026-10", "--facts", path, "-c", config)
    assert result.exit_code == 0
    assert f"note: 1 facts of {note}, which the configuration does not know, bear on nothing" in result.stderr


def test_without_a_store_and_without_facts_there_is_nothing_to_judge(config: Path) -> None:
    result = upheld("statement", "acme", "2026-10", "-c", config)
    assert result.exit_code == 69
    assert "there is no store yet" in result.output


def test_what_was_imported_is_stated_and_exported_again_byte_for_byte(
    config: Path, facts: Path, tmp_path: Path
) -> None:
    """file -> store -> statement == file -> statement -- and again through an export."""
    asked = ("statement", "acme", "2026-10", "--format", "json", "-c", config)
    from_file = upheld(*asked, "--facts", facts).output
    imported = upheld("import", facts, "-c", config)
    assert imported.output == f"421 facts recorded in {tmp_path / 'upheld.db'}\n"
    assert upheld(*asked).output == from_file
    exported = tmp_path / "export.jsonl"
    assert upheld("export", "acme", "2026-10", "-o", exported, "-c", config).exit_code == 0
    assert upheld(*asked, "--facts", exported).output == from_file
    kinds = {json.loads(line)["kind"] for line in exported.read_text().splitlines()}
    assert kinds == {"sample", "state", "schedule"}


def test_importing_again_changes_nothing(config: Path, facts: Path, tmp_path: Path) -> None:
    asked = ("export", "acme", "2026-10", "-c", config)
    upheld("import", facts, "-c", config)
    once = upheld(*asked).output
    assert upheld("import", facts, "-c", config).exit_code == 0
    assert upheld(*asked).output == once


def test_an_incident_from_before_the_period_is_exported_whole(config: Path, tmp_path: Path) -> None:
    """Down from 21:30 local time on 30 September to 00:30: two and a half hours of it lie before the period."""
    path, exported = tmp_path / "facts.jsonl", tmp_path / "export.jsonl"
    path.write_text(lines([sample(m, "down" if 0 < m < 150 else "up") for m in range(200)]))
    upheld("import", path, "-c", config)
    upheld("export", "acme", "2026-10", "-o", exported, "-c", config)
    asked = ("statement", "acme", "2026-10", "--format", "json", "-c", config)
    there = upheld(*asked, "--facts", exported)
    assert there.output == upheld(*asked).output
    (incident,) = json.loads(there.output)["incidents"]
    assert incident["start"] == "2026-09-30T20:01:00Z"
    assert incident["counted"] is False
