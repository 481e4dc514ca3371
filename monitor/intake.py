"""Intake: the one door by which samples and the vantage's own facts enter.

Theory. What passes is first cut to the stored precision, so that what is judged is exactly what is kept.
Then it waits for the next batch. A batch is taken by the ledger, judged, and recorded (samples, accounts,
events to be told) in one transaction, all of it in one writer thread, so that neither a large judging nor a slow
disk keeps the event loop from hearing an answer. Only what was recorded is shown and told.

One batch is under way at a time. While the store does not take it, the same batch is offered again, which
is harmless because recording is idempotent, and new samples wait. Waiting is bounded: beyond the bound a
sample is dropped before it was judged, and the first dropped of each target is replaced by an Unknown
``store_full``, so that the timeline says so instead of going on with the last thing seen.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from monitor.door import BOUND, Door, oldest_of, quantised
from monitor.log import say
from monitor.sla.events import Event
from monitor.sla.evidence import Evidence
from monitor.sla.facts import Fact
from monitor.store.port import Batch, Receipt, StoreError
from probes.clock import Clock
from probes.columns import Columns
from probes.sample import Sample

SECOND = 1_000_000_000
BATCH = SECOND // 2
IDLE = SECOND
MANY = 250
"""Samples in half a second."""
MOST = 5_000
_LONGEST_PAUSE = 15.0
_SUBMIT = 20.0
_REST = 3

T = TypeVar("T")
Offered = tuple[Batch, Receipt | StoreError | None]
"""A batch, and what the store said to it: None where there was nothing to record."""


class Judged(Protocol):
    """What a judging found: see ``Batch``."""

    @property
    def events(self) -> Sequence[Event]:
        """What is to be told."""

    @property
    def accounts(self) -> Sequence[tuple[str, str]]:
        """Contracts' accounts that changed, as canonical JSON."""

    @property
    def checkpoints(self) -> Sequence[tuple[str, str]]:
        """Targets' saved folds that changed."""


class Ledger(Protocol):
    """The live accounts: pure, and in use by one thread at a time."""

    def take(self, samples: Sequence[Sample] | Columns, facts: Sequence[Fact]) -> None:
        """Count these."""

    def judge(self, now: int) -> Judged:
        """Where every contract stands at ``now`` (wall ns)."""

    @property
    def stale(self) -> bool:
        """Whether the past was changed by what was taken (late samples, exclusions)."""

    def rebuild(self, evidence: Evidence, now: int) -> None:
        """Read anew what was changed, once it is recorded."""

    def save(self) -> Sequence[tuple[str, str]]:
        """The folds of all targets that can be gone on from, as ``Judged.checkpoints``."""

    def distrust(self) -> None:
        """What was taken is not what is stored: everything is stale."""


class Records(Evidence, Protocol):
    """The store, as the door needs it."""

    def append(self, batch: Batch) -> Receipt:
        """Record all of it or raise StoreError."""


def judged_batch(ledger: Ledger, samples: Sequence[Sample] | Columns, facts: Sequence[Fact], now: int) -> Batch:
    """Take and judge: what one transaction is to record. The samples are quantised already."""
    ledger.take(samples, facts)
    return judgement(ledger, samples, facts, now)


def judgement(ledger: Ledger, samples: Sequence[Sample] | Columns, facts: Sequence[Fact], now: int) -> Batch:
    """What was taken, and where the contracts stand after it."""
    judged = ledger.judge(now)
    return Batch(samples, facts, judged.accounts, judged.checkpoints, judged.events)


