"""Metrics of vantages and targets, from the last sample recorded of each.

A target whose last sample speaks no longer (it is older than the target's greatest gap) has no lines: a frozen
last value would look like knowledge. An Unknown outcome has no ``upheld_target_up``, since neither 0 nor 1 is true.
"""

from collections.abc import Iterator

from monitor.web.board import BUCKETS, Snapshot
from monitor.web.exposition import Family, labels, written
from probes.sample import Outcome, Sample

NS = 1e-9

SAMPLES = Family("upheld_samples_total", "counter", "Samples recorded since this process began, by outcome.")
DURATION = Family("upheld_sample_duration_seconds", "histogram", "How long the runs of probes took, in seconds.")
UP = Family("upheld_target_up", "gauge", "1 if the last sample was Up, 0 if Down; absent while Unknown.")
LATENCY = Family("upheld_target_latency_seconds", "gauge", "Latency of the last Up sample, in seconds.")
DELIVERY = Family("upheld_packet_delivery_ratio", "gauge", "Packets answered over packets sent, last sample.")
SEEN = Family("upheld_target_last_sample_timestamp_seconds", "gauge", "When the last sample began, Unix time.")


def latency(sample: Sample) -> float | None:
    """Seconds: the mean round trip of a burst; of a request, the time it took without resolving the name."""
    if sample.outcome is not Outcome.UP:
        return None
    answered = [rtt for rtt in sample.rtts if rtt is not None]
    if answered:
        return sum(answered) / len(answered) * NS
    if sample.took is None:
        return None
    return (sample.took - dict(sample.phases).get("resolve", 0)) * NS


class TargetLines:
    """Writes the families of targets; remembers each target's label text."""

    def __init__(self) -> None:
        self._labels: dict[tuple[str, str], str] = {}

    def write(self, snapshot: Snapshot) -> Iterator[str]:
        """All families, in pieces."""
        yield from _of_vantages(snapshot)
        live = [
            (self._label(key), sample)
            for key, sample in snapshot.latest.items()
            if snapshot.now - sample.at <= snapshot.gaps.get(sample.target, 0)
        ]
        yield from written(UP, (f"{UP.name}{at} {_up(s)}" for at, s in live if s.outcome is not Outcome.UNKNOWN))
        timed = ((at, latency(sample)) for at, sample in live)
        yield from written(LATENCY, (f"{LATENCY.name}{at} {took:.6f}" for at, took in timed if took is not None))
        sent = ((at, sample.sent, sample.received or 0) for at, sample in live if sample.sent)
        yield from written(DELIVERY, (f"{DELIVERY.name}{at} {got / put!r}" for at, put, got in sent))
        yield from written(SEEN, (f"{SEEN.name}{at} {sample.at * NS:.3f}" for at, sample in live))
        if len(self._labels) > 2 * len(snapshot.latest):
            self._labels = {key: self._labels[key] for key in snapshot.latest if key in self._labels}

    def _label(self, key: tuple[str, str]) -> str:
        text = self._labels.get(key)
        if text is None:
            text = self._labels[key] = labels({"target": key[0], "vantage": key[1]})
        return text


def _up(sample: Sample) -> int:
    return int(sample.outcome is Outcome.UP)


def _of_vantages(snapshot: Snapshot) -> Iterator[str]:
    counted = (
        f"{SAMPLES.name}{labels({'vantage': vantage, 'outcome': outcome})} {count}"
        for (vantage, outcome), count in sorted(snapshot.outcomes.items())
    )
    yield from written(SAMPLES, counted)
    yield from written(DURATION, _durations(snapshot))


def _durations(snapshot: Snapshot) -> Iterator[str]:
    """Cumulative buckets, as the format wants them."""
    for vantage, durations in sorted(snapshot.durations.items()):
        below = 0
        for bound, count in zip((*BUCKETS, "+Inf"), durations.counts, strict=True):
            below += count
            yield f"{DURATION.name}_bucket{labels({'vantage': vantage, 'le': str(bound)})} {below}"
        of = labels({"vantage": vantage})
        yield f"{DURATION.name}_sum{of} {durations.sum * NS!r}"
        yield f"{DURATION.name}_count{of} {below}"
