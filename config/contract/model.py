"""The nouns of a contract, as typed values: what the text says, units resolved, defaults filled in.

Durations and instants are integer nanoseconds, shares exact fractions, money exact decimals.
Reading text into these is done beside them, one module per noun.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Literal

from pydantic import BaseModel, ConfigDict

Operator = Literal["<", "<=", "==", ">=", ">"]
Unit = Literal["ratio", "ns", "count", "score"]
Effect = Literal["out_of_base", "not_down"]
PeriodKind = Literal["day", "week", "month", "quarter", "year"]


class Noun(BaseModel):
    """Frozen, and nothing it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Service(Noun):
    """A thing promised about. DOWN when at least ``down_when`` of its targets are (1: any; len(targets): all)."""

    name: str
    targets: tuple[str, ...]
    charge: Decimal | None = None
    down_when: int = 1
    in_service_from: int | None = None


class Promise(Noun):
    """One measurable promise for some services, as ``[statistic] measure operator target``.

    ``measure`` is a measure kind's NAME (availability, longest-outage, total-outage, outages, latency,
    packet-delivery, packet-loss, jitter). ``statistic`` is mean, median, max, pNN, or ``share under`` with
    ``threshold`` in ns; ``threshold`` is also the X of ``outages over X``. ``text`` is the line as typed.
    """

    id: str
    text: str
    measure: str
    statistic: str | None = None
    threshold: int | None = None
    operator: Operator
    target: Fraction
    unit: Unit
    services: tuple[str, ...]


class ExclusionTerm(Noun):
    """A cause that is not charged, on its conditions: ``notice`` ns ahead, at most ``cap`` ns per ``cap_period``."""

    cause: str
    notice: int | None = None
    cap: int | None = None
    cap_period: PeriodKind = "month"
    effect: Effect = "out_of_base"


class Tier(Noun):
    """One row of a credit table: where the measured value satisfies ``operator edge``, this share of the charge."""

    operator: Operator
    edge: Fraction
    share: Fraction


class PerUnit(Noun):
    """``share`` of the charge for each ``unit`` ns beyond ``beyond`` ns; a part counts as whole where ``started``."""

    share: Fraction
    unit: int
    beyond: int
    started: bool = True


class Credit(Noun):
    """What follows from a breach of the promises with id ``promise``: a table or an amount per unit, not both."""

    promise: str
    tiers: tuple[Tier, ...] = ()
    per_unit: PerUnit | None = None


class Cap(Noun):
    """Credits together never exceed ``share`` of the charge of the service or the contract, per ``period``."""

    share: Fraction
    of: Literal["service", "contract"] = "service"
    period: PeriodKind = "month"


class Contract(Noun):
    """An agreement: parties, services, promises, exclusions, period, credits, claims. ``digest``: that of its text."""

    name: str
    provider: str
    customer: str
    timezone: str
    currency: str | None = None
    period: PeriodKind = "month"
    services: tuple[Service, ...]
    promises: tuple[Promise, ...]
    exclusions: tuple[ExclusionTerm, ...] = ()
    credits: tuple[Credit, ...] = ()
    cap: Cap | None = None
    claim_within: int | None = None
    minimum_coverage: Fraction = Fraction(9, 10)
    unknown: Literal["indeterminate", "up", "down", "exclude"] = "indeterminate"
    digest: str = ""

    def service(self, name: str) -> Service:
        """The service of that name; KeyError if there is none."""
        for service in self.services:
            if service.name == name:
                return service
        raise KeyError(name)
