"""How many bytes a stored sample takes, and how long writing and reading one takes; Prometheus beside it.

Twenty targets over a week, every 30 s, path of 20 ms with a lognormal tail, 0.5 % lost, probes started up to 20 ms
after their slot, written in the order of time in batches of 250 and sealed as the hours go by. Prometheus gets the
same instants, round-trip times and outcomes through ``promtool tsdb create-blocks-from openmetrics``. Bytes are
pages in use, less those of an empty store, over samples. Times are CPU time of the process, reading is wall time,
best of five. Prints one line of JSON.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from monitor.store.connection import open_reader
from monitor.store.port import Batch
from monitor.store.sqlite import open_store
from probes.sample import Outcome, Sample

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
START = 1_790_812_800 * SECOND
EVERY = 30 * SECOND
BATCH = 250


def samples(targets: int, days: int, packets: int) -> Iterator[Sample]:
    """The week, in the order of time."""
    rng = random.Random(packets)
    seq = 0
    for slot in range(START, START + days * DAY, EVERY):
        for number in range(targets):
            seq += 1
            scheduled = slot + number * EVERY // targets
            rtts = tuple(_rtt(rng) for _ in range(packets))
            seen = [rtt for rtt in rtts if rtt is not None]
            yield Sample(
                target=f"customer-{number:02}",
                vantage="fra",
                boot="8f14e45f",
                seq=seq,
                at=scheduled + rng.randrange(20) * 1_000_000,
                outcome=Outcome.UP if seen else Outcome.DOWN,
                reason=None if seen else "timeout",
                scheduled_at=scheduled,
                took=max(seen, default=2 * SECOND),
                sent=packets,
                received=len(seen),
                rtts=rtts,
                address=f"192.0.2.{number}",
                config="c0ffee42",
                clock="synchronised",
            )


def _rtt(rng: random.Random) -> int | None:
    return None if rng.random() < 0.005 else int(20_000 + 300 * rng.lognormvariate(0, 1)) * 1000


def fill(path: Path, stream: Iterator[Sample]) -> tuple[int, float]:
    """Write and seal them; gives how many, and the CPU seconds spent on it."""
    count, spent, sealed = 0, 0.0, 0
    with closing(open_store(path)) as store:
        while batch := list(islice(stream, BATCH)):
            begun = time.process_time()
            store.append(Batch(samples=batch))
            if batch[-1].at // (3600 * SECOND) != sealed:
                sealed = batch[-1].at // (3600 * SECOND)
                store.seal(batch[-1].at)
            spent += time.process_time() - begun
            count += len(batch)
        begun = time.process_time()
        store.seal(batch[-1].at + 2 * DAY if batch else START + 4000 * DAY)
        spent += time.process_time() - begun
    return count, spent


def used(path: Path) -> int:
    """Bytes of the pages in use."""
    with closing(open_reader(path)) as connection:
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
    return int((pages - free) * size)


def read_month(path: Path) -> tuple[float, float]:
    """Milliseconds to read a month of one target as samples: (best of five, per 1,000 samples)."""
    fill(path, samples(1, 30, 1))
    with closing(open_store(path, read_only=True)) as store:
        best, count = 1e9, 0
        for _ in range(5):
            begun = time.perf_counter()
            count = sum(1 for _ in store.samples("customer-00", START, START + 30 * DAY))
            best = min(best, time.perf_counter() - begun)
    assert count == 30 * 2880
    return best * 1000, best * 1e6 / count


def prometheus(directory: Path, stream: Iterator[Sample]) -> float:
    """Bytes a sample in Prometheus' own blocks."""
    lines: dict[str, list[str]] = {"probe_rtt_seconds": [], "probe_up": []}
    count = 0
    for sample in stream:
        count += 1
        label, at = f'{{target="{sample.target}"}}', f"{sample.at / 1e9:.3f}"
        lines["probe_up"].append(f"probe_up{label} {int(sample.outcome is Outcome.UP)} {at}")
        if sample.rtts[0] is not None:
            lines["probe_rtt_seconds"].append(f"probe_rtt_seconds{label} {sample.rtts[0] / 1e9:.6f} {at}")
    text = directory / "facts.om"
    with text.open("w") as file:
        for name, body in lines.items():
            file.write(f"# TYPE {name} gauge\n" + "\n".join(body) + "\n")
        file.write("# EOF\n")
    blocks = directory / "blocks"
    command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", str(text), str(blocks)]
    subprocess.run(command, check=True, capture_output=True)
    return sum(file.stat().st_size for file in blocks.rglob("*") if file.is_file()) / count


def main() -> None:
    """Run it all; ``UPHELD_BENCH_DAYS`` shortens the week."""
    days = int(os.environ.get("UPHELD_BENCH_DAYS", "7"))
    result: dict[str, float | int | None] = {}
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        fill(directory / "empty.db", iter(()))
        empty = used(directory / "empty.db")
        for packets in (1, 5):
            path = directory / f"{packets}.db"
            count, spent = fill(path, samples(20, days, packets))
            result[f"bytes_per_sample_{packets}"] = round((used(path) - empty) / count, 2)
            if packets == 1:
                result["samples"] = count
                result["ingest_us_per_sample"] = round(spent / count * 1e6, 2)
        found = shutil.which("promtool")
        result["prometheus_bytes_per_sample"] = round(prometheus(directory, samples(20, days, 1)), 2) if found else None
        month, each = read_month(directory / "month.db")
        result["read_month_ms"], result["read_us_per_sample"] = round(month, 1), round(each, 2)
    json.dump(result, sys.stdout)
    print()


if __name__ == "__main__":
    main()
