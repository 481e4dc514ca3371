"""Kill the writing process at random instants and look what is left: run as a program of its own.

A child appends one batch after the other and tells each acknowledged one through a pipe; now and then it seals.
The parent kills it with SIGKILL, opens the store anew, and compares. Prints one line of JSON.
"""

import json
import os
import random
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

from monitor.store import seal as upkeep
from monitor.store.port import Batch
from monitor.store.sqlite import SqliteStore, open_store
from probes.sample import Sample
from tests.store.made import DAY, START, sample

EVER = 2**62
PER_BATCH = 5


def campaign(path: Path, kills: int, seed: int) -> dict[str, int]:
    """Kill ``kills`` times; count what was acknowledged and lost, stored twice, or out of step with its account."""
    rng = random.Random(seed)
    result = {"kills": kills, "acked": 0, "acked_lost": 0, "double_counted": 0, "account_differs": 0, "held": 0}
    acked: set[int] = set()
    start = 0
    for number in range(kills):
        acked.update(_round(path, start, rng.uniform(0.005, 0.06), seal=number % 3 == 0))
        store = open_store(path)
        stored = [each.seq for each in _since(store, start)]
        result["acked_lost"] += len({seq for seq in acked if seq >= start} - set(stored))
        result["double_counted"] += len(stored) - len(set(stored))
        result["account_differs"] += store.accounts().get("acme", "0") != str(max([start - 1, *stored]) + 1)
        store.close()
        start = max([start - 1, *stored]) + 1
    store = open_store(path)
    everything = [each.seq for each in _since(store, 0)]
    result["acked"] = len(acked)
    result["acked_lost"] += len(acked - set(everything))
    result["double_counted"] += len(everything) - len(set(everything))
    result["unsound"] = len(store.integrity())
    store.close()
    return result


def _since(store: SqliteStore, seq: int) -> list[Sample]:
    return list(store.read_samples(["t0", "t1", "t2"], sample(seq).at, EVER))


def _round(path: Path, start: int, life: float, seal: bool) -> set[int]:
    """One child's life; gives the sequence numbers it acknowledged."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _write(path, start, writing, seal)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        head = pipe.readline()  # it has begun: the delay counts from here
        time.sleep(life)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        lines = (head + pipe.read()).split(b"\n")[:-1]
    return {seq for line in lines for seq in range(int(line) - PER_BATCH, int(line))}


def _write(path: Path, start: int, pipe: int, seal: bool) -> None:
    store = open_store(path)
    upkeep.STEP_ROWS = 7  # so that all of its steps are met within a short life
    done = start
    while True:
        batch = [_made(seq) for seq in range(done, done + PER_BATCH)]
        done += PER_BATCH
        store.append(Batch(samples=batch, accounts=[("acme", str(done))]))
        os.write(pipe, b"%d\n" % done)
        if seal and done % 40 == 0:
            store.seal(START + 5000 * DAY)


def _made(seq: int) -> Sample:
    return replace(sample(seq, target=f"t{seq % 3}"), took=seq)


if __name__ == "__main__":
    print(json.dumps(campaign(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
