"""``upheld status``: what the daemon last wrote, and plainly when it wrote nothing or long ago."""

import json
import time
from pathlib import Path

import pytest

from config.periods import SECOND
from monitor.cli.common import configuration
from monitor.intake import judged_batch
from monitor.sla.ledger import Ledger
from monitor.store.port import Batch
from monitor.store.sqlite import open_store
from probes.sample import MILLISECOND, Outcome, Sample
from tests.cli.kit import upheld, written

MINUTE = 60 * SECOND


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return written(tmp_path)


def record(path: Path, now: int, outcomes: str) -> None:
    """Samples on the minute up to ``now``, one letter each, judged as a daemon does."""
    config = configuration(str(path))
    store = open_store(config.daemon.store)
    ledger = Ledger(config)
    ledger.load(store, now - len(outcomes) * MINUTE)
    samples = [
        Sample("hq-router", "here", "b1", i, now - (len(outcomes) - 1 - i) * MINUTE, outcome, took=12 * MILLISECOND)
        for i, outcome in enumerate({"u": Outcome.UP, "d": Outcome.DOWN}[letter] for letter in outcomes)
    ]
    store.append(judged_batch(ledger, samples, [], now))
    store.close()


def now() -> int:
    return time.time_ns() // MILLISECOND * MILLISECOND


def test_a_store_without_accounts_says_so(config: Path) -> None:
    store = open_store(config.with_name("upheld.db"))
    store.append(Batch())
    store.close()
    result = upheld("status", "-c", config)
    assert result.exit_code == 0
    assert "acme: no daemon has written its account yet" in result.output


def test_no_store_is_an_unavailable_service(config: Path) -> None:
    assert upheld("status", "-c", config).exit_code == 69


def test_an_open_incident_is_told_with_what_is_left(config: Path) -> None:
    record(config, now(), "uuuddd")
    output = upheld("status", "acme", "-c", config).output
    assert "hq: DOWN since" in output
    assert "incident open since" in output
    assert "limit of the incident in 3h58m" in output
    assert "daemon has written since" not in output


def test_an_old_account_is_told_as_old(config: Path) -> None:
    record(config, now() - 5 * MINUTE, "uuu")
    assert "5m0" in upheld("status", "-c", config).output
    assert "no daemon has written since" in upheld("status", "-c", config).output


def test_what_needs_a_statement_has_no_value_and_is_not_called_on_target(config: Path) -> None:
    rules = "    outages: {rows: {consecutive: 3}}\n    measures: {sound: {ratio: rows}}\n    promises:\n"
    promise = "      - {id: sound, promise: sound >= 90%}\n"
    config.write_text(config.read_text().replace("    promises:\n", rules + promise, 1))
    record(config, now(), "uuu")
    output = upheld("status", "acme", "-c", config).output
    assert "sound >= 90%: no value yet\n" in output
    assert "longest outage <= 4h: 0s, on target" in output


def test_json_is_what_the_store_has(config: Path) -> None:
    record(config, now(), "uuu")
    accounts = json.loads(upheld("status", "--json", "-c", config).output)
    assert accounts["acme"]["services"]["hq"]["state"] == "up"
    assert [promise["id"] for promise in accounts["acme"]["promises"]][:2] == ["availability", "longest-outage"]


def test_the_exit_code_tells_a_breach_when_asked(config: Path) -> None:
    config.write_text(config.read_text().replace("longest outage <= 4h", "longest outage <= 1m"))
    record(config, now(), "uudddddd")
    assert upheld("status", "-c", config).exit_code == 0
    result = upheld("status", "--exit-code", "-c", config)
    assert result.exit_code == 1
    assert "longest outage <= 1m: 5m0" in result.output


def test_a_contract_that_is_not_there_is_a_usage_error(config: Path) -> None:
    assert upheld("status", "acne", "-c", config).exit_code == 2


def test_a_contract_that_is_to_be_reviewed_says_so(config: Path) -> None:
    config.write_text(config.read_text().replace("    customer:", "    review by: 2020-01-01\n    customer:", 1))
    record(config, now(), "uuuu")
    assert "  acme was to be reviewed by 2020-01-01; agree on what holds now" in upheld("status", "-c", config).output
