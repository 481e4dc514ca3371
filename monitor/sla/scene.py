"""What the measures of one service are taken from in one period: its view, its outages as the contract counts them,
and the facts that concern it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from config.contract.model import Contract, Service
from config.contract.rules import OutageRule
from config.periods import Period
from config.spans import Span
from monitor.sla.figures import View, look, under_policy
from monitor.sla.known import Known
from monitor.sla.measure import Measured
from monitor.sla.model import State
from monitor.sla.occurrence import Occurrence, World
from monitor.sla.outages import missed, occurrences
from monitor.sla.outages.heard import Track
from monitor.sla.outages.heard import tracks as tracks_of
from monitor.sla.outages.states import view_of
from monitor.sla.series import Bulk
from monitor.sla.timeline import reaching
from probes.sample import Sample

Heard = Callable[[int, int], Iterable[tuple[Sample, State, str]]]
InBulk = Callable[[str, Sequence[Span]], Bulk | None]


def _one_by_one(measure: str, spans: Sequence[Span]) -> Bulk | None:
    """For evidence of which nothing can be had in bulk."""
    return None


@dataclass(frozen=True)
class Scene:
    """One service in one period. ``view`` is that of the period; its pieces reach as far around it as was read.

    ``heard(start, end)`` gives the service's samples of a span with the state each stands for and which of its phases
    its latency is; ``bulk(measure, spans)`` what a measure of samples comes to over some spans, None where they have to
    be looked at one by one. ``now``: what comes later has not happened yet; None: the period is closed. ``others``:
    the scenes of the contract's other services in the same period.
    """

    contract: Contract
    service: Service
    period: Period
    view: View
    known: Known
    heard: Heard
    now: int | None
    others: Mapping[str, "Scene"] = field(default_factory=dict)
    bulk: InBulk = _one_by_one
    _found: dict[tuple[OutageRule, World], tuple[Occurrence, ...]] = field(default_factory=dict)
    _views: dict[OutageRule, View] = field(default_factory=dict)
    _figures: dict[OutageRule, tuple[tuple[Period, Measured | None], ...]] = field(default_factory=dict)
    _tracks: dict[OutageRule, list[Track]] = field(default_factory=dict)
    _others: dict[object, "Scene"] = field(default_factory=dict)
    _policy: str = "indeterminate"
    _raw: "Scene | None" = None
    _anchor: int | None = None

    def outages(self, name: str, world: World = "measured") -> tuple[Occurrence, ...]:
        """The outages of a rule that touch the period, by start."""
        return self.found(self.contract.outage(name), world)

    def found(self, rule: OutageRule, world: World = "measured") -> tuple[Occurrence, ...]:
        """As ``outages``, of a rule that need not be the contract's."""
        key = (rule, world)
        if key not in self._found:
            self._found[key] = tuple(occurrences(self, rule, world))
        return self._found[key]

    def states(self, rule: OutageRule) -> View:
        """The period with the states that a rule's outages are made of."""
        if rule not in self._views:
            self._views[rule] = view_of(self, rule)
        return self._views[rule]

    def figures(self, rule: OutageRule) -> tuple[tuple[Period, Measured | None], ...]:
        """The figure of each bucket of a rule that a measure judges; None for what has not happened yet."""
        if rule not in self._figures:
            self._figures[rule] = tuple(missed.figures(self, rule))
        return self._figures[rule]

    def tracks(self, rule: OutageRule) -> list[Track]:
        """The samples that rows of failures of a rule are made of, as far as was read."""
        if rule not in self._tracks:
            control = None if rule.control is None else self.others[rule.control].view.pieces
            pieces = self.view.pieces
            self._tracks[rule] = tracks_of(self.heard(pieces[0].start, pieces[-1].end), control)
        return self._tracks[rule]

    def during(self, period: Period) -> "Scene":
        """The same service in another period, as far as was read."""
        if period == self.period:
            return self
        if self._raw is not None:
            return self._raw.during(period).under(self._policy)
        if period not in self._others:
            pieces = reaching(self.view.pieces, period.start, period.end)
            view = look(pieces, self.view.excluded, period.start, period.end)
            self._others[period] = self._with(view, period, self._policy, None)
        return self._others[period]

    def under(self, policy: str) -> "Scene":
        """The same with its unknown time as a policy counts it: indeterminate, up, down or exclude."""
        if policy == self._policy:
            return self
        if self._raw is not None:
            return self._raw.under(policy)
        if policy not in self._others:
            self._others[policy] = self._with(under_policy(self.view, policy), self.period, policy, self)
        return self._others[policy]

    def _with(self, view: View, period: Period, policy: str, raw: "Scene | None") -> "Scene":
        return replace(
            self,
            view=view,
            period=period,
            _found={},
            _views={},
            _figures={},
            _tracks={},
            _others={},
            _policy=policy,
            _raw=raw,
            _anchor=self.anchor,
        )

    @property
    def policy(self) -> str:
        """What unknown time counts as: indeterminate, up, down or exclude."""
        return self._policy

    @property
    def anchor(self) -> int:
        """Where buckets are laid from: the start of the period that is accounted, in whichever part of it."""
        return self.period.start if self._anchor is None else self._anchor

    @property
    def span(self) -> Span:
        """The period, in ns UTC."""
        return self.period.start, self.period.end
