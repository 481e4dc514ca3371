"""What a sample costs in a PostgreSQL store: written, sealed, checked; CPU time of this process, the server's aside.

Twenty targets over three days, as ``tests.bench.store`` makes them, in batches of 500 and of 1,000 as columns, as the
daemon brings them, and of 500 as objects; into the same server, one database after the other. Prints one line of JSON:
microseconds a sample, rows written in a second of wall time, and bytes a sample with indexes, of which ``leaf_bytes``
are what binds it.
"""

import json
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from itertools import islice

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from monitor.issuing.binding import bind
from monitor.store import deep
from monitor.store.linkstore import Chains
from monitor.store.port import Batch, Store
from monitor.store.which import open_store
from probes.columns import from_samples
from tests.bench.store import BATCH, DAY, START, Form, samples
from tests.postgres import Databases

DAYS = 3
NOW = START + (DAYS + 1) * DAY


def timed(work: Callable[[], object]) -> float:
    """Seconds of CPU."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def filled(store: Store, size: int, form: Form) -> tuple[int, float, float]:
    """How many samples were written, ``size`` at a time in the form that ``form`` makes of them, in how many seconds of
    CPU and of wall time."""
    waiting, count, took, lasted = samples(20, DAYS, 1), 0, 0.0, 0.0
    while some := list(islice(waiting, size)):
        batch, begun = Batch(samples=form(some)), time.perf_counter()
        took += timed(lambda batch=batch: store.append(batch))  # type: ignore[misc]
        lasted += time.perf_counter() - begun
        count += len(some)
    return count, took, lasted


def written(store: Store, size: int, form: Form, name: str = "") -> tuple[int, dict[str, float]]:
    """How many samples were written, and what one of them cost."""
    count, took, lasted = filled(store, size, form)
    return count, {
        f"written{name}_us": round(took / count * 1e6, 2),
        f"written{name}_rows_per_s": round(count / lasted),
    }


def measure(store: Store) -> dict[str, float]:
    """Everything, of a sample."""
    assert isinstance(store.chain, Chains)
    chain = store.chain
    count, found = written(store, BATCH, from_samples)
    took = {"sealed": timed(lambda: store.seal(NOW))}
    with tempfile.TemporaryDirectory() as directory:
        bind(store, f"{directory}/upheld", Ed25519PrivateKey.generate(), NOW)
    took["thorough"] = timed(store.integrity)
    problems: list[str] = []
    took["deep"] = timed(lambda: problems.extend(deep.check(chain, None)))
    assert problems == []
    with chain.view() as view:
        (leaves,) = view.sql.execute("SELECT pg_total_relation_size('leaves')").fetchone()
    found |= {f"{name}_us": round(seconds / count * 1e6, 2) for name, seconds in took.items()}
    return found | {"bytes": round(store.size() / count, 1), "leaf_bytes": round(leaves / count, 2)}


def main() -> None:
    databases = Databases()
    try:
        with closing(open_store(databases.new())) as store:
            found = measure(store)
        for name, size, form in (("_1000", 1000, from_samples), ("_objects", BATCH, list)):
            with closing(open_store(databases.new())) as store:
                found |= written(store, size, form, name)[1]
        print(json.dumps(found))
    finally:
        databases.drop()


if __name__ == "__main__":
    main()
