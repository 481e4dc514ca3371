"""The values that samples in columns have for a measure: what ``monitor.sla.measures`` says of each, of all at once."""

import json

import numpy as np
from numpy.typing import NDArray

from monitor.sla.measures.latency import TO_FIRST_BYTE
from probes.columns import NONE, OUTCOMES, Columns, Ints
from probes.sample import Outcome

_UP = OUTCOMES.index(Outcome.UP)
_LONGEST = 1 << 60
"""Durations (ns) of which three add up to less than 64 bits hold. There are no longer ones, but a file may say so."""

Chosen = NDArray[np.bool_]


def latencies(columns: Columns, chosen: Chosen, latency_of: str) -> Ints | None:
    """Round-trip times of the chosen samples, and what runs took that have no packets, in no order; None where they
    have to be looked at one by one."""
    packets = columns.rtts[np.repeat(chosen, columns["packets"])]
    alone = chosen & (columns["sent"] == NONE) & (columns["packets"] == 0)
    alone &= (columns["outcome"] == _UP) & (columns["took"] != NONE)
    if not alone.any():
        return _bearable(packets[packets != NONE])
    if _bearable(columns["took"][alone]) is None or _bearable(columns.steps) is None:
        return None
    return _bearable(np.concatenate([packets[packets != NONE], _alone(columns, alone, latency_of)]))


def jitters(columns: Columns, chosen: Chosen) -> Ints | None:
    """Differences of neighbours in a burst, both answered, of the chosen samples."""
    width = columns["packets"][chosen]
    rtts = columns.rtts[np.repeat(chosen, columns["packets"])]
    owner = np.repeat(np.arange(len(width)), width)
    both = (rtts[1:] != NONE) & (rtts[:-1] != NONE) & (owner[1:] == owner[:-1])
    told = _bearable(rtts[rtts != NONE])
    return None if told is None else np.abs(np.diff(rtts)[both])


def sum_of(values: Ints) -> int:
    """Their exact sum."""
    most = max(abs(int(values.min())), abs(int(values.max()))) if len(values) else 0
    return int(values.sum()) if most * len(values) < 1 << 63 else sum(values.tolist())


def _bearable(values: Ints) -> Ints | None:
    return values if not len(values) or -_LONGEST < int(values.min()) <= int(values.max()) < _LONGEST else None


def _alone(columns: Columns, which: Chosen, latency_of: str) -> Ints:
    """What runs without packets took: as much of it as counts."""
    taken = columns["took"][which]
    kinds, starts = columns["phases"][which], (np.cumsum(columns["steps"]) - columns["steps"])[which]
    for kind in np.flatnonzero(np.bincount(kinds[kinds != 0])).tolist():
        names = json.loads(columns.words[kind] or "[]")
        rows = np.flatnonzero(kinds == kind)
        phases = {name: columns.steps[starts[rows] + place] for place, name in enumerate(names)}
        if latency_of == "connect" and "connect" in phases:
            taken[rows] = phases["connect"]
        elif latency_of == "first_byte" and "first_byte" in phases:
            taken[rows] = sum(phases[name] for name in TO_FIRST_BYTE if name in phases)
        elif "resolve" in phases:
            taken[rows] -= phases["resolve"]
    return taken
