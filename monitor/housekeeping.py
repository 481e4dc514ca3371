"""What the store needs from time to time: samples of past hours made compact, those beyond retention removed.

It runs beside the writer on a thread of its own, in small steps, and nothing waits for it.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from zoneinfo import ZoneInfo

from config.model import DAY, Config
from config.periods import containing
from monitor.log import say
from monitor.store.port import Store, StoreError
from probes.clock import Clock

EVERY = 60.0
PRUNES_EVERY = 60


def needed(config: Config, now: int) -> list[tuple[str, int, int]]:
    """Spans of samples that retention leaves alone: every period not over since longer than ``issue_after``, and
    a little before it, because the first sample of a period is understood from the one before."""
    spans = []
    for contract in config.contracts.values():
        period = containing(contract.period, now - config.daemon.issue_after, ZoneInfo(contract.timezone))
        for target in sorted({target for service in contract.services for target in service.targets}):
            before = max(DAY, config.targets[target].max_gap)
            spans.append((target, period.start - before, now + DAY))
    return spans


class Housekeeping:
    """``config`` gives the configuration in force."""

    def __init__(self, store: Store, clock: Clock, config: Callable[[], Config]) -> None:
        self._store, self._clock, self._config = store, clock, config

    async def run(self) -> None:
        """Every minute, until cancelled; retention once an hour, first a minute after the start."""
        loop, turn = asyncio.get_running_loop(), 0
        thread = ThreadPoolExecutor(1, thread_name_prefix="upheld-upkeep")
        try:
            while True:
                await asyncio.sleep(EVERY)
                await loop.run_in_executor(thread, self.once, turn % PRUNES_EVERY == 0)
                turn += 1
        finally:
            thread.shutdown(wait=False, cancel_futures=True)

    def once(self, prune: bool) -> None:
        """One round, on the caller's thread."""
        now, config = self._clock.wall(), self._config()
        try:
            self._store.seal(now)
            if prune:
                self._store.prune(now - config.daemon.retention, needed(config, now))
        except StoreError as error:
            say(logging.WARNING, error.code, "upkeep", f"{error}; nothing is lost, tried again in a minute")
