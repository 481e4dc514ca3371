"""The one prober of ICMP: its engine, and the names being looked up."""

import asyncio
import socket
from collections.abc import Callable, Sequence
from functools import partial
from weakref import WeakKeyDictionary

from config.model import Target
from probes.kind import Cohort, Kit, ResolveError, Seen, Well
from probes.kinds.icmp import Options
from probes.net.icmp.engine import Engine
from probes.net.icmp.match import Counts
from probes.net.icmp.routes import Route
from probes.net.icmp.run import Party, Plan, Run, Squad
from probes.sample import Outcome

_Squads = tuple[list[Squad], Sequence[int]]


class Icmp:
    """All runs of this kind in this process; see ``probes.kind.Prober``."""

    def __init__(self, kit: Kit, engine: Engine | None = None) -> None:
        self._kit = kit
        self._engine = engine or Engine(kit)
        self._plans: dict[str, tuple[Target, Plan]] = {}
        self._squads: WeakKeyDictionary[Cohort, _Squads] = WeakKeyDictionary()
        self._lookups: set[asyncio.Task[None]] = set()

    def start(self, target: Target, done: Callable[[Seen], None], explain: bool = False) -> None:
        """See ``probes.kind.Prober``. A few microseconds for a literal address; names are looked up in a task."""
        known = self._plans.get(target.name)
        if known is not None and known[0] is target:
            self._engine.add(Run(known[1], done, explain))
            return
        options = target.options
        if not isinstance(options, Options):
            raise TypeError(f"target {target.name!r} is not of kind icmp")
        if options.literal:
            plan = _plan(options, options.host, target.timeout)
            self._plans[target.name] = (target, plan)
            self._engine.add(Run(plan, done, explain))
            return
        address = self._kit.resolver.known(options.host, _family(options))
        if address is not None:
            self._engine.add(Run(_plan(options, address, target.timeout), done, explain))
            return
        task = asyncio.get_running_loop().create_task(self._look_up(target, options, done, explain))
        self._lookups.add(task)
        task.add_done_callback(self._lookups.discard)

    def start_all(
        self, cohort: Cohort, places: Sequence[int], done: Callable[[int, Seen], None], well: Callable[[Well], None]
    ) -> None:
        """See ``probes.kind.Together``. Literal addresses go together where none of the cohort is missing."""
        if len(places) == len(cohort.targets):
            squads, places = self._squads.get(cohort) or self._squads.setdefault(cohort, _squads(cohort))
            for squad in squads:
                self._engine.add(Party(squad, done, well))
        for place in places:
            self.start(cohort.targets[place], partial(done, place))

    @property
    def stamped(self) -> bool:
        """See ``probes.kind.Together``."""
        return self._engine.stamped

    async def _look_up(self, target: Target, options: Options, done: Callable[[Seen], None], explain: bool) -> None:
        clock = self._kit.clock
        at, begun = clock.wall(), clock.monotonic()
        family = _family(options)
        try:
            address = await self._kit.resolver.resolve(options.host, family, target.timeout)
        except ResolveError as error:
            owners = error.reason in ("nxdomain", "no_address")
            outcome = Outcome.DOWN if owners else Outcome.UNKNOWN
            steps = (f"resolve {options.host} (IPv{options.version}): {error}",)
            done(Seen(at, outcome, error.reason, clock.monotonic() - begun, steps=steps if explain else ()))
            return
        except asyncio.CancelledError:
            done(Seen(at, Outcome.UNKNOWN, "shutdown", clock.monotonic() - begun))
            raise
        took = clock.monotonic() - begun
        plan = _plan(options, address, target.timeout)
        self._engine.add(Run(plan, done, explain, (("resolve", took),)))

    def counts(self, family: int) -> Counts:
        """What was sent and heard over ``socket.AF_INET`` or ``AF_INET6`` so far."""
        return self._engine.counts(family)

    def close(self) -> None:
        """See ``probes.kind.Prober``."""
        for task in list(self._lookups):
            task.cancel()
        self._engine.close()


def _family(options: Options) -> int:
    return int(socket.AF_INET if options.version == 4 else socket.AF_INET6)


def _plan(options: Options, address: str, timeout: int) -> Plan:
    route = Route(_family(options), address, options.size, options.dscp, options.ttl, options.source)
    return Plan(route, options.packets, options.spacing, timeout, options.up_when)


def _squads(cohort: Cohort) -> _Squads:
    """The targets with literal addresses, by what must be equal for their packets to go out together; then the places
    of the others."""
    alike: dict[tuple[Route, tuple[int, ...]], list[tuple[int, Plan]]] = {}
    addresses: list[str | None] = [None] * len(cohort.targets)
    for place, target in enumerate(cohort.targets):
        options = target.options
        if isinstance(options, Options) and options.literal:
            plan = _plan(options, options.host, target.timeout)
            addresses[place] = plan.route.address
            alike.setdefault((plan.route._replace(address=""), plan.shape), []).append((place, plan))
    squads = [Squad([plan for _, plan in some], [place for place, _ in some], addresses) for some in alike.values()]
    return squads, [place for place, address in enumerate(addresses) if address is None]
