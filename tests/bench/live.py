"""What the live accounts and the board cost, a sample: ten thousand ICMP targets in a hundred contracts.

A ledger and a board get 500 samples each half second as columns, as a running daemon gives them, and judge once a
second; no time passes but the samples' own. The first thirty seconds are not counted. Between the steps other memory
is gone through, since a daemon finds its caches cold. ``UPHELD_BENCH_SECONDS`` asks for another length than a minute,
``UPHELD_BENCH_BAD`` for so many failing samples in each thousand. Prints one line of JSON: CPU microseconds a sample.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

import numpy as np

from config.model import Config
from monitor.sla.evidence import Facts
from monitor.sla.ledger import Ledger
from monitor.store.port import Batch
from monitor.web.board import Board
from probes.columns import Columns, from_samples
from probes.sample import Outcome, Sample
from tests.bench.whole import settings
from tests.config.kit import read

SECOND = 1_000_000_000
START = 1_790_848_800 * SECOND
TARGETS, BATCH, WARM = 10_000, 500, 60
CACHE = 3_000_000  # numbers of 8 bytes


def wave(dice: Random, names: list[str], number: int, bad: int) -> Columns:
    """The samples of half a second."""
    found = []
    for place in range(BATCH):
        name, at = names[(number * BATCH + place) % len(names)], START + number * SECOND // 2 + place * 1_000_000
        trip = 20_000_000 + dice.randrange(1000) * 1000
        one = Sample(name, "local", "b", number * BATCH + place, at, Outcome.UP, None, at, trip, 1, 1, (trip,))
        if dice.randrange(1000) < bad and number > WARM // 2:
            one.outcome, one.reason, one.received, one.rtts = Outcome.DOWN, "timeout", 0, (None,)  # type: ignore[misc]
        found.append(one)
    return from_samples(found)


def configuration(home: Path) -> Config:
    """What the bench of the whole daemon runs on."""
    file = home / "upheld.yaml"
    file.write_text(json.dumps({**settings(TARGETS, 1), "vantage": {"name": "local"}}))
    return read(file)


def measure(config: Config, seconds: int, bad: int) -> dict[str, float]:
    """Microseconds of CPU a sample."""
    ledger, board, dice = Ledger(config), Board(config), Random(1)
    ledger.load(Facts([]), START)
    names, other = list(config.targets), np.zeros(CACHE)
    dice.shuffle(names)
    spent = dict.fromkeys(("take", "judge", "board"), 0)

    def timed(what: str, work: Callable[[], object], counts: bool) -> object:
        other.__iadd__(1)
        begun = time.thread_time_ns()
        found = work()
        spent[what] += (time.thread_time_ns() - begun) * counts
        return found

    for number in range(WARM + 2 * seconds):
        samples, now, counts = wave(dice, names, number, bad), START + (number + 2) * SECOND // 2, number >= WARM
        timed("take", partial(ledger.take, samples), counts)
        if number % 2:
            timed("judge", partial(ledger.judge, now), counts)
        timed("board", partial(board.commit, Batch(samples)), counts)
    return {f"{what}_us_per_sample": round(ns / (2 * seconds * BATCH) / 1000, 2) for what, ns in spent.items()}


def main() -> None:
    """Measure and print."""
    seconds, bad = (
        int(os.environ.get(f"UPHELD_BENCH_{what}", default)) for what, default in (("SECONDS", "60"), ("BAD", "0"))
    )
    with tempfile.TemporaryDirectory() as home:
        found = measure(configuration(Path(home)), seconds, bad)
    print(json.dumps({**found, "load": round(os.getloadavg()[0], 1)}))


if __name__ == "__main__":
    main()
