"""What the store needs from time to time: samples of past hours made compact, what is new bound and signed, what is
beyond retention removed, and the statements of periods that are over issued.

It runs beside the writer on a thread of its own, in small steps, and nothing waits for it.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from config.contract.model import Contract
from config.contract.revisions import period_at, period_named, texts
from config.errors import unknown
from config.model import DAY, Config
from config.periods import Period
from monitor.doubt import Doubt
from monitor.issuing.apart import KeyApart
from monitor.issuing.binding import Horizon, bind
from monitor.issuing.due import Due
from monitor.issuing.heads import heads_file, parted
from monitor.issuing.issue import Outcome, issue
from monitor.issuing.keys import Key, KeyTrouble
from monitor.issuing.links import RECORDS, Link, whole_days
from monitor.libraries import give_back
from monitor.log import say
from monitor.memory import trim
from monitor.store.port import Store, StoreError
from probes.clock import Clock
from probes.sync import Sync, read

TRIMS = 6
TRIM_EVERY = 10.0
"""A round is a minute (s), and free memory is given back so many times in it."""
PRUNES_EVERY = 60


def needed(config: Config, now: int) -> Iterator[tuple[str, int, int]]:
    """Spans of samples that retention leaves alone: every period not over since longer than ``issue_after``, and
    a little before it, because the first sample of a period is understood from the one before."""
    for contract in config.contracts.values():
        period = period_at(contract, now - config.daemon.issue_after)
        services = [service for text in texts(contract) for service in text.services]
        for target in sorted({target for service in services for target in service.targets}):
            before = max(DAY, config.targets[target].max_gap)
            yield target, period.start - before, now + DAY


class Housekeeping:
    """``config`` gives the configuration in force, ``sync`` whether the machine's clock is kept."""

    def __init__(
        self, store: Store, clock: Clock, config: Callable[[], Config], sync: Callable[[], Sync] = read
    ) -> None:
        self._store, self._clock, self._config = store, clock, config
        self._doubt = Doubt(clock, sync)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="upheld-upkeep")
        self._due = Due(store)
        self.heads: tuple[Link, ...] = ()
        """The last link of each chain, as of the last round."""

    async def run(self) -> None:
        """Every minute, until cancelled; retention once an hour, first a minute after the start. What the start and
        each round touched of libraries is given back after it, free memory all the time."""
        loop, turn = asyncio.get_running_loop(), 0
        try:
            await loop.run_in_executor(self._thread, give_back)
            await loop.run_in_executor(self._thread, self._look_beside)
            while True:
                for _ in range(TRIMS):
                    await asyncio.sleep(TRIM_EVERY)
                    await loop.run_in_executor(self._thread, trim)
                prune = turn % PRUNES_EVERY == 0
                await loop.run_in_executor(self._thread, self.once, prune)
                await loop.run_in_executor(self._thread, trim)
                await loop.run_in_executor(self._thread, give_back)
                turn += 1
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)

    def _look_beside(self) -> None:
        """Whether the store was parted from its heads; told at the start, when somebody may still have them."""
        file = heads_file(self._config().daemon.beside)
        with suppress(StoreError, OSError):  # told by the first round, which has to read both
            if (wrong := parted(file, self._store.chain.heads())) is not None:
                text = f"{wrong}: put it back within a minute, or it is said for ever that links may have been cut off"
                say(logging.ERROR, "heads_missing", str(file), text)

    def once(self, prune: bool) -> None:
        """One round, on the caller's thread."""
        now, config = self._clock.wall(), self._config()
        try:
            self._store.seal(now)
            sure = self._doubt.may_go(self._ahead(config, now))
            with KeyApart(config.daemon.beside) as key:
                self._bind(config, now, prune and sure, key)
                self.heads = tuple(self._store.chain.heads())
                if sure:
                    self._issue_due(config, now, key)
        except OSError as error:
            say(logging.WARNING, "store_io", "upkeep", f"{config.daemon.beside}.heads: {error.strerror}; tried again")
        except StoreError as error:
            if error.code != "store_closed":  # the daemon ends amid a round, the next start goes on with it
                say(logging.WARNING, error.code, "upkeep", f"{error}; nothing is lost, tried again in a minute")
        except KeyTrouble as error:
            say(logging.ERROR, "no_signing_key", "upkeep", f"{error}; nothing is bound, removed or issued until then")

    def _ahead(self, config: Config, now: int) -> int:
        """How far retention would go at ``now``, beyond where it went last (ns)."""
        last = next((link.horizon for link in self._store.chain.heads() if link.chain == RECORDS), None)
        return 0 if last is None else now - config.daemon.retention - last

    def _bind(self, config: Config, now: int, prune: bool, key: Key) -> None:
        """Bind what is new. Retention removes whole days, once a link says that they may go and right after it does."""
        path = config.daemon.beside
        if not prune:
            bind(self._store, path, key, now)
            return
        before = (now - config.daemon.retention) // DAY * DAY
        # Of most targets nothing is as old as that: a list of all would be megabytes, for a moment, every hour.
        spared = tuple(span for span in whole_days(needed(config, now)) if span[1] < before)
        for link in bind(self._store, path, key, now, Horizon(before, spared)):
            if link.horizon == before:
                issued = (span for span in whole_days(self._store.kept()) if span[1] < before)
                # What the link spares stays for the day, though a reload may have taken the contract away since.
                self._store.prune(before, [*spared, *link.spared, *issued])

    def _issue_due(self, config: Config, now: int, key: Key) -> None:
        """Issue what is due. What keeps a contract from it (a name that was altered) is told, and ends nothing."""
        for name, contract in config.contracts.items():
            if self._due.waits(contract, now):
                continue
            try:
                for period in self._due.periods(contract, config.daemon, now):
                    outcome = self._issue(config, contract, period, now, key)
                    say(logging.INFO, "issued", name, f"the statement of {period.label}, {outcome.statement.digest}")
                self._due.done(contract, config.daemon, now)
            except ValueError as error:
                say(
                    logging.ERROR,
                    "not_issued",
                    name,
                    f"its statement cannot be issued: {error}; tried again in an hour",
                )
                self._due.refused(contract, now)

    def _issue(self, config: Config, contract: Contract, period: Period, now: int, key: Key) -> Outcome:
        """Issue with all bound that is there, so that the statement's heads stand for it; then bind the statement."""
        bind(self._store, config.daemon.beside, key, now, at_once=True)
        outcome = issue(config, contract, period, self._store, now, key)
        bind(self._store, config.daemon.beside, key, now, at_once=True)
        return outcome

    async def issue(self, name: str, period: str) -> Outcome:
        """Issue one statement now, on the thread of upkeep. Raises ValueError, StoreError, KeyTrouble."""
        config = self._config()
        contract = config.contracts.get(name)
        if contract is None:
            raise ValueError(unknown("contract", name, config.contracts))
        span = period_named(contract, period)

        def work() -> Outcome:
            with KeyApart(config.daemon.beside) as key:
                return self._issue(config, contract, span, self._clock.wall(), key)

        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
