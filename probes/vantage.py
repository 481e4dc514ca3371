"""A vantage at work: the schedule, the probers of every kind it needs, and the proof that it is alive.

It stamps what a prober saw with what makes it a sample: target, vantage, boot, number, slot, configuration
and the quality of the clock. Where the samples go is the caller's affair.

When a target fails, the witnesses are asked at once whether we are still connected at all: their own interval may be
long, and whether a Down stands is told by what they say next.
"""

import secrets
from collections import Counter
from collections.abc import Callable, Mapping

from config.model import Config, Target
from probes.clock import asleep
from probes.columns import Columns
from probes.kind import Keeping, Kind, Kit, Prober, Resolver, Seen, Together, Well
from probes.launch import Launch, Run
from probes.life import STEP, Epoch, EpochClock, Heartbeat, Pulse
from probes.sample import Outcome, Sample
from probes.schedule import Schedule, Timers
from probes.together import Stamps


class Vantage:
    """Everything that probes in this process. ``boot`` names this process among all that ever ran here. ``sample`` is
    told of one sample, ``samples`` of several that went well together, cut to what is stored of them."""

    def __init__(
        self,
        kinds: Mapping[str, Kind],
        clock: EpochClock,
        timers: Timers,
        resolver: Resolver,
        sample: Callable[[Sample], None],
        samples: Callable[[Columns], None],
        heartbeat: Callable[[Heartbeat], None],
        epoch: Callable[[Epoch], None],
        suspended: Callable[[], int] = asleep,
    ) -> None:
        self.boot = secrets.token_hex(8)
        self.name = ""
        self._witnesses: tuple[str, ...] = ()
        self._kinds, self._clock, self._timers = kinds, clock, timers
        self._sample, self._samples, self._tell_epoch = sample, samples, epoch
        self._probers: dict[str, Prober] = {}
        self._together: dict[str, Together] = {}
        self._stamps = Stamps()
        self._seq = 0
        self.schedule = Schedule(clock, timers, self._start, self._ended, self._start_all, self._went_well)
        self._under_way: Counter[str] = Counter()
        self.pulse = Pulse(clock, timers, heartbeat, self._stepped, suspended, watched=self._watched)
        self._kit = Kit(clock, self.pulse, resolver, lambda: self.pulse.sync)

    def start(self, config: Config) -> None:
        """Begin to live and to probe."""
        self.name = config.vantage.name
        self.pulse.start()
        self.reload(config)

    def reload(self, config: Config) -> None:
        """Probe what this configuration says from now on; slots of unchanged targets are kept."""
        mine = {
            name: target
            for name, target in config.targets.items()
            if not target.vantages or self.name in target.vantages
        }
        for kind in sorted({target.kind for target in mine.values()}):
            if kind not in self._probers:
                self._probers[kind] = prober = self._kinds[kind].open(self._kit)
                if isinstance(prober, Together):
                    self._together[kind] = prober
        for prober in self._probers.values():
            if isinstance(prober, Keeping):
                prober.keep(mine)
        self._witnesses = config.vantage.witnesses
        self.schedule.swap(mine, config.digest, self._together)

    def stop(self) -> None:
        """Start nothing more; every run in flight ends, Unknown ``shutdown`` where it had no answer yet."""
        in_flight = self.schedule.stop()
        for prober in self._probers.values():
            prober.close()
        for run in in_flight:
            self.schedule.abandon(run, "shutdown")
        self.pulse.stop()

    def _watched(self) -> bool:
        """Whether runs are under way that only this process hears the end of."""
        return any(count > 0 and not self._stamped(kind) for kind, count in self._under_way.items())

    def _stamped(self, kind: str) -> bool:
        return kind in self._together and self._together[kind].stamped

    def _start(self, target: Target, done: Callable[[Seen], None]) -> None:
        self._under_way[target.kind] += 1
        if self._under_way[target.kind] == 1 and not self._stamped(target.kind):
            self.pulse.watch()
        self._probers[target.kind].start(target, done)

    def _start_all(self, launch: Launch) -> None:
        kind = launch.cohort.targets[0].kind
        self._under_way[kind] += len(launch.places)
        prober = self._together[kind]
        if not prober.stamped:
            self.pulse.watch()
        prober.start_all(launch.cohort, launch.places, launch.done, launch.well)

    def _stepped(self, epoch: Epoch) -> None:
        """After a suspension slots are found anew too, but nobody set the clock: a heartbeat tells it."""
        self.schedule.realign()
        if abs(epoch.step) > STEP:
            self._tell_epoch(epoch)

    def _ended(self, run: Run, seen: Seen) -> None:
        self._under_way[run.target.kind] -= 1
        self._seq += 1
        self._sample(self._stamp(run, seen, self._seq))
        if seen.outcome is Outcome.DOWN and run.target.name not in self._witnesses:
            for witness in self._witnesses:
                self.schedule.hasten(witness)

    def _went_well(self, launch: Launch, found: Well) -> None:
        common = (self.name, self.boot, launch.config or None, self.pulse.sync.quality)
        self._under_way[launch.cohort.targets[0].kind] -= len(found.places)
        columns = self._stamps.columns(launch, found, common, self._seq + 1, self._clock.wall())
        self._seq += len(columns)
        self._samples(columns)

    def _stamp(self, run: Run, seen: Seen, seq: int) -> Sample:
        # By place and not by name, which takes twice as long; there are thousands a second.
        return Sample(
            run.target.name, self.name, self.boot, seq, seen.at, seen.outcome, seen.reason, run.scheduled_at,
            seen.took, seen.sent, seen.received, seen.rtts, seen.duplicates, seen.late, seen.phases, seen.address,
            run.config or None, self.pulse.sync.quality,
        )  # fmt: skip
