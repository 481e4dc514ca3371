"""Laws of the statement itself, on random histories."""

import itertools
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest

from config.contract.model import Contract
from config.contract.money import Credit, Give, Limit, PerUnit, Table, Tier
from config.periods import Period
from monitor.sla.evidence import Facts
from monitor.sla.facts import ExclusionFact, Fact, StateFact
from monitor.sla.matching import same_words
from monitor.sla.model import Statement, Verdict
from monitor.sla.statement import build
from probes.sample import Outcome, Sample
from tests.laws.compare import built
from tests.laws.worlds import World, world
from tests.oracle.build import HOUR, S

SEEDS = range(5000, 5040)


def totals(statement: Statement) -> dict[str, tuple[int, int, int, int]]:
    return {s.service: (s.up, s.down, s.unknown, s.excluded) for s in statement.services}


def judged(one: World, facts: tuple[Fact, ...], period: Period | None = None) -> Statement:
    return build(one.config, one.contract, period or one.period, Facts(facts), None)


@pytest.mark.parametrize("seed", SEEDS)
def test_up_down_unknown_and_excluded_are_the_period(seed: int) -> None:
    one = world(seed)
    length = one.period.end - one.period.start
    assert all(sum(parts) == length for parts in totals(built(one)).values())


@pytest.mark.parametrize("seed", SEEDS)
def test_the_order_of_facts_is_irrelevant_and_repeats_change_nothing(seed: int) -> None:
    one, rng = world(seed), Random(seed)
    again = [*one.facts, *rng.choices(one.facts, k=10)] if one.facts else []
    rng.shuffle(again)
    assert judged(one, tuple(again)) == built(one)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_exclusion_never_adds_downtime(seed: int) -> None:
    """States that ask for a cap by their cause are left out: what is announced before them uses it up."""
    one = world(seed)
    capped = [term.cause for term in one.contract.exclusions if term.cap is not None]
    asking = [f for f in one.facts if isinstance(f, StateFact) and any(same_words(f.cause or "", c) for c in capped)]
    known = tuple(fact for fact in one.facts if fact not in asking)
    without = tuple(fact for fact in known if not isinstance(fact, ExclusionFact))
    for service, (_, down, _, _) in totals(judged(one, known)).items():
        assert down <= totals(judged(one, without))[service][1]


@pytest.mark.parametrize("seed", SEEDS)
def test_splitting_a_period_never_changes_its_totals(seed: int) -> None:
    one, rng = world(seed), Random(seed)
    cuts = sorted({one.period.start, one.period.end, *(rng.randrange(one.period.start, one.period.end) for _ in "ab")})
    sums = {service: [0, 0, 0, 0] for service in totals(built(one))}
    for start, end in itertools.pairwise(cuts):
        for service, parts in totals(judged(one, one.facts, Period("part", None, start, end))).items():
            sums[service] = [a + b for a, b in zip(sums[service], parts, strict=True)]
    assert {service: tuple(parts) for service, parts in sums.items()} == totals(built(one))


@pytest.mark.parametrize("seed", SEEDS)
def test_less_uptime_is_never_less_credit(seed: int) -> None:
    """Good samples turned into failing ones, more and more of them."""
    rng = Random(seed)
    one = replace(world(seed), contract=_with_credits(world(seed).contract))
    owed = _credit(built(one))
    facts = list(one.facts)
    good = [
        i
        for i, fact in enumerate(facts)
        if isinstance(fact, Sample) and fact.outcome == "up" and fact.target not in one.config.vantage.witnesses
    ]
    for _ in range(3):
        for index in rng.sample(good, len(good) // 3):
            facts[index] = _failed(facts[index])
        more = _credit(judged(one, tuple(facts)))
        assert more >= owed
        owed = more


def test_these_worlds_have_something_of_everything() -> None:
    """Or the laws above would say little."""
    statements = [built(replace(one, contract=_with_credits(one.contract))) for one in map(world, SEEDS)]
    parts = [parts for statement in statements for parts in totals(statement).values()]
    assert all(sum(part[kind] > 0 for part in parts) > len(parts) // 10 for kind in range(4))
    verdicts = [result.verdict for statement in statements for result in statement.promises]
    assert all(verdicts.count(verdict) > len(verdicts) // 20 for verdict in Verdict)
    assert sum(_credit(statement) > 0 for statement in statements) > len(statements) // 4
    assert sum(len(statement.incidents) > 2 for statement in statements) > len(statements) // 10


def _failed(sample: Fact) -> Fact:
    assert isinstance(sample, Sample)
    return replace(sample, outcome=Outcome.DOWN, reason="timeout")


def _with_credits(contract: Contract) -> Contract:
    tiers = tuple(
        Tier(operator="<", edge=Fraction(edge), give=Give(amount=Fraction(share)))
        for edge, share in (("0.999", "0.1"), ("0.9", "0.25"), ("0.5", "1"))
    )
    hourly = PerUnit(give=Give(amount=Fraction(1, 20)), unit=Fraction(HOUR), count="started", beyond=Fraction(600 * S))
    credits = (
        Credit(id="availability", promises=("availability",), shape=Table(rows=tiers)),
        Credit(id="total-outage", promises=("total-outage",), shape=hourly),
    )
    return contract.but(credits=credits, caps=(Limit(give=Give(amount=Fraction(1))),))


def _credit(statement: Statement) -> Decimal:
    return statement.credit_total or Decimal(0)
