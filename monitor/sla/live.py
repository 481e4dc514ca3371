"""The services of a contract at one instant of its open period, from the books of its targets: the same timelines,
views and scenes that a statement is built from.

Samples are not kept: what needs them one by one (rows of failing samples, statistics of a defined measure) is judged
when the period is, and is open until then.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from config.contract.model import Contract, Promise, Service
from config.contract.rules import MeasureRule, OutageRule
from config.periods import Period
from config.spans import Span
from monitor.sla.book import Book
from monitor.sla.exclusions import Excluded
from monitor.sla.figures import look
from monitor.sla.heard import Heard
from monitor.sla.incidents import Trace
from monitor.sla.judge import Judged, rule_of
from monitor.sla.known import Known
from monitor.sla.reading import FoldReading, Window, closed, composed, service_pieces
from monitor.sla.scene import Scene
from monitor.sla.services import reach_back
from monitor.sla.tally import Tally
from monitor.sla.timeline import Piece

_UNHEARD = Heard([], {})


class Live(Mapping[str, Scene]):
    """The scenes of all services by name, each built when it is asked for. ``view`` gives a target's book, everything
    folded in; it is asked once, ``seen`` are those it was asked for. ``silent`` is when our witnesses were."""

    def __init__(
        self,
        contract: Contract,
        period: Period,
        known: Known,
        excluded: Mapping[str, Excluded],
        view: Callable[[str], Book],
        silent: Sequence[Span],
        now: int,
    ) -> None:
        self._contract, self._period, self._known, self._excluded = contract, period, known, excluded
        self._view, self._silent, self._now = view, tuple(silent), now
        self.seen: dict[str, Book] = {}
        self._since = reach_back(contract, period)
        self._scenes: dict[str, Scene] = {}
        self._confirmed: dict[str, bool] = {}
        self._own: dict[str, list[Book]] = {}

    def __getitem__(self, name: str) -> Scene:
        if name not in self._scenes:
            self._scenes[name] = self._scene(self._contract.service(name))
        return self._scenes[name]

    def __iter__(self) -> Iterator[str]:
        return (service.name for service in self._contract.services)

    def __len__(self) -> int:
        return len(self._contract.services)

    def book(self, target: str) -> Book:
        """A target's book, with everything folded in that it has."""
        if target not in self.seen:
            self.seen[target] = self._view(target)
        return self.seen[target]

    def books(self, service: Service) -> Sequence[Book]:
        """Those of its targets."""
        if service.name not in self._own:
            self._own[service.name] = [self.book(name) for name in service.targets]
        return self._own[service.name]

    def judged(self, promise: Promise, service: str, tallies: Mapping[str, Tally]) -> Judged:
        """What a promise is judged from; without a scene where only samples could tell."""
        scene = self[service]
        return Judged(scene.view, tallies, None if needs_samples(self._contract, promise) else scene)

    def broken_since(self, since: int) -> int:
        """Since when a service of several targets may have been without UP as the period began, if earlier than
        ``since``: each of them by itself may have been up later than that, so that not all were read as far."""
        several = [service.name for service in self._contract.services if len(service.targets) > 1 or service.of]
        start = self._period.start
        return min([since, *(c.start for name in several for c in self[name].view.chains if c.start < start < c.end)])

    def confirmed(self, service: Service) -> bool:
        """Whether enough of the last samples of any of its targets failed."""
        if service.name not in self._confirmed:
            own = any(book.confirmed for book in self.books(service))
            parts = (self._contract.service(name) for name in service.of)
            self._confirmed[service.name] = own or any(self.confirmed(part) for part in parts)
        return self._confirmed[service.name]

    def _scene(self, service: Service) -> Scene:
        period, now = self._period, self._now
        start = self._start(service)
        pieces, _ = self._timeline(service, Window(start - 1, max(period.end, now) + 1, now))
        view = look(pieces, self._excluded[service.name], period.start, period.end)
        until = now if now < period.end else None
        return Scene(self._contract, service, period, view, self._known, _nothing, until, self)

    def _start(self, service: Service) -> int:
        """Before all that is known: nobody spoke there."""
        books = self.books(service)
        starts = [book.fold.runs[0].start for book in books if book.fold.runs]
        starts += [start for book in books for start, _ in book.damaged]
        starts += [state.start for state in self._known.states.get(service.name, ())]
        starts += [self._start(self._contract.service(name)) for name in service.of]
        return min([self._since, *starts])

    def _timeline(self, service: Service, window: Window) -> tuple[list[Piece], Trace]:
        if service.of:
            parts = [self._timeline(self._contract.service(name), window) for name in service.of]
            return composed(service, [part for part, _ in parts], [trace for _, trace in parts], self._known, window)
        readings = [
            closed(FoldReading(book.fold, _UNHEARD, book.vantages, self._silent), self._known, window)
            for book in self.books(service)
        ]
        return service_pieces(service, readings, self._known, window)


def _nothing(start: int, end: int) -> tuple[()]:
    return ()


def needs_samples(contract: Contract, promise: Promise) -> bool:
    """Whether a promise's measure is made of samples one by one."""
    rule = rule_of(contract, promise)
    return rule is not None and _rests_on_samples(contract, rule)


def _rests_on_samples(contract: Contract, rule: MeasureRule) -> bool:
    if rule.kind == "samples":
        return True
    names = [rule.of] if rule.kind in ("ratio", "total", "longest", "count", "each") else []
    return any(_of_samples(contract, outage) for outage in contract.outages if outage.name in names)


def _of_samples(contract: Contract, rule: OutageRule) -> bool:
    """Whether an outage rule counts samples; buckets of time are judged from the timeline."""
    for source in rule.sources:
        if source.kind == "outage" and _of_samples(contract, contract.outage(source.name or "")):
            return True
        if source.kind == "measure" and _rests_on_samples(contract, contract.measure(source.name or "")):
            return True
    if not any(source.kind == "probes" for source in rule.sources):
        return False
    return rule.consecutive > 1 if rule.bucket is None else rule.bucket.minimum > 1


def _linked(contract: Contract) -> bool:
    """Whether what happens to one service may matter to another: pooled, composed of it, or its control."""
    return (
        any(service.of for service in contract.services)
        or any(rule.control is not None for rule in contract.outages)
        or any(rule.pool for rule in contract.measures)
    )


def touched_by(contract: Contract) -> dict[str, tuple[str, ...]]:
    """Of each target the services to which what it says may matter."""
    found: dict[str, tuple[str, ...]] = {}
    names, together = tuple(service.name for service in contract.services), _linked(contract)
    for service in contract.services:
        told = names if together else (service.name,)
        for name in service.targets:
            found[name] = found.get(name, ()) + told
    return found
