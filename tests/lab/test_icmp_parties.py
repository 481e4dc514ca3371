"""Runs that are under way together: what one of them has to tell beside its answers."""

import asyncio
import socket

from probes.net.icmp.engine import Engine
from probes.sample import Outcome
from tests.lab.bursts import MS, kit, parties, plan
from tests.lab.responder import Answers, Request, Responder, reply
from tests.lab.space import needs_root, own_network

pytestmark = needs_root
FINE, TWICE = "10.77.0.5", "10.77.0.6"


def rule(request: Request) -> Answers:
    """Right answers at once, and from one target each of them again."""
    answers = [(MS, reply(request))]
    return answers * 2 if request.destination == socket.inet_aton(TWICE) else answers


async def test_a_duplicate_is_told_with_the_run_that_has_it_and_with_no_other() -> None:
    with own_network(), Responder(rule):
        engine = Engine(kit())
        ((fine,), (twice,)) = await parties(engine, [plan(host, packets=3, spacing=60 * MS) for host in (FINE, TWICE)])
        engine.close()
    assert (fine.outcome, fine.received, fine.duplicates) == (Outcome.UP, 3, 0)
    assert (twice.outcome, twice.received) == (Outcome.UP, 3)
    assert twice.duplicates >= 2  # the last may come when the run is over


async def test_a_clock_that_is_set_under_way_is_no_answer_of_anybody() -> None:
    with own_network(), Responder(rule):
        engine = Engine(kit())
        under_way = asyncio.ensure_future(parties(engine, [plan(FINE, packets=3, spacing=100 * MS)]))
        await asyncio.sleep(0.15)
        engine._real.steps += 1
        ((seen,),) = await under_way
        engine.close()
    assert (seen.outcome, seen.reason) == (Outcome.UNKNOWN, "clock_step")
