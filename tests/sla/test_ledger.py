"""The live ledger says at every instant what a statement recomputed from the stored samples says."""

import json
import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from config.contract.model import Service
from config.model import Config, Target, Vantage
from config.periods import containing
from monitor.sla.events import EventName
from monitor.sla.evidence import Facts
from monitor.sla.facts import Fact, HeartbeatFact, StateFact
from monitor.sla.ledger import Ledger
from monitor.sla.statement import build
from probes.sample import Outcome, Sample
from tests.sla.histories import AVAILABILITY, LONGEST, MINUTE, OUTAGES, SECOND, TARGET, TEN, TOTAL, contract, promise

LATENCY = promise("latency", "<=", 40_000_000, "ns", statistic="p95", id="p95-latency")
DELIVERY = promise("packet-delivery", ">=", Fraction(99, 100), "ratio")
TERMS = contract(AVAILABILITY, TOTAL, LONGEST, OUTAGES, LATENCY, DELIVERY)
WITNESS = Target(name="gw", kind="icmp", options=TARGET.options, every=MINUTE, timeout=2 * SECOND)


def config(witness: bool) -> Config:
    """One target, with or without a witness that the vantage depends on."""
    vantage = Vantage(name="fra", witnesses=("gw",) if witness else ())
    return Config(targets={"hq": TARGET, "gw": WITNESS}, contracts={"acme": TERMS}, vantage=vantage)


def history(seed: int) -> list[Sample]:
    """Two days around a midnight: gaps, outages, unknowns, restarts, rechecks, a witness that fails at times."""
    dice = random.Random(seed)
    at, seq, boot, mood, witness = TEN, 0, 1, Outcome.UP, Outcome.UP
    out: list[Sample] = []
    for _ in range(300):
        at += MINUTE if dice.random() < 0.9 else dice.choice([5 * SECOND, 3 * MINUTE, 20 * MINUTE, 152 * SECOND])
        boot += dice.random() < 0.02
        if dice.random() < 0.15:
            mood = dice.choice(list(Outcome))
        if dice.random() < 0.1:
            witness = dice.choice([Outcome.UP, Outcome.UP, Outcome.DOWN])
        received = 5 if mood is Outcome.UP else 0
        rtts = tuple(dice.randrange(1, 90) * 1_000_000 for _ in range(received))
        seq += 1
        out.append(Sample("gw", "fra", f"b{boot}", seq, at - 7 * SECOND, witness))
        seq += 1
        out.append(Sample("hq", "fra", f"b{boot}", seq, at, mood, None, None, SECOND, 5, received, rtts))
    return sorted(out, key=lambda s: s.at)


def figures(ledger: Ledger, now: int) -> dict[str, object]:
    """What the account says at an instant."""
    account = json.loads(dict(ledger.judge(now, everything=True).accounts)["acme"])
    service = account["services"]["hq"]
    found: dict[str, object] = {name: service[name] for name in ("up_ns", "down_ns", "unknown_ns", "excluded_ns")}
    for item in account["promises"]:
        found[item["id"]] = [item[side] and item[side]["exact"] for side in ("lower", "value", "upper")]
    return found


def recomputed(settings: Config, stored: Sequence[Fact], now: int) -> dict[str, object]:
    """What the statement so far of the contract's own period says, from what is stored."""
    terms = settings.contracts["acme"]
    period = containing(terms.period, now, ZoneInfo(terms.timezone))
    statement = build(settings, terms, period, Facts(stored), now)
    [service] = statement.services
    found: dict[str, object] = {
        "up_ns": str(service.up),
        "down_ns": str(service.down),
        "unknown_ns": str(service.unknown - service.pending),
        "excluded_ns": str(service.excluded),
    }
    for item in statement.promises:
        assert item.verdict is not None
        found[item.id] = [None if side is None else str(side) for side in (item.lower, item.value, item.upper)]
    return found


@pytest.mark.parametrize("witness", [False, True])
@pytest.mark.parametrize("seed", range(8))
def test_the_live_account_is_the_recomputation(seed: int, witness: bool) -> None:
    """At random instants, with a restart from what was saved at a random one."""
    settings, dice = config(witness), random.Random(-seed)
    samples = history(seed)
    ledger = Ledger(settings)
    ledger.load(Facts([]), TEN)
    saved: dict[str, str] = {}
    for index, sample in enumerate(samples):
        ledger.take([sample])
        now = sample.at + SECOND
        if dice.random() < 0.1:
            assert figures(ledger, now) == recomputed(settings, samples[: index + 1], now)
        if dice.random() < 0.02:
            ledger.judge(now)
            saved = dict(ledger.contracts["acme"].save())
        if dice.random() < 0.02:
            ledger = Ledger(settings)
            ledger.load(Facts(samples[: index + 1]), now, {}, saved)


def test_a_late_sample_makes_the_account_stale_until_it_is_read_anew() -> None:
    """It is folded in at its own instant, exactly as if it had come in time."""
    settings = config(False)
    samples = [s for s in history(3) if s.target == "hq"][:100]
    late = samples.pop(50)
    ledger = Ledger(settings)
    ledger.load(Facts([]), TEN)
    ledger.take(samples)
    assert not ledger.stale
    ledger.take([late])
    assert ledger.stale
    now = samples[-1].at + SECOND
    ledger.rebuild(Facts([*samples, late]), now)
    assert figures(ledger, now) == recomputed(settings, [*samples, late], now)


