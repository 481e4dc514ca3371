"""Incidents for a statement: chains with outages, with what is certain and what is possible, who saw them, and what
people did about them."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from config.spans import Span, clip, total, union
from monitor.sla.chains import Chain
from monitor.sla.facts import IncidentFact
from monitor.sla.figures import View
from monitor.sla.fold import Run
from monitor.sla.model import Incident, State
from monitor.sla.timeline import Piece, at_least, certain, possible
from monitor.sla.words import FOREVER


@dataclass(frozen=True, slots=True)
class Trace:
    """What is behind a service's outages: its targets' runs, and the spans that were judged elsewhere."""

    runs: tuple[tuple[Run, ...], ...]
    down_when: int
    elsewhere: tuple[Piece, ...]

    def certain(self) -> list[Span]:
        """What is sure of the outages."""
        return union([*at_least([certain(runs) for runs in self.runs], self.down_when), *self._told()])

    def possible(self) -> list[Span]:
        """How long they may have been."""
        return union([*at_least([possible(runs) for runs in self.runs], self.down_when), *self._told()])

    def _told(self) -> list[Span]:
        return [(piece.start, piece.end) for piece in self.elsewhere if piece.state is State.DOWN]

    def failing(self, start: int, end: int) -> list[Run]:
        """The targets' DOWN runs within a span, by time."""
        found = []
        for runs in self.runs:
            first, after = bisect_right(runs, start, key=_end), bisect_left(runs, end, key=_start)
            found += [run for run in runs[first:after] if run.state is State.DOWN]
        return sorted(found, key=_start)


def _start(run: Run) -> int:
    return run.start


def _end(run: Run) -> int:
    return run.end


def incidents(view: View, trace: Trace, service: str, handling: Sequence[IncidentFact]) -> list[Incident]:
    """Those that touch the view's period, in order of time."""
    sure, maybe = trace.certain(), trace.possible()
    touching = [c for c in view.chains if c.outages and c.outages[0][0] < view.end and c.outages[-1][1] > view.start]
    return [_incident(chain, view, trace, service, handling, sure, maybe) for chain in touching]


def _incident(
    chain: Chain,
    view: View,
    trace: Trace,
    service: str,
    handling: Sequence[IncidentFact],
    sure: Sequence[Span],
    maybe: Sequence[Span],
) -> Incident:
    outages = chain.outages
    start, last = outages[0][0], outages[-1][1]
    around = [span for span in maybe if span[0] < last and span[1] > start]
    reach = max((span[1] for span in around), default=last)
    failing = trace.failing(start, last)
    return Incident(
        service=service,
        start=start,
        end=None if chain.open else last,
        charged=view.charge(outages),
        lower=total(clip(sure, start, last)),
        upper=None if chain.open or reach >= FOREVER else reach - min((s[0] for s in around), default=start),
        cause=chain.cause,
        spans=tuple(outages),
        seen_by=tuple(sorted({name for run in failing for name in run.seen_by})),
        samples=tuple(failing[0].opened_by + failing[-1].closed_by) if failing else (),
        counted=view.start <= start < view.end,
        handling=tuple(
            (fact.at, fact.action, fact.author, fact.note)
            for fact in sorted(handling, key=lambda f: (f.at, f.action))
            if start <= fact.start < max(last, start + 1)
        ),
    )
