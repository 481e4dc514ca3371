"""The daemon: the only file that knows every part and puts them together.

    vantage ─▶ intake ─▶ ledger ─▶ store ─▶ board ─▶ /metrics, pages
                                     └─▶ outbox ─▶ hooks

The vantage observes already when it begins. One event loop, one task group. What the outside world does is data or a
log line; what is left is a bug of ours, ends every task and the process, and is told by exit code 70 so that somebody
starts it again.
"""

import asyncio
import gc
import logging
import signal
from collections.abc import Callable
from contextlib import suppress

from config.errors import ConfigError
from config.model import Config
from monitor import version
from monitor.front import SECOND, Front, whole_ms
from monitor.hooks.outbox import Outbox
from monitor.housekeeping import Housekeeping
from monitor.intake import Intake, Ledger
from monitor.listeners import Listeners
from monitor.log import say
from monitor.sla import ledger as accounting
from monitor.sla.facts import Fact
from monitor.sla.known import cadence_changes
from monitor.sla.naming import witness_changes
from monitor.starting import step
from monitor.store.port import Batch, Store, StoreError
from monitor.store.trouble import told
from monitor.systemd import notify, reloading
from monitor.web.app import Doors, Pages, Reloaded
from monitor.web.board import Board
from monitor.web.facts_door import FactsDoor
from monitor.web.issue_door import IssueDoor
from monitor.web.metrics import Metrics
from monitor.web.own import Vitals
from monitor.web.token import Token, token_file

STALLED = 30 * SECOND
_FLUSH_AT_STOP, _TURNS_AT_STOP = 1.5, 12
_RELOAD_PATIENCE = 30.0


