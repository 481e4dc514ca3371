"""Packet delivery: packets answered in time over packets proven sent, as the ratio of their sums."""

from collections.abc import Iterable

from probes.sample import Sample

NAME = "packet-delivery"
UNIT = "ratio"
METHOD = "packet-delivery/1"
POOLED = True


def values(sample: Sample, latency_of: str) -> Iterable[int]:
    """(sent, received); nothing where no packet was sent."""
    return (sample.sent, sample.received or 0) if sample.sent else ()