class Intake:
    """The door of a running daemon. ``committed`` is called on the event loop with every batch recorded. ``door``: one
    at which samples wait already; else a new one of that ``bound``."""

    def __init__(
        self,
        store: Records,
        ledger: Ledger,
        clock: Clock,
        committed: Callable[[Batch], None],
        bound: int = BOUND,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        door: Door | None = None,
    ) -> None:
        self._store, self._ledger, self._clock = store, ledger, clock
        self._committed, self._sleep = committed, pause
        self.door = Door(clock, bound) if door is None else door
        self.sample, self.fact = self.door.sample, self.door.fact
        self._under_way: asyncio.Future[Offered] | None = None
        self._taken: Sequence[Sample] | Columns = ()
        self._turn = asyncio.Lock()
        self._rested_at = self._look_at = clock.monotonic()
        self.writer = ThreadPoolExecutor(1, thread_name_prefix="upheld-store")
        self.away: StoreError | None = None
        self.committed_at: int | None = None
        self._recorded = 0

    @property
    def dropped(self) -> int:
        """How many samples were lost for want of room."""
        return self.door.dropped

    @property
    def lag(self) -> int:
        """How long the oldest sample not yet recorded has been waiting, ns."""
        oldest = oldest_of(self._taken) or self.door.oldest
        return 0 if oldest is None else max(0, self._clock.wall() - oldest[1])

    async def run(self) -> None:
        """Record batch after batch until cancelled. Where many samples come, in batches twice as large: what a commit
        and the waking for it cost is shared by more."""
        while True:
            recorded = self._recorded
            await self.flush()
            await self._sleep((2 * BATCH if self._recorded - recorded > MANY else BATCH) / SECOND)

    async def flush(self) -> None:
        """Record what waits, and judge the passing of time."""
        async with self._turn:
            while True:
                await self._commit(*await self._next())
                await self._look_back()
                if not self.door.waiting:
                    return

    async def save(self) -> None:
        """Record the folds as they stand."""
        async with self._turn:
            await self._commit(*await self.on_writer(lambda: self._offered(Batch(checkpoints=self._ledger.save()))))

    async def submit(self, facts: Sequence[Fact]) -> None:
        """Facts from people's hands; returns once they are recorded. Raises StoreError where that takes too long:
        they may be recorded later all the same, and offering them again does no harm."""
        now = self._clock.wall()
        self.door.facts += [quantised(fact, now) if isinstance(fact, Sample) else fact for fact in facts]
        try:
            async with asyncio.timeout(_SUBMIT):
                await self.flush()
        except TimeoutError:
            why = str(self.away) if self.away else "it is busy"
            raise StoreError("store_away", f"the store did not take the facts in time: {why}") from None

    async def _look_back(self) -> None:
        """Where the past changed, read it again: in the writer's thread, while no batch is taken or judged."""
        if self._ledger.stale:
            now = self._clock.wall()
            try:
                await self.on_writer(lambda: self._ledger.rebuild(self._store, now))
            except StoreError as error:
                say(logging.ERROR, error.code, "store", f"{error}; accounts are late until it can be read")

    async def swap(self, load: Callable[[], Ledger], patience: float | None = None) -> None:
        """Judge by another ledger from the next batch on. ``load`` runs in the writer's thread, where no batch
        is under way, so that it reads all that was recorded and misses nothing that follows. Raises TimeoutError where
        the store does not take the batch before it within ``patience`` (s); once it has begun it is waited for."""
        async with asyncio.timeout(patience) as waiting, self._turn:
            if self._under_way is not None:
                await self._commit(*await self._next())
            waiting.reschedule(None)
            self._ledger = await self.on_writer(load)
            self._rested_at = self._look_at = self._clock.monotonic()

    async def on_writer(self, work: Callable[[], T]) -> T:
        """Do something with the store in its one thread."""
        return await asyncio.get_running_loop().run_in_executor(self.writer, work)

    async def _next(self) -> Offered:
        """The batch to record, and what the store said to it: the one that was not taken, or a new one. A batch once
        begun is never forgotten, even if whoever waits for it is cancelled."""
        if self._under_way is None:
            if not self.door.waiting and not self.door.facts and self._clock.monotonic() < self._look_at:
                return Batch(), None
            samples = self._taken = self.door.take(MOST)
            facts, self.door.facts = self.door.facts, []
            now = self._as_of()
            self._under_way = asyncio.ensure_future(
                self.on_writer(lambda: self._offered(self._judged(samples, facts, now)))
            )
        elif self._under_way.done():  # whoever waited for it was cancelled before the store took it
            batch, _ = self._under_way.result()
            self._under_way = asyncio.ensure_future(self.on_writer(lambda: self._offered(batch)))
        return await asyncio.shield(self._under_way)

    def _judged(self, samples: Sequence[Sample] | Columns, facts: Sequence[Fact], now: int) -> Batch:
        """Runs in the writer's thread. Judging takes at most a share of the time: where many contracts make it
        long, samples are recorded as ever and the accounts come less often."""
        began = self._clock.monotonic()
        self._ledger.take(samples, facts)
        if began < self._rested_at and not self._ledger.stale:
            return Batch(samples, facts)
        batch = judgement(self._ledger, samples, facts, now)
        took = self._clock.monotonic() - began
        self._rested_at = began + took * (1 + _REST)
        self._look_at = began + max(IDLE, took * (1 + _REST))
        return batch

    def _as_of(self) -> int:
        """Now; while more waits, when that was seen, so that a backlog is not taken for silence."""
        now = self._clock.wall()
        oldest = self.door.oldest
        return now if oldest is None else min(now, oldest[0])

    def _offered(self, batch: Batch) -> Offered:
        """Runs in the writer's thread: the batch, and what the store says to it; nothing to an empty one."""
        if not (batch.samples or batch.facts or batch.accounts or batch.checkpoints or batch.events):
            return batch, None
        try:
            return batch, self._store.append(batch)
        except StoreError as error:
            if error.code == "store_refused":  # no store will ever take it: a bug of ours, not an absence
                raise
            return batch, error

    async def _commit(self, batch: Batch, receipt: Receipt | StoreError | None) -> None:
        """Offer the batch until the store takes it."""
        if receipt is None:
            self._under_way = None
            return
        pause = BATCH / SECOND
        while isinstance(receipt, StoreError):
            self.away = receipt
            say(logging.ERROR, receipt.code, "store", f"{receipt}; {self.door.held} samples wait, tried again")
            await self._sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            receipt = (await self.on_writer(lambda: self._offered(batch)))[1]
        assert receipt is not None
        if self.away is not None:
            say(
                logging.INFO,
                "store_back",
                "store",
                f"it takes samples again; {self.door.held} waited",
            )
        self._under_way, self._taken, self.away = None, (), None
        self._recorded += len(batch.samples)
        self.door.relieved()
        for code, about, text in receipt.troubles():
            say(logging.ERROR, code, about, text)
            self._ledger.distrust()
        for code, about, text in receipt.passed_over:
            say(logging.ERROR, code, about, text)
        self.committed_at = self._clock.monotonic()
        self._committed(batch)
