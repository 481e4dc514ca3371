"""What the clauses of a contract may name: its services, calendars, outages, signals and measures, and its period."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from config.calendars import ALWAYS, Calendar, always
from config.contract.model import PeriodKind, Service
from config.contract.rules import Base, MeasureRule
from config.errors import unknown

OUTAGE = "outage"  # the plain outage of a probe, which is always there
PLAIN = Base()


@dataclass(frozen=True)
class Scope:
    """Names with what is known of them; None stands for what has problems of its own, which are told already.

    ``outages``: the rules that the contract defines. ``signals``: the services of each that is declared. ``measures``:
    those defined. ``base``: what its ratios are taken of.
    """

    period: PeriodKind = "month"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    first_day: date | None = None
    currency: str | None = None
    services: Mapping[str, Service] = field(default_factory=dict)
    calendars: Mapping[str, Calendar | None] = field(default_factory=dict)
    outages: frozenset[str] = frozenset()
    signals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    measures: Mapping[str, MeasureRule | None] = field(default_factory=dict)
    base: Base = PLAIN

    @property
    def plain_outage(self) -> bool:
        """Whether standard measures are of a probe's outages as they are."""
        return OUTAGE not in self.outages

    def calendar(self, name: str) -> Calendar | None:
        """The calendar of that name, None where it could not be read; ValueError where there is none."""
        if name == ALWAYS:
            return always(self.zone.key)
        if name not in self.calendars:
            raise ValueError(unknown("calendar", name, [*self.calendars, ALWAYS]))
        return self.calendars[name]

    def outage(self, name: str) -> str:
        """The name of an outage rule; ValueError where there is none."""
        if name != OUTAGE and name not in self.outages:
            raise ValueError(unknown("outage", name, {*self.outages, OUTAGE}))
        return name
