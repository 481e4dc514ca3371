"""The clocks everything is measured by, handed in wherever time is needed."""

import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

_CALM = 100_000  # ns: two readings this close together were not torn apart by a pause between them


class Clock(Protocol):
    """``monotonic`` times durations and schedules; ``wall`` dates samples. Both integer nanoseconds."""

    def monotonic(self) -> int:
        """Nanoseconds that only move forward."""

    def wall(self) -> int:
        """Nanoseconds since 1970-01-01 UTC: anchor + monotonic within a clock epoch."""


class Life(Protocol):
    """Proof that this process was alive: how late its event loop ran."""

    def worst_lag(self, start: int, end: int) -> int:
        """The largest event-loop lag (ns) seen over ``[start, end]`` of the monotonic clock."""


class SystemClock:
    """The machine's clock. ``wall`` is an anchor plus the monotonic clock, so that a step of the machine's
    wall clock shows as a new epoch (``reanchor``) and never as a jump between two samples."""

    def __init__(self) -> None:
        self._anchor = ahead_of_monotonic(time.time_ns)

    def monotonic(self) -> int:
        return time.monotonic_ns()

    def wall(self) -> int:
        return self._anchor + time.monotonic_ns()

    def drift(self) -> int:
        """How far the machine's wall clock has moved from ours (ns, positive: it is ahead)."""
        return ahead_of_monotonic(time.time_ns) - self._anchor

    def reanchor(self) -> int:
        """Begin a new clock epoch; gives the step in ns."""
        step = self.drift()
        self._anchor += step
        return step


def ahead_of_monotonic(read: Callable[[], int]) -> int:
    """Another clock minus the monotonic one, ns.

    Two clocks cannot be read at once. A pause between the readings (preemption, SIGSTOP) would look like a
    step of the other clock, so its reading is bracketed and the tightest of a few brackets is taken.
    """
    before = time.monotonic_ns()
    other = read()
    width = time.monotonic_ns() - before
    if width < _CALM:  # nearly always, and asked at every beat
        return other - before - width // 2
    best = width, other - before - width // 2
    for _ in range(4):
        before = time.monotonic_ns()
        other = read()
        width = time.monotonic_ns() - before
        if width < best[0]:
            best = (width, other - before - width // 2)
        if width < _CALM:
            break
    return best[1]


_since_boot = partial(time.clock_gettime_ns, time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else None


def asleep() -> int:
    """How long the machine has been suspended since it started, ns: what BOOTTIME is ahead of MONOTONIC."""
    return 0 if _since_boot is None else ahead_of_monotonic(_since_boot)
