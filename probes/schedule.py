"""When each target is probed: at its slots, and again soon after a failure.

Theory. The slots of a target are the instants ``k * every + phase`` of wall time, where the phase is a
stable hash of the target's name: every vantage, every process and every restart agree on them, and ten
thousand targets spread evenly over their interval without anybody arranging it. Slots are computed, never
added up, so nothing drifts. Within a clock epoch wall time is the monotonic clock plus an anchor; when a
new epoch begins, ``realign`` finds the next slot of every target anew.

A slot that was missed (the loop was late, the process was stopped, the run before it has not ended) is
skipped: after a stall a target is started at most once, and most wait for their next slot, so that no burst
follows. What nobody looked at becomes a gap on the timeline, which is what it was.

Targets of one kind with the same slots are a cohort and start together; only who is looked at again starts alone.
One heap of instants and one timer drive all; those due at the same instant lie in one list. Phases lie on a grid of
100 ms, of 200 ms where many start together, because waking up is what costs: a few starts together are several times
cheaper than one by one.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from functools import partial
from heapq import heapify, heappop, heappush
from typing import Protocol

from config.model import Target
from probes.clock import Clock
from probes.kind import Seen, Well
from probes.launch import Delays, Launch, Run
from probes.sample import Outcome
from probes.slots import GRID, WIDE, Entry, Group, grouped, next_slot, phase, soon

SECOND = 1_000_000_000
_GRACE = 10 * SECOND


class Handle(Protocol):
    """A timer that was set."""

    def cancel(self) -> None:
        """It shall not fire."""


class Timers(Protocol):
    """The part of the event loop that the schedule needs."""

    def call_later(self, delay: float, callback: Callable[[], None], /) -> Handle:
        """Call back once, ``delay`` seconds from now."""


class Schedule:
    """Starts every target at its slots. ``start`` begins a run, ``start_all`` several; ``ended`` gets each run with
    what it saw, ``well`` those that went well together."""

    def __init__(
        self,
        clock: Clock,
        timers: Timers,
        start: Callable[[Target, Callable[[Seen], None]], None],
        ended: Callable[[Run, Seen], None],
        start_all: Callable[[Launch], None] = lambda launch: None,
        well: Callable[[Launch, Well], None] = lambda launch, found: None,
    ) -> None:
        self._clock, self._timers = clock, timers
        self._start, self._ended = start, ended
        self._start_all, self._went_well = start_all, well
        self._entries: dict[str, Entry] = {}
        self._groups: list[Group] = []
        self._instants: list[int] = []
        self._due: dict[int, list[Group | Entry]] = {}
        self._timer: Handle | None = None
        self._config = ""
        self.delays = Delays()
        self.missed = 0
        self.lost = 0

    @property
    def in_flight(self) -> int:
        """How many runs have begun and not ended."""
        return sum(entry.run is not None for entry in self._entries.values())

    def swap(self, targets: Mapping[str, Target], config: str, together: Container[str] = ()) -> None:
        """Probe these from now on; those of the kinds in ``together`` are started by ``start_all``. A target whose
        interval and kind are unchanged keeps its slots and its run."""
        now = self._clock.wall()
        self._config = config
        for name in self._entries.keys() - targets.keys():
            self._entries.pop(name).alive = False
        slots = {(group.every, group.phase): group.slot for group in self._groups}
        for name, target in targets.items():
            known = self._entries.get(name)
            if known is None or (known.target.every, known.target.kind) != (target.every, target.kind):
                key = (target.every, phase(name, target.every, WIDE if target.kind in together else GRID))
                slot = slots.setdefault(key, next_slot(now, *key))
                known = self._entries.setdefault(name, Entry(target))
                known.phase, known.due = key[1], soon(key, now, slot)
            known.target = target
        self._groups = grouped(self._entries.values(), slots, together)
        self._rebuild()

    def realign(self) -> None:
        """A new clock epoch began: every target waits for its next slot by the new wall clock."""
        now = self._clock.wall()
        for group in self._groups:
            group.slot = next_slot(now, group.every, group.phase)
        for entry in self._entries.values():
            entry.due = None
        self._rebuild()

    def hasten(self, name: str) -> None:
        """Start this target now as well, unless it is under way or was started within the last second."""
        entry, now = self._entries.get(name), self._clock.monotonic()
        if entry is not None and entry.alive and entry.run is None and now - entry.started >= SECOND:
            self._push_alone(entry, self._clock.wall())
            self._arm()

    def stop(self) -> list[Run]:
        """Start nothing more; gives the runs in flight, whose ``ended`` may still come."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        self._instants.clear()
        self._due.clear()
        for entry in self._entries.values():
            entry.alive = False
        return [_alone(entry, entry.run) for entry in self._entries.values() if entry.run is not None]

    def abandon(self, run: Run, reason: str) -> None:
        """A run that its prober did not end is Unknown for this reason; nothing happens where it did."""
        entry = self._entries.get(run.target.name)
        if entry is not None and entry.run is not None and entry.run.started == run.started:
            self._done(entry, entry.run, Seen(at=run.started_at, outcome=Outcome.UNKNOWN, reason=reason))

    def _rebuild(self) -> None:
        """The heap from the groups and from who is to be started alone, without those that are gone."""
        self._due = {}
        for group in self._groups:
            self._due.setdefault(group.slot, []).append(group)
        for entry in self._entries.values():
            if entry.due is not None:
                self._due.setdefault(entry.due, []).append(entry)
        self._instants = list(self._due)
        heapify(self._instants)
        self._arm()

    def _push(self, due: int, what: Group | Entry) -> None:
        together = self._due.get(due)
        if together is None:
            self._due[due] = [what]
            heappush(self._instants, due)
        else:
            together.append(what)

    def _push_alone(self, entry: Entry, due: int) -> None:
        entry.due = due
        self._push(due, entry)

    def _arm(self) -> None:
        """One timer for the earliest start."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if self._instants:
            wait = max(0, self._instants[0] - self._clock.wall())
            self._timer = self._timers.call_later(wait / SECOND, self._tick)

    def _tick(self) -> None:
        now, slots = self._clock.wall(), self._due
        while self._instants and self._instants[0] <= now:
            due = heappop(self._instants)
            for what in slots.pop(due):
                if self._due is not slots:
                    return  # a start found that the clock was set: all wait for slots of the new epoch by now
                if isinstance(what, Group):
                    self._fire(what, now)
                elif what.alive and what.due == due:
                    self._fire_alone(what, due, now)
            if self._due is not slots:
                return
        self._arm()

    def _fire(self, group: Group, now: int) -> None:
        """A group is due: start it, unless it is too late for that, but none whose last run still goes on."""
        planned, every = group.slot, group.every
        group.slot = next_slot(now, every, group.phase)
        self._push(group.slot, group)
        self.missed += ((group.slot - planned) // every - 1) * len(group.entries)
        places: Sequence[int] = range(len(group.entries))
        if any(entry.run is not None for entry in group.entries):
            places = [place for place in places if self._free(group.entries[place])]
        # A second, so that a stall is not followed by a burst; half an interval where the last slot was skipped
        # already, so that a machine always late starves no target.
        late = now - planned > (every // 2 if group.skipped else min(every // 2, SECOND))
        group.skipped = late
        self.missed += len(group.entries) - (0 if late else len(places))
        if late:
            return
        if group.together:
            self._begin_all(group, places, planned)
        else:
            for place in places:
                self._begin(group.entries[place], planned)

    def _fire_alone(self, entry: Entry, planned: int, now: int) -> None:
        entry.due = None
        if not self._free(entry) or now - planned > min(entry.target.every // 2, SECOND):
            self.missed += 1
        else:
            self._begin(entry, planned)

    def _begin(self, entry: Entry, planned: int) -> None:
        run = Run(entry.target, planned, self._clock.wall(), self._clock.monotonic(), self._config)
        entry.run, entry.started = run, run.started
        self.delays.add(run.started_at - planned)
        self._start(entry.target, partial(self._done, entry, run))

    def _begin_all(self, group: Group, places: Sequence[int], planned: int) -> None:
        clock, entries = self._clock, group.entries

        def done(place: int, seen: Seen) -> None:
            self._done(entries[place], launch, seen)

        def well(found: Well) -> None:
            self._well(entries, launch, found)

        launch = Launch(group.cohort, places, planned, clock.wall(), clock.monotonic(), self._config, done, well)
        for entry in entries if len(places) == len(entries) else [entries[place] for place in places]:
            entry.run, entry.started = launch, launch.started
        self.delays.add(launch.started_at - planned, len(places))
        self._start_all(launch)

    def _free(self, entry: Entry) -> bool:
        """Whether no run of it goes on. A prober that never tells how a run ended is a bug of ours: Unknown, and the
        next may begin."""
        run = entry.run
        if run is not None and self._clock.monotonic() - run.started > _GRACE:
            alone = _alone(entry, run)  # as it was when it began: it may have been given less time since
            if self._clock.monotonic() - run.started > alone.target.timeout * 2 + _GRACE:
                self.lost += 1
                self.abandon(alone, "bug")
        return entry.run is None

    def _done(self, entry: Entry, run: Run | Launch, seen: Seen) -> None:
        """A run ended, perhaps after its target left the configuration: it was observed and is kept."""
        if entry.run is not run:
            return
        entry.run = None
        self._ended(_alone(entry, run), seen)
        recheck = entry.target.recheck
        if entry.alive and seen.outcome is Outcome.DOWN and recheck is not None:
            due = self._clock.wall() + recheck
            if due < entry.slot:
                self._push_alone(entry, due)
                self._arm()

    def _well(self, entries: Sequence[Entry], launch: Launch, found: Well) -> None:
        """Runs of a launch ended well; those that were given up on before are not told of twice."""
        left = []
        for at, place in enumerate(found.places.tolist()):
            entry = entries[place]
            if entry.run is launch:
                entry.run = None
                left.append(at)
        if len(left) < len(found.places):
            found = Well(found.places[left], found.at, found.took, found.rtts[left], found.addresses)
        if left:
            self._went_well(launch, found)


def _alone(entry: Entry, run: Run | Launch) -> Run:
    """The run of one target, by itself, and as it was when it began: it may be another now."""
    if isinstance(run, Run):
        return run
    target = next(target for target in run.cohort.targets if target.name == entry.target.name)
    return Run(target, run.scheduled_at, run.started_at, run.started, run.config)
