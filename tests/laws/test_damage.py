"""Records that can no longer be read: both evaluators agree on what is left, and the live account is that too."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest

from monitor.sla.facts import DamageFact, Fact
from probes.sample import Sample
from tests.laws.compare import differences
from tests.laws.test_ledger import MINUTE, Process, arrivals, lived, same
from tests.laws.worlds import World, world
from tests.oracle.speech import trusted

BATCH = 100


def damaged(seed: int) -> World:
    """The world of a seed, some of its records damaged: of a target, or of all of them for a moment; sometimes what was
    told of a while too."""
    rng = Random(seed)
    one = world(seed)
    if one.contract.unknown in ("up", "down"):  # hours of unknown at an edge would be as long as each evaluator looks
        one = replace(one, contract=one.contract.but(unknown="indeterminate"))
    facts: Sequence[Fact] = one.facts
    for _ in range(rng.choice((1, 1, 2, 4))):
        facts = _lose(rng, one, facts)
    if rng.random() < 0.2:
        start = one.period.start + rng.randrange(20 * 60) * MINUTE
        service = rng.choice((None, one.contract.services[0].name))
        facts = [*facts, DamageFact(start, start + rng.randrange(1, 300) * MINUTE, service=service)]
    return replace(one, facts=tuple(facts))


def _lose(rng: Random, one: World, facts: Sequence[Fact]) -> list[Fact]:
    names = sorted({name for service in one.contract.services for name in service.targets})
    heard = sorted({fact.at for fact in facts if isinstance(fact, Sample) and fact.target in names})
    if not heard:
        return list(facts)
    first = rng.choice(heard) - rng.choice((0, 1, 10 * MINUTE))
    last = first + rng.choice((1, 500_000_000, 40 * MINUTE, 300 * MINUTE))
    if rng.random() < 0.7:
        names = [rng.choice(names)]
    some = rng.random()
    left: list[Fact] = [
        fact
        for fact in facts
        if not (
            isinstance(fact, Sample) and fact.target in names and first <= fact.at < last and rng.random() < some + 0.3
        )
    ]
    return [*left, *(DamageFact(first, last, name) for name in names)]


@pytest.mark.parametrize("start", (20_400, 20_500, 20_700, 20_800, 20_900))
def test_both_evaluators_leave_the_same_time_unknown(start: int) -> None:
    found = {seed: lines for seed in range(start, start + BATCH) if (lines := differences(damaged(seed)))}
    assert not found, f"{len(found)} of {BATCH} differ: {found}"


def _sound(seed: int) -> World:
    """Two samples of one identity that differ are the store's to find."""
    one = damaged(seed)
    known = set(trusted(one.facts))
    return replace(one, facts=tuple(fact for fact in one.facts if not isinstance(fact, Sample) or fact in known))


@pytest.mark.parametrize("seed", [21_099, 23_065, *range(21_100, 21_113)])
def test_the_live_account_leaves_it_unknown_too(seed: int) -> None:
    assert not lived(_sound(seed), Random(seed), late=False, restarts=seed % 4)


@pytest.mark.parametrize("seed", range(22_000, 22_015))
def test_what_was_damaged_after_it_was_judged_is_judged_again(seed: int) -> None:
    """A restart with folds saved before the damage: they are of no use, and the account is what can still be read."""
    rng = Random(seed)
    one = replace(world(seed), facts=tuple(trusted(world(seed).facts)))
    process = Process(one)
    process.start(one.period.start + MINUTE)
    steps = list(arrivals(one, rng, late=False))
    for step, (now, facts) in enumerate(steps):
        if step == len(steps) // 2:
            process.stored = _lose(rng, one, process.stored)
            process.start(now)
        account = process.take(facts, now)
        if account is not None:
            assert same(account, process, now) == []
