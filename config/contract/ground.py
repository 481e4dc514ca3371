"""What the clauses of a contract stand on, read before them: calendars, the base of ratios, signals, outages."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from config.calendars import Calendar
from config.contract import measure_fields as read_as
from config.contract import terms
from config.contract.calendars import read_calendars
from config.contract.outages import read_outages
from config.contract.rules import MeasureRule, OutageRule
from config.contract.scope import OUTAGE, PLAIN, Scope
from config.contract.signals import Signal, read_signals
from config.periods import day_of
from config.reader import Fields

KEYS = ("base", "calendars", "signals", "outages")


@dataclass(frozen=True, slots=True)
class Ground:
    """``scope`` is what the clauses may name."""

    scope: Scope
    outages: tuple[OutageRule, ...]
    signals: Mapping[str, Signal]

    @property
    def calendars(self) -> tuple[Calendar, ...]:
        """Those that could be read."""
        return tuple(one for one in self.scope.calendars.values() if one is not None)

    def as_counted(self, rule: MeasureRule) -> MeasureRule:
        """A measure of a declared signal, of the name that its facts have."""
        if rule.kind in ("requests", "counts") and rule.of in self.signals:
            return rule.but(of=self.signals[rule.of].counts)
        return rule


def period_of(fields: Fields, zone: ZoneInfo, starts: int | None) -> str:
    """The contract's period; ``contract month`` and its like begin with its first day."""
    first = first_day(zone, starts)
    instead = date(2000, 1, 1) if "starts" in fields else None  # a wrong one is told where it stands
    return fields.get("period", lambda value: terms.period_kind(value, first or instead), "month")


def first_day(zone: ZoneInfo, starts: int | None) -> date | None:
    """The local date of the contract's first instant."""
    return None if starts is None else day_of(starts, zone)


def read_ground(fields: Fields, scope: Scope) -> Ground:
    """All of it, for a scope that knows the period, the zone, the first day and the services."""
    calendars = read_calendars(fields.at("calendars"), scope.zone) if "calendars" in fields else {}
    scope = replace(scope, calendars=calendars)
    scope = replace(scope, base=fields.get("base", lambda value: read_as.base(value, scope), PLAIN))
    signals = read_signals(fields.at("signals"), scope.services) if "signals" in fields else {}
    scope = replace(scope, signals={name: signal.services for name, signal in signals.items()})
    typed = read_outages(fields.at("outages"), scope, signals) if "outages" in fields else ()
    rules = tuple(rule for rule in typed if rule != OutageRule(name=OUTAGE))  # which is there without being typed
    return Ground(replace(scope, outages=frozenset(rule.name for rule in rules)), rules, signals)
