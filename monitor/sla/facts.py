"""What is known besides samples: the closed union of facts a period is judged from.

``author_id`` is the pseudonym that a store keeps an author by (``monitor/issuing/people.py``), no part of the fact.
Instants are integer nanoseconds UTC. A fact about a service may name the ``contract`` it is meant for;
without one it holds for every contract that has a service of that name.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from probes.sample import Sample

FAULT = "fault"
DAMAGED = "evidence_damaged"


@dataclass(frozen=True, slots=True)
class StateFact:
    """A span judged elsewhere: it overrides samples inside ``[start, end)``.

    ``weight``: the share of the service (of its users, its sites) that it speaks of; ``affected`` how many they are.
    """

    service: str
    start: int
    end: int
    state: str
    cause: str | None = None
    contract: str | None = None
    weight: Fraction | None = None
    severity: str | None = None
    affected: int | None = None


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
    author_id: str | None = field(default=None, compare=False, repr=False)


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
class WitnessesFact:
    """From ``start`` on the vantage's witnesses were these and no others."""

    vantage: str
    start: int
    witnesses: tuple[str, ...]


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
    author_id: str | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Pause:
    """A ticket waited ``[start, end)`` for what ``cause`` says; ``end`` is None while it still does."""

    start: int
    end: int | None = None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class TicketFact:
    """A matter that people handled, by its instants; those that have not come are None.

    ``type`` says what it is about: a fault, or as people call it (question, change, access). ``category`` is written
    ``class``. ``restored`` is the last restoration: while one of ``reopened`` is not before it, the ticket is open.
    ``by`` owes the work. A change is a new version with the same id and a later ``recorded_at``.
    """

    id: str
    service: str
    opened: int
    severity: str | None = None
    category: str | None = None
    region: str | None = None
    type: str = FAULT
    detected: int | None = None
    confirmed: int | None = None
    occurred: int | None = None
    acknowledged: int | None = None
    responded: int | None = None
    repair_started: int | None = None
    restored: int | None = None
    reopened: tuple[int, ...] = ()
    closed: int | None = None
    notified: int | None = None
    requested: int | None = None
    due: int | None = None
    delivered: int | None = None
    pauses: tuple[Pause, ...] = ()
    updates: tuple[int, ...] = ()
    cause: str | None = None
    weight: Fraction | None = None
    affected: int | None = None
    by: Literal["provider", "customer"] = "provider"
    contract: str | None = None
    recorded_at: int | None = None

    @property
    def is_order(self) -> bool:
        """Whether something was ordered, rather than out of order: it was requested, or was or is to be delivered."""
        return any(at is not None for at in (self.requested, self.due, self.delivered))

    @property
    def start(self) -> int:
        """The earliest instant that it tells of."""
        told = (self.opened, self.detected, self.confirmed, self.occurred, self.notified, self.requested)
        return min(at for at in told if at is not None)

    @property
    def end(self) -> int | None:
        """When it was over for good: restored or delivered, and closed where that is told; None while it is open."""
        ends = [at for at in (self.restored, self.closed, self.delivered) if at is not None]
        return max(ends) if ends and all(again < max(ends) for again in self.reopened) else None


@dataclass(frozen=True, slots=True)
class CountsFact:
    """Of ``total`` things counted in ``[start, end)`` under the name ``signal``, ``failed`` went wrong. ``service``
    None: they are the contract's as a whole."""

    signal: str
    start: int
    end: int
    total: int
    failed: int
    weight: Fraction | None = None
    service: str | None = None
    contract: str | None = None


@dataclass(frozen=True, slots=True)
class ValueFact:
    """A figure measured elsewhere, of a ``period`` (its label) or taken ``at`` an instant; ``n`` is how many values
    it was made of."""

    measure: str
    value: Fraction
    period: str | None = None
    at: int | None = None
    service: str | None = None
    contract: str | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class ClaimFact:
    """The customer claimed a credit ``at`` an instant, for one incident (a ticket's id, or the start of an outage as
    text) or for a period's all; ``granted`` once that is decided."""

    contract: str
    at: int
    incident: str | None = None
    granted: bool | None = None
    credit: str | None = None


@dataclass(frozen=True, slots=True)
class DamageFact:
    """What was recorded of ``[start, end)`` can no longer be read: samples of ``target``, or, without one, what was
    told of ``service`` (None: of any). Nothing is assumed of such time."""

    start: int
    end: int
    target: str | None = None
    service: str | None = None


Fact = (
    Sample
    | StateFact
    | ExclusionFact
    | AssumeFact
    | ScheduleFact
    | WitnessesFact
    | HeartbeatFact
    | EpochFact
    | ChargeFact
    | IncidentFact
    | TicketFact
    | CountsFact
    | ValueFact
    | ClaimFact
    | DamageFact
)
