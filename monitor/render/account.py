"""A stored account as typed values again: what readers of the store show of the open period."""

from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from monitor.render.numbers import Scale

Exact = Annotated[Fraction, BeforeValidator(Fraction)]
Ns = Annotated[int, BeforeValidator(int)]


class Noun(BaseModel):
    """Frozen; keys of a newer writer are passed over, since an account is rewritten at every batch."""

    model_config = ConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True)


class Value(Noun):
    """An exact figure."""

    exact: Exact


class Span(Noun):
    """The open period; instants ns UTC."""

    label: str
    from_: Ns
    to: Ns
    timezone: str

    model_config = ConfigDict(alias_generator=lambda name: name.rstrip("_"))


class OpenIncident(Noun):
    """The incident a service is in."""

    start_ns: Ns
    charged_ns: Ns
    confirmed: bool


class ServiceNow(Noun):
    """One service; durations ns."""

    state: str
    since_ns: Ns
    coverage: str | None
    up_ns: Ns
    down_ns: Ns
    unknown_ns: Ns
    excluded_ns: Ns
    incident: OpenIncident | None


class Budget(Noun):
    """What a promise allows to lose (ns) and what is lost of it."""

    total: Exact
    consumed: Exact
    remaining: Exact
    ratio: str | None


class Risk(Noun):
    """A risk raised and not cleared."""

    name: str
    level: int
    since_ns: Ns


class PromiseNow(Noun):
    """One promise of one service."""

    id: str
    service: str
    text: str
    measure: str
    operator: str
    target: Exact
    unit: str
    value: Value | None
    lower: Value | None
    upper: Value | None
    verdict: str | None
    below_target_so_far: bool
    at_risk: bool
    budget: Budget | None
    forecast_ns: Ns | None
    incident_remaining_ns: Ns | None
    risks: tuple[Risk, ...]

    def scale(self) -> Scale:
        """How its figures are shown."""
        return Scale(self.unit, self.measure, self.operator, self.target)


class Money(Noun):
    """An amount as text."""

    amount: str
    currency: str | None


class Account(Noun):
    """One contract as of an instant."""

    contract: str
    provider: str
    customer: str
    as_of: Ns
    period: Span
    services: dict[str, ServiceNow]
    promises: tuple[PromiseNow, ...]
    exposure: Money | None


def read(text: str) -> Account:
    """The account of its JSON. Raises pydantic's ValidationError (a ValueError) if it is none."""
    return Account.model_validate_json(text)
