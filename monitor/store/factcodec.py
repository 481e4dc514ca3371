"""Facts and events as canonical JSON and back.

A field added later has a default, so texts written before it are still read; an unknown kind or field is a
newer program's, and refused.
"""

import json
from collections.abc import Mapping
from dataclasses import fields
from fractions import Fraction

from monitor.sla.events import Event, EventName
from monitor.sla.facts import (
    AssumeFact,
    ChargeFact,
    EpochFact,
    ExclusionFact,
    HeartbeatFact,
    IncidentFact,
    ScheduleFact,
    StateFact,
)
from monitor.store.port import StoreError

StoredFact = (
    StateFact | ExclusionFact | AssumeFact | ScheduleFact | HeartbeatFact | EpochFact | ChargeFact | IncidentFact
)
_KINDS: Mapping[str, type[StoredFact]] = {
    "state": StateFact,
    "exclusion": ExclusionFact,
    "assume": AssumeFact,
    "schedule": ScheduleFact,
    "heartbeat": HeartbeatFact,
    "epoch": EpochFact,
    "charge": ChargeFact,
    "incident": IncidentFact,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def fact_text(fact: StoredFact) -> tuple[str, str]:
    """The kind's name and the canonical text."""
    values = {field.name: getattr(fact, field.name) for field in fields(fact)}
    return _NAMES[type(fact)], _canonical(values)


def fact_from(kind: str, text: str) -> StoredFact:
    """The fact a text was made of. Raises StoreError ``store_newer`` for what this program does not know."""
    values = json.loads(text)
    if "services" in values:
        values["services"] = tuple(values["services"])
    if "amount" in values:
        values["amount"] = Fraction(values["amount"])
    try:
        return _KINDS[kind](**values)
    except (KeyError, TypeError) as error:
        raise StoreError("store_newer", f"a {kind} fact is of a newer version of upheld: {error}") from error


def event_text(event: Event) -> str:
    """An event as canonical text."""
    return _canonical({field.name: getattr(event, field.name) for field in fields(event)})


def event_from(text: str) -> Event:
    """The event a text was made of."""
    values = json.loads(text)
    values["name"] = EventName(values["name"])
    values["data"] = tuple((key, value) for key, value in values["data"])
    return Event(**values)


def _canonical(values: Mapping[str, object]) -> str:
    return json.dumps(values, sort_keys=True, separators=(",", ":"), default=_fraction)


def _fraction(value: object) -> str:
    if isinstance(value, Fraction):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no field of a fact")


def span_of(fact: StoredFact) -> tuple[str, int | None, int | None]:
    """(what it is about, start, end): when a reader of a span must see the fact; None where it is open.

    An exclusion is about its id: all its versions are read together.
    """
    match fact:
        case ExclusionFact():
            return fact.id, fact.start, fact.end
        case StateFact():
            return fact.service, fact.start, fact.end
        case ScheduleFact():
            return fact.target, fact.start, None
        case IncidentFact():
            return fact.service, min(fact.start, fact.at), max(fact.start, fact.at) + 1
        case HeartbeatFact() | EpochFact():
            return fact.vantage, fact.at, fact.at + 1
        case AssumeFact() | ChargeFact():
            return fact.service, None, None
