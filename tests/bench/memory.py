"""``make bench-memory``: what a daemon holds that pings ten targets, and one that pings ten thousand, with one packet
and with five every ten seconds.

Read from the kernel's books every second for three minutes, from forty seconds after the daemon is up to date on, with
a scrape every fifteen: the median and the most of what is resident, and the medians of what is the process's own
(``anonymous``) and of what are clean pages of files, which go when memory is short. At ten thousand targets batches are
sorted once or twice in that time. MB are 10^6.
``UPHELD_BENCH_TARGETS`` takes others, ``10000x5`` for so many targets of so many packets, separated by commas.
"""

import json
import os
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.bench.network import benched
from tests.bench.whole import running

AFTER, WATCHED, SCRAPED = 40, 180, 15


def held(targets: int, packets: int) -> dict[str, float]:
    """In MB, of a daemon on so many targets with so many packets every ten seconds each."""
    with running(targets, packets) as (pid, metrics):
        time.sleep(AFTER)
        seen = list(_watched(pid, metrics))
    resident, anonymous = zip(*seen, strict=True)
    of_files = [whole - own for whole, own in seen]
    parts = {"resident": median(resident), "most": max(resident), "anonymous": median(anonymous)}
    return {f"{what}_mb": round(amount, 1) for what, amount in (*parts.items(), ("of_files", median(of_files)))}


def _watched(pid: int, metrics: str) -> Iterator[tuple[float, float]]:
    """Resident and anonymous (MB), second by second."""
    for second in range(WATCHED):
        if second % SCRAPED == 0:
            with urllib.request.urlopen(metrics, timeout=30) as answer:
                answer.read()
        told = [line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]]
        kib = {fields[0]: int(fields[1]) for fields in told}
        yield kib["Rss:"] * 1024 / 1e6, kib["Anonymous:"] * 1024 / 1e6
        time.sleep(1)


def main() -> None:
    """Measure and print."""
    asked = os.environ.get("UPHELD_BENCH_TARGETS", "10x1,10000x1,10000x5").split(",")
    with benched(20):
        found = {one: held(*map(int, one.split("x"))) for one in asked}
    print(json.dumps({**found, "load": round(os.getloadavg()[0], 1)}))


if __name__ == "__main__":
    main()
