"""Faults of the monitor's own with a real daemon: stopped, without descriptors, cut off from the world.

The targets are healthy throughout, so what the daemon has recorded in the end must hold no Down.
"""

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random

from monitor.configuration import read
from monitor.sla.statement import build
from monitor.store.sqlite import open_store
from tests.lab.space import peer_network, within
from tests.oracle.build import period

ROOT = Path(__file__).parents[2]
NEAR, GATEWAY, FAR, PORT = "10.79.0.1", "10.79.0.2", "10.81.0.1", 8088
EVERY = 1.0
DAY = 86_400_000_000_000

Fault = Callable[["Site", Random], None]


class Site:
    """Two networks with one wire between them: the daemon in one, in the other the gateway, which is its witness, and
    the targets behind it. (Were they neighbours on the wire, each would have to be found there anew by ARP, and a
    neighbour that is not found is Down by right.)"""

    def __init__(self, home: Path, here: int, there: int) -> None:
        self.home, self._here, self._there = home, here, there
        self._wire()
        page = home / "page"
        page.mkdir()
        (page / "index.html").write_text("well")
        web = (sys.executable, "-m", "http.server", "--bind", FAR, "-d", str(page), str(PORT))
        self._web = self._begin(there, *web)
        self.config = home / "upheld.yaml"
        self.config.write_text(json.dumps(_settings()))
        self.store = home / "upheld.db"
        run = ("-m", "monitor.cli", "run", "-c", str(self.config), "--store", str(self.store))
        self.daemon = self._begin(here, sys.executable, *run)

    def _wire(self) -> None:
        here = ("nsenter", "-t", str(self._here), "-n", "ip")
        make = ("link", "add", "here", "type", "veth", "peer", "name", "there", "netns", str(self._there))
        for command in (make, ("addr", "add", f"{NEAR}/24", "dev", "here"), ("link", "set", "here", "up")):
            subprocess.run([*here, *command], check=True, capture_output=True)
        self.far("ip", "addr", "add", f"{GATEWAY}/24", "dev", "there")
        self.far("ip", "addr", "add", f"{FAR}/32", "dev", "lo")
        self.far("ip", "link", "set", "there", "up")
        subprocess.run([*here, "route", "add", f"{FAR}/32", "via", GATEWAY], check=True, capture_output=True)

    def _begin(self, network: int, *command: str) -> subprocess.Popen[bytes]:
        log = (self.home / "log").open("ab")
        with log:
            return subprocess.Popen(["nsenter", "-t", str(network), "-n", *command], cwd=ROOT, stdout=log, stderr=log)

    def far(self, *command: str) -> None:
        """A command in the targets' network."""
        within(self._there, *command)

    def until_ready(self) -> None:
        """Returns once the daemon has told where it serves, and has probed for a while."""
        end = time.monotonic() + 30
        while "  status   " not in (said := (self.home / "log").read_text()):
            assert self.daemon.poll() is None and time.monotonic() < end, said
            time.sleep(0.05)
        time.sleep(3 * EVERY)

    def close(self) -> None:
        """Ends what it began."""
        self.daemon.send_signal(signal.SIGTERM)
        try:
            self.daemon.wait(10)
        finally:
            self._web.kill()
            self._web.wait()

    def judged(self) -> tuple[int, int]:
        """Down and Up of all services (ns), by the evaluator."""
        config = read(str(self.config))
        now = time.time_ns() // 1_000_000 * 1_000_000
        store = open_store(str(self.store), read_only=True)
        try:
            made = build(config, config.contracts["acme"], period(now - DAY, now + DAY), store, None)
        finally:
            store.close()
        return sum(s.down for s in made.services), sum(s.up for s in made.services)


def _settings() -> dict[str, object]:
    ping = {"kind": "icmp", "packets": 1}
    soon = {"every": "1s", "timeout": "400ms"}
    targets = {
        "line": {"probe": {**ping, "host": FAR}, **soon},
        "page": {"probe": {"kind": "http", "url": f"http://{FAR}:{PORT}/"}, **soon},
        "gateway": {"probe": {**ping, "host": GATEWAY}, **soon},
    }
    return {
        "upheld": 1,
        "daemon": {"listen": "127.0.0.1:0", "metrics": "127.0.0.1:0"},
        "vantage": {"name": "here", "witnesses": ["gateway"]},
        "targets": targets,
        "contracts": {
            "acme": {
                "provider": "P",
                "customer": "C",
                "timezone": "UTC",
                "services": {"line": {"targets": ["line"]}, "page": {"targets": ["page"]}},
                "promises": ["availability >= 99.9%"],
            }
        },
    }


def stopped(site: Site, rng: Random) -> None:
    """SIGSTOP for a moment to three seconds."""
    os.kill(site.daemon.pid, signal.SIGSTOP)
    time.sleep(0.1 * 30 ** rng.random())
    os.kill(site.daemon.pid, signal.SIGCONT)


def starved(site: Site, rng: Random) -> None:
    """No further descriptor for up to three seconds."""
    pid = site.daemon.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (len(list(Path(f"/proc/{pid}/fd").iterdir())), before[1]))
    time.sleep(rng.uniform(1, 3))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, before)


def unplugged(site: Site, rng: Random) -> None:
    """The wire has no carrier for two to four seconds."""
    site.far("ip", "link", "set", "there", "down")
    time.sleep(rng.uniform(2, 4))
    site.far("ip", "link", "set", "there", "up")


def unanswered(site: Site, rng: Random) -> None:
    """Nothing comes back from beyond the wire for two to four seconds."""
    site.far("ip", "route", "add", "blackhole", f"{NEAR}/32")
    time.sleep(rng.uniform(2, 4))
    site.far("ip", "route", "del", "blackhole", f"{NEAR}/32")


FAULTS: tuple[Fault, ...] = (stopped, starved, unplugged, unanswered)


@contextmanager
def sites() -> Iterator[Site]:
    """A site while the context lasts."""
    with tempfile.TemporaryDirectory() as home, peer_network() as here, peer_network() as there:
        site = Site(Path(home), here, there)
        try:
            yield site
        finally:
            if site.daemon.poll() is None:
                site.close()


def series(fault: Fault, count: int) -> tuple[int, int]:
    """The same fault again and again on one daemon; gives Down and Up (ns) in the end."""
    rng = Random(fault.__name__)
    with sites() as site:
        site.until_ready()
        for _ in range(count):
            assert site.daemon.poll() is None, (site.home / "log").read_text()
            fault(site, rng)
            time.sleep(rng.uniform(2, 3) * EVERY)
        site.close()
        return site.judged()


def real_episodes(count: int) -> tuple[int, int]:
    """So many, a share of each fault, on daemons side by side; gives how many and the Down in all (ns)."""
    shares = [count // len(FAULTS) + (n < count % len(FAULTS)) for n in range(len(FAULTS))]
    with ThreadPoolExecutor(len(FAULTS)) as pool:
        found = list(pool.map(series, FAULTS, shares))
    for fault, share, (down, up) in zip(FAULTS, shares, found, strict=True):
        assert up > 3_000_000_000, f"{fault.__name__}: the daemon has seen nothing"
        print(f"real: {fault.__name__} {share} times: {down} ns Down, {up / 1e9:.0f} s Up", flush=True)
    return count, sum(down for down, _ in found)
