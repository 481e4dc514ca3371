"""Metrics of vantages and targets, from the last sample recorded of each.

A target whose last sample speaks no longer (it is older than the target's greatest gap) has no lines: a frozen
last value would look like knowledge. An Unknown outcome has no ``upheld_target_up``, since neither 0 nor 1 is true.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from monitor.web.board import BUCKETS, Snapshot
from monitor.web.exposition import Family, labels, written
from monitor.web.last import NS, Latest
from monitor.web.last import UP as IS_UP
from probes.columns import OUTCOMES
from probes.sample import Outcome

SAMPLES = Family("upheld_samples_total", "counter", "Samples recorded since this process began, by outcome.")
DURATION = Family("upheld_sample_duration_seconds", "histogram", "How long the runs of probes took, in seconds.")
UP = Family("upheld_target_up", "gauge", "1 if the last sample was Up, 0 if Down; absent while Unknown.")
LATENCY = Family("upheld_target_latency_seconds", "gauge", "Latency of the last Up sample, in seconds.")
DELIVERY = Family("upheld_packet_delivery_ratio", "gauge", "Packets answered over packets sent, last sample.")
SEEN = Family("upheld_target_last_sample_timestamp_seconds", "gauge", "When the last sample began, Unix time.")


Lines = tuple[list[str], list[str], list[str], list[str]]
IS_UNKNOWN = OUTCOMES.index(Outcome.UNKNOWN)


class TargetLines:
    """Writes the families of targets; remembers the labels of each."""

    def __init__(self) -> None:
        self._targets: tuple[str, ...] = ()
        self._labels: dict[str, list[str]] = {}

    def write(self, snapshot: Snapshot) -> Iterator[str]:
        """All families, in pieces."""
        yield from _of_vantages(snapshot)
        if self._targets is not snapshot.targets:
            self._targets, self._labels = snapshot.targets, {}
        lines: Lines = ([], [], [], [])
        for vantage, latest in snapshot.latest.items():
            self._add(lines, vantage, latest, np.flatnonzero(latest.at >= snapshot.now - snapshot.gaps).tolist())
        for family, found in zip((UP, LATENCY, DELIVERY, SEEN), lines, strict=True):
            yield from written(family, found)

    def _add(self, lines: Lines, vantage: str, latest: Latest, rows: Sequence[int]) -> None:
        """One pass over the rows of a vantage that speak still, since there may be very many: the lines of the four
        families."""
        up, delay, delivery, seen = lines
        known = self._labels.setdefault(vantage, [""] * len(self._targets))
        columns = (column[rows].tolist() for column in (latest.at, latest.outcome, latest.latency, latest.delivery))
        for row, at, outcome, took, ratio in zip(rows, *columns, strict=True):
            of = known[row] or self._make(known, row, vantage)
            if outcome != IS_UNKNOWN:
                up.append(f"{UP.name}{of}{1 if outcome == IS_UP else 0}")
            if took == took:  # whatever is not NaN
                delay.append(f"{LATENCY.name}{of}{took:.6f}")
            if ratio == ratio:
                delivery.append(f"{DELIVERY.name}{of}{ratio!r}")
            seen.append(f"{SEEN.name}{of}{at * NS:.3f}")

    def _make(self, known: list[str], row: int, vantage: str) -> str:
        of = known[row] = labels({"target": self._targets[row], "vantage": vantage}) + " "
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
