"""One run of one target: what is asked for, what is known while it is under way."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from probes.kind import Seen, Well
from probes.net.icmp.routes import Route
from probes.net.icmp.verdict import Limit

MILLISECOND, SECOND = 1_000_000, 1_000_000_000
WAITS, OVER = -1, -2
"""Of a run's index: it is not begun yet; it was told of."""
FINE = 20 * MILLISECOND
"""The finest tick."""
PUNCTUAL = 2 * MILLISECOND
"""How late a tick may be (ns), or by a twentieth of the spacing, so that what follows keeps to the plan all the same: a
kernel's timer is by up to 4 ms, at 250 of its ticks a second."""


@dataclass(slots=True)
class Plan:
    """What all runs of one target have in common. ``spacing`` between packets, ``timeout`` of each packet (ns).

    ``row``: where the route stood in the table at the last run, in its ``generation`` then; both kept by the lane."""

    route: Route
    packets: int
    spacing: int
    timeout: int
    limit: Limit | None = None
    row: int = -1
    generation: object = None

    @property
    def shape(self) -> tuple[int, int, int]:
        """What must be equal for runs to go out together."""
        return (self.packets, self.spacing, self.timeout)


class Run:
    """A run from ``start`` to ``done``; there are thousands a second, so it holds little: what all runs of a wave
    share is in ``wave``. ``index`` is its place in the wave (or ``WAITS``, ``OVER``), ``row`` that of its route.
    ``wave`` and ``row`` are set when it is begun."""

    __slots__ = ("done", "duplicates", "explain", "index", "notes", "phases", "plan", "row", "wave")

    wave: "Wave"
    row: int

    def __init__(
        self,
        plan: Plan,
        done: Callable[[Seen], None],
        explain: bool = False,
        phases: tuple[tuple[str, int], ...] = (),
    ) -> None:
        self.plan, self.done, self.explain, self.phases = plan, done, explain, phases
        self.index = WAITS
        self.duplicates = 0
        self.notes: tuple[tuple[int, str, int], ...] = ()


class Squad:
    """Targets of a cohort whose runs are alike in all but their addresses and limits: what is the same in every round.

    ``places`` are theirs in the cohort, ``addresses`` those of the whole cohort. ``rows`` of their routes, as of the
    lane's ``generation`` of them; both kept by the lane. A plan is made only for a run that becomes a single one: there
    may be very many targets."""

    __slots__ = ("_first", "_limits", "_own", "addresses", "generation", "places", "rows")

    def __init__(self, plans: Sequence[Plan], places: Sequence[int], addresses: Sequence[str | None]) -> None:
        self._first, self.places, self.addresses = plans[0], np.array(places, dtype=np.int64), addresses
        self._own = tuple(plan.route.address for plan in plans)
        limits = tuple(plan.limit for plan in plans)
        self._limits = () if limits.count(limits[0]) == len(limits) else limits
        self.rows = np.zeros(0, dtype=np.int64)
        self.generation: object = None

    def __len__(self) -> int:
        return len(self._own)

    @property
    def like(self) -> Plan:
        """The plan of the first."""
        return self._first

    def route(self, at: int) -> Route:
        """That of one of them."""
        return self._first.route._replace(address=self._own[at])

    def plan(self, at: int) -> Plan:
        """That of one of them."""
        first = self._first
        limit = self._limits[at] if self._limits else first.limit
        return Plan(self.route(at), first.packets, first.spacing, first.timeout, limit)

    @property
    def family(self) -> int:
        """That of all its addresses."""
        return self._first.route.family


class Party:
    """One round of a squad: its runs are under way together, and those that go well are told of together. ``begun``:
    whether the lane has it, or its runs one by one."""

    __slots__ = ("begun", "done", "squad", "well")

    def __init__(self, squad: Squad, done: Callable[[int, Seen], None], well: Callable[[Well], None]) -> None:
        self.squad, self.done, self.well = squad, done, well
        self.begun = False

    def run(self, at: int) -> Run:
        """One of its runs by itself."""
        return Run(self.squad.plan(at), partial(self.done, int(self.squad.places[at])))


