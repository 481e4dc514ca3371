"""One address family: its socket, its packets under way, its runs from start to verdict.

A tick first collects send stamps, then drains replies, then judges what is over, then sends what is due: so a run is
judged only after everything the kernel holds for it has been read, however late this process woke.
"""

import heapq
import time

import numpy as np

from probes.kind import Kit, Seen
from probes.net.icmp.closing import Closer, Now
from probes.net.icmp.flight import Flight, Slots
from probes.net.icmp.match import Counts, Matcher
from probes.net.icmp.post import Post
from probes.net.icmp.routes import Routes
from probes.net.icmp.run import FINE, MILLISECOND, OVER, Run, Wave
from probes.net.icmp.sockets import Opened
from probes.net.icmp.stamps import dropped
from probes.net.reasons import name_of
from probes.sample import Outcome

WAVE = 256
"""Runs in one wave at most."""
GRACE = 2 * MILLISECOND
"""Waited beyond the last deadline, for a packet on its way from the driver to the socket."""


class Lane:
    """Everything of one family. ``batched`` forces (True) or forbids (False) the batch system calls.

    ``grid`` is the length of a tick, ``rest`` the time between two of them that drain the socket (ns): what waits
    there is stamped already, so reading it in larger portions costs less and changes nothing."""

    def __init__(self, opened: Opened, kit: Kit, batched: bool | None = None) -> None:
        self.opened, self._kit = opened, kit
        self._routes = Routes(opened.sock.family)
        self._flight = Flight(opened.token, opened.block, opened.identifier)
        self._matcher = Matcher(self._flight, self._routes, opened.token, opened.kind == "raw", self._note)
        self._post = Post(opened, self._routes, self._flight, self._matcher, batched)
        self._runs: list[Run | None] = []
        self._vacant: list[int] = []
        self._open = np.zeros(1024, np.int32)
        self._first = np.zeros(1024, np.int64)
        self._sending: list[tuple[int, int, Wave]] = []
        self._waiting: list[tuple[int, int, Wave]] = []
        self._order = 0
        self._drops = dropped(opened.sock) or 0
        self._closer = Closer(opened, self._flight, self._routes, kit.life, self._post.transport)
        self.steps = 0
        self.grid = self.rest = FINE
        self._listen = 0

    @property
    def counts(self) -> Counts:
        """What this lane has sent and heard so far."""
        return self._matcher.counts

    @property
    def idle(self) -> bool:
        """Whether no run is open."""
        return not self._sending and not self._waiting

    def start(self, runs: list[Run], now: int) -> None:
        """Begin these runs: their first packets are due now (monotonic ns)."""
        alike: dict[tuple[int, int, int], list[Run]] = {}
        for run in runs:
            alike.setdefault(run.plan.shape, []).append(run)
        for equal in alike.values():
            for at in range(0, len(equal), WAVE):
                self._launch(equal[at : at + WAVE], now)

    def _launch(self, runs: list[Run], now: int) -> None:
        ready = [run for run in runs if self._place(run, now)]
        if not ready:
            return
        self._post.fit(self._routes.largest)
        packets = ready[0].plan.packets
        indices = np.array([run.index for run in ready], np.int64)
        rows = np.array([run.row for run in ready], np.int64)
        firsts = self._flight.take(indices, packets, rows, time.time_ns())
        self._open[indices], self._first[indices] = packets, firsts
        due = now - now % self.grid
        wave = Wave(ready, firsts, due)
        for run in ready:
            run.wave = wave
        self._push(self._sending, due, wave)

    def _place(self, run: Run, now: int) -> bool:
        """Give the run a row and an index; one whose address cannot be used ends here."""
        try:
            run.row = run.plan.row = self._routes.hold(run.plan.route, now, run.plan.row)
        except OSError as error:
            reason = name_of(error.errno)
            run.index = OVER
            run.done(Seen(self._kit.clock.wall(), Outcome.UNKNOWN, reason, steps=(str(error),)))
            return False
        if self._vacant:
            run.index = self._vacant.pop()
            self._runs[run.index] = run
            return True
        run.index = len(self._runs)
        self._runs.append(run)
        if run.index >= len(self._open):
            self._open = np.append(self._open, np.zeros_like(self._open))
            self._first = np.append(self._first, np.zeros_like(self._first))
        return True

    def tick(self, now: int, budget: int) -> int:
        """One turn, at ``now`` (monotonic ns); sends at most about ``budget`` packets and gives how many."""
        if now >= self._listen:
            self._listen = now - now % self.grid + self.rest
            if self._post.waiting:
                self._post.collect()
            drained = self._post.drain(self._answered)
            self._drops = dropped(self.opened.sock) or 0
            if drained:
                self._overdue(now)
        return self._due(now, budget)

    def _answered(self, slots: Slots) -> None:
        """These packets have their reply: runs that have all of them are over."""
        runs = self._flight.run[slots]
        np.subtract.at(self._open, runs, 1)
        ended = runs[self._open[runs] == 0]
        if len(ended):
            self._end([run for index in set(ended.tolist()) if (run := self._runs[index]) is not None])

    def _overdue(self, now: int) -> None:
        while self._waiting and self._waiting[0][0] + GRACE <= now:
            _, _, wave = heapq.heappop(self._waiting)
            self._end([run for run in wave.runs if run.index >= 0])

    def _end(self, runs: list[Run]) -> None:
        """Judge these runs, tell of them, and let go of them."""
        if not runs:
            return
        now = self._kit.clock.monotonic()
        firsts = self._first[[run.index for run in runs]]
        seen = self._closer.close(runs, firsts, Now(now, self._drops, self.steps), self.counts)
        for run, what in zip(runs, seen, strict=True):
            self._runs[run.index] = None
            self._vacant.append(run.index)
            self._routes.release(run.row)
            run.index = OVER
            run.done(what)

    def _due(self, now: int, budget: int) -> int:
        """Send the packets that are due, whole waves, while the budget lasts."""
        waves: list[Wave] = []
        count = 0
        while self._sending and self._sending[0][0] <= now and count < budget:
            wave = heapq.heappop(self._sending)[2]
            waves.append(wave)
            count += len(wave.runs)
        if not waves:
            return 0
        for wave in waves:
            if wave.next == 0:
                clock = self._kit.clock
                wave.begin(clock.wall(), clock.monotonic(), self._drops, self.steps)
        self._post.send(np.concatenate([wave.firsts + wave.next for wave in waves]))
        for wave in waves:
            if wave.sent(self._kit.clock.monotonic(), self.grid):
                self._push(self._sending, wave.due, wave)
            else:
                self._push(self._waiting, wave.ends, wave)
        return count

    def _push(self, heap: list[tuple[int, int, Wave]], when: int, wave: Wave) -> None:
        self._order += 1
        heapq.heappush(heap, (when, self._order, wave))

    def _note(self, slot: int, kind: str, stamp: int) -> None:
        """Something befell a packet of an open run."""
        run = self._runs[self._flight.run[slot]]
        if run is None:
            return
        run.duplicates += kind == "duplicates"
        if run.explain:
            run.notes += ((slot - int(self._first[run.index]), kind, stamp),)

    def close(self, reason: str) -> None:
        """End every open run as Unknown with this reason and close the socket."""
        left = [run for run in self._runs if run is not None]
        self._sending.clear()
        self._waiting.clear()
        self._runs.clear()
        self.opened.sock.close()
        self._closer.first_hop.close()
        for run in left:
            run.index = OVER
            at = run.wave.at if hasattr(run, "wave") else 0
            run.done(Seen(at or self._kit.clock.wall(), Outcome.UNKNOWN, reason))
