"""Columns as samples in a row, of which only those are made that somebody looks at."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from config.spans import Span
from monitor.sla.series import Bulk
from monitor.store.values import jitters, latencies, sum_of
from probes.columns import NONE, OUTCOMES, Columns, Ints, to_samples
from probes.sample import Outcome, Sample

PAGE = 64
_UP, _UNKNOWN = OUTCOMES.index(Outcome.UP), OUTCOMES.index(Outcome.UNKNOWN)
_POOLED = ("packet-delivery", "packet-loss")


class Lazy:
    """See ``monitor.sla.series.Series``. The samples are in order."""

    __slots__ = ("_columns", "_packets", "_pages", "_restless", "_steps", "vantages")

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._packets, self._steps = (np.concatenate(([0], np.cumsum(columns[name]))) for name in ("packets", "steps"))
        self._pages: dict[int, list[Sample]] = {}
        self._restless: dict[int, Ints] = {}
        places = np.flatnonzero(np.bincount(columns["vantage"])).tolist() if len(columns) else []
        self.vantages = tuple(sorted(columns.words[place] or "" for place in places))

    def __len__(self) -> int:
        return len(self._columns)

    def __getitem__(self, place: int) -> Sample:
        """One sample; those around it are made with it, since they are looked at next."""
        place = range(len(self))[place]
        page = place // PAGE
        if page not in self._pages:
            self._pages[page] = to_samples(self._between(page * PAGE, min((page + 1) * PAGE, len(self))))
        return self._pages[page][place % PAGE]

    def __iter__(self) -> Iterator[Sample]:
        for start in range(0, len(self), 1000):
            yield from to_samples(self._between(start, min(start + 1000, len(self))))

    def _between(self, first: int, after: int) -> Columns:
        packets, steps = self._packets, self._steps
        return Columns(
            self._columns.words,
            self._columns.table[:, first:after],
            self._columns.rtts[packets[first] : packets[after]],
            self._columns.steps[steps[first] : steps[after]],
        )

    def seen_from(self, vantages: Sequence[str]) -> "Lazy":
        """See Series."""
        if all(name in vantages for name in self.vantages):
            return self
        wanted = np.array([word in vantages for word in self._columns.words], dtype=np.bool_)
        return Lazy(self._columns.take(np.flatnonzero(wanted[self._columns["vantage"]])))

    def calm(self, place: int, gap: int, until: int) -> int:
        """See Series."""
        if gap not in self._restless:
            self._restless[gap] = self._breaks(gap)
        breaks = self._restless[gap]
        index = int(np.searchsorted(breaks, place))
        stop = int(breaks[index]) if index < len(breaks) else len(self)
        return max(place, min(stop, int(np.searchsorted(self._columns["at"], until, side="right"))))

    def _breaks(self, gap: int) -> Ints:
        at, boot = self._columns["at"], self._columns["boot"]
        apart = np.diff(at)
        moved: NDArray[np.bool_] = (apart <= 0) | (apart > gap) | (boot[1:] != boot[:-1])
        found: Ints = np.flatnonzero((self._columns["outcome"] != _UP) | np.concatenate(([False], moved)))
        return found

    def bulk(self, measure: str, spans: Sequence[Span], latency_of: str = "total") -> Bulk | None:
        """See Series."""
        columns, inside = self._within(spans)
        chosen = inside & (columns["outcome"] != _UNKNOWN)
        sent = columns["sent"]
        if measure in _POOLED:
            some = chosen & (sent != NONE) & (sent != 0)
            received = columns["received"][some]
            return Bulk(int(sent[some].sum()), int(received[received != NONE].sum()))
        if not chosen.any():
            return Bulk(0, 0)
        found = latencies(columns, chosen, latency_of) if measure == "latency" else jitters(columns, chosen)
        return None if found is None else Bulk(len(found), sum_of(found), found.tolist)

    def _within(self, spans: Sequence[Span]) -> tuple[Columns, NDArray[np.bool_]]:
        """The samples from the first of some spans to the last, and which of them lie in one."""
        edges = np.searchsorted(self._columns["at"], np.array(spans, dtype=np.int64).reshape(-1, 2)).tolist()
        first, last = min((start for start, _ in edges), default=0), max((end for _, end in edges), default=0)
        inside = np.zeros(last - first, dtype=np.bool_)
        for start, end in edges:
            inside[start - first : end - first] = True
        return self._between(first, last), inside
