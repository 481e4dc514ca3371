"""Laws of outages and of the measures made of them, on random histories."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from random import Random

import pytest

from config.contract.model import Contract
from config.contract.noun import Rounding
from config.contract.rules import Bucket, Edge, MeasureRule, OutageRule
from config.periods import Period
from monitor.sla.evidence import Facts
from monitor.sla.facts import ExclusionFact, StateFact
from monitor.sla.known import Known
from monitor.sla.lost import outages_of
from monitor.sla.measures import RULES
from monitor.sla.model import PromiseResult
from monitor.sla.ruled import measure_rule
from monitor.sla.scene import Scene
from monitor.sla.services import facts_of, judge_services
from monitor.sla.statement import build
from tests.laws.worlds import World, world
from tests.oracle.build import HOUR, S, promise

SEEDS = range(7000, 7060)
MINUTE = 60 * S
PLAIN = {"availability": "ratio", "total-outage": "total", "longest-outage": "longest", "outages": "count"}
UNITS = {"ratio": "ratio", "count": "count"}
RULES_OF_OUTAGES = (
    OutageRule(name="rule", least=30 * MINUTE),
    OutageRule(name="rule", least=30 * MINUTE, strict=True, excess=True),
    OutageRule(name="rule", confirm_after=20 * MINUTE, starts=Edge(of=("confirmation",))),
    OutageRule(name="rule", merge_within=HOUR, merge_span=True, round=Rounding(to=Fraction(7 * MINUTE), mode="up")),
    OutageRule(name="rule", accumulate=(HOUR, 3 * HOUR)),
    OutageRule(name="rule", grace=20 * MINUTE, grace_beyond=True, merge_within=HOUR, merge_least=10 * MINUTE),
    OutageRule(name="rule", split="day"),
    OutageRule(name="rule", bucket=Bucket(length=20 * MINUTE, when="error_ratio", ratio=Fraction(1, 2))),
    OutageRule(name="rule", bucket=Bucket(length=20 * MINUTE, when="any_fail"), consecutive=2),
    OutageRule(name="rule", bucket=Bucket(length=20 * MINUTE, when="all_fail"), merge_within=30 * MINUTE),
)


def by_rule(one: World) -> Contract:
    """The contract with each of the plain promises once more, made on a measure that it defines."""
    names = tuple(service.name for service in one.contract.services)
    said = {p.id: p for p in one.contract.promises}
    measures, promises = [], []
    for id, kind in PLAIN.items():
        longer = said[id].threshold or 0
        measures.append(MeasureRule(name=kind, kind=kind, of="outage", unit=UNITS.get(kind, "ns"), longer=longer))
        more = {"id": f"rule-{id}", "measure": kind, "rule": kind, "threshold": None}
        promises.append(promise(id, names, target=said[id].target).but(**more))
    return one.contract.but(measures=tuple(measures), promises=(*one.contract.promises, *promises))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_measure_of_plain_outages_is_the_standard_measure(seed: int) -> None:
    one = world(seed)
    statement = build(one.config, by_rule(one), one.period, Facts(one.facts), None)
    found = {(result.service, result.id): result for result in statement.promises}
    for service in one.contract.services:
        for id in PLAIN:
            standard, defined = found[service.name, id], found[service.name, f"rule-{id}"]
            assert told(defined) == told(standard), (service.name, id)


def told(result: PromiseResult) -> tuple[object, ...]:
    return result.value, result.lower, result.upper, result.verdict


def scenes(one: World, rule: OutageRule, facts: tuple[object, ...] | None = None) -> list[Scene]:
    terms = one.contract.but(outages=(rule,))
    evidence = Facts(one.facts if facts is None else facts)  # type: ignore[arg-type]
    known: Known = facts_of(terms, one.period, evidence)
    found = judge_services(one.config, terms, one.period, evidence, known, None)
    return [service.judged.scene for service in found.values() if service.judged.scene is not None]


def measure(kind: str) -> MeasureRule:
    return MeasureRule(name="m", kind=kind, of="rule", unit=UNITS.get(kind, "ns"))


@pytest.mark.parametrize("seed", SEEDS[::4])
def test_a_value_lies_within_its_bounds(seed: int) -> None:
    one = world(seed)
    for rule in RULES_OF_OUTAGES:
        for scene in scenes(one, rule):
            for kind in PLAIN.values():
                found = RULES[kind].measure([scene], measure(kind), None)
                if found.value is not None:
                    assert found.lower <= found.value, (rule, kind)
                    assert found.upper is None or found.value <= found.upper, (rule, kind)


@pytest.mark.parametrize("seed", SEEDS[::4])
def test_splitting_a_period_changes_no_total(seed: int) -> None:
    one, rng = world(seed), Random(seed)
    middle = rng.randrange(one.period.start + 1, one.period.end)
    for rule in RULES_OF_OUTAGES:
        if rule.split is not None:
            continue
        for scene in scenes(one, rule):
            outages = list(outages_of(scene, measure("total"), None, "measured"))
            start, end = scene.span
            for outage in outages:
                assert outage.part(start, middle) + outage.part(middle, end) == outage.part(start, end)


@pytest.mark.parametrize("seed", SEEDS[::4])
def test_an_exclusion_adds_to_no_total(seed: int) -> None:
    one, rng = world(seed), Random(seed)
    start = rng.randrange(one.period.start - HOUR, one.period.end)
    cause = next((term.cause for term in one.contract.exclusions if term.notice is None and term.cap is None), None)
    if cause is None:
        return
    more = ExclusionFact("law", start, start + rng.randrange(1, 5 * 3600) * S, cause)
    for rule in RULES_OF_OUTAGES:
        pairs = zip(scenes(one, rule), scenes(one, rule, (*one.facts, more)), strict=True)
        for before, after in pairs:
            totals = [RULES["total"].measure([scene], measure("total"), None) for scene in (before, after)]
            if totals[1].value is not None:
                assert totals[1].value <= totals[0].value and totals[1].upper <= totals[0].upper, rule


@pytest.mark.parametrize("seed", SEEDS[::4])
def test_more_outage_is_never_less_of_a_total_nor_more_availability(seed: int) -> None:
    one, rng = world(seed), Random(seed)
    service = rng.choice(one.contract.services).name
    start = rng.randrange(one.period.start, one.period.end)
    told_down = StateFact(service, start, min(one.period.end, start + rng.randrange(1, 5 * 3600) * S), "down")
    quiet = replace(one, facts=tuple(f for f in one.facts if not isinstance(f, StateFact)))
    for rule in RULES_OF_OUTAGES:
        pairs = zip(scenes(quiet, rule), scenes(quiet, rule, (*quiet.facts, told_down)), strict=True)
        for before, after in pairs:
            first, second = (measure_rule([scene], measure("ratio"), None) for scene in (before, after))
            if second.lower is not None:
                assert second.lower <= first.lower and second.upper <= first.upper, rule


def test_the_days_of_a_period_make_up_its_total() -> None:
    one = world(7001)
    start, end = one.period.start, one.period.end
    cut = [start, start + 5 * HOUR, start + 11 * HOUR, end]
    for scene in scenes(one, OutageRule(name="rule", least=10 * MINUTE)):
        whole = RULES["total"].measure([scene], measure("total"), None)
        parts = [
            RULES["total"].measure([scene.during(Period("part", None, a, b))], measure("total"), None)
            for a, b in pairwise(cut)
        ]
        assert sum(part.value or 0 for part in parts) == whole.value
