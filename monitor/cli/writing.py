"""Facts straight into a store that nobody holds: all of them in one transaction, or none.

Nothing is told to hooks: what is added here lies in the past, and the daemon tells what still matters when it
starts. What the ledger had saved of older samples goes, in the same transaction: facts that reach back would not be
in it, so the daemon reads everything anew.
"""

import time
from collections.abc import Callable

from config.model import Config
from monitor.cli.staging import Staging
from monitor.door import quantised
from monitor.store.port import Batch, Receipt
from monitor.store.which import open_store


def record(config: Config, staged: Staging) -> int:
    """All of the facts, samples cut to the stored precision; gives how many were new. Raises FactsError, and records
    nothing, where they contradict what is stored; StoreHeld while a daemon runs, StoreError."""
    store = open_store(config.daemon.store)
    try:
        if staged.span is not None:
            staged.agree(store.facts(*staged.span))
        stale = [(key, "") for key, saved in store.checkpoints().items() if saved]
        with store.appending() as append:
            new = _put(staged, append)
            if new and stale:
                append(Batch(checkpoints=stale))
        return new
    finally:
        store.close()


def _put(staged: Staging, append: Callable[[Batch], Receipt]) -> int:
    """Leaves with FactsError at the end where a sample has other content in the store."""
    now, new = time.time_ns(), 0
    for samples in staged.samples:
        receipt = append(Batch([quantised(sample, now) for sample in samples]))
        staged.contradicted(receipt.quarantined)
        new += receipt.recorded
    for facts in staged.others():
        new += append(Batch(facts=facts)).facts
    staged.refuse()
    return new
