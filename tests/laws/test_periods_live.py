"""Contracts accounted by other periods than the calendar's: the live ledger says what their statements say."""

import json
import random
from zoneinfo import ZoneInfo

import pytest

from config.model import Config
from config.periods import containing
from monitor.sla.evidence import Facts
from monitor.sla.ledger import Ledger
from probes.sample import Sample
from tests.sla.histories import AVAILABILITY, SECOND, TARGET, TEN, TOTAL, contract
from tests.sla.test_ledger import DELIVERY, LATENCY, TERMS, figures, history, recomputed

MIDNIGHT = "Australia/Brisbane"  # where 2 October, a Friday, begins amid the histories
KINDS = ["trailing 1 day", "trailing 3 days", "month from day 2", "week from friday", "year from day 2 of october"]


def settings(kind: str, sampled: bool) -> Config:
    terms = TERMS if sampled else contract(AVAILABILITY, TOTAL)
    terms = terms.but(period=kind, timezone=MIDNIGHT)
    return Config(targets={"hq": TARGET}, contracts={"acme": terms})


def moved(ledger: Ledger, stored: list[Sample], now: int) -> None:
    """As the daemon does: judge, and read anew what has to be."""
    ledger.judge(now)
    if ledger.stale:
        ledger.rebuild(Facts(stored), now)


@pytest.mark.parametrize("sampled", [False, True])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_the_live_account_of_any_period_is_the_recomputation(seed: int, kind: str, sampled: bool) -> None:
    """Over a midnight, at random instants, with a restart from what was saved at a random one."""
    config, dice = settings(kind, sampled), random.Random(f"{seed} {kind}")
    samples, saved, looks = [s for s in history(seed) if s.target == "hq"], {}, 0
    ends = containing(kind, TEN, ZoneInfo(MIDNIGHT)).end
    assert samples[0].at < ends < samples[-1].at
    ledger = Ledger(config)
    ledger.load(Facts([]), TEN)
    for index, sample in enumerate(samples):
        stored, now = samples[: index + 1], sample.at + SECOND
        ledger.take([sample])
        moved(ledger, stored, now)
        if dice.random() < 0.1:
            looks += 1
            assert figures(ledger, now) == recomputed(config, stored, now)
        if dice.random() < 0.03:
            saved = dict(ledger.contracts["acme"].save())
        if dice.random() < 0.03:
            ledger = Ledger(config)
            ledger.load(Facts(stored), now, {}, saved)
    assert looks > 10


def test_a_window_is_told_by_the_day_it_ends_before() -> None:
    config = settings("trailing 30 days", True)
    assert {LATENCY.id, DELIVERY.id} <= {promise.id for promise in config.contracts["acme"].promises}
    ledger = Ledger(config)
    ledger.load(Facts([]), TEN)
    accounts = dict(ledger.judge(TEN, everything=True).accounts)
    period = json.loads(accounts["acme"])["period"]
    assert (int(period["to"]) - int(period["from"])) == 30 * 86_400 * SECOND
    assert period["label"] == "2026-10-02"
