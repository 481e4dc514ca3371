"""When each target is probed: at its slots, and again soon after a failure.

Theory. The slots of a target are the instants ``k * every + phase`` of wall time, where the phase is a
stable hash of the target's name: every vantage, every process and every restart agree on them, and ten
thousand targets spread evenly over their interval without anybody arranging it. Slots are computed, never
added up, so nothing drifts. Within a clock epoch wall time is the monotonic clock plus an anchor; when a
new epoch begins, ``realign`` finds the next slot of every target anew.

A slot that was missed (the loop was late, the process was stopped, the run before it has not ended) is
skipped: after a stall a target is started at most once, and most wait for their next slot, so that no burst
follows. What nobody looked at becomes a gap on the timeline, which is what it was.

One heap of instants and one timer drive all targets; those due at the same instant lie in one list. Phases lie on a
grid of 100 ms because waking up is what costs: a few starts together are several times cheaper than one by one.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from heapq import heapify, heappop, heappush
from typing import Protocol

from config.model import Target
from probes.clock import Clock
from probes.kind import Seen
from probes.sample import Outcome

SECOND = 1_000_000_000
GRID = 100_000_000
FIRST_WITHIN = 60 * SECOND
_GRACE = 10 * SECOND
_DELAYS_KEPT = 8192


class Handle(Protocol):
    """A timer that was set."""

    def cancel(self) -> None:
        """It shall not fire."""


class Timers(Protocol):
    """The part of the event loop that the schedule needs."""

    def call_later(self, delay: float, callback: Callable[[], None], /) -> Handle:
        """Call back once, ``delay`` seconds from now."""


@dataclass(slots=True, eq=False)  # not frozen: thousands are made every second, see ``sample.record``
class Run:
    """One start of one target. ``scheduled_at`` is its slot (or recheck), ``started_at`` when it really
    began, both wall ns; ``config`` is the digest of the configuration it was started under."""

    target: Target
    scheduled_at: int
    started_at: int
    started: int
    config: str


@dataclass(slots=True, eq=False)
class _Entry:
    """A target's place: its next slot, its next start (``due``: the slot or a recheck), its run in flight."""

    target: Target
    phase: int
    slot: int
    due: int
    run: Run | None = None
    started: int = 0
    skipped: bool = False
    alive: bool = True


def phase(name: str, every: int) -> int:
    """The target's offset within its interval, ns: the same in every process, on the grid."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    offset = int.from_bytes(digest, "big") % every
    return offset - offset % GRID


def next_slot(after: int, every: int, phase: int) -> int:
    """The first slot later than an instant (wall ns)."""
    return ((after - phase) // every + 1) * every + phase


def _enter(target: Target, now: int) -> _Entry:
    """A target new to the schedule. One with a long interval is first looked at within a minute, because
    until then nothing is known of it; the minute is spread like the interval."""
    offset = phase(target.name, target.every)
    slot = next_slot(now, target.every, offset)
    soon = slot if target.every <= FIRST_WITHIN else now + offset % FIRST_WITHIN
    return _Entry(target, offset, slot, min(slot, soon))


class Delays:
    """How late the recent starts were, ns after their slot."""

    def __init__(self) -> None:
        self._recent: deque[int] = deque(maxlen=_DELAYS_KEPT)

    def add(self, delay: int) -> None:
        """One start's delay."""
        self._recent.append(delay)

    def quantile(self, share: float) -> int:
        """By nearest rank over the recent starts; 0 before the first."""
        ordered = sorted(self._recent)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0


