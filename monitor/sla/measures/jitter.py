"""Jitter: the delay variation of packets that follow each other in a burst (RFC 3393, selection of neighbours).

For a round trip it is the absolute difference of the times of two neighbours that were both answered.
"""

from collections.abc import Iterable
from itertools import pairwise

from probes.sample import Sample

NAME = "jitter"
UNIT = "ns"
METHOD = "jitter/rfc3393/1"
POOLED = False


def values(sample: Sample, latency_of: str) -> Iterable[int]:
    """One value per pair of neighbours of which neither was lost."""
    return [abs(b - a) for a, b in pairwise(sample.rtts) if a is not None and b is not None]
