"""What a plain row a sample costs: a yardstick for the store, taken in the same run, since machines have quicker and
slower hours.

A table of instants (ms), targets, round-trip times (us) and states, in the order of its key of instant and target,
written a thousand rows a commit, each commit on disk. The rows are Python's integers already: making them is no part
of it. It keeps none of what makes a sample evidence, and is neither sealed nor made smaller.
"""

import random
import time
from contextlib import closing
from pathlib import Path

from monitor.store.connection import open_writer

_TABLE = (
    "CREATE TABLE plain (ts INTEGER, target INTEGER, rtt INTEGER, state INTEGER, PRIMARY KEY (ts, target)) "
    "WITHOUT ROWID"
)
_TARGETS, _BATCH, _FIRST_MS, _EVERY_MS = 1000, 1000, 1_790_812_800_000, 10_000


def plain_rows(path: Path, count: int = 400_000) -> float:
    """Microseconds of CPU a row."""
    rng = random.Random(1)
    spent = 0.0
    with closing(open_writer(path, 5000)) as connection:
        connection.execute(_TABLE)
        for first in range(0, count, _BATCH):
            rows = [_row(rng, number) for number in range(first, first + _BATCH)]
            begun = time.process_time()
            connection.execute("BEGIN")
            connection.executemany("INSERT INTO plain VALUES (?, ?, ?, ?)", rows)
            connection.execute("COMMIT")
            spent += time.process_time() - begun
    return round(spent / count * 1e6, 2)


def _row(rng: random.Random, number: int) -> tuple[int, int, int, int]:
    target = number % _TARGETS
    at = _FIRST_MS + number * _EVERY_MS // _TARGETS + rng.randrange(20)
    return at, target, int(20_000 + 300 * rng.lognormvariate(0, 1)), 1