class Schedule:
    """Starts every target at its slots. ``start`` begins a run; ``ended`` gets each run with what it saw."""

    def __init__(
        self,
        clock: Clock,
        timers: Timers,
        start: Callable[[Target, Callable[[Seen], None]], None],
        ended: Callable[[Run, Seen], None],
    ) -> None:
        self._clock = clock
        self._timers = timers
        self._start = start
        self._ended = ended
        self._entries: dict[str, _Entry] = {}
        self._instants: list[int] = []
        self._due: dict[int, list[_Entry]] = {}
        self._timer: Handle | None = None
        self._config = ""
        self.delays = Delays()
        self.missed = 0
        self.lost = 0

    @property
    def in_flight(self) -> int:
        """How many runs have begun and not ended."""
        return sum(entry.run is not None for entry in self._entries.values())

    def swap(self, targets: Mapping[str, Target], config: str) -> None:
        """Probe these from now on. A target whose interval is unchanged keeps its slots and its run."""
        now = self._clock.wall()
        self._config = config
        for name in self._entries.keys() - targets.keys():
            self._entries.pop(name).alive = False
        for name, target in targets.items():
            known, fresh = self._entries.get(name), _enter(target, now)
            if known is None:
                self._entries[name] = fresh
                continue
            if known.target.every != target.every:
                known.phase, known.slot, known.due = fresh.phase, fresh.slot, fresh.due
            known.target = target
        self._rebuild()

    def realign(self) -> None:
        """A new clock epoch began: every target waits for its next slot by the new wall clock."""
        now = self._clock.wall()
        for entry in self._entries.values():
            entry.slot = entry.due = next_slot(now, entry.target.every, entry.phase)
        self._rebuild()

    def hasten(self, name: str) -> None:
        """Start this target now as well, unless it is under way or was started within the last second."""
        entry, now = self._entries.get(name), self._clock.wall()
        if entry is not None and entry.alive and entry.run is None and now - entry.started >= SECOND:
            self._push(entry, now)
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
        return [entry.run for entry in self._entries.values() if entry.run is not None]

    def abandon(self, run: Run, reason: str) -> None:
        """A run that its prober did not end is Unknown for this reason; nothing happens where it did."""
        entry = self._entries.get(run.target.name)
        if entry is not None:
            self._done(entry, run, Seen(at=run.started_at, outcome=Outcome.UNKNOWN, reason=reason))

    def _rebuild(self) -> None:
        """The heap from the entries, without those that are gone."""
        self._due = {}
        for entry in self._entries.values():
            self._due.setdefault(entry.due, []).append(entry)
        self._instants = list(self._due)
        heapify(self._instants)
        self._arm()

    def _push(self, entry: _Entry, due: int) -> None:
        entry.due = due
        together = self._due.get(due)
        if together is None:
            self._due[due] = [entry]
            heappush(self._instants, due)
        else:
            together.append(entry)

    def _arm(self) -> None:
        """One timer for the earliest start."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if self._instants:
            wait = max(0, self._instants[0] - self._clock.wall())
            self._timer = self._timers.call_later(wait / SECOND, self._tick)

    def _tick(self) -> None:
        now = self._clock.wall()
        while self._instants and self._instants[0] <= now:
            due = heappop(self._instants)
            for entry in self._due.pop(due):
                if entry.alive and entry.due == due:
                    self._fire(entry, now)
        self._arm()

    def _fire(self, entry: _Entry, now: int) -> None:
        """A target is due: start it, unless it is too late for that or its last run still goes on."""
        planned, every = entry.due, entry.target.every
        if entry.slot <= now:
            following = next_slot(now, every, entry.phase)
            self.missed += (following - entry.slot) // every - 1
            entry.slot = following
        self._push(entry, entry.slot)
        if entry.run is not None:
            self._give_up_on(entry, entry.run)
        if entry.run is not None or now - planned > self._patience(entry):
            self.missed += 1
            entry.skipped = True
            return
        entry.skipped = False
        run = Run(entry.target, planned, self._clock.wall(), self._clock.monotonic(), self._config)
        entry.run, entry.started = run, run.started_at
        self.delays.add(run.started_at - planned)
        self._start(entry.target, partial(self._done, entry, run))

    @staticmethod
    def _patience(entry: _Entry) -> int:
        """How late a start may be, ns. A second, so that a stall is not followed by a burst; half an interval
        where the last slot was skipped already, so that a machine always late starves no target."""
        half = entry.target.every // 2
        return half if entry.skipped else min(half, SECOND)

    def _give_up_on(self, entry: _Entry, run: Run) -> None:
        """A prober that never tells how a run ended is a bug of ours: Unknown, and the next may begin."""
        if self._clock.monotonic() - run.started > run.target.timeout * 2 + _GRACE:
            self.lost += 1
            self.abandon(run, "bug")

    def _done(self, entry: _Entry, run: Run, seen: Seen) -> None:
        """A run ended, perhaps after its target left the configuration: it was observed and is kept."""
        if entry.run is not run:
            return
        entry.run = None
        self._ended(run, seen)
        recheck = entry.target.recheck
        if entry.alive and seen.outcome is Outcome.DOWN and recheck is not None:
            due = self._clock.wall() + recheck
            if due < entry.slot:
                self._push(entry, due)
                self._arm()
