"""Does anything grow? ``make campaign-soak``: a million probes of local fakes, ICMP over loopback and HTTP.

Probes run in waves; after each wave nothing is under way, so descriptors and tasks must be back at their base. Memory
is what the process holds after a collection; its growth counts from half way on, when every table has
been filled once (that of packets under way takes its pages from the system as they are first used). Blocks are the
objects of the interpreter, which settle much sooner. The last line is JSON.
"""

import argparse
import asyncio
import gc
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from config.model import Target
from probes.clock import SystemClock
from probes.kind import Cohort, Kit, Prober, Together
from probes.kinds import http, icmp
from probes.slots import LARGEST
from tests.bench.page import Page
from tests.lab.bursts import Alive, NoNames
from tests.lab.space import allow_datagram, own_network

SECOND = 1_000_000_000
WAVE, HTTP_SHARE = 1_000, 20
REST = 2.5
"""Seconds after which no timeout runs any more, so that how fast waves follow each other makes no difference."""
TARGETS = 200


class Base(NamedTuple):
    """What a process has while nothing is under way."""

    descriptors: int
    tasks: int
    kib: int
    blocks: int


class Soaked(NamedTuple):
    """What a soak found: outcomes, growth in descriptors and tasks, KiB of memory and objects per 1,000 probes."""

    outcomes: Counter[str]
    descriptors: int
    tasks: int
    kib_per_1000: float
    blocks_per_1000: float


def now() -> Base:
    """What this process has."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    return Base(
        descriptors, len(asyncio.all_tasks()), pages * os.sysconf("SC_PAGESIZE") // 1024, sys.getallocatedblocks()
    )


def targets(port: int) -> tuple[list[Target], list[Target]]:
    """Pings of many addresses of the loopback network, and pages of one server."""
    pings = [
        icmp.Options(host=f"127.1.{number // 250}.{number % 250 + 1}", packets=1, size=56) for number in range(TARGETS)
    ]
    pages = [http.Options(url=f"http://127.0.0.1:{port}/{number}") for number in range(TARGETS)]
    return (
        [_target(f"ping{number}", "icmp", options) for number, options in enumerate(pings)],
        [_target(f"page{number}", "http", options) for number, options in enumerate(pages)],
    )


def _target(name: str, kind: str, options: icmp.Options | http.Options) -> Target:
    return Target(name=name, kind=kind, options=options, every=10 * SECOND, timeout=2 * SECOND)


async def wave(probers: dict[str, Prober], aims: list[Target], cohorts: list[Cohort], outcomes: Counter[str]) -> None:
    """All of these at once, cohorts as such; returns when each has been told of."""
    over = asyncio.get_running_loop().create_future()
    left = len(aims) + sum(len(cohort.targets) for cohort in cohorts)

    def end(outcome: str, count: int = 1) -> None:
        nonlocal left
        outcomes[outcome] += count
        left -= count
        if not left:
            over.set_result(None)

    for aim in aims:
        probers[aim.kind].start(aim, lambda seen: end(seen.outcome))
    for cohort in cohorts:
        prober = probers["icmp"]
        assert isinstance(prober, Together)
        places = range(len(cohort.targets))
        prober.start_all(cohort, places, lambda _, seen: end(seen.outcome), lambda well: end("up", len(well.places)))
    await over


async def soak(count: int) -> Soaked:
    """So many probes, one in twenty over HTTP; in every second wave the others are cohorts."""
    server = await asyncio.get_running_loop().create_server(Page, "127.0.0.1", 0, backlog=1024)
    kit = Kit(SystemClock(), Alive(), NoNames())
    probers: dict[str, Prober] = {"icmp": icmp.open(kit), "http": http.open(kit)}
    pings, pages = targets(server.sockets[0].getsockname()[1])
    aims = [pages[n % TARGETS] if n % HTTP_SHARE == 0 else pings[n % TARGETS] for n in range(WAVE)]
    alone = [aim for aim in aims if aim.kind == "icmp"]
    cohorts = [Cohort(tuple(alone[at : at + LARGEST])) for at in range(0, len(alone), LARGEST)]
    outcomes: Counter[str] = Counter()
    waves = max(5, count // WAVE)
    base = None
    for number in range(waves):
        if number % 2:
            await wave(probers, [aim for aim in aims if aim.kind != "icmp"], cohorts, outcomes)
        else:
            await wave(probers, aims, [], outcomes)
        if number == waves // 2:
            await asyncio.sleep(REST)
            base = now()
        if sys.stderr.isatty() and number % 50 == 0:
            print(f"\r{number / waves:.0%}", end="", file=sys.stderr)
    await asyncio.sleep(REST)
    after = now()
    assert base is not None
    for prober in probers.values():
        prober.close()
    server.close()
    since = (waves - waves // 2 - 1) * WAVE / 1000
    grown = [b - a for a, b in zip(base, after, strict=True)]
    return Soaked(outcomes, grown[0], grown[1], grown[2] / since, grown[3] / since)


@contextmanager
def loopback() -> Iterator[None]:
    """A network in which everything under 127.0.0.0/8 answers at once and nobody else is."""
    with own_network():
        allow_datagram()
        yield


def main() -> None:
    """Print the figures, last of all as one line of JSON; exit 1 if anything grew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--probes", type=int, default=1_000_000)
    told = parser.parse_args()
    began = time.monotonic()
    with loopback():
        found = asyncio.run(soak(told.probes))
    figures = {
        "probes": found.outcomes.total(),
        "up": found.outcomes["up"],
        "descriptors_grown": found.descriptors,
        "tasks_grown": found.tasks,
        "kib_per_1000_probes": round(found.kib_per_1000, 4),
        "blocks_per_1000_probes": round(found.blocks_per_1000, 2),
        "seconds": round(time.monotonic() - began, 1),
    }
    print(json.dumps(figures))
    sys.exit(found.descriptors > 0 or found.tasks > 0 or found.kib_per_1000 >= 1)


if __name__ == "__main__":
    main()
