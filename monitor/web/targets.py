"""Metrics of vantages and targets, from the last sample recorded of each.

A target whose last sample speaks no longer (it is older than the target's greatest gap) has no lines: a frozen
last value would look like knowledge. An Unknown outcome has no ``upheld_target_up``, since neither 0 nor 1 is true.
"""

from collections.abc import Iterator

from monitor.web.board import BUCKETS, Snapshot
from monitor.web.exposition import Family, labels, written
from monitor.web.last import NS
from probes.sample import Outcome

SAMPLES = Family("upheld_samples_total", "counter", "Samples recorded since this process began, by outcome.")
DURATION = Family("upheld_sample_duration_seconds", "histogram", "How long the runs of probes took, in seconds.")
UP = Family("upheld_target_up", "gauge", "1 if the last sample was Up, 0 if Down; absent while Unknown.")
LATENCY = Family("upheld_target_latency_seconds", "gauge", "Latency of the last Up sample, in seconds.")
DELIVERY = Family("upheld_packet_delivery_ratio", "gauge", "Packets answered over packets sent, last sample.")
SEEN = Family("upheld_target_last_sample_timestamp_seconds", "gauge", "When the last sample began, Unix time.")


class TargetLines:
    """Writes the families of targets; remembers the labels of each."""

    def __init__(self) -> None:
        self._labels: dict[tuple[str, str], str] = {}

    def write(self, snapshot: Snapshot) -> Iterator[str]:
        """All families, in pieces."""
        yield from _of_vantages(snapshot)
        up, delay, delivery, seen = self._lines(snapshot)
        yield from written(UP, up)
        yield from written(LATENCY, delay)
        yield from written(DELIVERY, delivery)
        yield from written(SEEN, seen)
        if len(self._labels) > 2 * len(snapshot.latest):
            self._labels = {key: self._labels[key] for key in snapshot.latest if key in self._labels}

    def _lines(self, snapshot: Snapshot) -> tuple[list[str], list[str], list[str], list[str]]:
        """One pass over all targets, since there may be very many: the lines of the four families."""
        up: list[str] = []
        delay: list[str] = []
        delivery: list[str] = []
        seen: list[str] = []
        now, gaps = snapshot.now, snapshot.gaps
        for key, (at, _, outcome, took, ratio) in snapshot.latest.items():
            if now - at > gaps.get(key[0], 0):
                continue
            of = self._labels.get(key) or self._make(key)
            if outcome is not Outcome.UNKNOWN:
                up.append(f"{UP.name}{of}{1 if outcome is Outcome.UP else 0}")
            if took is not None:
                delay.append(f"{LATENCY.name}{of}{took:.6f}")
            if ratio is not None:
                delivery.append(f"{DELIVERY.name}{of}{ratio!r}")
            seen.append(f"{SEEN.name}{of}{at * NS:.3f}")
        return up, delay, delivery, seen

    def _make(self, key: tuple[str, str]) -> str:
        of = self._labels[key] = labels({"target": key[0], "vantage": key[1]}) + " "
        return of


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
