"""``contracts:`` one contract as a whole: its nouns read one after the other, then held against each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from zoneinfo import ZoneInfo

from config.contract import dates, terms
from config.contract.credits import read_credits
from config.contract.exclusions import read_exclusions
from config.contract.measures import FORMS, SHARE_UNDER
from config.contract.model import Contract, ExclusionTerm, PeriodKind, Promise, Service
from config.contract.money import ClaimTerms, Credit, Deadline, Limit
from config.contract.parties import read_parties
from config.contract.promises import read_promises
from config.contract.services import UNREADABLE, instant, read_services
from config.digest import digest
from config.model import Target
from config.reader import Fields, Reader
from config.units import duration, share

KEYS = (
    "provider",
    "customer",
    "timezone",
    "currency",
    "language",
    *dates.KEYS,
    "period",
    "in service from",
    "services",
    "promises",
    "exclusions",
    "credits",
    "cap",
    "claim within",
    "minimum coverage",
    "unknown",
)
_NEEDS = {form.slug: form.needs for form in FORMS.values()} | {SHARE_UNDER.slug: SHARE_UNDER.needs}


@dataclass(slots=True)
class _Frame:
    """What the other terms are read by."""

    fields: Fields
    zone: ZoneInfo
    currency: str | None
    period: PeriodKind


def read_contract(entry: Reader, called: str, targets: Mapping[str, Target | None]) -> Contract | None:
    """The contract of one text, put together and without remarks; None where it is no mapping."""
    fields = entry.fields(KEYS)
    if fields.broken:
        return None
    frame = _Frame(
        fields,
        fields.get("timezone", terms.zone, terms.zone("UTC")),
        fields.get("currency", terms.currency, None),
        fields.get("period", terms.period_kind, "month"),
    )
    parties, days = read_parties(fields, frame.zone), dates.read_dates(fields, frame.zone)
    services = _services(frame, targets)
    promises = _promises(frame, services, targets)
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
        promises=tuple(promises),
        exclusions=_exclusions(frame),
        credits=_credits(frame, promises, services),
        caps=_cap(frame),
        claim=_claim(frame),
        minimum_coverage=fields.get("minimum coverage", share, Fraction(9, 10)),
        unknown=fields.get("unknown", terms.unknown_as, "indeterminate"),
        digest=digest(entry.node, expanded=True),
    )


def _services(frame: _Frame, targets: Mapping[str, Target | None]) -> dict[str, Service]:
    fields = frame.fields
    since = fields.get("in service from", lambda value: instant(value, frame.zone), None)
    if "services" not in fields:
        fields.missing("services", "services: {internet: {targets: [hq-router]}}")
        return {}
    currency = UNREADABLE if frame.currency is None and "currency" in fields else frame.currency
    return read_services(fields.at("services"), targets, frame.zone, currency, since)


def _promises(
    frame: _Frame, services: Mapping[str, Service], targets: Mapping[str, Target | None]
) -> Sequence[Promise]:
    if "promises" not in frame.fields:
        frame.fields.missing("promises", "promises: [availability >= 99.9%]")
        return ()
    found = read_promises(frame.fields.at("promises"), services, frame.period)
    for promise, at in found:
        for name in promise.services:
            lacking = _lacks(promise, services[name], targets)
            if lacking:
                at.wrong(
                    f"{promise.text!r} cannot be measured of {name!r}: {lacking}{_others(promise, services, targets)}"
                )
    return [promise for promise, _ in found]


def _lacks(promise: Promise, service: Service, targets: Mapping[str, Target | None]) -> str:
    """Why no target of the service can give what the promise is measured by; empty where one can, or may."""
    needs = _NEEDS[promise.measure]
    watched = [targets.get(name) for name in service.targets]
    if needs in ("state", "latency") or not watched or any(target is None for target in watched):
        return ""
    packets = [getattr(target.options, "packets", 0) for target in watched if target is not None]
    if max(packets) < 1:
        return "none of its targets is probed with packets (kind icmp is)"
    if needs == "pairs" and max(packets) < 2:
        return "jitter is the difference of neighbouring packets; probe with 'packets: 2' or more"
    return ""


def _others(promise: Promise, services: Mapping[str, Service], targets: Mapping[str, Target | None]) -> str:
    """The services of which it can be measured, to be written behind ``of``."""
    fit = [name for name, service in services.items() if not _lacks(promise, service, targets)]
    return f"; add 'of {', '.join(fit)}'" if fit and " of " not in promise.text.rpartition("under")[2] else ""


def _exclusions(frame: _Frame) -> tuple[ExclusionTerm, ...]:
    fields = frame.fields
    return read_exclusions(fields.at("exclusions"), frame.period) if "exclusions" in fields else ()


def _credits(frame: _Frame, promises: Sequence[Promise], services: Mapping[str, Service]) -> tuple[Credit, ...]:
    if "credits" not in frame.fields:
        return ()
    typed = frame.fields.at("promises").node.value if "promises" in frame.fields else None
    all_read = isinstance(typed, list) and len(typed) == len(promises)
    found = read_credits(frame.fields.at("credits"), promises, all_read)
    if services and all(service.charge is None for service in services.values()):
        at = frame.fields.at("credits")
        at.wrong("credits are shares of a charge, and no service has one; write 'charge: 1200.00' there", at.key)
    return found


def _cap(frame: _Frame) -> tuple[Limit, ...]:
    if "cap" in frame.fields and "credits" not in frame.fields:
        at = frame.fields.at("cap")
        at.wrong("caps credits, and there are none; write 'credits', or leave it out", at.key)
    found = frame.fields.get("cap", lambda value: terms.cap(value, frame.period), None)
    return () if found is None else (found,)


def _claim(frame: _Frame) -> ClaimTerms | None:
    within = frame.fields.get("claim within", duration, None)
    return None if within is None else ClaimTerms(deadline=Deadline(within=within))
