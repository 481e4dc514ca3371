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
    ClaimFact,
    CountsFact,
    DamageFact,
    EpochFact,
    ExclusionFact,
    HeartbeatFact,
    IncidentFact,
    Pause,
    ScheduleFact,
    StateFact,
    TicketFact,
    ValueFact,
    WitnessesFact,
)
from monitor.store.port import StoreError

StoredFact = (
    StateFact
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
_KINDS: Mapping[str, type[StoredFact]] = {
    "state": StateFact,
    "exclusion": ExclusionFact,
    "assume": AssumeFact,
    "schedule": ScheduleFact,
    "witnesses": WitnessesFact,
    "heartbeat": HeartbeatFact,
    "epoch": EpochFact,
    "charge": ChargeFact,
    "incident": IncidentFact,
    "ticket": TicketFact,
    "counts": CountsFact,
    "value": ValueFact,
    "claim": ClaimFact,
    "damage": DamageFact,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_ADDED: Mapping[type[StoredFact], tuple[str, ...]] = {StateFact: ("weight", "severity", "affected")}
"""Fields that came later: they stand in the text only where they say something, so that a fact recorded before is
known again."""
_FRACTIONS = ("amount", "weight", "value")
_LISTS = ("services", "reopened", "updates", "witnesses")


def fact_text(fact: StoredFact) -> tuple[str, str]:
    """The kind's name and the canonical text."""
    values = {field.name: getattr(fact, field.name) for field in fields(fact)}
    values.pop("author_id", None)
    for name in _ADDED.get(type(fact), ()):
        if values[name] is None:
            del values[name]
    return _NAMES[type(fact)], _canonical(values)


def fact_from(kind: str, text: str) -> StoredFact:
    """The fact a text was made of. Raises StoreError ``store_newer`` for what this program does not know."""
    values = json.loads(text)
    values |= {name: tuple(values[name]) for name in _LISTS if name in values}
    values |= {name: Fraction(values[name]) for name in _FRACTIONS if values.get(name) is not None}
    if "pauses" in values:
        values["pauses"] = tuple(Pause(*pause) for pause in values["pauses"])
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
    return json.dumps(values, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, Pause):
        return (value.start, value.end, value.cause)
    raise TypeError(f"{type(value).__name__} is no field of a fact")


def span_of(fact: StoredFact) -> tuple[str, int | None, int | None]:
    """(what it is about, start, end): when a reader of a span must see the fact; None where it is open.

    An exclusion and a ticket are about their id: all versions of one are read together.
    """
    match fact:
        case ExclusionFact():
            return fact.id, fact.start, fact.end
        case TicketFact():
            return fact.id, fact.start, None if fact.end is None else fact.end + 1
        case CountsFact():
            return fact.signal, fact.start, fact.end
        case ValueFact():
            return fact.measure, fact.at, None if fact.at is None else fact.at + 1
        case ClaimFact():
            return fact.contract, None, None
        case DamageFact():
            return fact.target or fact.service or "", fact.start, fact.end
        case StateFact():
            return fact.service, fact.start, fact.end
        case ScheduleFact():
            return fact.target, fact.start, None
        case WitnessesFact():
            return fact.vantage, fact.start, None
        case IncidentFact():
            return fact.service, min(fact.start, fact.at), max(fact.start, fact.at) + 1
        case HeartbeatFact() | EpochFact():
            return fact.vantage, fact.at, fact.at + 1
        case AssumeFact() | ChargeFact():
            return fact.service, None, None
