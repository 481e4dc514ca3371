"""``daemon:`` the process itself, and ``risk:`` when a running period is told to be at risk."""

import ipaddress
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Literal, get_args

from config.address import is_url, store_address
from config.errors import unknown
from config.model import Daemon, Listen, RiskTerms
from config.reader import Fields, Reader
from config.units import NANOSECONDS, amount, duration, format_duration, line, said, share

KEYS = ("store", "state", "listen", "metrics", "retention", "issue after", "log")
LOG_KEYS = ("format", "level")
RISK_KEYS = ("budget", "incident", "forecast", "burn 1h", "burn 6h")
LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]
DAY = NANOSECONDS["d"]

_LISTEN = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})")


def read_daemon(reader: Reader | None, base: Path) -> Daemon:
    """The section, or its defaults. ``base`` is the directory the default store lies in; a store that is named
    lies relative to the file that names it."""
    default = Daemon(store=str(base / Daemon().store))
    if reader is None:
        return default
    fields = reader.fields(KEYS)
    store = fields.get("store", store_address, "")
    state = fields.get("state", line, "")
    retention = fields.get("retention", duration, default.retention)
    if retention < DAY:
        fields.at("retention").wrong(f"{format_duration(retention)} is too short to judge a period; keep at least 1d")
    log = fields.at("log") if "log" in fields else None
    form, level = _log(log) if log else (default.log_format, default.log_level)
    return Daemon(
        store=_placed(fields, "store", base, store) or default.store,
        state=_placed(fields, "state", base, state) or (str(base) if is_url(store) else None),
        web=fields.get("listen", listen, default.web),
        metrics=fields.get("metrics", listen, default.metrics),
        retention=retention,
        issue_after=fields.get("issue after", duration, default.issue_after),
        log_format=form,
        log_level=level,
    )


def _placed(fields: Fields, key: str, base: Path, path: str) -> str:
    """A path, taken from the directory of the file it is typed in; an address, or nothing, as it is."""
    if not path or is_url(path):
        return path
    beside = Path(fields.at(key).node.place.file).absolute().parent if key in fields else base
    return str((beside / path).resolve())


def listen(value: object) -> Listen:
    """``127.0.0.1:8420``, ``[::1]:8420`` or ``localhost:8420``."""
    found = _LISTEN.fullmatch(value) if isinstance(value, str) else None
    if not found or int(found[3]) > 65535:
        raise ValueError(f"{said(value)} is no address to listen on; write 127.0.0.1:8420 or '[::1]:8420'")
    if found[1]:
        try:
            ipaddress.IPv6Address(found[1])
        except ValueError:
            raise ValueError(f"{value!r} has no IPv6 address in its brackets; write '[::1]:8420'") from None
    return Listen(host=found[1] or found[2], port=int(found[3]))


def _log(reader: Reader) -> tuple[LogFormat, LogLevel]:
    if not isinstance(reader.node.value, dict):
        return reader.read(_format, "text"), "info"
    fields = reader.fields(LOG_KEYS)
    return fields.get("format", _format, "text"), fields.get("level", _level, "info")


def _format(value: object) -> LogFormat:
    if value == "text":
        return "text"
    if value == "json":
        return "json"
    raise ValueError(unknown("log format", str(value), get_args(LogFormat)))


def _level(value: object) -> LogLevel:
    for level in ("debug", "info", "warning", "error"):
        if value == level:
            return level
    raise ValueError(unknown("log level", str(value), get_args(LogLevel)))


def read_risk(reader: Reader | None) -> RiskTerms:
    """The section, or its defaults."""
    default = RiskTerms()
    if reader is None:
        return default
    fields = reader.fields(RISK_KEYS)
    return RiskTerms(
        budget=_rising(fields.at("budget"), default.budget) if "budget" in fields else default.budget,
        incident=_rising(fields.at("incident"), default.incident) if "incident" in fields else default.incident,
        forecast=_falling(fields.at("forecast")) if "forecast" in fields else default.forecast,
        burn_1h=fields.get("burn 1h", _burn, default.burn_1h),
        burn_6h=fields.get("burn 6h", _burn, default.burn_6h),
    )


def _rising(reader: Reader, default: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    """Shares, each above the one before; an empty list says never."""
    shares: list[Fraction] = []
    for item in reader.items():
        value = item.read(_positive(share), None)
        if value is None:
            return default
        if shares and value <= shares[-1]:
            item.wrong(f"{said(item.node.value)} is not above the one before; write them rising")
        shares.append(value)
    return tuple(shares)


def _falling(reader: Reader) -> tuple[int, ...]:
    """Durations, each below the one before: how long before a breach it is told."""
    ahead: list[int] = []
    for item in reader.items():
        value = item.read(duration, None)
        if value is not None and ahead and value >= ahead[-1]:
            item.wrong(f"{said(item.node.value)} is not below the one before; write the longest first")
        elif value is not None:
            ahead.append(value)
    return tuple(ahead)


def _positive(parse: Callable[[object], Fraction]) -> Callable[[object], Fraction]:
    def positive(value: object) -> Fraction:
        result = parse(value)
        if result <= 0:
            raise ValueError(f"{value!r} is reached at once; write a share above 0%")
        return result

    return positive


def _burn(value: object) -> Decimal:
    rate = amount(value)
    if rate <= 0:
        raise ValueError(f"'{value}' is reached at once; a burn rate is above 0 (1 spends the budget in one period)")
    return rate
