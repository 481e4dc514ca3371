"""A statement from columns, of which few samples are ever made, is the statement from the samples."""

from dataclasses import replace
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.contract.model import Promise
from config.contract.rules import Bucket, MeasureRule, OutageRule, Source
from monitor.sla.evidence import Facts
from monitor.sla.measures import jitter, latency
from monitor.sla.series import Bulk
from monitor.sla.statement import build
from monitor.store.lazy import Lazy
from probes.columns import from_samples
from probes.sample import Outcome, Sample
from tests.laws.compare import built
from tests.laws.test_ledger import MINUTE
from tests.laws.worlds import World, world
from tests.probes.test_wire import samples as any_samples


class Columned(Facts):
    """Facts whose samples come as columns."""

    def series(self, target: str, start: int, end: int) -> Lazy:
        return Lazy(from_samples(list(self.samples(target, start, end))))


@pytest.mark.parametrize("seed", range(7000, 7060))
def test_columns_and_samples_give_one_statement(seed: int) -> None:
    one = world(seed)
    assert build(one.config, one.contract, one.period, Columned(one.facts), None) == built(one)


@given(st.lists(any_samples, max_size=200))
def test_columns_in_a_row_are_the_samples(found: list) -> None:  # type: ignore[type-arg]
    row = Lazy(from_samples(found))
    assert list(row) == found
    assert [row[place] for place in range(len(row))] == found
    assert row.vantages == tuple(sorted({sample.vantage for sample in found}))
    assert list(row.seen_from(row.vantages[:1])) == [one for one in found if one.vantage in row.vantages[:1]]


@given(st.lists(any_samples, max_size=60), st.sampled_from(["total", "connect", "first_byte"]))
def test_what_columns_come_to_is_what_their_samples_say(found: list, latency_of: str) -> None:  # type: ignore[type-arg]
    found = sorted(found, key=lambda sample: sample.at)
    row, everything = Lazy(from_samples(found)), [(-(1 << 62), 1 << 62)]
    counted = [one for one in found if one.outcome is not Outcome.UNKNOWN and abs(one.at) < 1 << 62]
    for kind in (latency, jitter):
        bulk = row.bulk(kind.NAME, everything, latency_of)
        values = sorted(value for sample in counted for value in kind.values(sample, latency_of))
        assert bulk is None or (bulk.count, bulk.total, sorted(bulk.values())) == (len(values), sum(values), values)
        assert bulk is not None or any(abs(number) >> 60 for sample in found for number in _durations(sample))


def _durations(sample: Sample) -> list[int]:
    phases = [took for _, took in sample.phases]
    return [sample.took or 0, *phases, *(rtt for rtt in sample.rtts if rtt is not None)]


def test_what_is_not_asked_for_comes_to_nothing() -> None:
    page = next(sample for sample in world(7000).facts if isinstance(sample, Sample))
    alone = replace(page, sent=None, received=None, rtts=())
    row = Lazy(from_samples([alone]))
    assert row.bulk("latency", [(0, 1)]) == Bulk(0, 0)
    assert Lazy(from_samples([])).bulk("latency", [(0, 1)]) == Bulk(0, 0)
    found = row.bulk("latency", [(page.at, page.at + 1)])
    assert found is not None and found.values() == list(latency.values(alone, "total"))


STATISTICS = ("mean", "median", "max", "min", "p95", "share under")


def sampled(seed: int) -> World:
    """A world with measures of samples, with and without buckets, and outages made of rows of failures and of buckets
    whose figure is bad."""
    one, rng = world(seed), Random(seed)
    measures = [_of_samples(rng, f"m{number}") for number in range(4)]
    bucket = Bucket(length=rng.choice((5, 20)) * MINUTE, when="measure", operator=">", target=Fraction(1, 50))
    lossy = MeasureRule(name="lossy", kind="samples", of="packet-loss", unit="ratio")
    rules = (
        OutageRule(name="bad", sources=(Source(kind="measure", name="lossy"),), bucket=bucket),
        OutageRule(name="rows", consecutive=rng.choice((2, 3))),
    )
    measures += [MeasureRule(name=f"of-{rule.name}", kind="ratio", of=rule.name, unit="ratio") for rule in rules]
    names = tuple(service.name for service in one.contract.services)
    promises = tuple(
        Promise(
            id=rule.name,
            text=rule.name,
            measure=rule.kind,
            rule=rule.name,
            operator="<=",
            target=Fraction(1, 2),
            unit=rule.unit,
            services=names,
        )
        for rule in measures
    )
    terms = {"outages": rules, "measures": (*measures, lossy), "promises": promises, "credits": ()}
    return replace(one, contract=one.contract.but(**terms))


def _of_samples(rng: Random, name: str) -> MeasureRule:
    of = rng.choice(("latency", "jitter", "packet-loss", "packet-delivery"))
    pooled = of.startswith("packet")
    statistic = None if pooled else rng.choice(STATISTICS)
    share = pooled or statistic == "share under"
    bins = rng.choice((None, 5 * MINUTE, 60 * MINUTE))
    return MeasureRule(
        name=name,
        kind="samples",
        of=of,
        unit="ratio" if share else "ns",
        statistic=statistic,
        threshold=20 * MINUTE // 60_000 if statistic == "share under" else None,
        bins=bins,
        of_bins=None if bins is None else rng.choice(("mean", "max", "p95")),
        skip=rng.choice(((), ("rows",))),
    )


@pytest.mark.parametrize("seed", range(7200, 7240))
def test_columns_and_samples_give_one_figure_of_every_defined_measure(seed: int) -> None:
    one = sampled(seed)
    found = build(one.config, one.contract, one.period, Columned(one.facts), None)
    assert found == built(one)
    assert any(result.value is not None for result in found.promises)
