"""The daemon's upkeep issues by itself what is over since long enough, once, and keeps what it rests on."""

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.model import DAY, Config
from config.periods import parse
from monitor import housekeeping
from monitor.cli.common import configuration
from monitor.housekeeping import Housekeeping
from monitor.issuing.due import to_issue
from monitor.issuing.heads import heads_file
from monitor.log import say
from monitor.sla.facts import IncidentFact
from monitor.store import deep
from monitor.store.linkstore import Chains
from monitor.store.port import Batch, StoreError
from monitor.store.sqlite import SqliteStore, open_store
from probes.notation import instant
from probes.sync import Sync
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


def upkeep(store: SqliteStore, config: Config, now: int, kept: bool | None = True) -> Housekeeping:
    """Housekeeping at an instant, by a clock that somebody keeps or not."""
    clock = ToldClock()
    clock.now = now
    return Housekeeping(store, clock, lambda: config, lambda: Sync(kept))


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


def test_what_the_open_period_rests_on_outlives_a_shorter_retention(store: SqliteStore, config: Config) -> None:
    """Two days are kept, and of a month that runs all of it, with what was a day before it."""
    short = config.but(daemon=config.daemon.but(retention=2 * DAY))
    for number, at in enumerate((OCTOBER - 3 * DAY, OCTOBER - DAY + SECOND, OCTOBER, OCTOBER + 19 * DAY)):
        observed(store, at, number)
    upkeep(store, short, OCTOBER + 20 * DAY).once(True)
    assert [one.seq for one in store.samples("hq-router", 0, 2**62)] == [1, 2, 3]


def test_what_a_link_spares_stays_until_another_says_that_it_may_go(store: SqliteStore, config: Config) -> None:
    """The contract is taken away an hour after retention went by it, on the same UTC day."""
    short = config.but(daemon=config.daemon.but(retention=2 * DAY))
    for number, at in enumerate((OCTOBER, OCTOBER + 19 * DAY)):
        observed(store, at, number)
    upkeep(store, short, OCTOBER + 20 * DAY).once(True)
    store.append(Batch(facts=[IncidentFact("hq", OCTOBER, "note", OCTOBER, author="Anna", note="line cut")]))
    left = []
    for now in (OCTOBER + 20 * DAY + 90 * 60 * SECOND, OCTOBER + 21 * DAY):
        upkeep(store, short.but(contracts={}), now).once(True)
        left.append([one.seq for one in store.samples("hq-router", 0, 2**62)])
        assert isinstance(store.chain, Chains) and deep.check(store.chain, None) == []
    assert left == [[0, 1], [1]]


@pytest.mark.parametrize("kept", [True, False, None])
def test_a_clock_years_ahead_that_nobody_keeps_removes_and_issues_nothing(
    store: SqliteStore, config: Config, caplog: pytest.LogCaptureFixture, kept: bool | None
) -> None:
    """Retention went by the right clock an hour ago; then the battery fails. A restart changes nothing."""
    observed(store, OCTOBER - 300 * DAY, 1)
    observed(store, OCTOBER + DAY, 2)
    upkeep(store, config, OCTOBER + 2 * DAY, kept).once(True)
    for _ in range(2):
        upkeep(store, config, NOVEMBER + 2000 * DAY, kept).once(True)
    left = [one.seq for one in store.samples("hq-router", 0, 2**62)]
    assert left == ([] if kept else [1, 2])
    assert any("days ahead" in text for text in caplog.messages) is (kept is not True)


def test_a_clock_a_month_ahead_issues_no_statement_of_the_month_that_runs(store: SqliteStore, config: Config) -> None:
    observed(store, OCTOBER + DAY, 1)
    upkeep(store, config, OCTOBER + 2 * DAY).once(True)
    upkeep(store, config, NOVEMBER + 3 * DAY, kept=False).once(False)
    assert store.issued("acme", OCTOBER, NOVEMBER) == []
    upkeep(store, config, NOVEMBER + 3 * DAY, kept=True).once(False)
    assert len(store.issued("acme", OCTOBER, NOVEMBER)) == 1


def test_what_retention_is_behind_by_goes_once_it_was_waited_for(store: SqliteStore, config: Config) -> None:
    """The machine was off for a month, and nobody keeps its clock: after a day of running it is believed."""
    observed(store, OCTOBER - 399 * DAY, 1)
    upkeep(store, config, OCTOBER + DAY // 2, False).once(True)
    again = upkeep(store, config, NOVEMBER, False)
    again.once(True)
    assert len(list(store.samples("hq-router", 0, 2**62))) == 1
    clock = again._clock
    assert isinstance(clock, ToldClock)
    clock.now += DAY
    again.once(True)
    assert list(store.samples("hq-router", 0, 2**62)) == []


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
    trailing = contract.but(period="trailing 30 days")
    assert to_issue(trailing, 3 * DAY, NOVEMBER + 3 * DAY) is None


async def test_what_is_free_is_given_back_all_the_time_and_what_a_round_touched_after_it(
    store: SqliteStore, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, enough = list[str](), asyncio.Event()
    loop = asyncio.get_running_loop()
    monkeypatch.setattr("monitor.housekeeping.TRIM_EVERY", 0.001)
    monkeypatch.setattr("monitor.housekeeping.trim", lambda: say_done("free"))
    monkeypatch.setattr("monitor.housekeeping.give_back", lambda: say_done("touched"))
    keeper = upkeep(store, config, NOVEMBER)
    monkeypatch.setattr(keeper, "once", lambda prune: say_done(f"round, retention {prune}"))
    between, after = ["free"] * 6, ["free", "touched"]
    wanted = ["touched", *between, "round, retention True", *after, *between, "round, retention False", *after]

    def say_done(what: str) -> None:
        done.append(what)
        if len(done) == len(wanted):
            loop.call_soon_threadsafe(enough.set)

    running = asyncio.create_task(keeper.run())
    async with asyncio.timeout(20):
        await enough.wait()
    running.cancel()
    assert done[: len(wanted)] == wanted


def heads_removed(config: Config) -> None:
    heads_file(config.daemon.beside).unlink()


async def test_a_store_without_its_heads_is_told_at_the_start(
    store: SqliteStore, config: Config, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the round a minute later that would say so for ever, so that the file can be put back."""
    observed(store, OCTOBER + DAY, 1)
    keeper = upkeep(store, config, NOVEMBER + 3 * DAY)
    keeper.once(False)
    heads_removed(config)
    running, loop, told = asyncio.create_task(keeper.run()), asyncio.get_running_loop(), asyncio.Event()
    monkeypatch.setattr(housekeeping, "say", lambda *words: (say(*words), loop.call_soon_threadsafe(told.set)))
    async with asyncio.timeout(10):
        await told.wait()
    running.cancel()
    assert "upheld.db.heads is gone: put it back" in caplog.text
    assert len(store.chain.heads()) == 2 and not any(link.lost for link in store.chain.heads())
