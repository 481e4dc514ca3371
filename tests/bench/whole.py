"""The whole daemon on many ICMP targets: probing, judging, storing, serving; its CPU from the kernel's books."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from monitor.store.sqlite import open_store
from tests.bench.network import address

ROOT = Path(__file__).parents[2]
OF_ONE_CONTRACT = 100
WITHIN = 120


class Work(NamedTuple):
    """What the daemon did while it was watched: packets, CPU seconds, wall seconds; its memory then (MB)."""

    packets: float
    cpu: float
    wall: float
    resident: float

    @property
    def each(self) -> float:
        """Microseconds of CPU per packet."""
        return self.cpu / self.packets * 1e6


def whole_turn(targets: int, packets: int, warm: float, seconds: float) -> Work:
    """A daemon on so many targets, every ten seconds each with so many packets; watched after a warm-up."""
    with running(targets, packets) as (pid, metrics):
        time.sleep(warm)
        return _watched(pid, metrics, packets, seconds)


@contextmanager
def running(targets: int, packets: int) -> Iterator[tuple[int, str]]:
    """A daemon that is up to date: its process and where its metrics are. Its store is there already, if empty: the
    one start in a store's life that makes it holds two megabytes more, the code for that."""
    with tempfile.TemporaryDirectory() as home:
        open_store(Path(home) / "upheld.db").close()
        config = Path(home) / "upheld.yaml"
        config.write_text(json.dumps(settings(targets, packets)))
        said = Path(home) / "said"
        command = (sys.executable, "-m", "monitor.cli", "run", "-c", str(config), "--store", f"{home}/upheld.db")
        with said.open("wb") as out, subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out) as daemon:
            try:
                metrics = _served(said)
                _caught_up(metrics)
                yield daemon.pid, metrics
            finally:
                daemon.terminate()


def _watched(pid: int, metrics: str, packets: int, seconds: float) -> Work:
    samples, cpu, wall = _samples(metrics), _cpu(pid), time.monotonic()
    time.sleep(seconds)
    spent, wall = _cpu(pid) - cpu, time.monotonic() - wall
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    done = _samples(metrics) - samples
    return Work(done * packets, spent, wall, pages * os.sysconf("SC_PAGESIZE") / 1e6)


def settings(targets: int, packets: int) -> dict[str, object]:
    """Contracts over a hundred targets each."""
    names = [f"t{number}" for number in range(targets)]
    probe = {"kind": "icmp", "packets": packets}
    return {
        "upheld": 1,
        "daemon": {"listen": "127.0.0.1:0", "metrics": "127.0.0.1:0"},
        "targets": {
            name: {"probe": {**probe, "host": address(number)}, "every": "10s", "timeout": "1s"}
            for number, name in enumerate(names)
        },
        "contracts": {
            f"c{first}": {
                "provider": "a peer",
                "customer": "a bench",
                "timezone": "Europe/Berlin",
                "services": {"lines": {"targets": names[first : first + OF_ONE_CONTRACT]}},
                "promises": ["availability >= 99.9%", "packet delivery >= 99%", "mean latency <= 40ms"],
            }
            for first in range(0, targets, OF_ONE_CONTRACT)
        },
    }


def _served(said: Path) -> str:
    """Where the metrics are, once the daemon says so."""
    end = time.monotonic() + WITHIN
    while (found := re.search(r"metrics +(\S+)\n", said.read_text())) is None:
        if time.monotonic() > end:
            raise TimeoutError(said.read_text())
        time.sleep(0.1)
    return found[1]


def _caught_up(metrics: str) -> None:
    """Once samples are recorded as they come, whatever waited for the start."""
    end = time.monotonic() + WITHIN
    while not _samples(metrics) or _sum("upheld_intake_lag_seconds", metrics) > 2:
        if time.monotonic() > end:
            raise TimeoutError(f"the daemon is not up to date after {WITHIN} s")
        time.sleep(1)


def _samples(metrics: str) -> float:
    return _sum("upheld_samples_total", metrics)


def _sum(name: str, metrics: str) -> float:
    """Over all series of that name."""
    with urllib.request.urlopen(metrics, timeout=30) as answer:
        text = answer.read().decode()
    return sum(float(value) for value in re.findall(rf"^{name}(?:\{{.*\}})? (\S+)$", text, re.MULTILINE))


def _cpu(pid: int) -> float:
    """User and system seconds of a process (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
