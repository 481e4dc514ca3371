"""The statement as typed values: what the judging of one period gives. Rendering it is somebody else's work.

Ratios and counts are exact fractions, durations integer nanoseconds; ``None`` stands where nothing was measured
or a bound is not known.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from config.contract.model import PartySpan
from config.contract.noun import Remark, Unit
from config.periods import Period
from config.spans import Span

FORMAT = "upheld/statement/1"


class State(StrEnum):
    """What a service was at an instant; exactly one of them, at every nanosecond of a period."""

    UP = "up"
    DOWN = "down"
    UNKNOWN = "unknown"
    EXCLUDED = "excluded"


class Verdict(StrEnum):
    """Met if even the unfavourable bound meets the target, breached if even the favourable one misses it."""

    MET = "met"
    BREACHED = "breached"
    INDETERMINATE = "indeterminate"


class Sufficiency(StrEnum):
    """Coverage against the error budget: UNKNOWN at most 10 % of it, at most all of it, more than that."""

    HIGH = "high"
    USABLE = "usable"
    INSUFFICIENT = "insufficient"


@dataclass(frozen=True, slots=True)
class ServiceFigures:
    """The period of one service in four buckets (ns) that sum to its length; the share of it that was observed.

    ``pending`` is the part of ``unknown`` that has not happened yet (an open period's rest).
    """

    service: str
    up: int
    down: int
    unknown: int
    excluded: int
    coverage: Fraction | None
    pending: int = 0


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a promise is kept or broken by on its own: a ticket, an outage, a day.

    ``key`` is the ticket's id, or the start of the outage or sub-period as text. ``lower`` and ``upper`` as of a
    promise; ``due`` the instant by which it had to be (ns). ``verdict`` is None until it is judged.
    """

    key: str
    start: int
    end: int | None
    value: Fraction | None
    lower: Fraction | None
    upper: Fraction | None
    due: int | None = None
    verdict: Verdict | None = None
    cause: str | None = None
    severity: str | None = None
    category: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class PromiseResult:
    """One promise for one service: the value measured, what it is at least and at most, and what follows.

    All three in ``unit`` (``ns`` as integers). ``verdict`` is None where the period is not the contract's.
    ``samples`` is the number of values behind a statistic. The last two are None unless the period is open.
    """

    id: str
    service: str
    text: str
    measure: str
    statistic: str | None
    operator: str
    target: Fraction
    unit: Unit
    value: Fraction | None
    lower: Fraction | None
    upper: Fraction | None
    verdict: Verdict | None
    method: str
    samples: int | None = None
    sufficiency: Sufficiency | None = None
    below_target_so_far: bool | None = None
    at_risk: bool | None = None
    items: tuple[Item, ...] = ()
    by: str = "provider"


@dataclass(frozen=True, slots=True)
class Incident:
    """Outages that people handle as one. ``end`` is None while it is open.

    ``charged`` is the summed length of its outages less what is excluded; ``lower`` and ``upper`` are what the
    probing interval leaves certain and possible (``upper`` None while open). ``spans`` are its outages.
    ``counted`` says whether per-incident promises of this period count it (it began here). ``handling`` holds what
    people did: (at, action, author, note).
    """

    service: str
    start: int
    end: int | None
    charged: int
    lower: int
    upper: int | None
    cause: str | None
    spans: tuple[Span, ...]
    seen_by: tuple[str, ...]
    samples: tuple[tuple[str, str, int], ...] = ()
    counted: bool = True
    handling: tuple[tuple[int, str, str | None, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class ExclusionUse:
    """One exclusion fact as it bore on one service: the part that was excluded, and the part that lapsed and why.
    ``id`` is None where nobody entered it: a state of an excluded cause, and the time before the service began."""

    id: str | None
    service: str
    cause: str
    start: int
    end: int
    effect: str
    applied: tuple[Span, ...]
    lapsed: tuple[tuple[int, int, str], ...]
    announced_at: int | None = None
    author: str | None = None
    reason: str | None = None
    evidence: str | None = None
    retroactive: bool = False


@dataclass(frozen=True, slots=True)
class UnknownSpan:
    """A span of one service that nobody can speak for, and why."""

    service: str
    start: int
    end: int
    cause: str


@dataclass(frozen=True, slots=True)
class PartialOutage:
    """What only a minority of vantages saw: listed, not hidden, and not charged."""

    service: str
    target: str
    start: int
    end: int
    seen_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CreditLine:
    """What is owed by one credit for one service, with each step of the computation.

    ``share``: of the base, None where it is no share. ``amount`` in money; a credit in kind is a ``quantity`` of
    ``unit`` instead, or beside it where days are paid as money. What is taken back is below zero. ``item``: the
    outage, day or ticket it is for, where each has a credit of its own. ``withheld``: why it is not issued although it
    was computed; it then adds nothing to the total.
    """

    id: str
    promise: str | None
    service: str
    share: Fraction | None
    amount: Decimal | None
    currency: str | None
    steps: tuple[str, ...]
    quantity: Fraction | None = None
    unit: str | None = None
    item: str | None = None
    withheld: str | None = None
    claim_by: int | None = None


@dataclass(frozen=True, slots=True)
class RightLine:
    """A right of the contract: whether it has arisen, why, and until when it may be exercised (ns, exclusive)."""

    id: str
    gives: str
    arisen: bool | None
    steps: tuple[str, ...]
    exercise_by: int | None = None


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """A claim that was made for this period: whether it came in time and what was still missing."""

    at: int
    incident: str | None
    in_time: bool | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """One outage as a rule of the contract counts it: what counts of it (ns) and the share it weighs."""

    rule: str
    service: str
    start: int
    end: int | None
    charged: Fraction
    weight: Fraction
    ticket: str | None
    cause: str | None
    severity: str | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A period's account. ``as_of`` is None for a closed period. ``methods`` name what computed it, with versions.

    ``revision_in_force``: id and date (ns) of the contract's revision that it is judged by; None: as first agreed.
    ``parties``: where one changed within the period, who was one when. ``review_by``: of a contract that is to be
    looked at again soon. ``unjudged``: why there are no verdicts (``other_period``, ``warm_up``, ``not_started``,
    ``ended``). ``revision`` counts the versions of the statement itself.
    """

    contract: str
    provider: str
    customer: str
    contract_digest: str
    period: Period
    timezone: str
    tzdata: str
    services: tuple[ServiceFigures, ...]
    promises: tuple[PromiseResult, ...]
    incidents: tuple[Incident, ...] = ()
    exclusions: tuple[ExclusionUse, ...] = ()
    unknown: tuple[UnknownSpan, ...] = ()
    partial: tuple[PartialOutage, ...] = ()
    credits: tuple[CreditLine, ...] = ()
    credit_total: Decimal | None = None
    currency: str | None = None
    claim_by: int | None = None
    in_kind: tuple[tuple[str, Fraction], ...] = ()
    claims: tuple[ClaimLine, ...] = ()
    rights: tuple[RightLine, ...] = ()
    counted: tuple[Counted, ...] = ()
    remarks: tuple[Remark, ...] = ()
    language: str = "en"
    revision_in_force: tuple[str, int] | None = None
    parties: tuple[PartySpan, ...] = ()
    review_by: int | None = None
    unjudged: str | None = None
    insecure: tuple[str, ...] = ()
    as_of: int | None = None
    revision: int = 1
    issued: bool = False
    format: str = FORMAT
