"""How many bytes a stored sample takes, and how long writing and reading one takes; Prometheus beside it.

Twenty targets over a week, every 30 s, path of 20 ms with a lognormal tail, 0.5 % lost, probes started up to 20 ms
after their slot, written in the order of time in batches of 500, 1,000 (what the intake brings each second from 10,000
targets probed every 10 s) and 5,000 (the most it brings, and what an import writes), as the columns that it brings and
as objects, and sealed as the hours go by.
Prometheus gets the same instants, round-trip times and
outcomes through ``promtool tsdb create-blocks-from openmetrics``. Bytes are pages in use, less those of an empty
store, over samples, roll-ups included. A thousand targets probed every ten seconds are written too, for a day, in
batches of 1,000 and of 5,000, as the daemon brings them each second at 1,000 and 5,000 runs a second.
Writing is CPU time of the process, that of its commits to the disk told apart;
making the samples is no part of it. So that the machine's other load does not decide, each day is timed and the best
one given beside the mean; and a plain row a sample is written in the same run (see ``plain``). Reading is wall time,
best of nine. Prints one line of JSON.
"""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from monitor.store.connection import open_reader, open_writer
from monitor.store.leaves import leaf_of
from monitor.store.port import Batch
from monitor.store.sqlite import open_store
from probes.columns import Columns, from_samples
from probes.sample import Outcome, Sample
from tests.bench.dense import dense
from tests.bench.plain import plain_rows

SECOND = 1_000_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
START = 1_790_812_800 * SECOND
EVERY = 30 * SECOND
BATCH = 500
Form = Callable[[list[Sample]], Sequence[Sample] | Columns]


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


@dataclass
class Day:
    """What was written of a day: how many samples, and the CPU seconds spent on it, of them on commits."""

    count: int = 0
    spent: float = 0.0
    commits: float = 0.0


class Timed:
    """The writing connection, which counts the CPU seconds of its commits."""

    spent = 0.0

    def __init__(self, path: Path, busy_ms: int) -> None:
        self._connection = open_writer(path, busy_ms)

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        begun = time.process_time()
        try:
            return self._connection.execute(statement, *values)  # type: ignore[arg-type]
        finally:
            if statement == "COMMIT":
                Timed.spent += time.process_time() - begun


def fill(path: Path, stream: Iterator[Sample], size: int = BATCH, form: Form = from_samples) -> list[Day]:
    """Write and seal them, ``size`` at a time, each batch in the form that ``form`` makes of it."""
    batches = ((form(some), some[-1].at) for some in iter(lambda: list(islice(stream, size)), []))
    days, _ = filled(path, batches)
    return days


