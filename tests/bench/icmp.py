"""CPU per ICMP packet beside fping, with every reply after 20 ms: ``make bench-icmp``.

Both sides in one run, in turns, on the same core with the peer on another. The engine's figure counts all that its
process spends, the starting of runs and the telling of what they saw included; fping's all that its process spends.
The whole daemon (probing, judging, storing, serving) is a process of its own on the same 10,000 targets, and the
memory told is its.
``--seconds`` is the length of one turn, ``--rounds`` how many turns each side has; the medians are compared.
"""

import argparse
import asyncio
import gc
import json
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from probes.kind import Seen, Well
from probes.net.icmp.engine import Engine
from probes.net.icmp.routes import Route
from probes.net.icmp.run import Party, Plan, Squad
from probes.slots import LARGEST, WIDE
from tests.bench.network import address, benched
from tests.bench.whole import whole_turn
from tests.lab.bursts import kit

MS = 1_000_000
SECOND = 1_000 * MS


class Turn(NamedTuple):
    """One side's turn: packets sent while it was measured, answered of all that were to be sent, CPU and wall
    seconds."""

    sent: int
    answered: int
    planned: int
    cpu: float
    wall: float

    @property
    def each(self) -> float:
        """Microseconds of CPU per packet."""
        return self.cpu / self.sent * 1e6


async def paced(engine: Engine, squads: list[Squad], seconds: float, every: int) -> Turn:
    """Start every squad once per ``every`` ns, spread evenly, on the grid of ``probes.schedule``; what is sent and
    spent while that goes on."""
    answered = planned = 0

    def done(_: int, seen: Seen) -> None:
        nonlocal answered
        answered += seen.received or 0

    def well(found: Well) -> None:
        nonlocal answered
        answered += found.rtts.size

    loop = asyncio.get_running_loop()
    before = engine.counts(socket.AF_INET).sent
    cpu, began, started = time.process_time(), time.monotonic_ns(), 0
    over = loop.create_future()

    def start() -> None:
        nonlocal started, planned
        due = (time.monotonic_ns() - began) * len(squads) // every
        for number in range(started, due):
            squad = squads[number % len(squads)]
            planned += len(squad) * squad.like.packets
            engine.add(Party(squad, done, well))
        started = due
        if time.monotonic_ns() - began < seconds * SECOND:
            loop.call_later((WIDE - time.time_ns() % WIDE) / SECOND, start)
        else:
            over.set_result(None)

    start()
    await over
    spent, wall = time.process_time() - cpu, (time.monotonic_ns() - began) / SECOND
    sent = engine.counts(socket.AF_INET).sent - before
    await asyncio.sleep(1.2)
    return Turn(sent, answered, planned, spent, wall)


def squads_of(targets: int, packets: int, every: int) -> list[Squad]:
    """As many targets in each as the schedule starts together, but no more than a cohort has."""
    size = min(LARGEST, targets * WIDE // every)
    plans = [Plan(Route(socket.AF_INET, address(number)), packets, 100 * MS, SECOND) for number in range(targets)]
    parts = [plans[first : first + size] for first in range(0, targets, size)]
    return [Squad(part, range(len(part)), [plan.route.address for plan in part]) for part in parts]


async def engine_turn(targets: int, packets: int, seconds: float, every: int = 10 * SECOND) -> Turn:
    """The engine probes all targets every ten seconds, after one quick round over all that is not counted."""
    engine = Engine(kit())
    squads = squads_of(targets, packets, every)
    quick = max(4, targets * packets // 20_000)
    await paced(engine, squads, quick, quick * SECOND)
    gc.freeze()  # as the daemon does when all is read in
    turn = await paced(engine, squads, seconds, every)
    engine.close()
    return turn


def fping_turn(file: Path, gap_ms: float, rounds: int) -> Turn:
    """fping over all targets with this gap between packets."""
    wall, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = ["fping", "-s", "-q", "-c", str(rounds), "-i", str(gap_ms), "-p", "1000", "-t", "900"]
    done = subprocess.run([*command, "-f", str(file)], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    sent = _number(done.stderr, "ICMP Echos sent")
    answered = _number(done.stderr, "ICMP Echo Replies received")
    assert sent, done.stderr[-400:]
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Turn(sent, answered, sent, cpu, time.monotonic() - wall)


def _number(text: str, what: str) -> int:
    lines = [line.split() for line in text.splitlines() if line.strip().endswith(what)]
    return int(lines[0][0]) if lines else 0


async def compare(
    targets: int, packets: int, gap_ms: float, arguments: argparse.Namespace, file: Path
) -> tuple[float, float]:
    """Turns of both sides; gives the ratio of the medians, and fping's median (microseconds a packet)."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(arguments.rounds):
        turn = await engine_turn(targets, packets, arguments.seconds)
        told(f"engine {targets} targets x {packets}", turn)
        ours.append(turn.each)
        other = fping_turn(file, gap_ms, max(1, round(arguments.seconds * packets / 10)))
        told(f"fping -i {gap_ms}", other)
        theirs.append(other.each)
    return statistics.median(ours) / statistics.median(theirs), statistics.median(theirs)


def told(what: str, turn: Turn) -> None:
    """One line to the person who waits."""
    print(
        f"{what}: {turn.sent} sent at {turn.sent / turn.wall:.0f}/s, {turn.answered} of {turn.planned} answered, "
        f"{turn.each:.2f} us CPU each, {turn.cpu / turn.wall:.1%} of a core",
        file=sys.stderr,
    )


async def measure(arguments: argparse.Namespace) -> dict[str, float]:
    """All figures."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "targets"
        file.write_text("".join(f"{address(number)}\n" for number in range(10_000)))
        for packets, gap_ms in ((1, 1.0), (5, 0.2)):
            rate = packets * 1000
            found[f"engine_ratio_{rate}"], fping = await compare(10_000, packets, gap_ms, arguments, file)
            if arguments.engine:
                continue
            work = await asyncio.to_thread(whole_turn, 10_000, packets, arguments.warm, 2 * arguments.seconds)
            print(f"whole daemon at {rate}/s: {work.each:.2f} us CPU each, {work.resident:.0f} MB", file=sys.stderr)
            found[f"whole_ratio_{rate}"] = work.each / fping
            found["rss_mb_10k"] = work.resident
    turn = await engine_turn(50_000, 5, arguments.seconds)
    told("engine 50000 targets x 5", turn)
    found["core_share_25000pps"] = turn.cpu / turn.sent * 25_000
    found["answered_share_25000pps"] = turn.answered / turn.planned
    return found


def main() -> None:
    """Print the figures, last of all as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--warm", type=float, default=30, help="seconds the whole daemon runs before it is watched")
    parser.add_argument("--engine", action="store_true", help="the engine alone, without the whole daemon")
    arguments = parser.parse_args()
    with benched(20):
        found = asyncio.run(measure(arguments))
    print(json.dumps({key: round(value, 4) for key, value in found.items()}))


if __name__ == "__main__":
    main()
