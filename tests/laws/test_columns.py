"""A statement from columns, of which few samples are ever made, is the statement from the samples."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.sla.evidence import Facts
from monitor.sla.series import Bulk
from monitor.sla.statement import build
from monitor.store.columns import from_samples
from monitor.store.lazy import Lazy
from probes.sample import Sample
from tests.laws.compare import built
from tests.laws.worlds import world
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


def test_what_is_not_asked_for_comes_to_nothing() -> None:
    page = next(sample for sample in world(7000).facts if isinstance(sample, Sample))
    row = Lazy(from_samples([replace(page, sent=None, received=None, rtts=())]))
    assert row.bulk("latency", [(0, 1)]) == Bulk(0, 0)
    assert Lazy(from_samples([])).bulk("latency", [(0, 1)]) == Bulk(0, 0)
    assert row.bulk("latency", [(page.at, page.at + 1)]) in (None, Bulk(0, 0))
