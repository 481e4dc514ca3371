"""Running bursts with the engine and waiting for what they saw."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from probes.clock import SystemClock
from probes.kind import Kit, Seen, Well
from probes.net.icmp.engine import Engine
from probes.net.icmp.routes import Route
from probes.net.icmp.run import Party, Plan, Run, Squad
from probes.sample import Outcome

MS = 1_000_000


class Alive:
    """A life without lag."""

    def worst_lag(self, start: int, end: int) -> int:
        return 0


class NoNames:
    """A resolver that is never asked."""

    def known(self, name: str, family: int) -> str | None:
        return None

    async def resolve(self, name: str, family: int, timeout: int) -> str:  # noqa: ASYNC109
        raise AssertionError(f"{name} was looked up")


def kit() -> Kit:
    """The machine's clock, a life without lag, no names."""
    return Kit(SystemClock(), Alive(), NoNames())


def plan(address: str, packets: int = 5, spacing: int = 20 * MS, timeout: int = 300 * MS, **of_route: Any) -> Plan:
    """A plan for a literal address."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return Plan(Route(family, address, **of_route), packets, spacing, timeout)


async def burst(engine: Engine, what: Plan, explain: bool = False) -> Seen:
    """One run."""
    future: asyncio.Future[Seen] = asyncio.get_running_loop().create_future()
    engine.add(Run(what, future.set_result, explain))
    return await asyncio.wait_for(future, 20)


async def until(ready: Callable[[], bool], wait: float = 0.002) -> None:
    """Let the event loop run until something is so; looks again every ``wait`` seconds."""
    while not ready():  # noqa: ASYNC110
        await asyncio.sleep(wait)


async def bursts(engine: Engine, plans: list[Plan], rounds: int = 1) -> list[list[Seen]]:
    """Each plan run so many times, one after another; all plans at once."""

    async def repeat(what: Plan) -> list[Seen]:
        return [await burst(engine, what) for _ in range(rounds)]

    return list(await asyncio.gather(*(repeat(what) for what in plans)))


async def parties(engine: Engine, plans: list[Plan], rounds: int = 1) -> list[list[Seen]]:
    """The same as rounds of one party: what is told of many at once as if it had been told of each."""
    squad = Squad(plans, range(len(plans)), [what.route.address for what in plans])
    seen: list[list[Seen]] = [[] for _ in plans]
    told: set[int] = set()

    def end(place: int, what: Seen) -> None:
        assert place not in told
        told.add(place)
        seen[place].append(what)

    def well(found: Well) -> None:
        for place, rtts in zip(found.places.tolist(), found.rtts.tolist(), strict=True):
            count, address = len(rtts), found.addresses[place]
            end(place, Seen(found.at, Outcome.UP, None, found.took, count, count, tuple(rtts), address=address))

    for _ in range(rounds):
        told.clear()
        engine.add(Party(squad, end, well))
        await asyncio.wait_for(until(lambda: len(told) == len(plans)), 20)
    return seen
