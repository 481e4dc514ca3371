"""An outage of a service of two targets that runs over midnight: the new day's account knows where it began."""

import json
from dataclasses import replace
from zoneinfo import ZoneInfo

from config.contract.model import Service
from config.model import Config, Vantage
from config.periods import containing
from monitor.sla.evidence import Facts
from monitor.sla.ledger import Ledger
from monitor.sla.statement import build
from probes.sample import Outcome, Sample
from tests.sla.histories import LONGEST, MINUTE, OUTAGES, SECOND, TARGET, TEN, contract

MIDNIGHT = TEN + 840 * MINUTE
TERMS = contract(LONGEST, OUTAGES).model_copy(update={"services": (Service(name="hq", targets=("a", "b")),)})
SETTINGS = Config(
    targets={name: replace(TARGET, name=name) for name in ("a", "b")},
    contracts={"acme": TERMS},
    vantage=Vantage(name="fra"),
)


def heard() -> list[Sample]:
    """``b`` is down from 23:50 to 23:58; of ``a`` nothing is known from 23:57 on, and at 00:05 it is down for 5 min."""
    found = []
    for minute in range(-60, 20):
        state = Outcome.DOWN if -10 <= minute < -2 else Outcome.UP
        found.append(Sample("b", "fra", "b1", 2 * minute + 1000, MIDNIGHT + minute * MINUTE, state))
        if not -3 <= minute < 5:
            state = Outcome.DOWN if 5 <= minute < 10 else Outcome.UP
            found.append(Sample("a", "fra", "b1", 2 * minute + 1001, MIDNIGHT + minute * MINUTE, state))
    return found


def accounted(ledger: Ledger, now: int) -> dict[str, object]:
    account = json.loads(dict(ledger.judge(now, everything=True).accounts)["acme"])
    return {
        item["id"]: [item[side] and item[side]["exact"] for side in ("lower", "value", "upper")]
        for item in account["promises"]
    }


def stated(stored: list[Sample], now: int) -> dict[str, object]:
    statement = build(SETTINGS, TERMS, containing("day", now, ZoneInfo("UTC")), Facts(stored), now)
    return {
        item.id: [None if side is None else str(side) for side in (item.lower, item.value, item.upper)]
        for item in statement.promises
    }


def test_a_day_that_begins_in_an_outage_that_two_targets_share_is_the_statements() -> None:
    samples = heard()
    ledger = Ledger(SETTINGS)
    ledger.load(Facts([]), MIDNIGHT - 61 * MINUTE)
    for index, sample in enumerate(samples):
        ledger.take([sample])
        now = sample.at + SECOND
        ledger.judge(now)
        if ledger.stale:
            ledger.rebuild(Facts(samples[: index + 1]), now)
    now = samples[-1].at + SECOND
    assert accounted(ledger, now) == stated(samples, now)
    restarted = Ledger(SETTINGS)
    restarted.load(Facts(samples), now)
    assert accounted(restarted, now) == stated(samples, now)
