"""``services:`` the things promised about, each on its targets, with its charge."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from config import periods
from config.contract.model import Service
from config.names import check_name, known_names
from config.reader import Fields, Reader
from config.units import amount, money, said

UNREADABLE = "?"  # for a currency whose problem has been told
KEYS = ("targets", "charge", "down when", "in service from")

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
    named: tuple[str, ...] = ()
    if "targets" in fields:
        at = fields.at("targets")
        named = known_names(at, "target", targets)
        if at.node.value == []:
            at.wrong("is empty; name the targets that tell whether the service is up")
    else:
        fields.missing("targets", "targets: [hq-router]")
    return Service(
        name=called,
        targets=named,
        charge=_charge(fields, currency),
        down_when=_down_when(fields, len(named)),
        in_service_from=fields.get("in service from", lambda value: instant(value, zone), since),
    )


def _charge(fields: Fields, currency: str | None) -> Decimal | None:
    if "charge" not in fields:
        return None
    at = fields.at("charge")
    charge, own = at.read(_charged, (None, None))
    if currency == UNREADABLE:
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


def _down_when(fields: Fields, targets: int) -> int:
    """How many targets must be down for the service to be: one, unless said."""
    at = fields.at("down when") if "down when" in fields else None
    needed = at.read(_needed, 1) if at else 1
    if needed == "all":
        return max(targets, 1)
    if at is not None and targets and needed > targets:
        at.wrong(f"{said(at.node.value)} can never be: the service has {targets} targets")
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
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            return periods.start_of(date.fromisoformat(value), zone)
        if isinstance(value, str) and "T" in value:
            moment = datetime.fromisoformat(value)
            if moment.tzinfo is not None:
                return periods.to_ns(moment)
            raise ValueError(f"{value!r} has no offset; write {value}Z or with +hh:mm")
    except (ValueError, OverflowError) as error:
        if "has no offset" in str(error):
            raise
    raise ValueError(f"{said(value)} is no date; write 2026-10-01 or 2026-10-01T00:00:00+02:00")
