"""The short terms of a contract: its period, zone, currency, what unknown time counts as."""

import re
from datetime import date
from functools import lru_cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from config.contract.model import PeriodKind
from config.errors import nearest, unknown
from config.period_kinds import KINDS, canonical
from config.units import said

Unknown = Literal["indeterminate", "up", "down", "exclude"]
PERIODS: tuple[PeriodKind, ...] = KINDS
LANGUAGES = ("en", "de")
ID_PATTERN = r"[a-z0-9][a-z0-9.-]{0,62}"
UNKNOWNS: tuple[Unknown, ...] = get_args(Unknown)

_ID = re.compile(ID_PATTERN)
_CURRENCY = re.compile(r"[A-Z]{3}")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")


def period_kind(value: object, first_day: date | None = None) -> PeriodKind:
    """``month``, ``month from day 15``, ``trailing 30 days``: the canonical words, as ``config.period_kinds`` says.
    ``first_day`` is the contract's, for ``contract month`` and its like."""
    if not isinstance(value, str):
        raise ValueError(unknown("period", str(value), PERIODS))
    return canonical(value, first_day)


def zone(value: object) -> ZoneInfo:
    """An IANA time zone by name."""
    if not isinstance(value, str):
        raise ValueError(f"{said(value)} is no time zone; write one such as Europe/Berlin or UTC")
    found = _zone(value)
    if found is None:
        close = _near(value)
        hint = f"did you mean {close!r}?" if close else "write one such as Europe/Berlin or UTC"
        raise ValueError(f"no time zone {value!r}; {hint}")
    return found


@lru_cache(maxsize=1024)
def _zone(value: str) -> ZoneInfo | None:
    if not _ZONE.fullmatch(value):
        return None
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


@lru_cache(maxsize=64)  # many contracts may have the same wrong one
def _near(value: str) -> str | None:
    return nearest(value, _zones())


@lru_cache(maxsize=1)
def _zones() -> tuple[str, ...]:
    return tuple(sorted(available_timezones()))


def currency(value: object) -> str:
    """An ISO 4217 code."""
    if isinstance(value, str) and _CURRENCY.fullmatch(value):
        return value
    hint = f"; did you mean {value.upper()!r}?" if isinstance(value, str) and _CURRENCY.fullmatch(value.upper()) else ""
    raise ValueError(f"{said(value)} is no currency; write its three letters, as EUR{hint}")


def language(value: object) -> str:
    """The language its statements are printed in."""
    for known in LANGUAGES:
        if value == known:
            return known
    raise ValueError(unknown("language", value if isinstance(value, str) else said(value), LANGUAGES))


def unknown_as(value: object) -> Unknown:
    """What time nobody observed counts as."""
    for way in UNKNOWNS:
        if value == way:
            return way
    raise ValueError(unknown("way to count unknown time", str(value), UNKNOWNS))


def clause_id(value: object) -> str:
    """What a promise, a credit or a right is known by."""
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    raise ValueError(f"{said(value)} is no id; use small letters, digits, '-' and '.'")
