"""Chains hold whatever comes, in whatever order, and are the same in both kinds of store."""

import threading
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from monitor.issuing.binding import Horizon, bind
from monitor.issuing.keys import public_text
from monitor.sla.facts import HeartbeatFact
from monitor.store import deep
from monitor.store.linkstore import Chains
from monitor.store.port import Batch, Store
from monitor.store.which import open_store
from probes.sample import Sample
from tests.postgres import Databases
from tests.store.made import DAY, HOUR, SECOND, START, sample

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SAMPLES = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(["hq", "web"]), st.integers(0, 96), st.integers(0, 1)), max_size=12
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), SAMPLES),
        st.tuples(st.just("beat"), st.integers(0, 96)),
        st.tuples(st.just("seal"), st.integers(0, 100)),
        st.tuples(st.just("prune"), st.integers(0, 3)),
        st.tuples(st.just("reopen"), st.just(0)),
    ),
    max_size=14,
)
LEAVES = (
    "SELECT v.text, t.text, form, day, count, digest, marks, late FROM leaves JOIN names AS v ON v.id = vantage "
    "LEFT JOIN names AS t ON t.id = target ORDER BY day, v.text, t.text, leaves.id"
)


def drawn(seq: int, target: str, hour: int, forged: int) -> Sample:
    return sample(seq, target=target, boot=f"b{forged}", at=START + hour * HOUR + seq)


def unlike(store: Store) -> list[str]:
    assert isinstance(store.chain, Chains)
    return deep.check(store.chain, public_text(KEY), [])


def leaves(store: Store) -> Sequence[tuple[object, ...]]:
    assert isinstance(store.chain, Chains)
    with store.chain.view() as view:
        found: list[tuple[object, ...]] = view.sql.execute(LEAVES).fetchall()
    return sorted(found, key=repr)


class Upkept:
    """A store under upkeep whose clock only goes forward."""

    def __init__(self, place: str, beside: Path) -> None:
        self._place, self._beside, self._now = place, str(beside), START
        self.store = open_store(place)

    def do(self, step: str, argument: object) -> None:
        """One step of STEPS."""
        if step == "append":
            self.store.append(Batch(samples=[drawn(*each) for each in argument]))  # type: ignore[attr-defined]
        elif step == "beat":
            assert isinstance(argument, int)
            self.store.append(Batch(facts=[HeartbeatFact("fra", "b1", START + argument * HOUR)]))
        elif step == "reopen":
            self.store.close()
            self.store = open_store(self._place)
        else:
            assert isinstance(argument, int)
            self._upkeep(START + argument * HOUR if step == "seal" else 0, argument if step == "prune" else None)

    def _upkeep(self, now: int, prune: int | None) -> None:
        self._now = max(self._now, now) + SECOND
        self.store.seal(self._now)
        horizon = None if prune is None else Horizon(START + prune * DAY)
        bind(self.store, self._beside, KEY, self._now if horizon is None else max(self._now, horizon.at), horizon)
        if horizon is not None:
            self.store.prune(horizon.at, ())

    def close(self) -> None:
        self.store.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
@example([("prune", 1), ("append", [(0, "hq", 0, 0)]), ("seal", 0)])  # the clock is set back behind what may be removed
def test_every_history_is_bound_the_same_in_both_and_found_whole(databases: Databases, steps) -> None:  # type: ignore[no-untyped-def]
    with TemporaryDirectory() as name, ExitStack() as stack:
        places = (str(Path(name) / "store.db"), databases.new())
        both = [Upkept(place, Path(name) / str(number)) for number, place in enumerate(places)]
        for one in both:
            stack.callback(one.close)
            for step, argument in [*steps, ("seal", 100), ("seal", 101)]:
                one.do(step, argument)
            assert unlike(one.store) == []
            assert one.store.integrity() == ()
        assert leaves(both[0].store) == leaves(both[1].store)


@pytest.mark.parametrize("where", ["sqlite", "postgres"])
def test_what_comes_while_its_day_is_sealed_is_bound_once(where: str, path: Path, databases: Databases) -> None:
    """One thread appends samples and heartbeats of days that are over, another seals and binds."""
    with closing(open_store(databases.new() if where == "postgres" else path)) as store:
        done = threading.Event()

        def upkeep() -> None:
            now = START + 5 * DAY
            while not done.is_set():
                now += SECOND
                store.seal(now)
                bind(store, str(path), KEY, now)

        thread = threading.Thread(target=upkeep)
        thread.start()
        try:
            for number in range(150):
                at = START + number % 4 * DAY + number * SECOND
                samples = [sample(number * 10 + place, target=f"t{place}", at=at + place) for place in range(10)]
                store.append(Batch(samples=samples, facts=[HeartbeatFact("fra", f"b{number % 3}", at)]))
        finally:
            done.set()
            thread.join()
        store.seal(START + 6 * DAY)
        bind(store, str(path), KEY, START + 6 * DAY)
        assert unlike(store) == []
        assert sum(row[4] for row in leaves(store)) == 1500 + 150  # type: ignore[misc]
