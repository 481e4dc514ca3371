"""One address family: its socket, its packets under way, its runs from start to verdict.

A tick first sends what is due, which is to be punctual; then it collects send stamps, drains replies and judges what is
over: so a run is judged only after everything the kernel holds for it has been read, however late this process woke.
"""

import heapq
import time
from collections.abc import Sequence

import numpy as np

from probes.kind import Kit, Seen
from probes.net.icmp import flight as table
from probes.net.icmp.closing import Closer, Now
from probes.net.icmp.flight import NEVER, Flight, Slots
from probes.net.icmp.match import Counts, Matcher
from probes.net.icmp.overflow import Overflow
from probes.net.icmp.post import Post
from probes.net.icmp.routes import Routes
from probes.net.icmp.run import FINE, MILLISECOND, OVER, SECOND, Party, Run, Squad, Wave, on_grid
from probes.net.icmp.sockets import Opened
from probes.net.icmp.stamps import RealClock
from probes.net.reasons import name_of
from probes.sample import Outcome
from probes.slots import GRID

CHEAP = 10_000
"""What sending one packet is taken to cost at most (ns), where it was interrupted the last time."""
WAVE = 256
"""Runs in one wave at most."""
PATIENCE = 1_500_000
"""What would go sooner than it may by no more than this (ns) is waited for: that costs less than to wake once more."""
ROOM = 2048
"""Bytes of receive buffer that one packet may take, its send stamp and its reply together."""
GRACE = 2 * MILLISECOND
"""Waited beyond the last deadline, for a packet on its way from the driver to the socket."""