class Daemon:
    """``front`` observes already. ``reread`` gives the configuration anew, as it stands in its files; it may raise
    ConfigError."""

    def __init__(self, config: Config, store: Store, reread: Callable[[], Config], front: Front) -> None:
        self.config, self._store, self._reread = config, store, reread
        self._front, self._clock, self.vantage = front, front.clock, front.vantage
        self._board = Board(config)
        self._intake = Intake(store, accounting.Ledger(config), self._clock, self._committed, door=front.door)
        self._outbox = Outbox(store, config.hooks, self._clock)
        self._upkeep = Housekeeping(store, self._clock, lambda: self.config, lambda: self.vantage.pulse.sync)
        self._metrics = Metrics(lambda: self._board.snapshot(self._clock.wall()), self._vitals)
        self._listeners = Listeners(self._pages(), self._metrics.app(), config.daemon)
        self._reloading = asyncio.Lock()
        self._loaded = self._current = False
        self.lost = False
        """Whether the store did not take all of it in the end."""
        self._reload_good, self._reload_at = True, self._clock.wall()

    async def run(self, started: Callable[[Listeners], None], hung_up: Callable[[], bool]) -> None:
        """Work until stopped. ``started`` is called once both listeners answer; ``hung_up``: whether SIGHUP came before
        it was heard here."""
        await self._listeners.start()
        started(self._listeners)
        try:
            async with asyncio.TaskGroup() as group:
                work = group.create_task(self._work(group), name="daemon")
                self._front.loop.add_signal_handler(signal.SIGHUP, lambda: group.create_task(self.reload()))
                if hung_up():
                    group.create_task(self.reload())
                await self._front.stop.wait()
                notify("STOPPING=1")
                work.cancel()
        finally:
            await self._listeners.close()
            self._metrics.close()
            self._intake.writer.shutdown(wait=False, cancel_futures=True)
        if self._front.bug is not None:
            raise self._front.bug

    async def _work(self, group: asyncio.TaskGroup) -> None:
        """Read the store; then judge, tell and keep house."""
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._intake.swap(lambda: self._ledger(self.config))
            self._loaded = True
            step("accounts")
            gc.freeze()
            notify("READY=1")
            running = (self._intake.run(), self._outbox.run(), self._upkeep.run())
            tasks += [group.create_task(work) for work in running]
            await asyncio.gather(*tasks)
        finally:
            self._front.end()
            for task in tasks:
                task.cancel()
            await self._last_words()

    async def _last_words(self) -> None:
        """What waits, and the folds as they stand then, so that the next start has nothing to replay."""
        if not await self._flushed():
            why, held = self._intake.away or "it is busy", self._intake.door.held
            text = f"the last {held} samples are lost, and their time is Unknown: the store did not take them: {why}"
            say(logging.ERROR, "unrecorded_at_stop", "store", text)
            self.lost = True
            return
        with suppress(TimeoutError):  # nothing is lost without them
            async with asyncio.timeout(_FLUSH_AT_STOP):
                await self._intake.save()

    async def _flushed(self) -> bool:
        """Whether what waits was recorded. A store that is away gets a moment; one that is only busy (a large one is
        being read, another program holds it) is waited for as long as whoever stops us is patient."""
        flushing = asyncio.ensure_future(self._intake.flush())
        for _ in range(_TURNS_AT_STOP):
            await asyncio.wait({flushing}, timeout=_FLUSH_AT_STOP)
            if flushing.done():
                flushing.result()
                return True
            if self._intake.away is not None:
                break
        flushing.cancel()
        return False

    def _ledger(self, config: Config) -> Ledger:
        """The accounts of a configuration, read from the store; runs in the writer's thread."""
        now = whole_ms(self._clock.wall())
        self._tell_changes(config, now)
        ledger = accounting.Ledger(config)
        ledger.load(self._store, now, self._store.accounts(), self._store.checkpoints())
        return ledger

    def _tell_changes(self, config: Config, now: int) -> None:
        """What was sampled so far stays judged by the cadence it was sampled at, and by who the witnesses were."""
        told = list(self._store.facts(now, now + 1))
        changed: list[Fact] = [
            *cadence_changes(config.targets.values(), told, now),
            *witness_changes(config.vantage, told, now),
        ]
        if changed:
            self._store.append(Batch(facts=changed))

    async def reload(self) -> Reloaded:
        """Read the configuration again and put it in force; on any problem the old one stays, entirely."""
        async with self._reloading:
            reloading()
            problems = await self._try_reload()
            self._reload_good = not problems
            for problem in problems:
                say(logging.ERROR, "reload_refused", "configuration", f"{problem}; the one in force stays")
            if not problems:
                self._reload_at = self._clock.wall()
                say(logging.INFO, "reloaded", "configuration", f"{len(self.config.targets)} targets in force")
            self._metrics.renew()
            notify("READY=1")
            return Reloaded(problems)

    async def _try_reload(self) -> tuple[str, ...]:
        try:
            config = await asyncio.to_thread(self._reread)
            await self._intake.swap(lambda: self._ledger(config), _RELOAD_PATIENCE)
        except ConfigError as error:
            return tuple(str(problem) for problem in error.problems)
        except StoreError as error:
            return (str(error),)
        except TimeoutError:
            return ("the store is away; try again when it is back",)
        if self._front.stop.is_set():
            return ("the daemon is stopping",)
        self._put_in_force(config)
        return ()

    def _put_in_force(self, config: Config) -> None:
        fixed = {"store", "state", "web", "metrics", "log_format", "log_level"}
        if any(getattr(config.daemon, name) != getattr(self.config.daemon, name) for name in fixed):
            say(logging.WARNING, "restart_needed", "daemon", "its store, addresses and log change at the next start")
        if config.vantage.name != self.vantage.name:
            say(logging.WARNING, "restart_needed", "vantage", "its name changes at the next start")
        self.config = config
        self._store.set_hooks(tuple(config.hooks))
        self._front.reload(config)
        self._board.configure(config)
        self._outbox.reload(config.hooks)

    def _committed(self, batch: Batch) -> None:
        if batch.accounts and not self._current:
            self._current = True
            step("judged")
        self._board.commit(batch)
        self._metrics.committed(batch.accounts)
        if batch.accounts:
            self._outbox.state(self._board.accounts)
        if batch.events:
            self._outbox.wake()

    def _not_ready(self) -> str | None:
        if not self._loaded:
            return "the store is being read"
        if self._intake.away is not None:
            return str(self._intake.away)
        if self._intake.committed_at is None:
            return "nothing was judged yet"
        if self._clock.monotonic() - self._intake.committed_at > STALLED:
            return "nothing was recorded for half a minute"
        return None

    def _pages(self) -> Pages:
        doors = Doors(self._not_ready, self.reload, lambda: self._board.accounts, lambda: self._listeners.metrics_url)
        with told(token_file(self.config.daemon.beside)):
            token = Token(self.config.daemon.beside)
        return Pages(doors, FactsDoor(token, self._intake.submit), IssueDoor(token, self._upkeep.issue))

    def _vitals(self) -> Vitals:
        schedule, tally = self.vantage.schedule, self._outbox.tally
        return Vitals(
            version=version.upheld(),
            loop_lag=self.vantage.pulse.recent_lag,
            intake_lag=self._intake.lag,
            late=schedule.delays.quantile(0.99),
            missed=schedule.missed,
            dropped=self._intake.dropped,
            reload_good=self._reload_good,
            reload_success_at=self._reload_at,
            deliveries=dict(tally.deliveries),
            queued=dict(tally.queued),
            heads=tuple((link.chain, link.number, link.head) for link in self._upkeep.heads),
        )
