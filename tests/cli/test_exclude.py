"""``upheld exclude``: append-only, checked before it is recorded, and told for what it does."""

import json
from pathlib import Path

import pytest

from tests.cli.kit import lines, sample, upheld, written

HOUR_DOWN = [sample(m, "down", reason="timeout") if 180 <= m < 240 else sample(m) for m in range(420)]
ADD = (
    *("exclude", "add", "--from", "2026-09-30T23:00:00Z", "--to", "2026-09-30T23:30:00Z"),
    *("--announced-at", "2026-09-20T00:00:00Z", "--cause", "planned maintenance"),
    *("--reason", "router swap", "--author", "noc"),
)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = written(tmp_path)
    facts = tmp_path / "facts.jsonl"
    facts.write_text(lines(HOUR_DOWN))
    upheld("import", facts, "-c", path)
    return path


def excluded(config: Path) -> int:
    statement = json.loads(upheld("statement", "acme", "2026-10", "--format", "json", "-c", config).output)
    return int(statement["services"]["hq"]["excluded_ns"])


def test_what_is_added_counts_until_it_is_withdrawn(config: Path) -> None:
    assert upheld(*ADD, "--id", "CHG-1", "-c", config).output == "CHG-1\n"
    assert excluded(config) == 30 * 60 * 10**9
    listed = upheld("exclude", "list", "-c", config).output
    assert "CHG-1: 2026-09-30 23:00:00 – 23:30:00 +00:00 (30m00s), planned maintenance, all services, by noc" in listed
    upheld("exclude", "withdraw", "CHG-1", "--reason", "never happened", "--author", "lead", "-c", config)
    assert excluded(config) == 0
    assert "withdrawn" in upheld("exclude", "list", "-c", config).output


def test_both_versions_are_kept(config: Path) -> None:
    upheld(*ADD, "--id", "CHG-1", "-c", config)
    upheld("exclude", "withdraw", "CHG-1", "--reason", "never happened", "--author", "lead", "-c", config)
    versions = [json.loads(line) for line in upheld("exclude", "list", "--json", "-c", config).output.splitlines()]
    assert [(one["author"], one.get("withdrawn", False)) for one in versions] == [("noc", False), ("lead", True)]


def test_an_exclusion_without_an_id_gets_one(config: Path) -> None:
    assert upheld(*ADD, "-c", config).output.startswith("X-")


def test_a_cause_that_no_contract_excludes_is_noted_and_recorded(config: Path) -> None:
    result = upheld(*ADD, "--cause", "bad weather", "-c", config)
    assert result.exit_code == 0
    assert "note: no contract excludes the cause 'bad weather'; what was measured will stand" in result.output
    assert excluded(config) == 0


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--to", "2026-09-30T22:00:00Z"), "--to: 2026-09-30T22:00:00Z is not after --from, 2026-09-30T23:00:00Z"),
        (("--from", "2026-09-30 22:00"), "--from: '2026-09-30 22:00' is no time; write 2026-10-01T00:00:30Z"),
        (("--service", "hp"), "--service: no service 'hp'"),
        (("--contract", "acne"), "no contract 'acne'"),
        (("--reason", "a\x00b"), "exclusion: reason: 'a\\x00b' is too long or holds control characters"),
    ],
)
def test_what_cannot_be_right_is_refused(more: tuple[str, str], message: str, config: Path) -> None:
    result = upheld(*ADD, *more, "-c", config)
    assert result.exit_code == 2
    assert message in result.output


def test_only_what_exists_can_be_withdrawn_and_only_once(config: Path) -> None:
    end = ("--reason", "r", "--author", "a", "-c", config)
    upheld(*ADD, "--id", "CHG-1", "-c", config)
    wrong = upheld("exclude", "withdraw", "CHG-2", *end)
    assert wrong.exit_code == 2
    assert "no exclusion 'CHG-2'" in wrong.output
    upheld("exclude", "withdraw", "CHG-1", *end)
    again = upheld("exclude", "withdraw", "CHG-1", *end)
    assert (again.exit_code, again.output) == (2, "exclusion 'CHG-1' was withdrawn already, by a\n")
