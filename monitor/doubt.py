"""Whether the clock may be gone by where there is no way back: samples removed, a statement issued.

A clock that is years ahead, by a dead battery or a slip of the hand, makes all samples older than retention and every
period over. What retention went by last is known (it is signed). Where the clock has left that far behind, and nobody
keeps it, a day is waited for somebody to see it.
"""

import logging
from collections.abc import Callable

from config.model import DAY
from monitor.log import say
from probes.clock import Clock
from probes.sync import Sync

FAR = 3 * DAY
"""Further than retention goes from one day to the next, with a weekend between."""


class Doubt:
    """Of one process. ``sync`` tells whether the machine's clock is kept."""

    def __init__(self, clock: Clock, sync: Callable[[], Sync]) -> None:
        self._clock, self._sync = clock, sync
        self._since: int | None = None

    def may_go(self, ahead: int) -> bool:
        """Whether what cannot be undone may be done: the clock is ``ahead`` ns of what was gone by last."""
        if ahead <= FAR or self._sync().synchronised:
            self._since = None
            return True
        now = self._clock.monotonic()
        self._since = now if self._since is None else self._since
        if now - self._since >= DAY:
            return True
        text = f"the clock is {ahead // DAY} days ahead of what retention went by last, and nobody keeps it: for a day"
        rest = "nothing is removed, nor issued by itself. If it is wrong set it; if nothing ran so long, wait"
        say(logging.WARNING, "clock_doubted", "upkeep", f"{text} {rest}")
        return False
