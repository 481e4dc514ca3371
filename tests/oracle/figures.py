"""One period of one contract: the accounts of its services, and a figure with bounds and verdict for each promise."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import takewhile

from config.contract.model import Contract, Promise, Service
from config.model import Config
from config.periods import Period
from monitor.sla.facts import Fact
from probes.sample import Sample
from tests.oracle import measures
from tests.oracle.incidents import Incident, beginning_in, incidents, possible, stretches
from tests.oracle.speech import DOWN, EXCLUDED, UNKNOWN, UP
from tests.oracle.timeline import Piece, ServiceHistory


@dataclass(frozen=True)
class Totals:
    """Nanoseconds of the period by what they are accounted as."""

    up: int
    down: int
    unknown: int
    excluded: int

    @property
    def base(self) -> int:
        return self.up + self.down + self.unknown

    @property
    def coverage(self) -> Fraction | None:
        return Fraction(self.up + self.down, self.base) if self.base else None


@dataclass(frozen=True)
class Figure:
    """``bounded`` is False where the bounds were too many to try; ``open`` where an incident still runs."""

    service: str
    promise: str
    value: Fraction | None
    lower: Fraction | None
    upper: Fraction | None
    verdict: str
    bounded: bool = True
    open: bool = False


@dataclass(frozen=True)
class Judged:
    """All there is to compare."""

    totals: dict[str, Totals]
    figures: dict[tuple[str, str], Figure]
    incidents: dict[str, list[Incident]]


def judge(config: Config, contract: Contract, period: Period, facts: Sequence[Fact]) -> Judged:
    """Judge a closed period from all the facts there are."""
    totals: dict[str, Totals] = {}
    figures: dict[tuple[str, str], Figure] = {}
    found: dict[str, list[Incident]] = {}
    for service in contract.services:
        judge_one = _Judge(config, contract, service, period, facts)
        totals[service.name] = judge_one.measured
        found[service.name] = judge_one.as_measured()
        for promise in contract.promises:
            if service.name in promise.services:
                figures[service.name, promise.id] = judge_one.figure(promise)
    return Judged(totals, figures, found)


class _Judge:
    def __init__(
        self, config: Config, contract: Contract, service: Service, period: Period, facts: Sequence[Fact]
    ) -> None:
        self.contract, self.service, self.period = contract, service, period
        self.history = ServiceHistory(config, contract, service, facts)
        self.unread = pieces = self.history.pieces(period.start, period.end)
        self.measured = _totals(pieces, period)
        while contract.unknown == "indeterminate" and pieces[-1].seen == UNKNOWN and pieces[-1].start >= period.end:
            pieces.pop()  # what is unknown after the period's end bounds nothing
        known = min(period.start, self.history.begins())
        self.pieces = [_read(piece, contract.unknown, known) for piece in pieces]
        self.totals = _totals(self.pieces, period)
        self.samples = self._samples()

    def as_measured(self) -> list[Incident]:
        """Those that begin in the period, whatever the contract makes of the unknown."""
        return beginning_in(self.unread, self.period.start, self.period.end)

    def incidents(self) -> list[Incident]:
        """Those that begin in the period, as the contract reads the unknown."""
        return beginning_in(self.pieces, self.period.start, self.period.end)

    @cached_property
    def might_have_been(self) -> list[list[Incident]] | None:
        """The incidents of every way the unknown could have been; None if those are too many. A contract that says
        how unknown is read leaves one way."""
        if self.contract.unknown != "indeterminate":
            return [self.incidents()]
        start, end = self.period.start, self.period.end
        ways = possible(self.pieces, start, end)
        return None if ways is None else [beginning_in(way, start, end) for way in ways]

    def figure(self, promise: Promise) -> Figure:
        figures: dict[str, Callable[[Promise], Figure]] = {
            "availability": self._availability,
            "total-outage": self._total,
            "longest-outage": self._longest,
            "outages": self._outages,
        }
        if not self.totals.base:
            return Figure(self.service.name, promise.id, None, None, None, "indeterminate")
        return figures.get(promise.measure, self._statistic)(promise)

    def _availability(self, promise: Promise) -> Figure:
        t = self.totals
        value = Fraction(t.up, t.up + t.down) if t.up + t.down else None
        return self._judged(promise, value, Fraction(t.up, t.base), Fraction(t.up + t.unknown, t.base))

    def _total(self, promise: Promise) -> Figure:
        t = self.totals
        return self._judged(promise, Fraction(t.down), Fraction(t.down), Fraction(t.down + t.unknown))

    def _longest(self, promise: Promise) -> Figure:
        figure = self._by_incident(promise, lambda mine: max((i.charged for i in mine), default=0))
        if not self._may_run_on() or figure.verdict == "breached":
            return replace(figure, open=self._may_run_on())
        return replace(figure, open=True, verdict="indeterminate")

    def _may_run_on(self) -> bool:
        """Whether an incident without end began in the period, or may have."""
        last = incidents(self.pieces)[-1:]
        if not last or not last[0].open:
            return False
        if self.contract.unknown != "indeterminate" and last[0].end < self.pieces[-1].end:
            return False  # how the unknown after it is read is settled
        ways = [self.incidents(), *(self.might_have_been or [])]
        return any(mine[-1:] and mine[-1].open and mine[-1].end >= last[0].end for mine in ways)

    def _outages(self, promise: Promise) -> Figure:
        least = promise.threshold or 0
        figure = self._by_incident(promise, lambda mine: sum(i.charged > least for i in mine))
        if least or not figure.bounded:
            return replace(figure, bounded=False)
        if self.contract.unknown != "indeterminate":
            running = sum(i.open and not i.charged for i in self.incidents())  # it may be charged before it ends
            return self._judged(promise, figure.value, figure.lower, (figure.upper or 0) + running)
        hidden = [s for s in stretches(self.pieces) if s[0] < self.period.end and s[1] > self.period.start]
        upper = Fraction(self._known_to_begin() + len(hidden))
        return self._judged(promise, figure.value, figure.lower, upper)

    def _known_to_begin(self) -> int:
        """Incidents of which some DOWN is known, that began in the period, or may have, and are charged, or may be."""
        count = 0
        for incident in incidents(self.pieces):
            before = [piece for piece in self.pieces if piece.end <= incident.start]
            after = [piece for piece in self.pieces if piece.start >= incident.start]
            silence = list(takewhile(lambda piece: piece.seen == UNKNOWN, reversed(before)))
            rest = list(takewhile(lambda piece: piece.seen != UP, after))
            starts = [incident.start, *(piece.start for piece in silence if piece.counted == UNKNOWN)]
            may_begin = any(self.period.start <= start < self.period.end for start in starts)
            may_be_charged = any(piece.counted in (DOWN, UNKNOWN) for piece in silence + rest)
            count += may_begin and (may_be_charged or incident.open)
        return count

    def _by_incident(self, promise: Promise, of: Callable[[list[Incident]], int]) -> Figure:
        value = of(self.incidents())
        if self.might_have_been is None:
            return Figure(self.service.name, promise.id, Fraction(value), None, None, "", bounded=False)
        values = [of(incidents) for incidents in self.might_have_been]
        return self._judged(promise, Fraction(value), Fraction(min(values)), Fraction(max(values)))

    def _statistic(self, promise: Promise) -> Figure:
        match promise.measure:
            case "latency":
                value = measures.statistic(promise, measures.latencies(self.samples))
            case "jitter":
                value = measures.statistic(promise, measures.differences(self.samples))
            case "packet-delivery":
                value = measures.delivery(self.samples)
            case _:
                delivered = measures.delivery(self.samples)
                value = None if delivered is None else 1 - delivered
        figure = self._judged(promise, value, value, value)
        if self.contract.unknown != "indeterminate":
            return figure
        coverage = self.measured.coverage
        if coverage is None or coverage < self.contract.minimum_coverage:
            return replace(figure, verdict="indeterminate")
        return figure

    def _samples(self) -> list[Sample]:
        """Samples that say something, of time that is not excluded."""
        start, end = self.period.start, self.period.end
        return [
            sample
            for speech in self.history.speeches
            for sample in speech.samples
            if start <= sample.at < end
            and speech.judged(sample) != UNKNOWN
            and self.history.exempted(sample.at) is None
        ]

    def _judged(
        self, promise: Promise, value: Fraction | None, lower: Fraction | None, upper: Fraction | None
    ) -> Figure:
        verdict = "indeterminate"
        if value is not None and lower is not None and upper is not None:
            verdict = _verdict(promise, lower, upper)
        return Figure(self.service.name, promise.id, value, lower, upper, verdict)


def _verdict(promise: Promise, lower: Fraction, upper: Fraction) -> str:
    """Met if every value between the bounds meets the promise, breached if none does."""
    target = promise.target
    all_meet, none_meets = {
        ">=": (lower >= target, upper < target),
        ">": (lower > target, upper <= target),
        "<=": (upper <= target, lower > target),
        "<": (upper < target, lower >= target),
        "==": (lower == upper == target, target < lower or target > upper),
    }[promise.operator]
    return "met" if all_meet else "breached" if none_meets else "indeterminate"


def _read(piece: Piece, policy: str, known: float) -> Piece:
    """The piece as the contract wants unknown time read; before anything is known nothing is read."""
    if piece.seen != UNKNOWN or policy == "indeterminate" or piece.start < known:
        return piece
    if policy == "exclude":
        return replace(piece, counted=EXCLUDED if piece.counted == UNKNOWN else piece.counted)
    state = UP if policy == "up" else DOWN
    return replace(piece, seen=state, counted=state if piece.counted == UNKNOWN else piece.counted)


def _totals(pieces: Sequence[Piece], period: Period) -> Totals:
    sums = dict.fromkeys((UP, DOWN, UNKNOWN, EXCLUDED), 0)
    for piece in pieces:
        sums[piece.counted] += max(0, min(piece.end, period.end) - max(piece.start, period.start))
    return Totals(sums[UP], sums[DOWN], sums[UNKNOWN], sums[EXCLUDED])
