"""A past period judged again under other facts or terms, beside what it is."""

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.cli.kit import lines, upheld, written

HOUR = {"kind": "state", "service": "hq", "from": "2026-10-05T08:00:00Z", "to": "2026-10-05T09:00:00Z", "state": "down"}
REST = {"kind": "assume", "service": "hq", "state": "up"}


@pytest.fixture
def asked(tmp_path: Path) -> tuple[object, ...]:
    facts = tmp_path / "facts.jsonl"
    facts.write_text(lines([HOUR, REST]))
    return ("what-if", "acme", "2026-10", "--facts", facts, "-c", written(tmp_path))


def told(*asked: object) -> dict[str, dict[str, object]]:
    """Both statements."""
    result = upheld(*asked, "--json")
    assert result.exit_code == 0, result.output
    read: dict[str, dict[str, object]] = json.loads(result.output)
    return read


def down(statement: dict[str, object]) -> int:
    """Seconds of outage."""
    services = statement["services"]
    assert isinstance(services, dict)
    return int(services["hq"]["down_ns"]) // 10**9


def test_an_outage_more_is_added_to_what_was(asked: tuple[object, ...]) -> None:
    """10:30 to 11:30 in Berlin is 8:30 to 9:30 UTC: half of it was an outage already."""
    found = told(*asked, "--outage", "2026-10-05T10:30/2026-10-05T11:30")
    assert (down(found["as_it_is"]), down(found["what_if"])) == (3600, 5400)


def test_an_outage_that_had_not_been_is_taken_back(asked: tuple[object, ...]) -> None:
    found = told(*asked, "--up", "2026-10-05T08:15:00Z/2026-10-05T12:00:00Z")
    assert down(found["what_if"]) == 900
    assert found["what_if"]["credit_total"] is None


def test_another_target_is_judged_on_the_same_facts(asked: tuple[object, ...]) -> None:
    result = upheld(*asked, "--target", "availability=99.5%")
    assert "hq, availability: 99.865 % against >= 99.9 %, breached → 99.865 % against >= 99.5 %, met" in result.output
    assert "hq, longest-outage: 1h00m00s against <= 4h00m00s, met (unchanged)" in result.output
    assert "credits: 120.00 EUR → none" in result.output


def test_a_cause_announced_in_time_leaves_the_base(asked: tuple[object, ...]) -> None:
    found = told(*asked, "--excluded", "2026-10-05T08:00:00Z/2026-10-05T08:50:00Z=planned maintenance")
    assert down(found["what_if"]) == 600


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (("--outage", "2026-10-05"), "--outage: '2026-10-05' is no span"),
        (("--outage", "2026-10-05T10:00/2026-10-05T09:00"), "ends before it begins"),
        (("--outage", "2026-10-05T10:00/2026-10-05T11:00", "--service", "hk"), "no service 'hk'; there is hq"),
        (("--target", "availabilty=99%"), "did you mean 'availability'?"),
        (("--target", "availability=99"), "--target: "),
        (("--excluded", "2026-10-05T10:00/2026-10-05T11:00"), "names no cause"),
        (("--excluded", "2026-10-05T10:00/2026-10-05T11:00=war"), "no cause 'war'; there is planned maintenance"),
    ],
)
def test_what_makes_no_sense_is_refused(asked: tuple[object, ...], wrong: tuple[str, ...], message: str) -> None:
    result = upheld(*asked, *wrong)
    assert result.exit_code == 2
    assert message in result.output


def test_what_lies_outside_the_period_is_told(asked: tuple[object, ...]) -> None:
    result = upheld(*asked, "--outage", "2062-10-05T10:00/2062-10-05T11:00")
    note = "note: 2062-10-05T10:00:00+02:00/2062-10-05T11:00:00+02:00 lies outside 2026-10\n"
    assert (result.exit_code, result.stderr) == (0, note)


def test_an_open_period_is_judged_as_far_as_it_is_known(tmp_path: Path) -> None:
    """As ``upheld statement`` judges it: with ``unknown: down`` the rest of the year would be an outage."""
    config = written(tmp_path)
    config.write_text(config.read_text().replace("period: month", "period: year\n    unknown: down"))
    facts, year = tmp_path / "facts.jsonl", datetime.now(ZoneInfo("Europe/Berlin")).year
    facts.write_text(lines([REST]))
    assert upheld("import", facts, "-c", config).exit_code == 0
    asked = ("what-if", "acme", year, "-c", config)
    assert "hq, availability: 100 % against >= 99.9 %" in upheld(*asked).output
    found = told(*asked, "--outage", f"{year}-12-31T22:00:00Z/{year}-12-31T22:30:00Z")
    assert found["as_it_is"]["as_of"] is not None and down(found["as_it_is"]) == 0
    assert down(found["what_if"]) == 1800
    assert upheld("what-if", "acme", year + 1, "-c", config).exit_code == 2
