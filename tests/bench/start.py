"""How soon a daemon that was killed is back on a large store: its first new sample, and its accounts current again.

A hundred targets in one contract, probed every 30 s up to now, written as the store seals them; today's samples lie in
the journal. Twenty more that nobody is promised anything of have a slot every second, so that when one of all comes
says nothing of a start. A first daemon reads all of it without a saved fold, and is killed with SIGKILL once it has
saved one. The next ones are timed from their start, each killed in its turn: until the vantage observes, until the
first slot after that, until the first new sample (its own instant, read from the store afterwards), and until the
account was judged and recorded, which is then compared with a statement made of the store. Every step with the CPU
that was used so far, by the daemon and the process that reads the configuration. Prints one line of JSON; exit 1 where
an account differs.
"""

import argparse
import json
import os
import re
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from config.contract.revisions import period_at
from monitor.configuration import read
from monitor.sla.series import Series
from monitor.sla.statement import build
from monitor.store.packing.chunk import DAY, first_day, make_chunk
from monitor.store.port import Batch
from monitor.store.rows import write_chunk
from monitor.store.sqlite import SqliteStore, open_store
from probes.columns import ROW, Columns, concat, from_samples
from probes.sample import Outcome, Sample
from probes.slots import next_slot, phase
from tests.daemon.process import Running, Site
from tests.laws.account import unlike

S = 1_000_000_000
EVERY = 30 * S
TARGETS = 100
NAMES = [f"t{number:03}" for number in range(TARGETS)]
OFTEN = {f"o{number:02}": S for number in range(20)}
"""The others, and how often each is probed (ns)."""
A_DAY = DAY // EVERY
LOG = {"format": "text", "level": "debug"}
_STEP = re.compile(r"\[start\] (\w+): after ([0-9.]+) s, ([0-9.]+) s of CPU")
Found = dict[str, Any]


def settings(url: str, store: Path) -> str:
    """One contract, ten services of ten targets."""
    every = dict.fromkeys(NAMES, EVERY) | OFTEN
    return json.dumps(
        {
            "upheld": 1,
            "daemon": {"store": str(store), "listen": "127.0.0.1:0", "metrics": "127.0.0.1:0", "log": LOG},
            "vantage": {"name": "here"},
            "targets": {
                name: {"probe": {"kind": "http", "url": url}, "every": f"{each // S}s", "timeout": "900ms"}
                for name, each in every.items()
            },
            "contracts": {
                "acme": {
                    "provider": "p",
                    "customer": "c",
                    "timezone": "UTC",
                    "services": {
                        f"s{first}": {"targets": NAMES[first : first + 10]} for first in range(0, TARGETS, 10)
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
        for first in sorted({first_day(day * DAY) for day in days}):
            made = []
            for day in (day for day in days if first_day(day * DAY) == first):
                table = np.array(template.table)
                for name in ("at", "scheduled_at"):
                    table[ROW[name]] += day * DAY + number * EVERY // TARGETS // 1_000_000 * 1_000_000
                table[ROW["seq"]] += number * 10**7 + (day - days[0]) * A_DAY
                made.append(replace(template, words=words, table=table))
            write_chunk(connection, f"t{number:03}", "here", make_chunk(concat(made)))
    return len(days) * A_DAY


def measure(home: Path, samples: int, starts: int) -> Found:
    """Build, start, kill, and start again and again."""
    path, site = home / "store.db", Site()
    try:
        begun = time.monotonic()
        count = fill(path, samples, time.time_ns())
        built = time.monotonic() - begun
        text = settings(site.url, path)
        cold = _start(home, text, path, "first", saved=True)
        warm = [_start(home, text, path, f"start{number}") for number in range(starts)]
    finally:
        site.close()
    found: Found = {"samples": count, "build_s": round(built, 1), "store_mb": round(path.stat().st_size / 1e6, 1)}
    return {**found, "load": round(os.getloadavg()[0], 1), "without_folds": cold, "after_a_kill": warm}


def _start(home: Path, text: str, path: Path, name: str, saved: bool = False) -> Found:
    """One start, and what it gave; it ends with SIGKILL, once it has ``saved`` its folds where that is wanted."""
    started = time.time_ns()
    daemon = Running(home, text, name=name)
    try:
        daemon.until(lambda: "status" in daemon.out, within=300)
        daemon.until(lambda: daemon.ask(daemon.url("/-/ready"))[0] == 200, within=300)
        with closing(open_store(path, read_only=True)) as store:
            account = json.loads(store.accounts()["acme"])
        if saved:
            daemon.until(lambda: _saved(path), within=120)
        time.sleep(2)
        daemon.end(signal.SIGKILL)
    finally:
        daemon.kill()
    steps = {what: {"s": float(wall), "cpu_s": float(cpu)} for what, wall, cpu in _STEP.findall(daemon.err)}
    with closing(open_store(path, read_only=True)) as store:
        new = min(sample.at for sample in store.read_samples([*NAMES, *OFTEN], started, 2**62))
        differs = _against_the_store(daemon.config, store, account)
    observing = started + round(steps["observing"]["s"] * S)
    slot = min(next_slot(observing, every, phase(name, every)) for name, every in OFTEN.items())
    told = {"first_slot_s": slot, "first_new_sample_s": new}
    return {
        **{what: round((at - started) / S, 2) for what, at in told.items()},
        **steps,
        "differs_from_statement": differs,
    }


def _against_the_store(file: Path, store: SqliteStore, account: dict[str, Any]) -> list[str]:
    """Where the account is another than a statement of the same instant."""
    config, as_of = read(str(file)), int(account["as_of"])
    contract = config.contracts["acme"]
    return unlike(account, build(config, contract, period_at(contract, as_of), AsOf(store, as_of), as_of))


class AsOf:
    """The store without the samples that began before an instant and were received after it."""

    def __init__(self, store: SqliteStore, as_of: int) -> None:
        self._store = store
        lately = store.read_samples(NAMES, as_of - 2 * EVERY, as_of)
        self._late = {one.identity: one.target for one in lately if (one.received_at or one.at) > as_of}
        self.last_before, self.facts = store.last_before, store.facts
        self.heartbeats, self.damaged = store.heartbeats, store.damaged

    def samples(self, target: str, start: int, end: int) -> Iterator[Sample]:
        """As Evidence says."""
        return (one for one in self._store.samples(target, start, end) if one.identity not in self._late)

    def series(self, target: str, start: int, end: int) -> Series | list[Sample]:
        """As Columnar says."""
        late = target in self._late.values()
        return list(self.samples(target, start, end)) if late else self._store.series(target, start, end)


def _saved(path: Path) -> bool:
    with closing(open_store(path, read_only=True)) as store:
        return any(store.checkpoints().values())


def main(words: Sequence[str] | None = None) -> None:
    """``--samples``: how many, ten million unless told otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--samples", type=int, default=10_000_000)
    parser.add_argument("--starts", type=int, default=2, help="how many starts after a kill")
    args = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as name:
        found = measure(Path(name), args.samples, args.starts)
    print(json.dumps(found))
    sys.exit(any(start["differs_from_statement"] for start in (found["without_folds"], *found["after_a_kill"])))


if __name__ == "__main__":
    main()
