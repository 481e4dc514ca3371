"""``kill -9`` at random instants: intake, ledger and store in a process of their own, under 200 samples a second.

The child tells each batch that was recorded through a pipe. The parent kills it, opens the store as a restart would,
and looks: is every sample told there, is none there twice, and is the account that a restart begins with the one that
a statement made of the store gives? Every tenth child seals meanwhile. A fresh store after every 250 kills.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Sequence
from contextlib import closing
from pathlib import Path
from threading import Thread

from config.contract.revisions import period_at
from config.model import Config
from monitor.intake import Intake
from monitor.sla import ledger as accounting
from monitor.sla.facts import HeartbeatFact
from monitor.sla.ledger import Ledger
from monitor.sla.statement import build
from monitor.store import seal as upkeep
from monitor.store.port import Batch
from monitor.store.sqlite import SqliteStore, open_store
from probes.clock import SystemClock
from probes.sample import Sample
from tests.laws.account import unlike
from tests.oracle.build import S, config, contract, service, target
from tests.oracle.build import sample as made

TARGETS = 20
RATE = 200
TURN = 0.05
FRESH = 250
DAY = 86_400 * S


def settings() -> Config:
    """Twenty targets, each probed ten times a second, in four services of one contract."""
    names = [f"t{number:02}" for number in range(TARGETS)]
    services = [service(*names[first : first + 5], name=f"s{first}") for first in range(0, TARGETS, 5)]
    one = config(*(target(name, every=TARGETS * S // RATE, timeout=S // 20) for name in names))
    return one.but(contracts={"acme": contract(*services, period="month")})


def campaign(kills: int, seed: int) -> dict[str, int]:
    """Kill that often; what was lost, doubled, or judged otherwise than the store says."""
    rng = random.Random(seed)
    found = {"kills": kills, "acked": 0, "acked_lost": 0, "double_counted": 0, "recompute_differs": 0, "unsound": 0}
    for first in range(0, kills, FRESH):
        with tempfile.TemporaryDirectory() as name:
            path, everything = Path(name) / "store.db", set[tuple[str, str, int]]()
            for number in range(first, min(kills, first + FRESH)):
                acked = _life(path, f"b{number}", rng.uniform(0.02, 0.6), seal=number % 10 == 9)
                everything |= acked
                _inspect(path, acked, f"b{number}", found)
            with closing(open_store(path)) as store:
                stored = [sample.identity for sample in _all(store)]
                found["acked"] += len(everything)
                found["acked_lost"] += len(everything - set(stored))
                found["double_counted"] += len(stored) - len(set(stored))
                found["unsound"] += len(store.integrity())
    return found


def _all(store: SqliteStore) -> list[Sample]:
    return list(store.read_samples([f"t{number:02}" for number in range(TARGETS)], 0, 2**62))


def _life(path: Path, boot: str, life: float, seal: bool) -> set[tuple[str, str, int]]:
    """One child; gives what it was told is recorded."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        asyncio.run(_write(path, boot, writing, seal))
        os._exit(1)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        pipe.readline()  # it has begun: the delay counts from here
        time.sleep(life)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        told = pipe.read().split(b"\n")[:-1]
    return {("v", boot, int(number)) for line in told for number in line.split()}


async def _write(path: Path, boot: str, pipe: int, seal: bool) -> None:
    store, clock, own = open_store(path), SystemClock(), settings()
    accounting.CHECKPOINT, upkeep.STEP_ROWS = S // 5, 7  # so that a short life meets all steps

    def committed(batch: Batch) -> None:
        if batch.samples:
            os.write(pipe, b" ".join(b"%d" % sample.seq for sample in batch.samples) + b"\n")

    def short(seconds: float) -> Awaitable[None]:
        return asyncio.sleep(seconds / 10)

    ledger = Ledger(own)
    intake = Intake(store, ledger, clock, committed, pause=short)
    ledger.load(store, clock.wall(), store.accounts(), store.checkpoints())
    os.write(pipe, b"begun\n")
    if seal:
        Thread(target=_seal, args=(store, clock), daemon=True).start()
    running, seq = asyncio.ensure_future(intake.run()), 0
    while not running.done():
        for _ in range(int(RATE * TURN)):
            state = "down" if seq // 300 % 7 == 3 else "up"
            intake.sample(made(clock.wall(), state, target=f"t{seq % TARGETS:02}", seq=seq, boot=boot, took=1000 * seq))
            seq += 1
        intake.fact(HeartbeatFact("v", boot, clock.wall() // 10**6 * 10**6))
        await asyncio.sleep(TURN)
    running.result()


def _seal(store: SqliteStore, clock: SystemClock) -> None:
    while True:
        store.seal(clock.wall() + 2 * DAY)


def _inspect(path: Path, acked: set[tuple[str, str, int]], boot: str, found: dict[str, int]) -> None:
    """What a restart finds."""
    own, now = settings(), time.time_ns()
    with closing(open_store(path)) as store:
        since = [sample for sample in _all(store) if sample.boot == boot]
        found["acked_lost"] += len(acked - {sample.identity for sample in since})
        found["double_counted"] += len(since) - len({sample.identity for sample in since})
        ledger = Ledger(own)
        ledger.load(store, now, store.accounts(), store.checkpoints())
        (account,) = [text for _, text in ledger.judge(now, everything=True).accounts]
        agreed = own.contracts["acme"]
        statement = build(own, agreed, period_at(agreed, now), store, now)
        different = unlike(json.loads(account), statement)
        found["recompute_differs"] += bool(different)
        if different:
            print(f"boot {boot}: {different[0]}", file=sys.stderr)


def main(words: Sequence[str] | None = None) -> None:
    """Prints one line of JSON; exit 1 where anything was lost, doubled or differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(words)
    begun = time.monotonic()
    found = campaign(args.kills, args.seed)
    print(json.dumps({**found, "seconds": round(time.monotonic() - begun)}))
    sys.exit(any(found[key] for key in ("acked_lost", "double_counted", "recompute_differs", "unsound")))


if __name__ == "__main__":
    main()
