"""The ticks: what waits to be sent, when to look at the sockets, how much may be sent in all.

Each wake-up of an idle machine costs as much as several packets, so packets are sent and drained on a coarse grid:
20 ms, or 50 ms while more than 500 packets a second go out and the kernel stamps the replies, and then every fourth
tick drains; all of it unless the receive buffer is too small for that. A tick on which nothing is due is left out.
With no run open the ticks slow down to two a second, to take in late replies, and end after ten seconds; the next run
begins at once, with all that are added together with it.
"""

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence

from probes.kind import Kit, Seen
from probes.net.icmp.flight import KEEP, NEVER
from probes.net.icmp.lane import Lane
from probes.net.icmp.match import Counts
from probes.net.icmp.run import FINE, MILLISECOND, OVER, SECOND, WAITS, Party, Run
from probes.net.icmp.sockets import KINDS, Unavailable, open_socket
from probes.net.icmp.stamps import RealClock
from probes.net.reasons import name_of
from probes.sample import Outcome

COARSE, RESTING = 50 * MILLISECOND, 500 * MILLISECOND
AFTER = 300_000
"""How long after the schedule's timer ours goes off (ns): both are found due when the process wakes."""
BUSY = 500
"""Packets a second beyond which the tick is coarse."""
BUDGET = 50_000
"""Packets a second that the whole process sends at most; what is beyond waits for the next tick."""

log = logging.getLogger("upheld.probes.icmp")


