"""An outage of a service of two targets that runs over midnight: the new day's account knows where it began."""

import json
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from config.contract.model import Service
from config.model import Config, Vantage
from config.periods import containing
from monitor.sla.evidence import Facts
from monitor.sla.fold import Run
from monitor.sla.ledger import Ledger
from monitor.sla.model import State
from monitor.sla.statement import build
from monitor.sla.timeline import Piece, compose
from probes.sample import Outcome, Sample
from tests.sla.histories import LONGEST, MINUTE, OUTAGES, SECOND, TARGET, TEN, contract

MIDNIGHT = TEN + 840 * MINUTE
TERMS = contract(LONGEST, OUTAGES).but(services=(Service(name="hq", targets=("a", "b")),))
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


def test_contracts_at_rest_are_looked_at_in_turn_even_where_all_were_touched_at_once() -> None:
    """Forty contracts, a thousand targets: a look at each in ten seconds."""
    names = {f"c{one}": [f"t{one}-{number}" for number in range(25)] for one in range(40)}
    services = {name: (Service(name="hq", targets=tuple(targets)),) for name, targets in names.items()}
    terms = {name: TERMS.but(name=name, services=services[name]) for name in names}
    every = {target: replace(TARGET, name=target) for targets in names.values() for target in targets}
    ledger = Ledger(Config(targets=every, contracts=terms, vantage=Vantage(name="fra")))
    ledger.load(Facts([]), TEN)
    for seq in range(2):
        ledger.take([Sample(target, "fra", "b1", seq, TEN + seq * SECOND, Outcome.UP) for target in every])
        ledger.judge(TEN + seq * SECOND)
    looks = [[name for name, _ in ledger.judge(TEN + second * SECOND).accounts] for second in range(2, 22)]
    assert max(map(len, looks)) <= 5
    assert sorted(name for some in looks[10:] for name in some) == sorted(names)


@pytest.mark.parametrize(("down_when", "since"), [(1, 30), (2, 20), (3, 10)])
def test_targets_that_came_up_one_after_the_other_are_up_together_once_enough_are(down_when: int, since: int) -> None:
    runs = [[Run(start, 100, State.UP, None, start, 90)] for start in (20, 10, 30)]
    together = [Piece(5, since, State.UNKNOWN, "not_measured"), Piece(since, 100, State.UP, None)]
    assert compose(runs, down_when, 5, 100) == together
    unheard = [*runs, []]
    assert compose(unheard, 2, 5, 100) == [Piece(5, 30, State.UNKNOWN, "not_measured"), Piece(30, 100, State.UP, None)]
    assert compose(runs, down_when, 40, 60) == [Piece(40, 60, State.UP, None)]
