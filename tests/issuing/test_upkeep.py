"""The daemon's upkeep issues by itself what is over since long enough, once, and keeps what it rests on."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.model import DAY, Config
from config.periods import parse
from monitor.cli.common import configuration
from monitor.housekeeping import Housekeeping, to_issue
from monitor.store.port import Batch, StoreError
from monitor.store.sqlite import SqliteStore, open_store
from probes.notation import instant
from tests.cli.kit import CONFIG
from tests.hooks.kit import ToldClock
from tests.store.made import SECOND, sample

BERLIN = ZoneInfo("Europe/Berlin")
OCTOBER = instant("2026-10-01T00:00:00+02:00")
NOVEMBER = instant("2026-11-01T00:00:00+01:00")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    made = open_store(tmp_path / "upheld.db")
    yield made
    made.close()


@pytest.fixture
def config(tmp_path: Path) -> Config:
    path = tmp_path / "upheld.yaml"
    path.write_text(CONFIG)
    return configuration(str(path), str(tmp_path / "upheld.db"))


def observed(store: SqliteStore, at: int, number: int) -> None:
    """One sample of the contract's target."""
    store.append(Batch(samples=[sample(number, target="hq-router", at=at)]))


def upkeep(store: SqliteStore, config: Config, now: int) -> Housekeeping:
    """Housekeeping at an instant."""
    clock = ToldClock()
    clock.now = now
    return Housekeeping(store, clock, lambda: config)


def test_a_month_is_issued_once_it_is_over_since_three_days(store: SqliteStore, config: Config) -> None:
    observed(store, OCTOBER + DAY, 1)
    upkeep(store, config, NOVEMBER + 3 * DAY - 1).once(False)
    assert store.issued("acme", OCTOBER, NOVEMBER) == []
    for _ in range(2):
        upkeep(store, config, NOVEMBER + 3 * DAY).once(False)
    (only,) = store.issued("acme", OCTOBER, NOVEMBER)
    told = json.loads(only.body)
    assert (told["revision"], told["issued"], told["period"]["label"]) == (1, True, "2026-10")


def test_a_month_of_which_nothing_is_known_is_not_issued(store: SqliteStore, config: Config) -> None:
    observed(store, NOVEMBER + DAY, 1)
    upkeep(store, config, NOVEMBER + 4 * DAY).once(False)
    assert store.issued("acme", OCTOBER, NOVEMBER) == []


def test_what_a_statement_rests_on_outlives_retention(store: SqliteStore, config: Config) -> None:
    """Two years later the samples of the issued month are there, and the one before it from which it is understood;
    what is older is gone."""
    observed(store, OCTOBER - 40 * DAY, 1)
    observed(store, OCTOBER - 60 * SECOND, 2)
    observed(store, OCTOBER, 3)
    upkeep(store, config, NOVEMBER + 3 * DAY).once(False)
    upkeep(store, config, NOVEMBER + 800 * DAY).once(True)
    kept = [one.seq for one in store.samples("hq-router", 0, 2**62)]
    assert kept == [2, 3]


def test_a_damaged_statement_gets_no_other_in_its_place(
    store: SqliteStore, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    observed(store, OCTOBER + DAY, 1)
    upkeep(store, config, NOVEMBER + 3 * DAY).once(False)
    with closing(sqlite3.connect(store.path)) as hand:
        hand.execute("DROP TRIGGER issued_no_update")
        hand.execute("UPDATE issued SET body = replace(body, '2026', '2025')")
        hand.commit()
    upkeep(store, config, NOVEMBER + 3 * DAY).once(True)
    with pytest.raises(StoreError, match=r"issued statement acme from .* revision 1: what is stored is not what was"):
        store.issued("acme", OCTOBER, NOVEMBER)
    told = [text for text in caplog.messages if "issued statement acme" in text]
    assert len(told) == 1 and "no other is issued in its place" in told[0]
    with closing(sqlite3.connect(store.path)) as hand:
        assert hand.execute("SELECT count(*) FROM issued").fetchone() == (1,)


def test_a_trailing_window_is_issued_only_when_asked_for(config: Config) -> None:
    contract = config.contracts["acme"]
    assert to_issue(contract, 3 * DAY, NOVEMBER + 3 * DAY) == parse("2026-10", BERLIN, "month")
    trailing = contract.model_copy(update={"period": "trailing 30 days"})
    assert to_issue(trailing, 3 * DAY, NOVEMBER + 3 * DAY) is None