class Lane:
    """Everything of one family. ``batched`` forces (True) or forbids (False) the batch system calls; ``real`` is the
    clock that the kernel stamps by.

    ``grid`` is the length of a tick, ``rest`` the time between two of them that drain the socket (ns): what waits
    there is stamped already, so reading it in larger portions costs less and changes nothing. The grid lies on the
    wall clock, which is ``offset`` ns ahead of the monotonic one. ``room``: how many packets fit into the receive
    buffer, answered; a tick sends half of that at most, or one wave. ``soon``: when packets that the last tick found
    due too soon after those before them may go (monotonic ns)."""

    def __init__(self, opened: Opened, kit: Kit, batched: bool | None = None, real: RealClock | None = None) -> None:
        self.opened, self._kit, self._real = opened, kit, real or RealClock()
        self._routes = Routes(opened.sock.family)
        self._flight = Flight(self._routes.family.request, opened.token, opened.block, opened.identifier)
        self._matcher = Matcher(self._flight, self._routes, opened.token, opened.kind == "raw", self._note)
        self._post = Post(opened, self._routes, self._flight, self._matcher, batched)
        self._waves: dict[int, Wave] = {}
        self._sending: list[tuple[int, int, Wave]] = []
        self._waiting: list[tuple[int, int, Wave]] = []
        self._order = 0
        self._overflow = Overflow(opened.sock, opened.kind == "raw")
        self._drops = self._overflow.count()
        self._closer = Closer(opened, self._flight, self._routes, kit.life, self._post.transport)
        self.room = opened.buffer // ROOM
        self.offset = 0
        self.grid = self.rest = FINE
        self._listen = self._each = 0
        self._part: set[int] = set()
        self.soon = NEVER

    @property
    def counts(self) -> Counts:
        """What this lane has sent and heard so far."""
        return self._matcher.counts

    @property
    def idle(self) -> bool:
        """Whether no run is open."""
        return not self._waves

    @property
    def wanted(self) -> int:
        """When there is something to do next (monotonic ns): to send, or to drain while a run is open."""
        sending = self._sending[0][0] if self._sending else NEVER
        return min(sending, self._listen) if self._waves else sending

    def start(self, runs: Sequence[Run], now: int) -> None:
        """Begin these runs: their first packets are due now (monotonic ns)."""
        alike: dict[tuple[int, int, int], list[Run]] = {}
        for run in runs:
            alike.setdefault(run.plan.shape, []).append(run)
        for equal in alike.values():
            for at in range(0, len(equal), WAVE):
                ready = [run for run in equal[at : at + WAVE] if self._place(run, now)]
                if ready:
                    self._launch(ready, np.array([run.row for run in ready], np.int64), ready[0].plan.packets, now)

    def start_all(self, party: Party, now: int) -> None:
        """Begin the runs of a party; one by one where an address among theirs cannot be used."""
        squad = party.squad
        if squad.generation is self._routes.generation:
            self._routes.hold_again(squad.rows, now)
        elif not self._find_rows(squad, now):
            party.begun = True
            self.start([party.run(at) for at in range(len(squad))], now)
            return
        self._launch(party, squad.rows, squad.like.packets, now)
        party.begun = True

    def _find_rows(self, squad: Squad, now: int) -> bool:
        """Hold a row for each of them, and remember it; False where an address cannot be used."""
        rows: list[int] = []
        try:
            for at in range(len(squad)):
                rows.append(self._routes.hold(squad.route(at), now))
        except OSError:
            self._routes.release(np.array(rows, np.int64))
            return False
        squad.rows, squad.generation = np.array(rows, np.int64), self._routes.generation
        return True

    def _launch(self, who: Sequence[Run] | Party, rows: Slots, packets: int, now: int) -> None:
        self._post.fit(self._routes.largest)
        first = self._flight.take(packets, rows, now, time.time_ns())
        wave = self._waves[first] = Wave(who, rows, first, on_grid(now, self.grid, self.offset))
        self._push(self._sending, wave.due, wave)

    def _place(self, run: Run, now: int) -> bool:
        """Give the run a row; one whose address cannot be used ends here."""
        plan, routes = run.plan, self._routes
        known = plan.row if plan.generation is routes.generation else None
        try:
            run.row = plan.row = routes.hold(plan.route, now, known)
            plan.generation = routes.generation
        except OSError as error:
            reason = name_of(error.errno)
            run.index = OVER
            run.done(Seen(self._kit.clock.wall(), Outcome.UNKNOWN, reason, steps=(error.strerror or reason,)))
            return False
        return True

    def tick(self, now: int, budget: int) -> int:
        """One turn, at ``now`` (monotonic ns); sends at most about ``budget`` packets and gives how many."""
        self.soon = NEVER
        sent = self._due(now, budget)
        if now >= self._listen:
            self._listen = on_grid(now, self.rest, self.offset) + self.rest
            if self._post.waiting:
                self._post.collect()
            answered, drained = self._post.drain()
            self._drops = self._overflow.count()
            self._real.check()  # a clock set since the tick began is in the stamps of what came after
            if answered or self._part:
                self._answered(answered, now)
            if drained:
                self._overdue(now)
        return sent

    def _answered(self, batches: list[Slots], now: int) -> None:
        """These packets have their reply: runs that have all of them are over. Those of a wave whose last packets went
        in this very tick are told of together with the rest of it, on the next tick that drains."""
        firsts = np.array(sorted(self._waves), np.int64)
        counts = sum(np.bincount(firsts.searchsorted(slots, "right") - 1, minlength=len(firsts)) for slots in batches)
        touched = self._part.union(firsts[np.flatnonzero(counts)].tolist())
        self._part = set()
        for first in sorted(touched & self._waves.keys()):
            wave = self._waves[first]
            if wave.next < wave.packets:
                continue
            flags = self._flight.rows(wave.first, wave.size, wave.packets)["flags"]
            whole = (flags & (table.ANSWERED | table.CLOSED) == table.ANSWERED).all(axis=1)
            if whole.all():
                self._end(wave, None)
            elif wave.last >= now:
                self._part.add(first)
            else:
                self._end(wave, np.flatnonzero(whole))

    def _overdue(self, now: int) -> None:
        while self._waiting and self._waiting[0][0] + GRACE <= now:
            wave = heapq.heappop(self._waiting)[2]
            if wave.left:
                self._end(wave, None if wave.left == wave.size else np.flatnonzero(wave.open))

    def _end(self, wave: Wave, which: Slots | None) -> None:
        """Judge the runs at these places of a wave (None: all of them), tell of them, and let go of them."""
        if which is not None and not len(which):
            return
        now = Now(self._kit.clock.monotonic(), self._drops, self._real.steps)
        together, single = self._closer.close(wave, which, now, self.counts)
        self._routes.release(wave.rows if which is None else wave.rows[which])
        wave.over(np.arange(wave.size) if which is None else which)
        if not wave.left:
            self._waves.pop(wave.first, None)
        if together is not None and wave.party is not None:
            wave.party.well(together)
        for run, seen in single:
            run.done(seen)

    def _due(self, now: int, budget: int) -> int:
        """Send the packets that are due, whole waves, while the budget and the room for their replies last."""
        waves: list[Wave] = []
        count = 0
        while self._sending and self._sending[0][0] <= now and count < min(budget, max(1, self.room // 2)):
            wave = heapq.heappop(self._sending)[2]
            waves.append(wave)
            count += wave.size
        return self._send(waves[::-1], now) if waves else 0

    def _send(self, waves: list[Wave], now: int) -> int:
        """One packet of each run of these waves; gives how many. The latest wave goes first: what goes before an older
        one only grows from tick to tick, so that no two of its packets come closer than asked for."""
        clock = self._kit.clock
        before, going, wait = self._ready(waves)
        if 0 < wait <= PATIENCE:
            time.sleep(wait / SECOND)
            before, going, wait = self._ready(waves)
        if wait:
            self.soon = before + wait
            for wave in [wave for wave in reversed(waves) if wave not in going]:
                self._push(self._sending, self.soon, wave)
        if not going:
            return 0
        new = [wave for wave in going if wave.next == 0]
        if new:
            self._drops = self._overflow.count()
        for wave in new:
            wave.begin(clock.wall(), clock.monotonic(), self._drops, self._real.steps)
        self._post.send(np.concatenate([wave.slots() for wave in going]))
        after, count = clock.monotonic(), sum(wave.size for wave in going)
        each = (after - before) // count
        self._each = min(each, CHEAP)
        self._sent(going, now, before, each, after)
        return count

    def _ready(self, waves: list[Wave]) -> tuple[int, list[Wave], int]:
        """The instant (monotonic ns), which of these waves may go then, one after the other, and how long the others
        have to wait (ns)."""
        at = before = self._kit.clock.monotonic()
        going: list[Wave] = []
        wait = 0
        for wave in waves:
            missing = wave.early(at)
            wait = max(wait, missing)
            if missing <= 0:
                going.append(wave)
                at += wave.size * self._each
        return before, going, wait

    def _sent(self, waves: list[Wave], now: int, before: int, each: int, after: int) -> None:
        """A packet of each run of these waves has gone, one after the other between two instants (monotonic ns)."""
        firsts = []
        for wave in waves:
            firsts.append(before)
            before += wave.size * each
        for wave, first in zip(reversed(waves), reversed(firsts), strict=True):
            # what was late goes on with the others
            grid = max(self.grid, min(self.rest, wave.spacing, GRID) // self.grid * self.grid)
            if wave.sent(now, first, after, grid, self.offset):
                self._push(self._sending, wave.due, wave)
            else:
                self._push(self._waiting, wave.ends, wave)

    def _push(self, heap: list[tuple[int, int, Wave]], when: int, wave: Wave) -> None:
        self._order += 1
        heapq.heappush(heap, (when, self._order, wave))

    def _note(self, slot: int, kind: str, stamp: int) -> None:
        """Something befell a packet of an open run."""
        wave = self._waves.get(max((first for first in self._waves if first <= slot), default=-1))
        if wave is None or slot >= wave.first + wave.size * wave.packets:
            return
        at, number = divmod(slot - wave.first, wave.packets)
        if not wave.open[at]:
            return
        run = wave.run(at)
        run.duplicates += kind == "duplicates"
        if run.explain:
            run.notes += ((number, kind, stamp),)

    def close(self, reason: str) -> None:
        """End every open run as Unknown with this reason and close the socket."""
        left = [wave.run(at) for wave in self._waves.values() for at in np.flatnonzero(wave.open).tolist()]
        for wave in self._waves.values():
            wave.open[:] = False
        self._sending.clear()
        self._waiting.clear()
        self._waves.clear()
        self._part.clear()
        self.opened.sock.close()
        self._overflow.close()
        self._closer.first_hop.close()
        for run in left:
            run.done(Seen(run.wave.at or self._kit.clock.wall(), Outcome.UNKNOWN, reason))
