"""How far a measured round trip is from the truth: ``python -m tests.bench.accuracy``.

The truth is what a packet socket on the prober's interface sees (``tests.bench.tap``). Measured in one run: the engine
idle, the engine with its event loop blocked 30 ms of every 50 ms, and fping, over the same path of about 5 ms.
fping tells a round trip below 10 ms to three digits; beyond that it would round to 0.1 ms.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from probes.kind import Seen
from probes.net.icmp.engine import Engine
from tests.bench.network import address, benched
from tests.lab.bursts import MS, bursts, kit, plan

Measured = dict[str, list[int]]
TARGETS = 250


@contextmanager
def tapped(found: Measured) -> Iterator[None]:
    """Fill ``found`` with the true round trips of each address, in the order of sending."""
    command = ["taskset", "-c", "1", sys.executable, "-m", "tests.bench.tap", "here"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as tap:
        assert tap.stdin is not None and tap.stdout is not None
        tap.stdout.readline()
        yield
        time.sleep(0.3)
        tap.stdin.close()
        for line in tap.stdout:
            where, took = line.split()
            found.setdefault(where, []).append(int(took))


async def engine_times(rounds: int, hog: bool) -> Measured:
    """Each of the targets probed so many times with five packets; with ``hog`` the loop is blocked 30 ms of 50."""
    engine = Engine(kit())
    plans = [plan(address(number), spacing=100 * MS, timeout=1000 * MS) for number in range(TARGETS)]
    over = False

    async def block() -> None:
        while not over:
            time.sleep(0.03)  # noqa: ASYNC251
            await asyncio.sleep(0.02)

    hogging = asyncio.ensure_future(block()) if hog else None
    seen = await bursts(engine, plans, rounds)
    over = True
    if hogging is not None:
        await hogging
    engine.close()
    return {what.route.address: answered(runs) for what, runs in zip(plans, seen, strict=True)}


def answered(runs: list[Seen]) -> list[int]:
    """All round trips of these runs, in the order of sending."""
    times = [rtt for run in runs for rtt in run.rtts]
    assert None not in times, "a packet was lost on a path without loss"
    return [rtt for rtt in times if rtt is not None]


def fping_times(rounds: int) -> Measured:
    """The same of fping: each target so many times, 2 ms between packets."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "targets"
        file.write_text("".join(f"{address(number)}\n" for number in range(TARGETS)))
        command = ["fping", "-q", "-C", str(5 * rounds), "-i", "2", "-p", "600", "-f", str(file)]
        told = subprocess.run(command, capture_output=True, text=True).stderr
    found: Measured = {}
    for line in told.splitlines():
        where, _, times = line.partition(" : ")
        if times:
            found[where.strip()] = [round(float(t) * MS) for t in times.split() if t != "-"]
    return found


def errors(measured: Measured, truth: Measured) -> list[float]:
    """|measured - true| of every packet, in microseconds, sorted."""
    found = []
    for where, times in measured.items():
        assert len(times) == len(truth[where]), f"{where}: {len(times)} measured, {len(truth[where])} seen"
        found += [abs(one - other) / 1000 for one, other in zip(times, truth[where], strict=True)]
    return sorted(found)


def percentiles(name: str, measure: Callable[[], Measured]) -> dict[str, float]:
    """p50 and p99 (nearest rank) of the errors of one way of measuring."""
    truth: Measured = {}
    with tapped(truth):
        measured = measure()
    all_errors = errors(measured, truth)
    rank = [all_errors[-(-len(all_errors) * percent // 100) - 1] for percent in (50, 99)]
    print(f"{name}: {len(all_errors)} packets, p50 {rank[0]:.2f} us, p99 {rank[1]:.2f} us", file=sys.stderr)
    return {f"{name}_p50_us": round(rank[0], 3), f"{name}_p99_us": round(rank[1], 3)}


def main() -> None:
    """Print the figures, last of all as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="bursts of five packets to each of 250 targets")
    rounds = parser.parse_args().rounds
    with benched(5):
        found = percentiles("idle", lambda: asyncio.run(engine_times(rounds, hog=False)))
        found |= percentiles("blocked", lambda: asyncio.run(engine_times(rounds, hog=True)))
        found |= percentiles("fping_idle", lambda: fping_times(rounds))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
