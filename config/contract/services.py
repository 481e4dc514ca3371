"""``services:`` the things promised about, each on its targets or made of other services, with its charges.

One with neither is judged from facts: states, tickets, counts and values.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Literal
from zoneinfo import ZoneInfo

from config import periods
from config.contract.conditions import quality_value
from config.contract.gives import UNREADABLE
from config.contract.model import Service
from config.errors import unknown
from config.names import check_name, known_names, names_in
from config.reader import Fields, Reader, below
from config.units import amount, money, said

KEYS = (
    "targets",
    "of",
    "charge",
    "charges",
    "down when",
    "class",
    "region",
    "weight",
    "in service from",
    "until",
)

_OF = re.compile(r"([0-9]{1,4}) of(?: ([0-9]{1,4}))?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_services(
    reader: Reader, targets: Mapping[str, object], zone: ZoneInfo, currency: str | None, since: int | None
) -> dict[str, Service]:
    """Every service by name. ``since`` is the contract's own ``in service from``, for those that say nothing."""
    services: dict[str, Service] = {}
    fields = reader.fields()
    for called, entry in fields:
        check_name(entry, called)
        services[called] = _read_service(entry, called, targets, zone, currency, since)
    if not fields.entries and not fields.broken:
        reader.wrong("is empty; name what is promised about: 'internet: {targets: [hq-router]}'", reader.key)
    _check_parts(fields, services)
    return services


def _read_service(
    reader: Reader,
    called: str,
    targets: Mapping[str, object],
    zone: ZoneInfo,
    currency: str | None,
    since: int | None,
) -> Service:
    fields = reader.fields(KEYS)
    named, parts = _made_of(fields, targets)
    charges = _charges(fields, currency)
    until = fields.get("until", lambda value: instant(value, zone), None)
    begins = fields.get("in service from", lambda value: instant(value, zone), since)
    if until is not None and begins is not None and until <= begins:
        at = fields.at("until")
        at.wrong(f"{said(at.node.value)} is not after the service began; write the first day on which it is gone")
    return Service(
        name=called,
        targets=named,
        of=parts,
        charge=_charge(fields, currency) if "charge" in fields else dict(charges).get("charge"),
        charges=charges,
        down_when=_down_when(fields, len(named) or len(parts)),
        in_service_from=begins,
        in_service_until=until,
        category=fields.get("class", quality_value, None),
        region=fields.get("region", quality_value, None),
        weight=fields.get("weight", _weight, Fraction(1)),
    )


def _made_of(fields: Fields, targets: Mapping[str, object]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The targets that it is down with, or the services that it is made of."""
    named: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    if "targets" in fields:
        at = fields.at("targets")
        named = known_names(at, "target", targets)
        if at.node.value == []:
            at.wrong("is empty; name the targets that tell whether the service is up")
    if "of" in fields:
        at = fields.at("of")
        parts = names_in(at)
        if at.node.value == []:
            at.wrong("is empty; name the services it is made of")
        if "targets" in fields:
            at.wrong("stands beside 'targets'; make a service of the targets, and name it here", at.key)
    if "down when" in fields and not {"targets", "of"} & fields.entries.keys():
        at = fields.at("down when")
        at.wrong("says nothing without 'targets' or 'of'; leave it out, or name what the service is made of", at.key)
    return named, parts


def _check_parts(fields: Fields, services: Mapping[str, Service]) -> None:
    """What a service is made of has to be there, and must not in turn be made of it."""
    for called, service in services.items():
        at = fields.at(called)
        entries = at.node.value
        if not isinstance(entries, dict) or "of" not in entries:
            continue
        within = Reader(entries["of"], below(at.path, "of"), at.problems)
        for one in service.of:
            if one not in services:
                within.wrong(unknown("service", one, services))
        ring = _ring(called, services)
        if ring and min(ring) == called:
            within.wrong(f"goes in a circle ({' → '.join([*ring, called])}); a service cannot be made of itself")


def _ring(called: str, services: Mapping[str, Service]) -> list[str]:
    """The way from a service back to itself; empty where there is none."""
    ways = [[called]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for one in services[way[-1]].of:
            if one == called:
                return way
            if one in services and one not in seen:
                seen.add(one)
                ways.append([*way, one])
    return []


def _charges(fields: Fields, currency: str | None) -> tuple[tuple[str, Decimal], ...]:
    """Charges by name: ``{mrc: 4000.00, usage: 0}``."""
    if "charges" not in fields:
        return ()
    at = fields.at("charges")
    found: list[tuple[str, Decimal]] = []
    named = at.fields()
    for called, entry in named:
        check_name(entry, called)
        amount_ = _amount_at(entry, currency)
        if called == "charge" and "charge" in fields:
            entry.wrong("stands beside the service's own 'charge'; write it once", entry.key)
        elif amount_ is not None:
            found.append((called, amount_))
    if at.node.value == {}:
        at.wrong("is empty; name what is charged, as in {mrc: 4000.00}")
    return tuple(found)


def _weight(value: object) -> Fraction:
    found = Fraction(amount(value))
    if not found:
        raise ValueError(f"{said(value)} weighs nothing; write a number above zero such as 3")
    return found


def _charge(fields: Fields, currency: str | None) -> Decimal | None:
    return _amount_at(fields.at("charge"), currency)


def _amount_at(at: Reader, currency: str | None) -> Decimal | None:
    charge, own = at.read(_charged, (None, None))
    if charge is None or currency == UNREADABLE:
        return charge
    if own is not None and own != currency:
        at.wrong(f"is in {own}, the contract in {currency or 'no currency'}; a contract has one currency")
    elif own is None and currency is None:
        at.wrong(f"{said(at.node.value)} has no currency; write 'currency: EUR' into the contract")
    return charge


def _charged(value: object) -> tuple[Decimal | None, str | None]:
    """``1200.00`` or ``1200.00 EUR``."""
    if isinstance(value, str) and " " in value:
        return money(value)
    return amount(value), None


def _down_when(fields: Fields, parts: int) -> int:
    """How many targets or services must be down for the service to be: one, unless said."""
    at = fields.at("down when") if "down when" in fields else None
    needed = at.read(_needed, 1) if at else 1
    if needed == "all":
        return max(parts, 1)
    if at is not None and parts and needed > parts:
        of = "services" if "of" in fields else "targets"
        at.wrong(f"{said(at.node.value)} can never be: the service has {parts} {of}")
    return needed


def _needed(value: object) -> int | Literal["all"]:
    if value == "any":
        return 1
    if value == "all":
        return "all"
    found = _OF.fullmatch(value) if isinstance(value, str) else None
    if not found or int(found[1]) < 1:
        raise ValueError(f"{said(value)} is no rule; write any, all or '2 of'")
    if found[2] and int(found[1]) > int(found[2]):
        raise ValueError(f"{value!r} can never be; write at most as many as there are")
    return int(found[1])


def instant(value: object, zone: ZoneInfo) -> int:
    """``2026-10-01``, which begins in the contract's zone, or RFC 3339 with offset, as ns UTC."""
    moment: datetime | None = None
    if isinstance(value, str) and ("T" in value or _DATE.fullmatch(value)):
        with suppress(ValueError):
            moment = datetime.fromisoformat(value)
    if moment is None:
        raise ValueError(f"{said(value)} is no date; write 2026-10-01 or 2026-10-01T00:00:00+02:00")
    periods.check_year(moment.year, str(value))
    if "T" not in str(value):
        return periods.start_of(moment.date(), zone)
    if moment.tzinfo is None:
        raise ValueError(f"{value!r} has no offset; write {value}Z or with +hh:mm")
    return periods.to_ns(moment)
