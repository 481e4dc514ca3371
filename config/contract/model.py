"""The nouns of a contract, as typed values: what the text says, units resolved, defaults filled in.

Durations and instants are integer nanoseconds, shares exact fractions, money exact decimals.
Reading text into these is done beside them, one module per noun.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from config.calendars import ALWAYS, Calendar, always
from config.contract.money import ClaimTerms, Combine, Credit, EarnBack, Floor, Limit, Right
from config.contract.noun import ANYTHING, Condition, Effect, Noun, Operator, Remark, Unit
from config.contract.rules import ACTUAL, Base, MeasureRule, OutageRule

__all__ = ["Effect", "Noun", "Operator", "Unit"]
NOTICE = 30 * 86_400_000_000_000
"""How long (ns) before ``review_by`` it is told."""
Applies = Literal["period_start", "event_start", "subscription_start"]
"""What chooses the revision in force: the start of the period, of the event, or of the subscription."""
PeriodKind = str  # as config.periods says: month, month from day 15, quarter from february, trailing 30 days, …


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Noun):
    """A thing promised about. DOWN when at least ``down_when`` of its targets are (1: any; len(targets): all).

    ``of``: the services it is composed of, instead of targets. ``charges``: what it costs, by name; ``charge`` is the
    one named so. ``weight``: what it counts for where services are pooled. ``category`` is typed ``class``.
    """

    name: str
    targets: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    charge: Decimal | None = None
    charges: tuple[tuple[str, Decimal], ...] = ()
    down_when: int = 1
    in_service_from: int | None = None
    in_service_until: int | None = None
    category: str | None = None
    region: str | None = None
    weight: Fraction = Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise(Noun):
    """One measurable promise for some services, as ``[statistic] measure operator target``.

    ``measure`` is a measure kind's NAME (availability, longest-outage, total-outage, outages, latency,
    packet-delivery, packet-loss, jitter). ``statistic`` is mean, median, max, pNN, or ``share under`` with
    ``threshold`` in ns; ``threshold`` is also the X of ``outages over X``. ``text`` is the line as typed.

    ``rule``: the measure is one the contract defines. ``where``: made only for such tickets, outages and services.
    ``per``: judged in each such sub-period. ``replaces``: stands instead of that promise where its condition holds.
    ``by``: who promises.
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
    rule: str | None = None
    where: Condition = ANYTHING
    clock: str | None = None
    per: PeriodKind | None = None
    replaces: str | None = None
    by: Literal["provider", "customer"] = "provider"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExclusionTerm(Noun):
    """A cause that is not charged, on its conditions: ``notice`` ns ahead (or ``notice_days`` business days of
    ``calendar``), at most ``cap`` ns or ``cap_times`` spans per ``cap_period``, within the daily ``window``. It holds
    ``extends`` ns longer than it lasted."""

    cause: str
    notice: int | None = None
    notice_days: int | None = None
    calendar: str | None = None
    cap: int | None = None
    cap_times: int | None = None
    cap_period: PeriodKind = "month"
    window: Calendar | None = None
    extends: int = 0
    services: tuple[str, ...] = ()
    where: Condition = ANYTHING
    effect: Effect = "out_of_base"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract(Noun):
    """An agreement: parties, services, promises, exclusions, period, credits, claims. ``digest``: that of its text.

    ``outages`` and ``measures`` are those it defines. ``judged_from``: no promise is judged before (warm-up).
    ``conditions``: what rights arise from; such a line promises nothing, it holds where its figure satisfies it.
    ``terms``: its text, complete by itself, as ``contracts: {name: …}``.
    ``provider`` and ``customer`` are the parties of today; ``parties`` who was one when, and ``digests`` what the
    text's digest was since (None: from the first) for each. ``config.contract.revisions`` says what is in force.
    """

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
    calendars: tuple[Calendar, ...] = ()
    outages: tuple[OutageRule, ...] = ()
    measures: tuple[MeasureRule, ...] = ()
    base: Base = ACTUAL
    combine: tuple[Combine, ...] = ()
    caps: tuple[Limit, ...] = ()
    floor: Floor | None = None
    claim: ClaimTerms | None = None
    rights: tuple[Right, ...] = ()
    conditions: tuple[Promise, ...] = ()
    earn_back: EarnBack | None = None
    starts: int | None = None
    ends: int | None = None
    judged_from: int | None = None
    review_by: int | None = None
    language: str = "en"
    remarks: tuple[Remark, ...] = ()
    revisions: "tuple[Revision, ...]" = ()
    parties: "tuple[PartySpan, ...]" = ()
    digests: tuple[tuple[int | None, str], ...] = ()
    minimum_coverage: Fraction = Fraction(9, 10)
    unknown: Literal["indeterminate", "up", "down", "exclude"] = "indeterminate"
    digest: str = ""
    terms: str = ""

    def service(self, name: str) -> Service:
        """The service of that name; KeyError if there is none."""
        for service in self.services:
            if service.name == name:
                return service
        raise KeyError(name)

    def outage(self, name: str) -> OutageRule:
        """The outage rule of that name; ``outage`` is a probe's plain outage unless the contract says otherwise."""
        for rule in self.outages:
            if rule.name == name:
                return rule
        if name == "outage":
            return OutageRule(name="outage")
        raise KeyError(name)

    def calendar(self, name: str) -> Calendar:
        """The calendar of that name; ``24x7`` is always there. KeyError if there is none."""
        for calendar in self.calendars:
            if calendar.name == name:
                return calendar
        if name == ALWAYS:
            return always(self.timezone)
        raise KeyError(name)

    def measure(self, name: str) -> MeasureRule:
        """The defined measure of that name; KeyError if there is none."""
        for rule in self.measures:
            if rule.name == name:
                return rule
        raise KeyError(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartySpan(Noun):
    """Who was a party ``[start, end)`` (ns; None: open on that side)."""

    role: Literal["provider", "customer"]
    name: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision(Noun):
    """The contract as it reads from an instant on."""

    id: str
    start: int
    applies_by: Applies = "period_start"
    contract: Contract
