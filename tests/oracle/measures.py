"""Figures of samples: latency, jitter, packets. Plain lists of integers, plainly counted."""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from config.contract.model import Promise
from probes.sample import Sample


def latencies(samples: Sequence[Sample]) -> list[int]:
    """Every packet's round trip; of a sample without packets what it took, less the resolution of its name."""
    out: list[int] = []
    for sample in samples:
        if sample.rtts:
            out += [rtt for rtt in sample.rtts if rtt is not None]
        elif sample.outcome == "up" and sample.took is not None and sample.sent is None:
            out.append(sample.took - dict(sample.phases).get("resolve", 0))
    return out


def differences(samples: Sequence[Sample]) -> list[int]:
    """|differences| between neighbours of a burst that were both answered (RFC 3393)."""
    out: list[int] = []
    for sample in samples:
        for left, right in zip(sample.rtts, sample.rtts[1:], strict=False):
            if left is not None and right is not None:
                out.append(abs(right - left))
    return out


def statistic(promise: Promise, values: Sequence[int]) -> Fraction | None:
    """The promised statistic, exactly; None of nothing."""
    if not values:
        return None
    name = promise.statistic or "mean"
    if name == "mean":
        return Fraction(sum(values), len(values))
    if name == "max":
        return Fraction(max(values))
    if name == "share under":
        assert promise.threshold is not None
        return Fraction(sum(value < promise.threshold for value in values), len(values))
    rank = Fraction(50) if name == "median" else Fraction(name[1:])
    place = max(1, ceil(rank * len(values) / 100))
    return Fraction(sorted(values)[place - 1])


def delivery(samples: Sequence[Sample]) -> Fraction | None:
    """Packets received over packets sent."""
    counted = [sample for sample in samples if sample.sent is not None]
    sent = sum(sample.sent or 0 for sample in counted)
    received = sum(sample.received or 0 for sample in counted)
    return Fraction(received, sent) if sent else None
