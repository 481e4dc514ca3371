"""Samples of many targets as columns, made in the lump: an hour holds a few of each in every batch."""

from collections.abc import Iterator

import numpy as np

from probes.columns import NONE, ROW, ROWS, Columns

SECOND = 1_000_000_000
MILLISECOND = 1_000_000
_WORDS = (None, "fra", "8f14e45f", "c0ffee42", "synchronised", "timeout")


def dense(targets: int, every: int, start: int, end: int, size: int) -> Iterator[Columns]:
    """Of each target a sample every so many ns from one instant to another (ns UTC), spread evenly, in the order of
    time, ``size`` a batch: a path of 20 ms with a lognormal tail, 0.5 % lost, starts up to 20 ms late."""
    rng = np.random.default_rng(1)
    total = (end - start) // every * targets
    for first in range(0, total, size):
        numbers = np.arange(first, min(first + size, total))
        yield _batch(rng, numbers, numbers % targets, start + numbers * every // targets)


def _batch(rng: np.random.Generator, numbers: np.ndarray, target: np.ndarray, slots: np.ndarray) -> Columns:
    used, place = np.unique(target, return_inverse=True)
    names = [f"customer-{number:05}" for number in used.tolist()]
    addresses = [f"192.0.{number // 250}.{number % 250}" for number in used.tolist()]
    count = len(numbers)
    lost = rng.random(count) < 0.005
    rtts = (20_000 + 300 * rng.lognormal(0, 1, count)).astype(np.int64) * 1000
    scheduled = slots // MILLISECOND * MILLISECOND
    at = scheduled + rng.integers(0, 20, count) * MILLISECOND
    table = np.zeros((len(ROWS), count), dtype=np.int64)
    rows = {
        "target": len(_WORDS) + place,
        "address": len(_WORDS) + len(used) + place,
        "reason": np.where(lost, _WORDS.index("timeout"), 0),
        "outcome": lost,
        "seq": numbers + 1,
        "at": at,
        "scheduled_at": scheduled,
        "took": np.where(lost, 2 * SECOND, rtts),
        "received": ~lost,
        "received_at": at + 30 * MILLISECOND,
    }
    for name, values in rows.items():
        table[ROW[name]] = values
    for name, value in (("vantage", 1), ("boot", 2), ("config", 3), ("clock", 4), ("sent", 1), ("packets", 1)):
        table[ROW[name]] = value
    return Columns([*_WORDS, *names, *addresses], table, np.where(lost, NONE, rtts), table[0, :0])
