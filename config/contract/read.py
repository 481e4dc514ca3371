"""``contracts:`` one contract as a whole: its nouns read one after the other, then held against each other."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeGuard
from zoneinfo import ZoneInfo

from config.contract import dates, ground, terms
from config.contract.defined import is_standard
from config.contract.exclusions import read_exclusions
from config.contract.figures import Names
from config.contract.following import KEYS as FOLLOWING
from config.contract.following import read_following
from config.contract.gives import UNREADABLE
from config.contract.measure_rules import read_measures
from config.contract.measures import FORMS, SHARE_UNDER, Needs
from config.contract.missed import read_missed
from config.contract.model import Contract, PeriodKind, Promise, Service
from config.contract.parties import read_parties
from config.contract.promises import Promised, read_promises
from config.contract.rules import MeasureRule
from config.contract.scope import Scope
from config.contract.services import instant, read_services
from config.digest import Known
from config.model import Target
from config.reader import Fields, Reader
from config.units import share

KEYS = (
    "provider",
    "customer",
    "timezone",
    "currency",
    "language",
    *dates.KEYS,
    "period",
    "in service from",
    *ground.KEYS,
    "services",
    "measures",
    "promises",
    "exclusions",
    *FOLLOWING,
    "minimum coverage",
    "unknown",
)
OWN = ("provider", "customer", "timezone", "currency", "language", "period", *dates.KEYS, "in service from", "services")
"""The keys that each contract of a template is read for by itself."""
Targets = Mapping[str, Target | None]
_NEEDS = {form.slug: form.needs for form in FORMS.values()} | {SHARE_UNDER.slug: SHARE_UNDER.needs}


class Shared(Known):
    """Parts of text that the contracts of one template share, and the clauses that were read of them."""

    def __init__(self) -> None:
        super().__init__()
        self.clauses: dict[object, dict[str, Any]] = {}
        self.lines: dict[int, str] = {}


@dataclass(slots=True)
class _Frame:
    """What the other terms are read by."""

    fields: Fields
    zone: ZoneInfo
    currency: str | None
    period: PeriodKind


def read_contract(entry: Reader, called: str, targets: Targets, shared: Shared | None = None) -> Contract | None:
    """The contract of one text, put together and without remarks; None where it is no mapping. Its digest is for
    whoever has the text with them to say. ``shared``: what many contracts of one template have in common."""
    fields = entry.fields(KEYS)
    if fields.broken:
        return None
    zone = fields.get("timezone", terms.zone, terms.zone("UTC"))
    parties, days = read_parties(fields, zone), dates.read_dates(fields, zone)
    currency = fields.get("currency", terms.currency, None)
    frame = _Frame(fields, zone, currency, ground.period_of(fields, zone, days.starts))
    services = _services(frame, targets)
    scope = _scope(frame, services, days.starts)
    key = None if shared is None else _shared_key(frame, scope, targets, shared)
    rest = shared.clauses.get(key) if shared is not None and key is not None else None
    if rest is None:
        rest = _clauses(frame, scope, targets)
        if shared is not None and key is not None:
            shared.clauses[key] = rest
    return Contract(
        name=called,
        provider=parties.provider,
        customer=parties.customer,
        parties=parties.spans,
        timezone=frame.zone.key,
        currency=frame.currency,
        period=frame.period,
        language=fields.get("language", terms.language, "en"),
        starts=days.starts,
        ends=days.ends,
        review_by=days.review_by,
        judged_from=days.judged_from,
        services=tuple(dates.within(service, days) for service in services.values()),
        **rest,
    )


def _clauses(frame: _Frame, scope: Scope, targets: Targets) -> dict[str, Any]:
    """The fields of a contract that rest on nothing under ``OWN`` but for what ``_shared_key`` has of it."""
    fields = frame.fields
    base = ground.read_ground(fields, scope)
    scope = _with_measures(frame, base.scope)
    outages, judging = read_missed(fields.at("outages"), base.outages, scope) if base.outages else ((), ())
    promised = _promises(frame, scope, targets)
    promises = tuple(promise for promise, _ in promised.promises)
    measures = [rule for rule in (*scope.measures.values(), *judging, *promised.rules) if rule is not None]
    naming = replace(scope, measures={**scope.measures, **{rule.name: rule for rule in promised.rules}})
    following = read_following(fields, Names(naming, promises, promised.complete))
    return {
        "calendars": base.calendars,
        "base": scope.base,
        "outages": outages,
        "measures": tuple(base.as_counted(rule) for rule in _once((*measures, *following.measures))),
        "promises": promises,
        "exclusions": read_exclusions(fields.at("exclusions"), scope) if "exclusions" in fields else (),
        **following.terms,
        "minimum_coverage": fields.get("minimum coverage", share, Fraction(9, 10)),
        "unknown": fields.get("unknown", terms.unknown_as, "indeterminate"),
    }


def _once(rules: Iterable[MeasureRule]) -> Iterable[MeasureRule]:
    """Each once: a standard measure may be made for an outage, a promise and a credit."""
    return {rule.name: rule for rule in rules}.values()


def _shared_key(frame: _Frame, scope: Scope, targets: Targets, shared: Shared) -> object:
    """What ``_clauses`` rests on; None where part of it is this contract's alone."""
    nodes = [id(node) for key, node in frame.fields.entries.items() if key not in OWN]
    if not all(node in shared.ids for node in nodes):
        return None
    alike = tuple(_alike(service, targets) for service in scope.services.values())
    since = None if scope.first_day is None else (scope.first_day.month, scope.first_day.day)
    return tuple(nodes), frame.period, frame.zone.key, frame.currency, since, alike


