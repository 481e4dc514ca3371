"""Starts spread so that the prober does not measure itself.

A TLS handshake costs this processor about a millisecond; of many begun at once the last would wait for
all the others and their work would stand in its latency. So at most ``PER_TICK`` begin in any tick, and a
run's time begins when it passes here. Only starts are counted, never how long they last: a server that
hangs holds up nobody.
"""

import asyncio
from collections import deque
from collections.abc import Callable

PER_TICK = 5
TICK = 0.01


class Gate:
    """Lets starts through, ``PER_TICK`` in a tick; the rest wait in order for the next."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[Callable[[], None]] = deque()
        self._room = PER_TICK
        self._timer: asyncio.TimerHandle | None = None

    def enter(self, start: Callable[[], None]) -> None:
        """Call ``start`` now, or as soon as there is room."""
        if self._room and not self._waiting:
            self._room -= 1
            start()
        else:
            self._waiting.append(start)
        if self._timer is None:
            self._timer = self._loop.call_later(TICK, self._tick)

    def close(self) -> None:
        """Forget who waits."""
        self._waiting.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        self._timer, self._room = None, PER_TICK
        for _ in range(min(PER_TICK, len(self._waiting))):
            self._room -= 1
            self._waiting.popleft()()
        if self._room < PER_TICK:
            self._timer = self._loop.call_later(TICK, self._tick)
