"""One hook's worker: takes what is due from the store, tries it, records how it went.

Nothing is remembered here that may not be forgotten: what is owed, how often it was tried and when it is due
again stand in the store. A delivery is recorded as taken only after the other side has said so; a crash between the
two sends it again with the same id.

Order: the store never gives two deliveries of one subject at once, and the next one of a subject only after the
one before it was taken. So deliveries in flight together never overtake each other within a subject.

Back-off is twofold. A delivery that failed is due again after its own wait, by its own number of tries. And while the
hook itself fails, it is tried with one delivery at a time and the whole hook waits in between, so that a
receiver that is down is not knocked at once for every delivery it is owed.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import ParamSpec, TypeVar

from config.model import SECOND, Hook
from monitor.hooks import backoff, policy
from monitor.hooks.hook import DeliveryError, Sender
from monitor.hooks.tally import Tally
from monitor.log import say
from monitor.store.port import Delivery, Store, StoreError
from probes.clock import Clock

TOGETHER = 8
"""Deliveries in flight at once to a hook that works."""
LONGEST_TRY = 120 * SECOND
"""A kind bounds its own tries; this bounds a kind that does not."""
IDLE = 60 * SECOND
"""How often to look although nothing is known to be due."""
UNKNOWN = 5 * SECOND
"""How often to look while deliveries wait whose time is not known here: those postponed before a restart."""

P = ParamSpec("P")
T = TypeVar("T")


class Worker:
    """Serves one hook until cancelled. ``calls`` runs the store's methods off the event loop."""

    def __init__(
        self,
        hook: Hook,
        store: Store,
        clock: Clock,
        calls: Executor,
        tally: Tally,
        draw: Callable[[], float],
    ) -> None:
        self.hook = hook
        self._store = store
        self._clock = clock
        self._calls = calls
        self._tally = tally
        self._draw = draw
        self._wake = asyncio.Event()
        self._failures = 0
        self._held_until = 0
        self._later: dict[str, int] = {}
        self._unrecorded: set[str] = set()

    def wake(self) -> None:
        """Something may be due, or the clock has moved: look again."""
        self._wake.set()

    async def run(self, sender: Sender) -> None:
        """Deliver for ever."""
        while True:
            await sender.ready()
            try:
                tried = await self._round(sender)
            except StoreError as error:
                say(logging.WARNING, "hook_store", f"hook {self.hook.name}", f"{error}; deliveries wait")
                await self._nap(UNKNOWN)
                continue
            if self._held_until > self._clock.monotonic():
                await self._hold()
            elif not tried:
                await self._nap(self._until_next())

    async def _round(self, sender: Sender) -> bool:
        """Try what is due, once each; False where nothing was."""
        limit = 1 if self._failures else TOGETHER
        due = await self._ask(self._store.due, self.hook.name, self._clock.wall(), limit)
        ended = await asyncio.gather(*(self._try(sender, each) for each in due), return_exceptions=True)
        for failure in ended:
            if isinstance(failure, BaseException):
                raise failure
        asked = [each for each in ended if isinstance(each, int)]
        wait = max(asked, default=0)
        if asked and len(asked) == len(due):
            self._failures += 1
            wait = max(wait, backoff.wait(self._failures, self._draw))
        elif due:
            self._recovered()
        self._held_until = self._clock.monotonic() + wait
        self._tally.queued[self.hook.name] = await self._ask(self._store.queued, self.hook.name)
        return bool(due)

    async def _try(self, sender: Sender, delivery: Delivery) -> int | None:
        """One delivery, once. None: it is off the queue. Else how long (ns) the other side asked to be left alone."""
        if delivery.id not in self._unrecorded and policy.wants(self.hook, delivery.event):
            try:
                async with asyncio.timeout(LONGEST_TRY / SECOND):
                    await sender.deliver(delivery)
            except DeliveryError as error:
                return await self._failed(delivery, error)
            except TimeoutError:
                return await self._failed(delivery, DeliveryError(f"not done in {LONGEST_TRY // SECOND} s"))
            self._tally.count(self.hook.name, "delivered")
            self._unrecorded.add(delivery.id)
        await self._ask(self._store.delivered, self.hook.name, delivery.id)
        self._unrecorded.discard(delivery.id)
        self._later.pop(delivery.id, None)
        return None

    async def _failed(self, delivery: Delivery, error: DeliveryError) -> int:
        self._tally.count(self.hook.name, "refused" if error.permanent else "failed")
        wait = backoff.wait(delivery.attempts + 1, self._draw, error.retry_after, error.permanent)
        due_at = self._clock.wall() + wait
        say(logging.WARNING, "hook_failed", f"hook {self.hook.name}", f"{error}; {delivery.id} is owed and tried again")
        self._later[delivery.id] = due_at
        await self._ask(self._store.postpone, self.hook.name, delivery.id, due_at, str(error))
        return backoff.granted(error.retry_after)

    def _recovered(self) -> None:
        if self._failures:
            say(logging.INFO, "hook_recovered", f"hook {self.hook.name}", "takes deliveries again")
        self._failures = 0

    async def _hold(self) -> None:
        """Leave the whole hook alone for as long as it needs, whatever new is due."""
        while (left := self._held_until - self._clock.monotonic()) > 0:
            await self._nap(left)

    def _until_next(self) -> int:
        now = self._clock.wall()
        self._later = {each: due_at for each, due_at in self._later.items() if due_at > now}
        waiting = self._tally.queued.get(self.hook.name, 0)
        longest = UNKNOWN if waiting > len(self._later) else IDLE
        known = min(self._later.values(), default=None)
        return longest if known is None else min(longest, known - now)

    async def _nap(self, longest: int) -> None:
        try:
            async with asyncio.timeout(longest / SECOND):
                await self._wake.wait()
        except TimeoutError:
            return
        self._wake.clear()

    async def _ask(self, method: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._calls, lambda: method(*args, **kwargs))
