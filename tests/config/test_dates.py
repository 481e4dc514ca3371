"""When a contract holds, from when on it is judged, and when it is to be looked at again."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from config.contract.dates import review_due
from config.periods import start_of
from monitor.cli.check import command as check
from tests.config.kit import CONTRACT, config, problems

BERLIN = ZoneInfo("Europe/Berlin")
TEXT = CONTRACT + "    timezone: Europe/Berlin\n"
DAY = 86_400 * 10**9


def on(year: int, month: int, day: int) -> int:
    return start_of(date(year, month, day), BERLIN)


@pytest.mark.parametrize(
    ("starts", "warm_up", "judged_from"),
    [
        ("2026-02-15", "first full month", on(2026, 4, 1)),
        ("2026-03-01", "first full month", on(2026, 4, 1)),
        ("2026-02-15", "first full quarter", on(2026, 7, 1)),
        ("2026-02-15", "until second month", on(2026, 4, 1)),
        ("2025-12-31", "until first month", on(2026, 1, 1)),
        ("2026-02-15", "120d", on(2026, 6, 15)),
        ("2026-02-15", "36h", on(2026, 2, 15) + 36 * 3600 * 10**9),
        (None, "until 2026-03-01", on(2026, 3, 1)),
    ],
)
def test_a_warm_up_ends_on_a_day(tmp_path: Path, starts: str | None, warm_up: str, judged_from: int) -> None:
    more = f"    warm up: {warm_up}\n" + (f"    starts: {starts}\n" if starts else "")
    assert config(tmp_path, TEXT + more).contracts["acme"].judged_from == judged_from


def test_a_contract_limits_its_services(tmp_path: Path) -> None:
    text = TEXT.replace("{targets: [web],", "{targets: [web], in service from: 2026-05-01,")
    found = config(tmp_path, text + "    starts: 2026-02-15\n    ends: 2027-02-15\n").contracts["acme"]
    assert [(one.in_service_from, one.in_service_until) for one in found.services] == [
        (on(2026, 2, 15), on(2027, 2, 15)),
        (on(2026, 5, 1), on(2027, 2, 15)),
    ]


def test_a_review_is_told_of_from_thirty_days_before(tmp_path: Path) -> None:
    found = config(tmp_path, TEXT + "    review by: 2026-07-01\n").contracts["acme"]
    due = on(2026, 7, 1)
    assert review_due(found, due - 30 * DAY - 1) is None
    assert review_due(found, due - 30 * DAY) == "acme is to be reviewed by 2026-07-01 (30 days left)"
    assert review_due(found, due - 1) == "acme is to be reviewed by 2026-07-01 (1 day left)"
    assert review_due(found, due) == (
        "acme was to be reviewed by 2026-07-01; agree on what holds now, and write a new 'review by'"
    )


def test_check_warns_of_a_review_and_does_not_fail(tmp_path: Path) -> None:
    file = tmp_path / "upheld.yaml"
    file.write_text(TEXT + "    review by: 2020-07-01\n")
    found = CliRunner().invoke(check, ["-c", str(file)])
    assert (found.exit_code, found.stdout.count("\n")) == (0, 1)
    assert found.stderr.startswith("warning: acme was to be reviewed by 2020-07-01;")


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ("    warm up: first full month\n", "'first full month' counts from the contract's first day"),
        ("    warm up: a while\n", "'a while' is no warm-up; write first full month, 120d"),
        ("    warm up: until soon\n", "'until soon' is no warm-up"),
        ("    starts: 2026-02-30\n", "'2026-02-30' is no date"),
        ("    starts: 2026-02-01\n    ends: 2026-02-01\n", "'2026-02-01' is not after 'starts'"),
        ("    language: fr\n", "no language 'fr'; there are de, en"),
        ("    review by: next year\n", "'next year' is no date"),
    ],
)
def test_dates_without_sense_are_told(tmp_path: Path, more: str, what: str) -> None:
    [found] = problems(tmp_path, TEXT + more)
    assert what in found
