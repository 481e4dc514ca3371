"""Latency: round-trip times of packets, each a value of its own, or what a run took less its name resolution.

Only valid values: of a probe without packets, runs that were Up; of packets, every reply that came in time.
"""

from collections.abc import Iterable

from probes.sample import Outcome, Sample

NAME = "latency"
UNIT = "ns"
METHOD = "latency/1"
POOLED = False
TO_FIRST_BYTE = ("connect", "tls", "first_byte")


def values(sample: Sample, latency_of: str) -> Iterable[int]:
    """``latency_of``: total, connect or first_byte, for probes that have phases."""
    if sample.sent is not None or sample.rtts:
        return [rtt for rtt in sample.rtts if rtt is not None]
    if sample.outcome is not Outcome.UP or sample.took is None:
        return []
    phases = dict(sample.phases)
    if latency_of == "connect" and "connect" in phases:
        return [phases["connect"]]
    if latency_of == "first_byte" and "first_byte" in phases:
        return [sum(phases.get(name, 0) for name in TO_FIRST_BYTE)]
    return [sample.took - phases.get("resolve", 0)]
