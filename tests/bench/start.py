"""How soon a daemon that was killed is back on a large store: its first new sample, and its accounts current again.

A hundred targets in one contract, probed every 30 s up to now, written as the store seals them; today's samples lie in
the journal. A first daemon reads all of it without a saved fold, is killed with SIGKILL once it has saved one, and a
second one is timed from its start: until its first new sample (its own instant, read from the store afterwards), and
until it says that it is ready, which it does when the accounts were judged and recorded. Prints one line of JSON.
"""

import argparse
import json
import signal
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np

from monitor.store.columns import ROW, Columns, from_samples
from monitor.store.port import Batch
from monitor.store.rows import DAY, WEEK, make_day, write_chunk
from monitor.store.sqlite import SqliteStore, open_store
from probes.sample import Outcome, Sample
from tests.daemon.process import Running, Site

S = 1_000_000_000
EVERY = 30 * S
TARGETS = 100
A_DAY = DAY // EVERY


def settings(url: str, store: Path) -> str:
    """One contract, ten services of ten targets."""
    names = [f"t{number:03}" for number in range(TARGETS)]
    return json.dumps(
        {
            "upheld": 1,
            "daemon": {"store": str(store), "listen": "127.0.0.1:0", "metrics": "127.0.0.1:0"},
            "vantage": {"name": "here"},
            "targets": {
                name: {"probe": {"kind": "http", "url": url}, "every": "30s", "timeout": "2s"} for name in names
            },
            "contracts": {
                "acme": {
                    "provider": "p",
                    "customer": "c",
                    "timezone": "UTC",
                    "services": {
                        f"s{first}": {"targets": names[first : first + 10]} for first in range(0, TARGETS, 10)
                    },
                    "promises": ["availability >= 99.9%", "mean latency <= 200ms"],
                }
            },
        }
    )


def fill(path: Path, samples: int, now: int) -> int:
    """Write so many samples, about; gives how many."""
    today, days = now // DAY, max(1, samples // (TARGETS * A_DAY))
    written = 0
    with closing(open_store(path)) as store:
        template = from_samples([_sample(0, number, number * EVERY) for number in range(A_DAY)])
        for number in range(TARGETS):
            written += _chunks(store, template, number, range(today - days, today))
        slots = range(today * DAY, now - 60 * S, EVERY)
        for slot in slots:
            offset = (slot - today * DAY) // EVERY + days * A_DAY
            store.append(
                Batch(samples=[_sample(t, t * 10**7 + offset, slot + t * EVERY // TARGETS) for t in range(TARGETS)])
            )
        store.seal(now)
    return written + len(slots) * TARGETS


def _sample(number: int, seq: int, at: int) -> Sample:
    down = seq % 1999 == 7
    return Sample(
        target=f"t{number:03}",
        vantage="here",
        boot="old",
        seq=seq,
        at=at - at % 1_000_000,
        outcome=Outcome.DOWN if down else Outcome.UP,
        reason="timeout" if down else None,
        scheduled_at=at - at % 1_000_000,
        took=20_000_000 + seq % 977 * 1000,
        sent=1,
        received=0 if down else 1,
        rtts=(None if down else 20_000_000 + seq % 977 * 1000,),
    )


def _chunks(store: SqliteStore, template: Columns, number: int, days: range) -> int:
    """Whole days of one target, as sealing leaves them."""
    words = [f"t{number:03}" if word == "t000" else word for word in template.words]
    with store._transaction() as connection:
        for week in sorted({day // WEEK for day in days}):
            made = []
            for day in (day for day in days if day // WEEK == week):
                table = np.array(template.table)
                for name in ("at", "scheduled_at"):
                    table[ROW[name]] += day * DAY + number * EVERY // TARGETS // 1_000_000 * 1_000_000
                table[ROW["seq"]] += number * 10**7 + (day - days[0]) * A_DAY
                made.append(make_day(replace(template, words=words, table=table)))
            write_chunk(connection, f"t{number:03}", "here", made)
    return len(days) * A_DAY


def measure(home: Path, samples: int) -> dict[str, float]:
    """Build, start, kill, start again."""
    path, site = home / "store.db", Site()
    begun = time.monotonic()
    count = fill(path, samples, time.time_ns())
    built = time.monotonic() - begun
    text = settings(site.url, path)
    first = time.monotonic()
    daemon = Running(home, text, name="first")
    try:
        _until_current(daemon)
        cold = time.monotonic() - first
        daemon.until(lambda: _saved(path), within=120)
        daemon.end(signal.SIGKILL)
        started, wall = time.monotonic(), time.time_ns()
        daemon = Running(home, text, name="second")
        _until_current(daemon)
        current = time.monotonic() - started
        time.sleep(2)
        with closing(open_store(path, read_only=True)) as store:
            names = [f"t{number:03}" for number in range(TARGETS)]
            new = min(sample.at for sample in store.read_samples(names, wall, 2**62))
        return {
            "samples": count,
            "build_s": round(built, 1),
            "store_mb": round(path.stat().st_size / 1e6, 1),
            "first_start_current_s": round(cold, 2),
            "first_new_sample_s": round((new - wall) / S, 2),
            "verified_current_s": round(current, 2),
        }
    finally:
        daemon.kill()
        site.close()


def _until_current(daemon: Running) -> None:
    daemon.until(lambda: "status" in daemon.out, within=300)
    daemon.until(lambda: daemon.ask(daemon.url("/-/ready"))[0] == 200, within=300)


def _saved(path: Path) -> bool:
    with closing(open_store(path, read_only=True)) as store:
        return any(store.checkpoints().values())


def main(words: Sequence[str] | None = None) -> None:
    """``--samples``: how many, ten million unless told otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=10_000_000)
    args = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as name:
        print(json.dumps(measure(Path(name), args.samples)))


if __name__ == "__main__":
    main()
