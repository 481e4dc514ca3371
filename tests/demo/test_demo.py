"""The demo tells its story, whenever it is run, and all other verbs work on what it leaves."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.periods import containing, start_of, to_ns
from monitor.demo.history import Samples
from monitor.demo.setting import NAME, STORE
from monitor.demo.story import HOME, SECOND, WITNESS, tell
from monitor.store.sqlite import open_store
from probes.sample import Outcome
from tests.cli.kit import upheld

ZONE = ZoneInfo(HOME)
NOON = to_ns(datetime(2026, 11, 22, 12, tzinfo=ZONE))


def test_the_story_is_the_same_at_every_telling() -> None:
    story = tell(NOON, 1)
    end = story.start + 3 * 3_600 * SECOND
    assert story == tell(NOON, 1)
    assert list(Samples(story).between(story.start, end)) == list(Samples(story).between(story.start, end))


def test_the_story_has_what_a_demo_must_show() -> None:
    story = tell(NOON, 4)
    assert story.start == start_of(date(2026, 7, 1), ZONE)
    month = containing("month", NOON, ZONE)
    assert any(trouble.start < month.start < trouble.end for trouble in story.troubles)
    assert any(WITNESS in trouble.targets for trouble in story.troubles)
    assert {fact.cause for fact in story.facts if hasattr(fact, "cause")} == {"planned_maintenance", "customer"}
    (school,) = (trouble for trouble in story.troubles if trouble.targets == ("school-campus",))
    offsets = {datetime.fromtimestamp(at // SECOND, ZONE).utcoffset() for at in (school.start, school.end)}
    assert len(offsets) == 2


@pytest.mark.parametrize("day", ["2026-03-01", "2026-06-15", "2027-01-01", "2024-02-29"])
def test_it_can_be_told_on_any_day(day: str) -> None:
    now = start_of(date.fromisoformat(day), ZONE) + SECOND
    story = tell(now, 4)
    assert all(story.start <= trouble.start < trouble.end <= now for trouble in story.troubles)


def test_a_target_fails_exactly_while_the_story_says_so() -> None:
    story = tell(NOON, 1)
    trouble = next(t for t in story.troubles if t.targets == ("clinic-line",))
    samples = Samples(story).between(trouble.start - 3_600 * SECOND, trouble.end + 3_600 * SECOND)
    for sample in samples:
        failing = sample.target == "clinic-line" and trouble.start <= sample.at < trouble.end
        assert (sample.outcome is Outcome.DOWN) == failing


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("demo")
    result = upheld("demo", "--directory", directory, "--months", 1, "--no-daemon")
    assert result.exit_code == 0
    assert "samples of 6 targets in" in result.output
    return directory


def test_the_other_verbs_have_something_to_say(made: Path) -> None:
    config = made / NAME
    assert upheld("check", "-c", config).exit_code == 0
    status = upheld("status", "-c", config)
    assert status.exit_code == 0
    assert status.output.count("availability >= 99.9%") == 5
    last = containing("month", containing("month", time.time_ns(), ZONE).start - 1, ZONE).label
    statement = json.loads(upheld("statement", "clinic", last, "--format", "json", "-c", config).output)
    assert statement["promises"][0]["verdict"] == "breached"
    assert statement["credit_total"]["amount"] == "120.00"
    bakery = upheld("statement", "bakery", last, "-c", config).output
    assert "excluded 2h00m00s planned maintenance" in bakery


def test_the_live_accounts_are_those_a_recomputation_finds(made: Path) -> None:
    """Taken in batch by batch, and read again from the stored samples: the same nanoseconds."""
    config = made / NAME
    accounts = json.loads(upheld("status", "--json", "-c", config).output)
    for contract, account in accounts.items():
        as_of = datetime.fromtimestamp(int(account["as_of"]) / 1e9, ZoneInfo("UTC"))
        at = as_of.strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(account['as_of']) % SECOND:09d}Z"
        asked = ("statement", contract, account["period"]["label"], "--as-of", at, "--format", "json", "-c", config)
        statement = json.loads(upheld(*asked).output)
        for name, service in account["services"].items():
            for bucket in ("up_ns", "down_ns", "excluded_ns"):
                assert service[bucket] == statement["services"][name][bucket]


def test_what_no_demo_made_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("upheld: 1\n")
    result = upheld("demo", "--directory", tmp_path, "--no-daemon")
    assert result.exit_code == 2
    assert (tmp_path / NAME).read_text() == "upheld: 1\n"


def test_a_demo_that_runs_is_left_alone(made: Path) -> None:
    store = open_store(made / STORE)
    try:
        result = upheld("demo", "--directory", made, "--no-daemon")
        assert result.exit_code == 75
    finally:
        store.close()
    assert upheld("status", "-c", made / NAME).exit_code == 0


def test_the_daemon_goes_on_where_the_history_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "monitor.cli", "demo", "--directory", str(tmp_path), "--months", "1"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=tmp_path, env=environment)
    try:
        metrics = _answer(process, tmp_path / NAME)
        assert 'upheld_target_up{target="clinic-line",vantage="demo"} 1' in metrics
        assert "upheld_promise_value{" in metrics
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    status = upheld("status", "clinic", "-c", tmp_path / NAME)
    assert "internet: UP since" in status.output


def _answer(process: "subprocess.Popen[bytes]", config: Path) -> str:
    """The metrics, once they know of a target."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        time.sleep(0.5)
        try:
            line = next(line for line in config.read_text().splitlines() if line.startswith("  metrics:"))
            with urllib.request.urlopen(f"http://{line.split()[1]}/metrics", timeout=5) as answer:
                text: str = answer.read().decode()
        except (TimeoutError, OSError, StopIteration, urllib.error.URLError):
            continue
        if 'upheld_target_up{target="clinic-line"' in text:
            return text
    raise AssertionError("the demo's daemon had nothing to say within a minute")
