"""What is known besides samples: the closed union of facts a period is judged from.

Instants are integer nanoseconds UTC. A fact about a service may name the ``contract`` it is meant for;
without one it holds for every contract that has a service of that name.
"""

from dataclasses import dataclass
from fractions import Fraction

from probes.sample import Sample


@dataclass(frozen=True, slots=True)
class StateFact:
    """A span judged elsewhere: it overrides samples inside ``[start, end)``."""

    service: str
    start: int
    end: int
    state: str
    cause: str | None = None
    contract: str | None = None


@dataclass(frozen=True, slots=True)
class ExclusionFact:
    """A span somebody wants not charged, why, and when it was announced. ``services`` empty: all of them.

    Append-only: a change is a new version with the same id and a later ``recorded_at``; ``withdrawn`` ends it.
    """

    id: str
    start: int
    end: int
    cause: str
    announced_at: int | None = None
    services: tuple[str, ...] = ()
    author: str | None = None
    reason: str | None = None
    evidence: str | None = None
    contract: str | None = None
    recorded_at: int | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class AssumeFact:
    """Fills what neither a state nor a sample speaks for."""

    service: str
    state: str
    contract: str | None = None


@dataclass(frozen=True, slots=True)
class ScheduleFact:
    """From ``start`` on this target was probed every ``every`` ns, each run given ``timeout`` ns."""

    target: str
    start: int
    every: int
    timeout: int


@dataclass(frozen=True, slots=True)
class HeartbeatFact:
    """The vantage's process was alive at ``at``; how late its loop ran, how long it was suspended before (ns)."""

    vantage: str
    boot: str
    at: int
    loop_lag: int | None = None
    clock_error: int | None = None
    suspended: int = 0


@dataclass(frozen=True, slots=True)
class EpochFact:
    """The vantage's wall clock was stepped by ``step`` ns and reads ``at`` since."""

    vantage: str
    boot: str
    at: int
    step: int
    synchronised: bool | None = None


@dataclass(frozen=True, slots=True)
class ChargeFact:
    """What a service costs in one period; overrides the charge of the contract's text."""

    service: str
    name: str
    period: str
    amount: Fraction
    currency: str
    contract: str | None = None


@dataclass(frozen=True, slots=True)
class IncidentFact:
    """What people did about an incident, or said of it: acknowledge, note, pause, resume, resolve."""

    service: str
    start: int
    action: str
    at: int
    author: str | None = None
    note: str | None = None
    contract: str | None = None


Fact = (
    Sample
    | StateFact
    | ExclusionFact
    | AssumeFact
    | ScheduleFact
    | HeartbeatFact
    | EpochFact
    | ChargeFact
    | IncidentFact
)
