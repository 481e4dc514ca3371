"""A stored account as typed values again: what readers of the store show of the open period."""

import json
from dataclasses import dataclass, fields, is_dataclass
from fractions import Fraction
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from monitor.render.numbers import Scale


@dataclass(frozen=True, slots=True)
class Value:
    """An exact figure."""

    exact: Fraction


@dataclass(frozen=True, slots=True)
class Span:
    """The open period; instants ns UTC."""

    label: str
    from_: int
    to: int
    timezone: str


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """The incident a service is in."""

    start_ns: int
    charged_ns: int
    confirmed: bool


@dataclass(frozen=True, slots=True)
class ServiceNow:
    """One service; durations ns."""

    state: str
    since_ns: int
    coverage: str | None
    up_ns: int
    down_ns: int
    unknown_ns: int
    excluded_ns: int
    incident: OpenIncident | None


@dataclass(frozen=True, slots=True)
class Budget:
    """What a promise allows to lose (ns) and what is lost of it."""

    total: Fraction
    consumed: Fraction
    remaining: Fraction
    ratio: str | None


@dataclass(frozen=True, slots=True)
class Risk:
    """A risk raised and not cleared."""

    name: str
    level: int
    since_ns: int


@dataclass(frozen=True, slots=True)
class PromiseNow:
    """One promise of one service."""

    id: str
    service: str
    text: str
    measure: str
    operator: str
    target: Fraction
    unit: str
    value: Value | None
    lower: Value | None
    upper: Value | None
    verdict: str | None
    below_target_so_far: bool
    at_risk: bool
    budget: Budget | None
    forecast_ns: int | None
    incident_remaining_ns: int | None
    risks: tuple[Risk, ...]

    def scale(self) -> Scale:
        """How its figures are shown."""
        return Scale(self.unit, self.measure, self.operator, self.target)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount as text."""

    amount: str
    currency: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """One contract as of an instant."""

    contract: str
    provider: str
    customer: str
    as_of: int
    period: Span
    services: dict[str, ServiceNow]
    promises: tuple[PromiseNow, ...]
    exposure: Money | None


def read(text: str) -> Account:
    """The account of its JSON; keys of a newer writer are passed over, since an account is rewritten at every batch.
    Raises ValueError if it is none."""
    try:
        found: Account = _made(Account, json.loads(text))
    except (KeyError, TypeError, ValueError, RecursionError, ZeroDivisionError) as error:
        raise ValueError(f"no account: {error!r}") from error
    return found


def _made(kind: Any, told: Any) -> Any:
    """A value of JSON as what it stands for: whole numbers and fractions are texts there, and never floats."""
    if isinstance(kind, UnionType):
        return None if told is None else _made(get_args(kind)[0], told)
    if is_dataclass(kind):
        return kind(*(_made(hint, told[name]) for name, hint in _members(kind)))  # type: ignore[operator,arg-type]
    if get_origin(kind) is tuple:
        return tuple(_made(get_args(kind)[0], one) for one in _be(told, list))
    if get_origin(kind) is dict:
        return {name: _made(get_args(kind)[1], one) for name, one in _be(told, dict).items()}
    return kind(told) if kind in (int, Fraction) and isinstance(told, str | int) else _be(told, kind)


@cache
def _members(kind: Any) -> tuple[tuple[str, Any], ...]:
    """The keys of an object and what each stands for."""
    hints = get_type_hints(kind)
    return tuple((field.name.rstrip("_"), hints[field.name]) for field in fields(kind))


def _be(told: Any, kind: Any) -> Any:
    if not isinstance(told, kind):
        raise TypeError(f"{told!r} is no {kind.__name__}")
    return told
