"""Proof of life: how late this process ran, whether it was stopped, and whether its clock was stepped.

Theory. Silence of a target is evidence against it only if we were there to hear an answer. The event loop is
asked to beat every 20 ms; how late a beat comes is how long no answer could have been taken from a socket,
whatever the cause: our own code, a starved processor, SIGSTOP. The worst lag of each tenth of a second of
the last quarter of an hour is kept, and a prober whose timeout ran out asks for the worst over its wait.
A stall that has not ended yet shows as a beat that is overdue. While nobody is under way whose silence only we
could have heard (the kernel stamps replies to pings), it beats with the schedule, five times a second, since each
waking of an idle process costs as much as several packets.

The same beat compares three clocks. BOOTTIME runs on while the machine is suspended and MONOTONIC does not:
their difference grows by the time asleep. REALTIME can be set: where it leaves our wall clock by more than
250 ms a new clock epoch begins, so that no instant is ever dated by two rulers at once.

Every few seconds a heartbeat is recorded. After a restart nothing is assumed of the time since the last one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from probes.clock import Clock, asleep
from probes.schedule import Handle, Timers
from probes.slots import WIDE
from probes.sync import Sync, read

MILLISECOND = 1_000_000
SECOND = 1_000_000_000
BEAT = 20 * MILLISECOND
CELL = 100 * MILLISECOND
CELLS = 9_000
STEP = 250 * MILLISECOND
HEARTBEAT = 5 * SECOND


class EpochClock(Clock, Protocol):
    """A clock that can tell that the machine's wall clock has left it, and follow."""

    def drift(self) -> int:
        """How far the machine's wall clock is ahead of ours, ns."""

    def reanchor(self) -> int:
        """Begin a new clock epoch; gives the step in ns."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The process was alive at ``at`` (wall ns): worst lag and time suspended since the last one (ns)."""

    at: int
    loop_lag: int
    suspended: int
    clock_error: int | None


@dataclass(frozen=True, slots=True)
class Epoch:
    """The wall clock was set ``step`` ns ahead (or back) and reads ``at`` since."""

    at: int
    step: int
    synchronised: bool | None


class Lags:
    """The worst event-loop lag of every 100 ms of the last quarter of an hour, on the monotonic clock."""

    def __init__(self, now: int) -> None:
        self.born = now
        self._cells = [0] * CELLS
        self._last = now
        self._due = now + BEAT

    def beat(self, now: int, slept: int, wait: int = BEAT) -> int:
        """The loop beats, and will again after ``wait``: gives how late it does, with the time the machine was
        suspended since."""
        lag = max(0, now - self._due) + slept
        first, last = self._last // CELL, now // CELL
        self._cells[first % CELLS] = max(self._cells[first % CELLS], lag)
        for cell in range(max(first + 1, last - CELLS + 1), last + 1):
            self._cells[cell % CELLS] = lag
        self._last, self._due = now, now + wait
        return lag

    def worst(self, start: int, end: int, now: int) -> int:
        """The largest lag over ``[start, end]``; of what lies outside of what is kept nothing is proven."""
        if start < self.born or start // CELL <= self._last // CELL - CELLS:
            return max(0, end - start)
        overdue = now - self._due if end >= self._last else 0
        cells = range(start // CELL, min(end, self._last) // CELL + 1)
        return max(overdue, 0, max((self._cells[cell % CELLS] for cell in cells), default=0))


class Pulse:
    """The beating heart of a vantage's process: implements ``probes.clock.Life``.

    ``heartbeat`` is called every five seconds, ``epoch`` when the wall clock was stepped,
    once ``clock`` has followed. ``watched`` tells whether a judgement may come to rest on its beats.
    """

    def __init__(
        self,
        clock: EpochClock,
        timers: Timers,
        heartbeat: Callable[[Heartbeat], None],
        epoch: Callable[[Epoch], None],
        suspended: Callable[[], int] = asleep,
        sync: Callable[[], Sync] = read,
        watched: Callable[[], bool] = lambda: True,
    ) -> None:
        self._clock, self._timers = clock, timers
        self._heartbeat, self._epoch = heartbeat, epoch
        self._asleep, self._ask, self._watched = suspended, sync, watched
        self._lags = Lags(clock.monotonic())
        self._slept_before = suspended()
        self._suspended = self._worst = 0
        self._told = self._next = clock.monotonic()
        self._timer: Handle | None = None
        self.sync = sync()

    def start(self) -> None:
        """Begin to beat."""
        self._lags = Lags(self._clock.monotonic())
        self._tell(self._clock.monotonic())
        self._beat()

    def watch(self) -> None:
        """From now on it is watched: the next beat is not far."""
        if self._timer is not None and self._next - self._clock.monotonic() > BEAT:
            self._timer.cancel()
            self._beat()

    def stop(self) -> None:
        """The last heartbeat: from here on nothing is known, and it was meant."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._tell(self._clock.monotonic())

    def worst_lag(self, start: int, end: int) -> int:
        """See ``Life``; a suspension that no beat has told of yet counts as lag."""
        return max(self._lags.worst(start, end, self._clock.monotonic()), self._slept())

    @property
    def recent_lag(self) -> int:
        """The worst lag of the last ten seconds, ns."""
        now = self._clock.monotonic()
        return self._lags.worst(max(now - 10 * SECOND, self._lags.born), now, now)

    def _beat(self) -> None:
        now, slept = self._clock.monotonic(), self._slept()
        self._slept_before += slept
        self._suspended += slept
        wait = BEAT if self._watched() else WIDE - self._clock.wall() % WIDE
        self._next = now + wait
        self._worst = max(self._worst, self._lags.beat(now, slept, wait))
        self._follow(slept)
        if now - self._told >= HEARTBEAT or slept > STEP:
            self._tell(now)
        self._timer = self._timers.call_later(wait / SECOND, self._beat)

    def _follow(self, slept: int) -> None:
        """Where the machine's wall clock has left ours, a new epoch begins. What it gained while the machine
        slept is no step: that time did pass."""
        if abs(self._clock.drift()) <= STEP:
            return
        step = self._clock.reanchor() - slept
        self.sync = self._ask()
        self._epoch(Epoch(self._clock.wall(), step, self.sync.synchronised))

    def _slept(self) -> int:
        """Time suspended since the last beat, ns; less than a millisecond is the reading's own error."""
        slept = self._asleep() - self._slept_before
        return slept if slept > MILLISECOND else 0

    def _tell(self, now: int) -> None:
        self.sync = self._ask()
        self._heartbeat(Heartbeat(self._clock.wall(), self._worst, self._suspended, self.sync.error))
        self._told, self._worst, self._suspended = now, 0, 0
