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
    return (sample.took - sum(took for name, took in sample.phases if name == "resolve")) * NS


class TargetLines:
    """Writes the families of targets; remembers what stands before the values of each."""

    def __init__(self) -> None:
        self._starts: dict[tuple[str, str], tuple[str, str, str, str]] = {}

    def write(self, snapshot: Snapshot) -> Iterator[str]:
        """All families, in pieces."""
        yield from _of_vantages(snapshot)
        up, delay, delivery, seen = self._lines(snapshot)
        yield from written(UP, up)
        yield from written(LATENCY, delay)
        yield from written(DELIVERY, delivery)
        yield from written(SEEN, seen)
        if len(self._starts) > 2 * len(snapshot.latest):
            self._starts = {key: self._starts[key] for key in snapshot.latest if key in self._starts}

    def _lines(self, snapshot: Snapshot) -> tuple[list[str], list[str], list[str], list[str]]:
        """One pass over all targets, since there may be very many: the lines of the four families."""
        up: list[str] = []
        delay: list[str] = []
        delivery: list[str] = []
        seen: list[str] = []
        now, gaps = snapshot.now, snapshot.gaps
        for key, sample in snapshot.latest.items():
            if now - sample.at > gaps.get(key[0], 0):
                continue
            starts = self._starts.get(key) or self._make(key)
            if sample.outcome is not Outcome.UNKNOWN:
                up.append(f"{starts[0]}{1 if sample.outcome is Outcome.UP else 0}")
            took = latency(sample)
            if took is not None:
                delay.append(f"{starts[1]}{took:.6f}")
            if sample.sent:
                delivery.append(f"{starts[2]}{(sample.received or 0) / sample.sent!r}")
            seen.append(f"{starts[3]}{sample.at * NS:.3f}")
        return up, delay, delivery, seen

    def _make(self, key: tuple[str, str]) -> tuple[str, str, str, str]:
        of = labels({"target": key[0], "vantage": key[1]})
        starts = (f"{UP.name}{of} ", f"{LATENCY.name}{of} ", f"{DELIVERY.name}{of} ", f"{SEEN.name}{of} ")
        self._starts[key] = starts
        return starts


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
