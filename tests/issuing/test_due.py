"""What a daemon issues by itself where all was not well: it was off, its store is an older copy, a name was changed."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from config.model import DAY, Config
from monitor.cli.common import configuration
from monitor.issuing.heads import heads_file
from monitor.sla.facts import ExclusionFact
from monitor.store.port import Batch
from monitor.store.sqlite import SqliteStore, open_store
from tests.cli.kit import CONFIG
from tests.hooks.kit import ToldClock
from tests.issuing.test_upkeep import NOVEMBER, OCTOBER, config, observed, store, upkeep

__all__ = ["config", "store"]
HOUR = DAY // 24


def issued(store: SqliteStore, contract: str = "acme") -> list[str]:
    """The days, or months, of which a statement was issued, in that order."""
    with closing(sqlite3.connect(store.path)) as hand:
        rows = hand.execute("SELECT start FROM issued WHERE contract = ? ORDER BY id", (contract,)).fetchall()
    return [str((start - OCTOBER) // DAY) for (start,) in rows]


@pytest.fixture
def daily(tmp_path: Path) -> Config:
    path = tmp_path / "upheld.yaml"
    path.write_text(CONFIG.replace("period: month", "period: day"))
    return configuration(str(path), str(tmp_path / "upheld.db"))


def test_days_that_became_due_while_the_daemon_was_off_are_issued_when_it_is_back(
    store: SqliteStore, daily: Config
) -> None:
    """Of the seventh nothing is known; what was before the first statement was nobody's to issue."""
    for day in (0, 1, 2, 3, 4, 5, 6, 8, 9):
        observed(store, OCTOBER + day * DAY + HOUR, day + 1)
    upkeep(store, daily, OCTOBER + 7 * DAY).once(True)
    assert issued(store) == ["3"]
    back = upkeep(store, daily, OCTOBER + 13 * DAY)
    back.once(True)
    assert issued(store) == ["3", "4", "5", "6", "8", "9"]
    back.once(True)
    upkeep(store, daily, OCTOBER + 13 * DAY).once(True)
    assert len(issued(store)) == 6


def test_what_retention_has_removed_is_no_ground_for_a_statement(store: SqliteStore, daily: Config) -> None:
    short = daily.but(daemon=daily.daemon.but(retention=5 * DAY))
    for day in range(12):
        observed(store, OCTOBER + day * DAY + HOUR, day + 1)
    upkeep(store, short, OCTOBER + 5 * DAY).once(False)
    upkeep(store, short, OCTOBER + 15 * DAY).once(True)
    assert issued(store) == ["1", "11"]


@pytest.mark.parametrize("left", ["heads", "no heads"])
def test_an_older_copy_issues_nothing_that_may_have_been_issued(
    tmp_path: Path, config: Config, caplog: pytest.LogCaptureFixture, left: str
) -> None:
    """Else there would be two first revisions of one month, each with a valid signature."""
    path, copy = tmp_path / "upheld.db", tmp_path / "copy.db"
    with closing(open_store(path)) as store:
        observed(store, OCTOBER + DAY, 1)
        upkeep(store, config, OCTOBER + 2 * DAY).once(True)
        store.backup(str(copy))
        upkeep(store, config, NOVEMBER + 3 * DAY).once(True)
        assert issued(store) == ["0"]
    for beside in ("-wal", "-shm"):
        path.with_name(path.name + beside).unlink(missing_ok=True)
    shutil.move(copy, path)
    if left == "no heads":
        heads_file(str(path)).unlink()
    with closing(open_store(path)) as store:
        for _ in range(2):
            upkeep(store, config, NOVEMBER + 3 * DAY + HOUR).once(True)
        assert issued(store) == []
        told = [text for text in caplog.messages if "may have been issued already" in text]
        assert len(told) == 2 and "`upheld issue acme PERIOD` makes it" in told[0]
        december = NOVEMBER + 30 * DAY
        observed(store, december - DAY, 2)
        upkeep(store, config, december + 3 * DAY).once(True)
        assert issued(store) == ["31"]


def test_a_statement_that_cannot_be_issued_ends_nothing_and_is_tried_again_in_an_hour(
    tmp_path: Path, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody changed the name behind a pseudonym: the daemon ended with 70, at every start anew."""
    with closing(open_store(tmp_path / "upheld.db", clock=lambda: OCTOBER)) as store:
        observed(store, OCTOBER + DAY, 1)
        span = (OCTOBER, OCTOBER + HOUR)
        store.append(Batch(facts=[ExclusionFact("M1", *span, "customer", author="Zoe", recorded_at=OCTOBER)]))
        named(store, "Bo")
        keeper = upkeep(store, config, NOVEMBER + 3 * DAY)
        keeper.once(True)
        keeper.once(True)
        (told,) = [record.message for record in caplog.records if record.code == "not_issued"]  # type: ignore[attr-defined]
        assert "author 'Bo' is not the one that p-" in told and told.endswith("tried again in an hour")
        named(store, "Zoe")
        keeper.once(True)
        assert issued(store) == []
        clock = keeper._clock
        assert isinstance(clock, ToldClock)
        clock.now += HOUR
        keeper.once(True)
        assert issued(store) == ["0"]


def named(store: SqliteStore, name: str) -> None:
    """By hand, whatever the facts say."""
    with closing(sqlite3.connect(store.path)) as hand:
        hand.execute("UPDATE people SET name = ?", (name,))
        hand.commit()


def test_an_end_amid_a_round_is_no_trouble(tmp_path: Path, config: Config, caplog: pytest.LogCaptureFixture) -> None:
    """The store is closed under it; the next start goes on."""
    store = open_store(tmp_path / "upheld.db")
    observed(store, OCTOBER + DAY, 1)
    store.close()
    upkeep(store, config, NOVEMBER + 3 * DAY).once(True)
    assert caplog.messages == []
    with closing(open_store(tmp_path / "upheld.db")) as again:
        upkeep(again, config, NOVEMBER + 3 * DAY).once(True)
        assert issued(again) == ["0"]
