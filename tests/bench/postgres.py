"""What a sample costs in a PostgreSQL store: written, sealed, checked; CPU time of this process, the server's aside.

Twenty targets over three days, as ``tests.bench.store`` makes them, in batches of 500. Prints one line of JSON:
microseconds a sample, and bytes a sample with indexes, of which ``leaf_bytes`` are what binds it.
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
from tests.bench.store import BATCH, DAY, START, samples
from tests.postgres import Databases

DAYS = 3
NOW = START + (DAYS + 1) * DAY


def timed(work: Callable[[], object]) -> float:
    """Seconds of CPU."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def filled(store: Store) -> tuple[int, float]:
    """How many samples were written, and in how many seconds."""
    waiting, count, took = samples(20, DAYS, 1), 0, 0.0
    while some := list(islice(waiting, BATCH)):
        batch = Batch(samples=some)
        took += timed(lambda batch=batch: store.append(batch))  # type: ignore[misc]
        count += len(some)
    return count, took


def measure(store: Store) -> dict[str, float]:
    """Everything, of a sample."""
    assert isinstance(store.chain, Chains)
    chain = store.chain
    count, written = filled(store)
    took = {"written": written, "sealed": timed(lambda: store.seal(NOW))}
    with tempfile.TemporaryDirectory() as directory:
        bind(store, f"{directory}/upheld", Ed25519PrivateKey.generate(), NOW)
    took["thorough"] = timed(store.integrity)
    found: list[str] = []
    took["deep"] = timed(lambda: found.extend(deep.check(chain, None)))
    assert found == []
    with chain.view() as view:
        (leaves,) = view.sql.execute("SELECT pg_total_relation_size('leaves')").fetchone()
    told = {f"{name}_us": round(seconds / count * 1e6, 2) for name, seconds in took.items()}
    return told | {"bytes": round(store.size() / count, 1), "leaf_bytes": round(leaves / count, 2)}


def main() -> None:
    databases = Databases()
    try:
        with closing(open_store(databases.new())) as store:
            print(json.dumps(measure(store)))
    finally:
        databases.drop()


if __name__ == "__main__":
    main()
