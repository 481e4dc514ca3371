"""The live account is the statement: at every instant, whatever came late, however often the process was restarted."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random

import pytest

from monitor.sla.evidence import Facts
from monitor.sla.facts import AssumeFact, DamageFact, ExclusionFact, Fact, ScheduleFact, StateFact, WitnessesFact
from monitor.sla.ledger import Ledger
from monitor.sla.statement import build
from probes.sample import Sample
from tests.laws.account import unlike
from tests.laws.worlds import World, world
from tests.oracle.speech import trusted

SEEDS = range(7000, 7012)
MINUTE = 60 * 10**9


@dataclass
class Process:
    """A daemon's judging without the daemon: what is stored, and a ledger that may be lost and made again."""

    one: World
    stored: list[Fact] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)
    checkpoints: dict[str, str] = field(default_factory=dict)

    def start(self, now: int) -> None:
        """Begin, or begin again, from what is stored."""
        own = self.one.config.but(contracts={"acme": self.one.contract})
        self.ledger = Ledger(own)
        self.ledger.load(Facts(self.stored), now, self.accounts, self.checkpoints)

    def take(self, facts: list[Fact], now: int) -> dict[str, object] | None:
        """Facts arrive, are stored and judged; the account, if it was due."""
        samples = [fact for fact in facts if isinstance(fact, Sample)]
        self.ledger.take(samples, [fact for fact in facts if not isinstance(fact, Sample)])
        self.stored += facts
        if self.ledger.stale:
            self.ledger.rebuild(Facts(self.stored), now)
        judged = self.ledger.judge(now)
        self.checkpoints.update(judged.checkpoints)
        self.accounts.update(judged.accounts)
        found = dict(judged.accounts).get("acme")
        return None if found is None else json.loads(found)


def known_at(fact: Fact) -> int:
    """When a fact arrives that nobody delays."""
    match fact:
        case ExclusionFact():
            return fact.start if fact.recorded_at is None else fact.recorded_at
        case StateFact() | DamageFact():
            return fact.end
        case AssumeFact() | ScheduleFact():
            return 0
        case WitnessesFact():
            return fact.start
    return getattr(fact, "at", 0)


def arrivals(one: World, rng: Random, late: bool) -> Iterator[tuple[int, list[Fact]]]:
    """The facts of a world in the order they arrive, and the instants at which they do; some late, if asked."""
    delays = (0,) * 30 + (20 * MINUTE, 300 * MINUTE) if late else (0,)
    waiting = sorted(((known_at(f) + rng.choice(delays), i) for i, f in enumerate(one.facts)))
    now = one.period.start + MINUTE
    while now < one.period.end:
        arrived = [one.facts[i] for at, i in waiting if at <= now]
        waiting = [(at, i) for at, i in waiting if at > now]
        yield now, arrived
        now += rng.choice((1, 10, 45, 90)) * MINUTE + rng.randrange(MINUTE)


def same(account: dict[str, object], process: Process, now: int) -> list[str]:
    """Where the account and a recomputation from what is stored differ."""
    one = process.one
    statement = build(one.config, one.contract, one.period, Facts(process.stored), now)
    return [f"{now}: {line}" for line in unlike(account, statement)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("late", [False, True])
def test_the_live_account_is_the_statement_so_far(seed: int, late: bool) -> None:
    assert not _lived(seed, late, restarts=0)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("late", [False, True])
def test_a_restart_changes_no_answer(seed: int, late: bool) -> None:
    assert not _lived(seed, late, restarts=3)


def _lived(seed: int, late: bool, restarts: int) -> list[str]:
    rng = Random(seed)
    one = world(seed)
    known = set(trusted(one.facts))  # two samples of one identity that differ are the store's to find
    one = replace(one, facts=tuple(fact for fact in one.facts if not isinstance(fact, Sample) or fact in known))
    return lived(one, rng, late, restarts)


def lived(one: World, rng: Random, late: bool, restarts: int) -> list[str]:
    """Where, first, the account of a world and the recomputation differ."""
    process = Process(one)
    process.start(one.period.start + MINUTE)
    steps = list(arrivals(one, rng, late))
    cuts = set(rng.sample(range(len(steps)), min(restarts, len(steps))))
    for step, (now, facts) in enumerate(steps):
        if step in cuts:
            process.start(now)
        account = process.take(facts, now)
        if account is not None and (wrong := same(account, process, now)):
            return wrong
    return []
