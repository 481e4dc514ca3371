"""What people report besides samples goes into the store and out of it again, and nothing of it is lost."""

import json
from pathlib import Path

import pytest

from tests.cli.kit import lines, sample, upheld, written

REPORTS: list[dict[str, object]] = [
    {
        "kind": "ticket",
        "id": "T1",
        "service": "hq",
        "severity": "high",
        "opened": "2026-09-29T08:00:00Z",
        "restored": "2026-10-02T09:00:00Z",
        "pauses": [{"from": "2026-10-01T08:00:00Z", "to": "2026-10-01T09:00:00Z", "cause": "access"}],
        "weight": "0.25",
    },
    {"kind": "ticket", "id": "T2", "service": "hq", "opened": "2026-08-01T08:00:00Z"},
    {"kind": "ticket", "id": "T3", "service": "hq", "opened": "2026-01-01T08:00:00Z", "closed": "2026-01-01T09:00:00Z"},
    {
        "kind": "counts",
        "signal": "calls",
        "from": "2026-10-01T00:00:00Z",
        "to": "2026-10-01T01:00:00Z",
        "total": 100,
        "failed": 3,
    },
    {"kind": "value", "measure": "csat", "period": "2026-10", "value": "2/3", "n": 3},
    {"kind": "value", "measure": "csat", "at": "2026-10-05T10:00:00Z", "value": "4.6"},
    {"kind": "claim", "contract": "acme", "at": "2026-11-05T10:00:00Z", "incident": "T1", "granted": True},
]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return written(tmp_path)


def exported(config: Path) -> list[dict[str, object]]:
    told = upheld("export", "acme", "2026-10", "-c", config).output.splitlines()
    return [fact for fact in map(json.loads, told) if fact["kind"] not in ("sample", "schedule")]


def test_what_touches_the_period_is_exported_as_it_was_imported(config: Path, tmp_path: Path) -> None:
    """T3 was over months before."""
    path = tmp_path / "facts.jsonl"
    path.write_text(lines([sample(minute) for minute in range(180)] + REPORTS))
    assert upheld("import", path, "-c", config).exit_code == 0
    assert upheld("import", path, "-c", config).exit_code == 0
    wanted = [fact for fact in REPORTS if fact.get("id") != "T3"]
    assert sorted(exported(config), key=repr) == sorted(wanted, key=repr)


def test_a_ticket_that_contradicts_itself_leaves_the_whole_file_out(config: Path, tmp_path: Path) -> None:
    path = tmp_path / "facts.jsonl"
    upheld("import", "-", "-c", config, given=lines([sample(0)]))
    path.write_text(lines([*REPORTS, REPORTS[0] | {"id": "T9", "restored": "2026-09-29T07:00:00Z", "pauses": []}]))
    result = upheld("import", path, "-c", config)
    assert result.exit_code == 65
    problem = "ticket: restored: 2026-09-29T07:00:00Z is before opened, 2026-09-29T08:00:00Z"
    assert result.output == f"{path}:8: {problem}\n"
    assert exported(config) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"id": "T1", "restored": "2026-10-03T09:00:00Z"},
            "ticket 'T1' of the same recorded_at is given other content",
        ),
        ({"measure": "csat", "value": "1"}, "value of 'csat' for 2026-10 is given other content"),
        (
            {"signal": "calls", "from": "2026-10-01T00:30:00Z"},
            "counts of 'calls' 2026-10-01T00:30:00Z/2026-10-01T01:00:00Z overlap those "
            "2026-10-01T00:00:00Z/2026-10-01T01:00:00Z",
        ),
    ],
)
def test_what_contradicts_the_store_is_not_recorded(config: Path, change: dict[str, object], problem: str) -> None:
    """Both together could never be exported and read again."""
    upheld("import", "-", "-c", config, given=lines(REPORTS))
    before = exported(config)
    (first, *_) = (fact for fact in REPORTS if any(fact.get(key) == value for key, value in change.items()))
    other = {"kind": "assume", "service": "hq", "state": "up"}
    result = upheld("import", "-", "-c", config, given=lines([other, first | change]))
    assert result.exit_code == 65
    assert result.output == f"-:2: {problem} in the store\n"
    assert exported(config) == before


def test_a_later_version_of_a_ticket_is_recorded_beside_the_first(config: Path) -> None:
    upheld("import", "-", "-c", config, given=lines(REPORTS))
    later = REPORTS[1] | {"restored": "2026-10-03T09:00:00Z", "recorded_at": "2026-10-03T09:00:00Z"}
    assert upheld("import", "-", "-c", config, given=lines([later])).exit_code == 0
    assert [fact for fact in exported(config) if fact.get("id") == "T2"] == [REPORTS[1], later]