def filled(path: Path, batches: Iterable[tuple[Sequence[Sample] | Columns, int]]) -> tuple[list[Day], float]:
    """Write and seal batches, each with the instant of its last sample; and CPU seconds to seal what is open then."""
    days: dict[int, Day] = {}
    sealed = 0
    with closing(open_store(path, opener=Timed)) as store:  # type: ignore[arg-type]
        for samples, last in batches:
            batch = Batch(samples=samples)
            begun, before = time.process_time(), Timed.spent
            store.append(batch)
            if last // HOUR != sealed:
                sealed = last // HOUR
                store.seal(last)
            day = days.setdefault(last // DAY, Day())
            day.count += len(batch.samples)
            day.spent += time.process_time() - begun
            day.commits += Timed.spent - before
        begun = time.process_time()
        store.seal(START + 4000 * DAY)
        return list(days.values()), time.process_time() - begun


def many(path: Path, targets: int, size: int) -> dict[str, float]:
    """Microseconds of CPU a sample, and of commits, where each of so many targets is probed every ten seconds for a
    day; all of it is closed at the end."""
    stream = dense(targets, 10 * SECOND, START, START + DAY, size)
    days, closing = filled(path, ((columns, int(columns["at"][-1])) for columns in stream))
    count = sum(day.count for day in days)
    found = {"": sum(day.spent for day in days) + closing, "_commits": sum(day.commits for day in days)}
    return {name: round(value / count * 1e6, 2) for name, value in found.items()}


def ingest(days: list[Day]) -> dict[str, float]:
    """Microseconds of CPU a sample on the best day and of all; of commits on that day. The first day has no day before
    it to close, so it is not told alone."""
    best = min(days[1:], key=lambda day: day.spent / day.count)
    mean = sum(day.spent for day in days) / sum(day.count for day in days)
    found = {"": best.spent / best.count, "_commits": best.commits / best.count, "_mean": mean}
    return {name: round(value * 1e6, 2) for name, value in found.items()}


def used(path: Path) -> int:
    """Bytes of the pages in use."""
    with closing(open_reader(path)) as connection:
        pages, free, size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
    return int((pages - free) * size)


def chain_cost(path: Path, count: int) -> dict[str, float]:
    """What binding adds, and is part of the figures above: microseconds (best of thirty) and bytes a sample."""
    day = from_samples(list(samples(1, 1, 1)))
    times = []
    for _ in range(30):
        begun = time.process_time()
        leaf_of("fra", "customer-00", START // DAY, day, False)
        times.append(time.process_time() - begun)
    with closing(open_reader(path)) as connection:
        query = "SELECT sum(16 + length(digest) + length(marks) + length(late)) FROM leaves"
        (size,) = connection.execute(query).fetchone()
    return {"chain_us_per_sample": round(min(times) / len(day) * 1e6, 3), "chain_bytes_per_sample": size / count}


def read_month(path: Path) -> dict[str, float]:
    """Milliseconds to read a month of one target: as columns, as samples, as roll-ups."""
    fill(path, samples(1, 30, 1))
    with closing(open_store(path, read_only=True)) as store:
        month = ("customer-00", START, START + 30 * DAY)
        assert len(store.columns(*month)) == 30 * 2880 and len(store.hours(*month)) == 720
        return {
            "read_month_ms": _best(lambda: store.columns(*month)),
            "read_month_samples_ms": _best(lambda: deque(store.samples(*month), maxlen=0)),
            "rollup_month_ms": _best(lambda: store.hours(*month)),
        }


def _best(read: Callable[[], object]) -> float:
    times = []
    for _ in range(9):
        begun = time.perf_counter()
        read()
        times.append(time.perf_counter() - begun)
    return round(min(times) * 1000, 2)


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
    """Run it all; ``UPHELD_BENCH_DAYS`` shortens the week, to two days at least."""
    days = int(os.environ.get("UPHELD_BENCH_DAYS", "7"))
    result: dict[str, float | int | None] = {}
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        fill(directory / "empty.db", iter(()))
        empty = used(directory / "empty.db")
        for packets in (1, 5):
            path = directory / f"{packets}.db"
            written = fill(path, samples(20, days, packets))
            count = sum(day.count for day in written)
            result[f"bytes_per_sample_{packets}"] = round((used(path) - empty) / count, 2)
            if packets == 1:
                result["samples"] = count
                result |= {name: round(cost, 3) for name, cost in chain_cost(path, count).items()}
                result |= {f"ingest_us_per_sample{name}": cost for name, cost in ingest(written).items()}
        result["plain_rows_us_per_sample"] = plain_rows(directory / "plain.db")
        for name, size, form in (("1000", 1000, from_samples), ("5000", 5000, from_samples), ("objects", BATCH, list)):
            written = fill(directory / f"{name}.db", samples(20, days, 1), size, form)
            result |= {f"ingest_{name}_us_per_sample{which}": cost for which, cost in ingest(written).items()}
        for size in (1000, 5000):
            told = many(directory / f"many{size}.db", 1000, size)
            result |= {f"ingest_many_{size}_us_per_sample{which}": cost for which, cost in told.items()}
            result[f"ingest_many_{size}_samples_per_cpu_second"] = round(1e6 / told[""])
        found = shutil.which("promtool")
        result["prometheus_bytes_per_sample"] = round(prometheus(directory, samples(20, days, 1)), 2) if found else None
        result |= read_month(directory / "month.db")
    json.dump(result, sys.stdout)
    print()


if __name__ == "__main__":
    main()