def on_grid(now: int, grid: int, offset: int) -> int:
    """The last instant of the ticks' grid (monotonic ns), which lies on the wall clock: ``offset`` ns ahead."""
    return now - (now + offset) % grid


class Wave:
    """Runs that started in one tick with equal packets, spacing and timeout: their packets go out together.

    Their packets' slots lie side by side, run by run, from ``first`` on.
    They are single runs, or all of a ``party``, of which only those become single that have something to tell.
    ``open``: which are not over, ``left`` how many, ``rows`` those of their routes. ``at`` and ``begun`` are the
    instant of the first packets on the wall and the monotonic clock (ns), 0 before. ``drops`` and ``steps``: how many
    messages the socket had dropped and how often the clock had been set by then. ``due`` is when packet number
    ``next`` of each is to go, ``ends`` when the last packet's waiting time is over (monotonic ns), known once that one
    has gone; ``last`` when the latest went. ``slack``: by how much its ticks may be late (ns).
    """

    __slots__ = (
        "_runs", "at", "begun", "drops", "due", "ends", "first", "last", "left", "next", "open", "packets", "party",
        "rows", "size", "slack", "spacing", "steps", "timeout",
    )  # fmt: skip

    def __init__(self, who: Sequence[Run] | Party, rows: NDArray[np.int64], first: int, due: int) -> None:
        self.party = who if isinstance(who, Party) else None
        self._runs: dict[int, Run] = {}
        plan = who.squad.like if isinstance(who, Party) else who[0].plan
        self.rows, self.first = rows, first
        self.size = self.left = len(rows)
        self.open = np.ones(self.size, dtype=np.bool_)
        self.packets, self.spacing, self.timeout = plan.packets, plan.spacing, plan.timeout
        self.slack = max(PUNCTUAL, plan.spacing // 20)
        self.due, self.next, self.ends, self.last = due, 0, 0, 0
        self.at = self.begun = self.drops = self.steps = 0
        if not isinstance(who, Party):
            for at, run in enumerate(who):
                self._join(run, at)

    def _join(self, run: Run, at: int) -> None:
        run.index, run.wave, run.row = at, self, int(self.rows[at])
        self._runs[at] = run

    def run(self, at: int) -> Run:
        """One of its runs."""
        if at not in self._runs and self.party is not None:
            self._join(self.party.run(at), at)
        return self._runs[at]

    @property
    def single(self) -> Sequence[int]:
        """The places of those that are told of one by one."""
        return list(self._runs)

    def over(self, places: NDArray[np.int64]) -> None:
        """These runs are."""
        self.open[places] = False
        self.left -= len(places)

    def begin(self, at: int, begun: int, drops: int, steps: int) -> None:
        """The first packets are about to go."""
        self.at, self.begun, self.drops, self.steps = at, begun, drops, steps

    def slots(self) -> NDArray[np.int64]:
        """Those of the packets that go next, one for each run."""
        end = self.first + self.size * self.packets
        return np.arange(self.first + self.next, end, self.packets)

    def early(self, at: int) -> int:
        """How long packets that could go at this instant (monotonic ns) have to wait, so as not to come too close to
        those before."""
        return self.last + self.spacing - at if self.next else 0

    def sent(self, now: int, first: int, last: int, grid: int, offset: int = 0) -> bool:
        """One packet of each has gone between two instants, in the tick that came at ``now`` (monotonic ns). Gives
        whether there are more.

        The next is due one spacing after the time planned, if the tick kept that to within ``slack``, else on the
        first tick one spacing after now: no burst makes up for time lost."""
        if now - self.due <= self.slack:
            self.due += self.spacing
        else:
            self.due = on_grid(now + self.spacing + grid - 1, grid, offset)
        self.next += 1
        self.last, self.ends = first, last + self.timeout
        return self.next < self.packets