def _alike(service: Service, targets: Targets) -> object:
    """A service but for its amounts, its dates and the names of its targets."""
    blank = {"targets": (), "charge": None, "charges": (), "in_service_from": None, "in_service_until": None}
    watched = [targets.get(name) for name in service.targets]
    probed = tuple((one.kind, getattr(one.options, "packets", 0)) if one else None for one in watched)
    named = tuple(name for name, _ in service.charges)
    return service.but(**blank), probed, service.charge is None, named


def _services(frame: _Frame, targets: Targets) -> dict[str, Service]:
    fields = frame.fields
    since = fields.get("in service from", lambda value: instant(value, frame.zone), None)
    if "services" not in fields:
        fields.missing("services", "services: {internet: {targets: [hq-router]}}")
        return {}
    currency = UNREADABLE if frame.currency is None and "currency" in fields else frame.currency
    return read_services(fields.at("services"), targets, frame.zone, currency, since)


def _scope(frame: _Frame, services: Mapping[str, Service], starts: int | None) -> Scope:
    """What the other clauses are read by."""
    return Scope(
        period=frame.period,
        zone=frame.zone,
        first_day=ground.first_day(frame.zone, starts),
        currency=frame.currency,
        services=services,
    )


def _with_measures(frame: _Frame, scope: Scope) -> Scope:
    """What is defined; a standard measure that is defined as it is anyway is the standard one."""
    if "measures" not in frame.fields:
        return scope
    found = read_measures(frame.fields.at("measures"), scope)
    own = {name: rule for name, rule in found.items() if rule is None or not is_standard(rule, scope)}
    return replace(scope, measures=own)


def _promises(frame: _Frame, scope: Scope, targets: Targets) -> Promised:
    if "promises" not in frame.fields:
        frame.fields.missing("promises", "promises: [availability >= 99.9%]")
        return Promised((), (), False)
    found = read_promises(frame.fields.at("promises"), scope)
    sampled = {rule.name: rule.of for rule in (*found.rules, *scope.measures.values()) if _is_sampled(rule)}
    for promise, at in found.promises:
        needs = _NEEDS.get(sampled.get(promise.rule or "", promise.measure), "facts")
        for name in promise.services:
            lacking = _lacks(needs, scope.services[name], targets)
            if lacking:
                fit = _others(promise, needs, scope.services, targets)
                at.wrong(f"{promise.text!r} cannot be measured of {name!r}: {lacking}{fit}")
    return found


def _is_sampled(rule: MeasureRule | None) -> TypeGuard[MeasureRule]:
    return rule is not None and rule.kind == "samples"


def _lacks(needs: Needs, service: Service, targets: Targets) -> str:
    """Why no target of the service can give what the promise is measured by; empty where one can, or may."""
    watched = [targets.get(name) for name in service.targets]
    if needs in ("state", "latency", "facts") or not watched or any(target is None for target in watched):
        return ""
    packets = [getattr(target.options, "packets", 0) for target in watched if target is not None]
    if max(packets) < 1:
        return "none of its targets is probed with packets (kind icmp is)"
    if needs == "pairs" and max(packets) < 2:
        return "jitter is the difference of neighbouring packets; probe with 'packets: 2' or more"
    return ""


def _others(promise: Promise, needs: Needs, services: Mapping[str, Service], targets: Targets) -> str:
    """The services of which it can be measured, to be written behind ``of``."""
    fit = [name for name, service in services.items() if not _lacks(needs, service, targets)]
    return f"; add 'of {', '.join(fit)}'" if fit and " of " not in promise.text.rpartition("under")[2] else ""
