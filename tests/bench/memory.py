"""``make bench-memory``: what a daemon holds that pings ten targets, and one that pings ten thousand.

Read from the kernel's books forty seconds after the daemon is up to date, right after a scrape: resident in all, of it
what is the process's own (``anonymous``) and what are clean pages of files, which go when memory is short. MB are 10^6.
``UPHELD_BENCH_TARGETS`` takes other numbers of targets, separated by commas.
"""

import json
import os
import time
import urllib.request
from pathlib import Path

from tests.bench.network import benched
from tests.bench.whole import running

AFTER = 40


def held(targets: int) -> dict[str, float]:
    """In MB, of a daemon on so many targets with one packet every ten seconds each."""
    with running(targets, 1) as (pid, metrics):
        time.sleep(AFTER)
        with urllib.request.urlopen(metrics, timeout=30) as answer:
            answer.read()
        told = [line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]]
    kib = {fields[0]: int(fields[1]) for fields in told}
    anonymous, resident = kib["Anonymous:"] * 1024 / 1e6, kib["Rss:"] * 1024 / 1e6
    parts = {"resident": resident, "anonymous": anonymous, "of_files": resident - anonymous}
    return {f"{what}_mb": round(amount, 1) for what, amount in parts.items()}


def main() -> None:
    """Measure and print."""
    numbers = os.environ.get("UPHELD_BENCH_TARGETS", "10,10000").split(",")
    with benched(20):
        found = {number: held(int(number)) for number in numbers}
    print(json.dumps({**found, "load": round(os.getloadavg()[0], 1)}))


if __name__ == "__main__":
    main()
