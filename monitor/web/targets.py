"""Metrics of vantages and targets, from the last sample recorded of each.

A target whose last sample speaks no longer (it is older than the target's greatest gap) has no lines: a frozen
last value would look like knowledge. An Unknown outcome has no ``upheld_target_up``, since neither 0 nor 1 is true.
"""

from collections.abc import Callable, Iterator, Sequence
from math import isnan

import numpy as np

from monitor.web.board import BUCKETS, Snapshot
from monitor.web.exposition import Family, escaped, labels, written
from monitor.web.last import NS, Latest
from monitor.web.last import UP as IS_UP
from probes.columns import OUTCOMES, Ints
from probes.sample import Outcome

SAMPLES = Family("upheld_samples_total", "counter", "Samples recorded since this process began, by outcome.")
DURATION = Family("upheld_sample_duration_seconds", "histogram", "How long the runs of probes took, in seconds.")
UP = Family("upheld_target_up", "gauge", "1 if the last sample was Up, 0 if Down; absent while Unknown.")
LATENCY = Family("upheld_target_latency_seconds", "gauge", "Latency of the last Up sample, in seconds.")
DELIVERY = Family("upheld_packet_delivery_ratio", "gauge", "Packets answered over packets sent, last sample.")
SEEN = Family("upheld_target_last_sample_timestamp_seconds", "gauge", "When the last sample began, Unix time.")


IS_UNKNOWN = OUTCOMES.index(Outcome.UNKNOWN)
SLICE = 1_000
"""So many targets' lines of a family exist at once."""
Lines = Callable[[list[str], Latest, Ints], list[str]]


def target_lines(snapshot: Snapshot) -> Iterator[str]:
    """All families of vantages and targets, in pieces."""
    yield from _of_vantages(snapshot)
    parts = [
        (vantage, latest, rows[first : first + SLICE])
        for vantage, latest in snapshot.latest.items()
        for rows in [np.flatnonzero(latest.at >= snapshot.now - snapshot.gaps)]
        for first in range(0, len(rows), SLICE)
    ]
    for family, lines in ((UP, _up), (LATENCY, _latency), (DELIVERY, _delivery), (SEEN, _seen)):
        yield from written(family, _blocks(snapshot.targets, lines, parts), chunk=1)


def _blocks(targets: Sequence[str], lines: Lines, parts: Sequence[tuple[str, Latest, Ints]]) -> Iterator[str]:
    """The lines of a family, block by block. Labels are made each time: kept, they take more than all else here."""
    for vantage, latest, rows in parts:
        seen_from = labels({"vantage": vantage})[1:]
        of = [f'{{target="{escaped(targets[row])}",{seen_from} ' for row in rows.tolist()]
        if found := lines(of, latest, rows):
            yield "\n".join(found)


# One f-string a line, in one pass over the rows, since there may be very many.


def _up(of: list[str], latest: Latest, rows: Ints) -> list[str]:
    outcomes = latest.outcome[rows].tolist()
    return [
        f"{UP.name}{label}{1 if outcome == IS_UP else 0}"
        for label, outcome in zip(of, outcomes, strict=True)
        if outcome != IS_UNKNOWN
    ]


def _latency(of: list[str], latest: Latest, rows: Ints) -> list[str]:
    shown = zip(of, latest.latency[rows].tolist(), strict=True)
    return [f"{LATENCY.name}{label}{took:.6f}" for label, took in shown if not isnan(took)]


def _delivery(of: list[str], latest: Latest, rows: Ints) -> list[str]:
    shown = zip(of, latest.delivery[rows].tolist(), strict=True)
    return [f"{DELIVERY.name}{label}{ratio!r}" for label, ratio in shown if not isnan(ratio)]


def _seen(of: list[str], latest: Latest, rows: Ints) -> list[str]:
    return [f"{SEEN.name}{label}{at * NS:.3f}" for label, at in zip(of, latest.at[rows].tolist(), strict=True)]


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
