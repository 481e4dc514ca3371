"""The live account is the statement also for measures that a contract defines, and for services made of others."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest

from config.contract.model import Promise, Service
from config.contract.rules import MeasureRule
from probes.sample import Sample
from tests.laws.test_ledger import MINUTE, lived
from tests.laws.test_outages import PLAIN, RULES_OF_OUTAGES, UNITS
from tests.laws.worlds import World, world
from tests.oracle.speech import trusted

SEEDS = range(7106, 7110)


def defined(one: World) -> World:
    """The world with a service of all the others, and promises on two rules of outages for each service."""
    rng = Random(one.seed)
    names = tuple(service.name for service in one.contract.services)
    both = Service(name="both", of=names, down_when=rng.randint(1, len(names)))
    rules = tuple(rule.but(name=f"rule{number}") for number, rule in enumerate(rng.sample(RULES_OF_OUTAGES, 2)))
    measures = tuple(
        MeasureRule(
            name=f"{rule.name}-{kind}",
            kind=kind,
            of=rule.name,
            unit=UNITS.get(kind, "ns"),
            over=rng.choice((None, None, "trailing 2 days")),
            pool=kind == "total" and len(names) > 1,
        )
        for rule in rules
        for kind in PLAIN.values()
    )
    promises = tuple(_promise(measure, rng, (*names, both.name)) for measure in measures)
    terms = one.contract.but(
        services=(*one.contract.services, both), outages=rules, measures=measures, promises=promises
    )
    known = set(trusted(one.facts))
    facts = tuple(fact for fact in one.facts if not isinstance(fact, Sample) or fact in known)
    return replace(one, contract=terms, facts=facts)


def _promise(measure: MeasureRule, rng: Random, names: tuple[str, ...]) -> Promise:
    targets = {"ratio": Fraction(rng.choice((1, 9)), 10), "count": Fraction(1)}
    return Promise(
        id=measure.name,
        text=measure.name,
        measure=measure.kind,
        rule=measure.name,
        operator=">=" if measure.kind == "ratio" else "<=",
        target=targets.get(measure.kind, Fraction(rng.randrange(1, 200) * MINUTE)),
        unit=measure.unit,
        services=names,
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("late", [False, True])
def test_the_live_account_of_defined_measures_is_the_statement_so_far(seed: int, late: bool) -> None:
    assert not lived(defined(world(seed)), Random(seed), late, restarts=2)
