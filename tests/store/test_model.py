"""A store answers as one in memory does, whatever comes: batches with repeats and forgeries, sealing, pruning and
restarts in any order."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.store.memory import MemoryStore
from monitor.store.port import Batch
from monitor.store.which import open_store
from probes.sample import Sample
from tests.postgres import Databases
from tests.store.made import HOUR, START, sample

EVER = 2**62
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("append"),
            st.lists(
                st.tuples(st.integers(0, 60), st.sampled_from(["hq", "web"]), st.integers(0, 40), st.integers(0, 1)),
                max_size=12,
            ),
        ),
        st.tuples(st.just("seal"), st.integers(0, 50)),
        st.tuples(st.just("prune"), st.integers(0, 40)),
        st.tuples(st.just("reopen"), st.just(0)),
    ),
    max_size=12,
)


def drawn(seq: int, target: str, hour: int, forged: int) -> Sample:
    return replace(sample(seq, target=target, at=START + hour * HOUR + seq), took=forged)


def hold_alike(place: str | Path, steps: Sequence[tuple[str, Any]]) -> None:
    """Both go through the steps and are asked the same."""
    real, model = open_store(place), MemoryStore()
    for step, argument in steps:
        if step == "append":
            batch = Batch(samples=[drawn(*each) for each in argument])
            assert real.append(batch) == model.append(batch)
        elif step == "seal":
            real.seal(START + argument * HOUR)
        elif step == "prune":
            assert real.prune(START + argument * HOUR, ()) == model.prune(START + argument * HOUR, ())
        else:
            real.close()
            real = open_store(place)
    for target in ("hq", "web"):
        assert list(real.samples(target, 0, EVER)) == list(model.samples(target, 0, EVER))
        assert real.last_before(target, START + 20 * HOUR) == model.last_before(target, START + 20 * HOUR)
    assert [found.code for found in real.security_events()] == [found.code for found in model.security_events()]
    assert real.integrity() == ()
    real.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_sqlite_answers_as_memory_does(tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Any]]) -> None:
    hold_alike(tmp_path_factory.mktemp("model") / "store.db", steps)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_postgres_answers_as_memory_does(databases: Databases, steps: list[tuple[str, Any]]) -> None:
    hold_alike(databases.new(), steps)
