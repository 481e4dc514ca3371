"""What the measures of one service are taken from in one period: its view, its outages as the contract counts them,
and the facts that concern it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from config.contract.model import Contract, Service
from config.periods import Period
from config.spans import Span
from monitor.sla.figures import View, look
from monitor.sla.known import Known
from monitor.sla.model import State
from monitor.sla.occurrence import Occurrence, World
from monitor.sla.outages import occurrences
from probes.sample import Sample

Heard = Callable[[int, int], Iterable[tuple[Sample, State, str]]]


@dataclass(frozen=True)
class Scene:
    """One service in one period. ``view`` is that of the period; its pieces reach as far around it as was read.

    ``heard(start, end)`` gives the service's samples of a span with the state each stands for and which of its phases
    its latency is. ``now``: what comes later has not happened yet; None: the period is closed. ``others``: the scenes
    of the contract's other services in the same period.
    """

    contract: Contract
    service: Service
    period: Period
    view: View
    known: Known
    heard: Heard
    now: int | None
    others: Mapping[str, "Scene"] = field(default_factory=dict)
    _found: dict[tuple[str, World], tuple[Occurrence, ...]] = field(default_factory=dict)

    def outages(self, name: str, world: World = "measured") -> tuple[Occurrence, ...]:
        """The outages of a rule that touch the period, by start."""
        key = (name, world)
        if key not in self._found:
            self._found[key] = tuple(occurrences(self, self.contract.outage(name), world))
        return self._found[key]

    def during(self, period: Period) -> "Scene":
        """The same service in another period, as far as was read."""
        view = look(self.view.pieces, self.view.excluded, period.start, period.end)
        return replace(self, period=period, view=view, _found={})

    @property
    def span(self) -> Span:
        """The period, in ns UTC."""
        return self.period.start, self.period.end
