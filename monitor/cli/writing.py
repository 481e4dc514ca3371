"""Facts straight into a store that nobody holds.

Nothing is told to hooks: what is added here lies in the past, and the daemon tells what still matters when it
starts. What the ledger had saved of older samples goes, in the same transaction: facts that reach back would not be
in it, so the daemon reads everything anew.
"""

import time
from collections.abc import Sequence

from config.model import Config
from monitor.door import quantised
from monitor.sla.facts import Fact
from monitor.store.port import Batch
from monitor.store.which import open_store
from probes.sample import Sample

LINES = 5_000


def record(config: Config, facts: Sequence[Fact]) -> None:
    """All of the facts, samples cut to the stored precision. Raises StoreHeld while a daemon runs, StoreError."""
    store = open_store(config.daemon.store)
    try:
        now = time.time_ns()
        for start in range(0, len(facts), LINES):
            some = facts[start : start + LINES]
            samples = [quantised(fact, now) for fact in some if isinstance(fact, Sample)]
            others = [fact for fact in some if not isinstance(fact, Sample)]
            stale = [(key, "") for key, saved in store.checkpoints().items() if saved]
            store.append(Batch(samples, others, checkpoints=stale))
    finally:
        store.close()