class Engine:
    """All ICMP runs of this process. ``kinds`` are the sockets to try, ``batched`` as of ``Lane``."""

    def __init__(
        self, kit: Kit, kinds: tuple[str, ...] = KINDS, batched: bool | None = None, budget: int = BUDGET
    ) -> None:
        self._kit, self._kinds, self._batched, self._budget = kit, kinds, batched, budget
        self._lanes: dict[int, Lane] = {}
        self._refused: dict[int, tuple[int, Unavailable]] = {}
        self._queue: list[Run | Party] = []
        self._starting: list[Run | Party] = []
        self._timer: asyncio.TimerHandle | None = None
        self._real = RealClock()
        self._tick_length = self._rest = FINE
        self._measured = self._sent = self._quiet = self._complained = 0
        self._last = 0

    def add(self, run: Run | Party) -> None:
        """Begin this run, or a party's, on the next tick. Takes a microsecond; to be called on the event loop."""
        first = not self._queue
        self._queue.append(run)
        if self._timer is None or self._quiet:
            self._quiet = 0
            self._at_once()
        elif first and self._timer.when() > asyncio.get_running_loop().time() + self._wait(self._tick_length) / SECOND:
            self._schedule(self._tick_length)  # ticks were to be left out, but now there is something to do

    def counts(self, family: int) -> Counts:
        """What was sent and heard over this family so far."""
        lane = self._lanes.get(family)
        return lane.counts if lane else Counts()

    @property
    def stamped(self) -> bool:
        """Whether every socket there is gives the time of receipt; there is one."""
        return bool(self._lanes) and all(lane.opened.stamps_received for lane in self._lanes.values())

    def close(self) -> None:
        """End every run as Unknown ``shutdown``."""
        self._end_all("shutdown")

    def _end_all(self, reason: str) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lanes, self._lanes = self._lanes, {}
        for lane in lanes.values():
            lane.close(reason)
        queue, self._queue, self._starting = [*self._starting, *self._queue], [], []
        for run in _singles(queue):
            run.done(Seen(self._kit.clock.wall(), Outcome.UNKNOWN, reason))

    def _at_once(self) -> None:
        """A tick as soon as whoever adds runs has added them all: the process is awake, and waking is what costs."""
        self._after(0)

    def _schedule(self, length: int, idle: int = 0) -> None:
        """The next tick, the first after ``idle`` ns on a grid of this length."""
        self._after(self._wait(length, idle))

    def _after(self, wait: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(wait / SECOND, self._tick)

    @staticmethod
    def _wait(length: int, idle: int = 0) -> int:
        """How long until then (ns). The grid lies on the wall clock as the schedule's does, a moment after it, so that
        both wake the process together."""
        return length - (time.time_ns() + idle - AFTER) % length + idle

    def _tick(self) -> None:
        try:
            self._turn()
        except Exception:
            # A bug of ours must not leave runs unanswered for ever: they are Unknown, and the sockets begin anew.
            log.exception("icmp_bug: a tick failed; every open run is Unknown 'bug'")
            self._end_all("bug")

    def _turn(self) -> None:
        now = time.monotonic_ns()
        self._real.check()
        left = self._allowance(now)
        self._starting, self._queue = self._queue, []
        by_family: dict[int, list[Run | Party]] = {}
        for run in self._starting:
            family = run.squad.family if isinstance(run, Party) else run.plan.route.family
            by_family.setdefault(family, []).append(run)
        for family, runs in by_family.items():
            self._begin(family, runs, now)
        self._starting = []
        for lane in list(self._lanes.values()):
            lane.offset = self._real.offset
            lane.grid, lane.rest = self._tick_length, self._rest
            left -= lane.tick(now, left)
        self._next(now)

    def _allowance(self, now: int) -> int:
        """How many packets may go out in this tick, whatever time has passed: there is no catching up."""
        elapsed = min(max(now - self._last, FINE), 2 * COARSE)
        self._last = now
        return self._budget * elapsed // SECOND

    def _next(self, now: int) -> None:
        """How long until the next tick, going by what is open and how much is sent."""
        if now - self._measured >= SECOND:
            sent = sum(lane.counts.sent for lane in self._lanes.values())
            rate = (sent - self._sent) * SECOND // max(1, now - self._measured)
            self._tick_length, self._rest = self._lengths(rate)
            self._measured, self._sent = now, sent
        if self._queue or any(not lane.idle for lane in self._lanes.values()):
            self._quiet = 0
            length = self._tick_length
            soon = min((lane.soon for lane in self._lanes.values()), default=NEVER)
            if soon - now < self._wait(length):
                self._after(soon - now)
                return
            wanted = now if self._queue else min(lane.wanted for lane in self._lanes.values())
            self._schedule(length, max(0, wanted - now - length // 2))
            return
        self._quiet = self._quiet or now
        if now - self._quiet < KEEP:
            self._schedule(RESTING)
        else:
            self._timer = None

    def _lengths(self, rate: int) -> tuple[int, int]:
        """The tick, and the time between two that drain, at so many packets a second: half of what fits waits."""
        if rate <= BUSY or not self.stamped:
            return FINE, FINE
        fits = min(lane.room for lane in self._lanes.values()) * SECOND // (2 * rate)
        tick = max(5 * MILLISECOND, min(COARSE, fits))
        return tick, next(rest for rest in (4 * tick, 2 * tick, tick) if rest <= max(fits, tick))

    def _begin(self, family: int, runs: list[Run | Party], now: int) -> None:
        try:
            lane = self._lane(family, now)
        except Unavailable as error:
            self._complain(error, now)
            steps = (str(error),)
            for one in _singles(runs):
                one.done(Seen(self._kit.clock.wall(), Outcome.UNKNOWN, name_of(error.errno), 0, 0, 0, steps=steps))
            return
        for run in runs:
            if isinstance(run, Party):
                lane.start_all(run, now)
        lane.start([run for run in runs if isinstance(run, Run)], now)

    def _lane(self, family: int, now: int) -> Lane:
        """The family's lane; where its socket was refused, that is tried again once a second."""
        lane = self._lanes.get(family)
        if lane is not None:
            return lane
        refused = self._refused.get(family)
        if refused is not None and now - refused[0] < SECOND:
            raise refused[1]
        try:
            opened = open_socket(family, self._kinds)
        except Unavailable as error:
            self._refused[family] = (now, error)
            raise
        self._lanes[family] = lane = Lane(opened, self._kit, self._batched, self._real)
        lane.offset = self._real.offset
        return lane

    def _complain(self, error: Unavailable, now: int) -> None:
        """One line a minute."""
        if not self._complained or now - self._complained >= 60 * SECOND:
            self._complained = now
            log.error("icmp_unavailable: %s: %s", name_of(error.errno), error)


def _singles(runs: Sequence[Run | Party]) -> Iterator[Run]:
    """Those of these runs that are not begun, one by one; none of them will be."""
    for run in runs:
        if isinstance(run, Run):
            if run.index == WAITS:
                run.index = OVER
                yield run
        elif not run.begun:
            run.begun = True
            yield from (run.run(at) for at in range(len(run.squad)))
