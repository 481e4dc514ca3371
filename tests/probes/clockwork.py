"""Time that only moves when a test moves it: a clock and the timers that hang on it."""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush

from config.model import Target

SECOND = 1_000_000_000
MIDNIGHT = 1_790_812_800 * SECOND  # 2026-10-01T00:00:00Z


@dataclass(frozen=True)
class Nothing:
    """A probe kind without options."""


class Alarm:
    """A timer that was set."""

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class Clockwork:
    """Clock and timers in one. ``hold`` passes time while nothing of ours may run: a stall."""

    def __init__(self, wall: int = MIDNIGHT) -> None:
        self._monotonic = 5_000 * SECOND
        self.anchor = wall - self._monotonic
        self._alarms: list[tuple[int, int, Alarm]] = []
        self._serial = 0
        self.machine = wall - self._monotonic

    def monotonic(self) -> int:
        return self._monotonic

    def wall(self) -> int:
        return self.anchor + self._monotonic

    def drift(self) -> int:
        return self.machine - self.anchor

    def reanchor(self) -> int:
        step = self.drift()
        self.anchor += step
        return step

    def call_later(self, delay: float, callback: Callable[[], None]) -> Alarm:
        alarm = Alarm(callback)
        self._serial += 1
        heappush(self._alarms, (self._monotonic + round(delay * SECOND), self._serial, alarm))
        return alarm

    def hold(self, ns: int) -> None:
        """Time passes and nothing fires."""
        self._monotonic += ns

    def forget(self) -> None:
        """The process that set them has ended: no timer fires any more."""
        self._alarms.clear()

    def run(self, ns: int) -> None:
        """Time passes and every timer fires at its instant."""
        end = self._monotonic + ns
        while self._alarms and self._alarms[0][0] <= end:
            at, _, alarm = heappop(self._alarms)
            self._monotonic = max(self._monotonic, at)
            if alarm.callback is not None:
                alarm.callback()
        self._monotonic = max(self._monotonic, end)


def target(name: str, every: int = 30 * SECOND, timeout: int = 2 * SECOND, **more: int) -> Target:
    """A target of kind ``fake``."""
    return Target(name=name, kind="fake", options=Nothing(), every=every, timeout=timeout, **more)


def targets(*them: Target) -> dict[str, Target]:
    """By name."""
    return {one.name: one for one in them}
