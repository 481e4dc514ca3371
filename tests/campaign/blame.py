"""Is the provider ever blamed for our own fault? ``make campaign-blame``.

Ten thousand episodes of every trouble a monitor can have, each over healthy targets and over a true outage, on a
clock that is turned by hand; and fifty with a real daemon that is stopped, starved of descriptors and cut off.
What was recorded is judged by the evaluator that makes the statements. The last line is JSON: ``false_down_ns`` has to
be 0, ``true_down_share`` is the share of the outages outside the trouble that was found Down.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from itertools import cycle, islice
from multiprocessing import Pool
from typing import NamedTuple

from tests.campaign.episode import Episode
from tests.campaign.faults import FAULTS
from tests.campaign.real import real_episodes


class Finding(NamedTuple):
    """One episode: Down over healthy targets, and of a true outage what was found and what there was (ns)."""

    seed: int
    fault: str
    false_down: int
    found: int
    there: int


def judged(seed: int, fault: str) -> Finding:
    """Plays one fault twice: over healthy targets and over an outage."""
    healthy, broken = Episode(seed, fault, outage=False), Episode(seed, fault, outage=True)
    healthy.play()
    broken.play()
    return Finding(seed, fault, healthy.down(), *broken.shares())


def simulated(count: int) -> Iterable[Finding]:
    """As many episodes, every fault in turn, on every processor."""
    work = list(enumerate(islice(cycle(FAULTS), count)))
    with Pool(os.cpu_count()) as pool:
        yield from pool.imap_unordered(_judged, work, chunksize=16)


def _judged(work: tuple[int, str]) -> Finding:
    return judged(*work)


def main() -> None:
    """Play them all; exit 1 if anybody was blamed wrongly or an outage was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--episodes", type=int, default=10_000)
    parser.add_argument("--real", type=int, default=50)
    told = parser.parse_args()
    found: Counter[str] = Counter()
    for one in simulated(told.episodes):
        found.update(episodes=1, false_down_ns=one.false_down, found=one.found, there=one.there)
        if one.false_down or one.found < one.there * 0.99:
            print(f"{one.fault} {one.seed}: {one.false_down} ns wrongly Down, {one.found} of {one.there} ns found")
        if found["episodes"] % 1000 == 0:
            print(f"{found['episodes']} episodes, {found['false_down_ns']} ns wrongly Down", flush=True)
    real, real_down = real_episodes(told.real)
    figures: dict[str, float] = {
        "episodes": found["episodes"] + real,
        "real_episodes": real,
        "false_down_ns": found["false_down_ns"] + real_down,
        "true_down_share": round(found["found"] / found["there"], 6) if found["there"] else 1.0,
    }
    print(json.dumps(figures))
    sys.exit(figures["false_down_ns"] > 0 or figures["true_down_share"] < 0.99)


if __name__ == "__main__":
    main()