def test_a_late_sign_of_life_from_before_a_suspend_is_read_anew() -> None:
    """Asleep from 10:10:10 to 10:12:10, told at once; the sign of 10:10:05 comes later and moves its beginning."""
    settings, now = config(False), TEN + 14 * MINUTE
    heard = [Sample("hq", "fra", "b1", n, TEN + n * MINUTE, Outcome.UP) for n in range(14) if n not in (11, 12)]
    first, early, woken = (
        HeartbeatFact("fra", "b1", TEN + 5 * MINUTE),
        HeartbeatFact("fra", "b1", TEN + 10 * MINUTE + 5 * SECOND),
        HeartbeatFact("fra", "b1", TEN + 12 * MINUTE + 10 * SECOND, None, None, 120 * SECOND),
    )
    ledger = Ledger(settings)
    ledger.load(Facts([*heard, first, woken]), now)
    before = figures(ledger, now)
    ledger.take([], [early])
    assert ledger.stale
    ledger.rebuild(Facts([*heard, first, early, woken]), now)
    assert figures(ledger, now) == recomputed(settings, [*heard, first, early, woken], now) != before


def test_a_state_from_before_the_period_bears_on_the_account_as_on_the_statement() -> None:
    """Down until half past eleven, nothing known since: an outage may run on, and nobody can say for how long."""
    settings, midnight = config(False), TEN - 600 * MINUTE
    state = StateFact("hq", midnight - 60 * MINUTE, midnight - 30 * MINUTE, "down")
    ledger = Ledger(settings)
    ledger.load(Facts([state]), midnight + MINUTE)
    found = figures(ledger, midnight + MINUTE)
    assert found == recomputed(settings, [state], midnight + MINUTE)
    assert found["longest-outage"] == ["0", "0", None]


def test_what_happened_is_told_once_and_in_order() -> None:
    """Up, 6 min down, up: opened at the first failure, at risk, breached at 4 min, closed at the first success."""
    settings = config(False)
    ledger = Ledger(settings)
    ledger.load(Facts([]), TEN)
    told: dict[str, tuple[EventName, str | None, int]] = {}
    for minute in range(30):
        outcome = Outcome.DOWN if 10 <= minute < 16 else Outcome.UP
        ledger.take([Sample("hq", "fra", "b1", minute, TEN + minute * MINUTE, outcome)])
        for late in range(3, 60, 10):
            for event in ledger.judge(TEN + minute * MINUTE + late * SECOND).events:
                told.setdefault(event.key, (event.name, event.promise, event.at))
    names = [(name, promise) for name, promise, _ in told.values()]
    of_longest = [name for name, promise in names if promise == "longest-outage"]
    assert names[0] == (EventName.OUTAGE_OPENED, None)
    assert of_longest[0] is EventName.RISK_RAISED
    assert of_longest.count(EventName.PROMISE_BREACHED) == 1
    assert of_longest.index(EventName.PROMISE_BREACHED) > 1
    assert of_longest[-1] is EventName.RISK_CLEARED
    at = {(name, promise): at for name, promise, at in told.values()}
    assert at[EventName.OUTAGE_OPENED, None] == TEN + 10 * MINUTE
    assert at[EventName.PROMISE_BREACHED, "longest-outage"] == TEN + 14 * MINUTE
    assert at[EventName.OUTAGE_CLOSED, None] == TEN + 16 * MINUTE


class Away(Facts):
    """Evidence that fails while samples are read."""

    def samples(self, target: str, start: int, end: int) -> Iterator[Sample]:
        raise OSError("the store is away")


def test_evidence_that_fails_while_an_account_is_read_anew_leaves_it_as_it_was() -> None:
    settings, now = config(False), TEN + 12 * MINUTE
    samples = [Sample("hq", "fra", "b1", n, TEN + n * MINUTE, Outcome.UP) for n in range(12) if n != 5]
    late = Sample("hq", "fra", "b1", 5, TEN + 5 * MINUTE, Outcome.DOWN)
    ledger = Ledger(settings)
    ledger.load(Facts(samples), now)
    ledger.take([late])
    with pytest.raises(OSError, match="away"):
        ledger.rebuild(Away([*samples, late]), now)
    following = Sample("hq", "fra", "b1", 12, now, Outcome.UP)
    ledger.take([following])
    assert ledger.stale
    stored = [*samples, late, following]
    ledger.rebuild(Facts(stored), now + SECOND)
    assert not ledger.stale
    assert figures(ledger, now + SECOND) == recomputed(settings, stored, now + SECOND)


class Counted(Facts):
    """Evidence that knows from when on samples were asked for."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        super().__init__(facts)
        self.asked: list[int] = []

    def samples(self, target: str, start: int, end: int) -> Iterator[Sample]:
        self.asked.append(start)
        return super().samples(target, start, end)


def test_a_restart_in_the_first_period_reads_only_what_the_folds_lack() -> None:
    """A service of several targets that nobody heard of before the period was looked for as far back as there is
    anything; that it was is saved."""
    services = (Service(name="hq", targets=("hq", "gw")),)
    settings = config(False).but(contracts={"acme": contract(AVAILABILITY, services=services)})
    heard = [
        Sample(name, "fra", "b1", 2 * n + (name == "gw"), TEN + n * MINUTE, Outcome.UP)
        for n in range(30)
        for name in ("hq", "gw")
    ]
    before, now = Counted(heard[:50]), TEN + 25 * MINUTE
    ledger = Ledger(settings)
    ledger.load(before, now)
    assert min(before.asked) < TEN
    saved = dict(ledger.judge(now, everything=True).checkpoints)
    after, later = Counted(heard), TEN + 30 * MINUTE
    ledger = Ledger(settings)
    ledger.load(after, later, {}, saved)
    assert min(after.asked) == TEN + 24 * MINUTE
    assert figures(ledger, later) == recomputed(settings, heard, later)
