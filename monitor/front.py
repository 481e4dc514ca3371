"""The part of the daemon that observes. It needs neither store nor ledger, so that it begins before they are open.

What it sees waits at the door until somebody takes it; a start that reads a large store costs no sample.
"""

import asyncio
import logging
import signal

from config.model import Config
from monitor.door import Door
from monitor.log import say
from monitor.sla.facts import EpochFact, HeartbeatFact
from monitor.troubles import Troubles
from probes.clock import SystemClock
from probes.columns import Columns
from probes.kinds import KINDS as PROBES
from probes.life import Epoch, Heartbeat
from probes.net.resolver import SystemResolver
from probes.sample import MILLISECOND, Sample
from probes.vantage import Vantage

SECOND = 1_000_000_000


class Front:
    """The vantage and the door behind it, on the running event loop. ``stop`` is set by SIGTERM, by SIGINT, and where a
    ``bug`` of ours came up that nobody awaited."""

    def __init__(self) -> None:
        self.clock, self.loop, self.stop = SystemClock(), asyncio.get_running_loop(), asyncio.Event()
        self.bug: BaseException | None = None
        self._observes = False
        self.door, self._troubles = Door(self.clock), Troubles()
        resolver = SystemResolver(self.clock)
        self.vantage = Vantage(
            PROBES, self.clock, self.loop, resolver, self._sample, self._samples, self._beat, self._stepped
        )

    def start(self, config: Config) -> None:
        """Observe from now on."""
        self.loop.set_exception_handler(self._unexpected)
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.add_signal_handler(number, self.stop.set)
        self._observes = True
        self._troubles.configure(config)
        self.vantage.start(config)

    def reload(self, config: Config) -> None:
        """Observe what this configuration says from now on."""
        self._troubles.configure(config)
        self.vantage.reload(config)

    def end(self) -> None:
        """Observe no more; what is under way ends at the door. A second call does nothing."""
        if self._observes:
            self._observes = False
            self.vantage.stop()

    def _sample(self, sample: Sample) -> None:
        self.door.sample(sample)
        self._troubles.heard(sample)

    def _samples(self, columns: Columns) -> None:
        self.door.samples(columns)
        self._troubles.went_well(columns)

    def _beat(self, beat: Heartbeat) -> None:
        boot, at = self.vantage.boot, whole_ms(beat.at)
        self.door.fact(HeartbeatFact(self.vantage.name, boot, at, beat.loop_lag, beat.clock_error, beat.suspended))

    def _stepped(self, epoch: Epoch) -> None:
        text = f"the clock was set {epoch.step / SECOND:+.3f} s; durations and schedules are not touched by it"
        say(logging.WARNING, "clock_stepped", self.vantage.name, text)
        at = whole_ms(epoch.at)
        self.door.fact(EpochFact(self.vantage.name, self.vantage.boot, at, epoch.step, epoch.synchronised))

    def _unexpected(self, _: asyncio.AbstractEventLoop, context: dict[str, object]) -> None:
        """What nobody awaited: a transport's trouble with the outside is a log line, the rest is a bug of ours."""
        error = context.get("exception")
        if not isinstance(error, Exception) or isinstance(error, OSError):
            say(logging.WARNING, "event_loop", "asyncio", f"{context.get('message')}: {error!r}")
            return
        self.bug = self.bug or error
        self.stop.set()


def whole_ms(instant: int) -> int:
    """Cut to what is stored."""
    return instant - instant % MILLISECOND
