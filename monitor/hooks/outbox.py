"""The outbox: every configured hook served by a worker of its own, from what the store says is owed.

The daemon runs ``run()`` beside the probes, calls ``wake()`` after a commit that queued events, ``state()`` after the
accounts changed, and ``reload()`` with the hooks of a new configuration. A hook that hangs holds up nobody: workers
share no lock, no connection and no queue, and the store is asked in threads that belong to the outbox.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from config.model import SECOND, Hook
from monitor.hooks import policy
from monitor.hooks.hook import Kind, Sender
from monitor.hooks.kinds import KINDS
from monitor.hooks.tally import Tally
from monitor.hooks.worker import Worker
from monitor.store.port import Store
from probes.clock import Clock

GOODBYE = 3 * SECOND
"""How long a sender may take to say goodbye."""


class Outbox:
    """``tally`` holds the numbers for the metrics. ``draw`` gives the jitter's floats in [0, 1)."""

    def __init__(
        self,
        store: Store,
        hooks: Mapping[str, Hook],
        clock: Clock,
        kinds: Mapping[str, Kind] = KINDS,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.tally = Tally()
        self._store = store
        self._clock = clock
        self._kinds = kinds
        self._draw = draw
        self._hooks = dict(hooks)
        self._changed = asyncio.Event()
        self._running: dict[str, tuple[Worker, asyncio.Task[None]]] = {}
        self._accounts: dict[str, str] | None = None
        self._shows: dict[str, tuple[Hook, Sender]] = {}

    async def run(self) -> None:
        """Serve every hook until cancelled. Ends with an exception only for a bug of ours."""
        calls = ThreadPoolExecutor(max_workers=2, thread_name_prefix="outbox")
        try:
            async with asyncio.TaskGroup() as group:
                while True:
                    self._changed.clear()
                    await self._settle(group, calls)
                    await self._changed.wait()
        finally:
            await asyncio.to_thread(calls.shutdown)

    def wake(self) -> None:
        """Events were queued."""
        for worker, _ in self._running.values():
            worker.wake()

    def state(self, accounts: Mapping[str, str]) -> None:
        """The accounts of every configured contract as they stand, as JSON text by contract.

        Complete, not a difference: what hooks show of a contract that is missing here is taken down.
        """
        self._accounts = dict(accounts)
        for hook, sender in self._shows.values():
            sender.state(policy.accounts_for(hook, accounts))

    def reload(self, hooks: Mapping[str, Hook]) -> None:
        """Serve these from now on; a hook that is the same goes on untouched. What is owed stays owed."""
        self._hooks = dict(hooks)
        self._changed.set()

    async def _settle(self, group: asyncio.TaskGroup, calls: ThreadPoolExecutor) -> None:
        """Stop the workers of hooks that are gone or changed, start those that are new or changed."""
        wanted = self._hooks
        gone = {name: task for name, (worker, task) in self._running.items() if wanted.get(name) != worker.hook}
        for name, task in gone.items():
            del self._running[name]
            task.cancel()
        if gone:
            await asyncio.wait(gone.values())
        self.tally.keep(wanted)
        for name in wanted.keys() - self._running.keys():
            worker = Worker(wanted[name], self._store, self._clock, calls, self.tally, self._draw)
            self._running[name] = worker, group.create_task(self._serve(worker), name=f"hook {name}")

    async def _serve(self, worker: Worker) -> None:
        hook = worker.hook
        sender = self._kinds[hook.kind].open(hook, self._clock)
        try:
            self._shows[hook.name] = hook, sender
            if self._accounts is not None:
                sender.state(policy.accounts_for(hook, self._accounts))
            await worker.run(sender)
        finally:
            del self._shows[hook.name]
            await _close(sender)


async def _close(sender: Sender) -> None:
    try:
        async with asyncio.timeout(GOODBYE / SECOND):
            await sender.close()
    except TimeoutError:
        return
