"""An account: where one contract stands in its open period, as it is stored and read by everybody else.

JSON with sorted keys; exact figures as text (fractions, nanoseconds), never floats.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from config.contract.model import Contract
from config.periods import Period
from monitor.sla.figures import View
from monitor.sla.model import PromiseResult, State
from monitor.sla.risk import Budget, Outlook, running_chain


@dataclass(frozen=True, slots=True)
class Raised:
    """A risk that was raised and not cleared: its name, level, and since when (ns)."""

    name: str
    level: int
    since: int


@dataclass(frozen=True, slots=True)
class ServiceNow:
    """One service at the account's instant; ``incident`` is (start, charged ns, confirmed) while one is open."""

    state: str
    since: int
    view: View
    incident: tuple[int, int, bool] | None


@dataclass(frozen=True, slots=True)
class PromiseNow:
    """One promise at the account's instant."""

    result: PromiseResult
    outlook: Outlook
    raised: tuple[Raised, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One service as it stood when it was last looked at, and when it is to be looked at next (ns)."""

    due: int
    service: ServiceNow
    promises: tuple[PromiseNow, ...]


def turn_after(now: int, round_ns: int, share: Fraction) -> int:
    """When a card is next looked at that only time may change: once a round, at an instant of its own, so that not all
    are looked at together, whatever else they were looked at for."""
    offset = int(round_ns * share)
    return ((now - offset) // round_ns + 1) * round_ns + offset


def service_now(view: View, now: int, confirmed: bool) -> ServiceNow:
    """What a service is at an instant, since when, and its running incident."""
    here = next((p for p in reversed(view.pieces) if p.start < now), None)
    state, since = (State.UNKNOWN, now) if here is None else (here.state, here.start)
    running = running_chain(view, now)
    incident = None if running is None else (running.outages[0][0], view.charge(running.outages), confirmed)
    return ServiceNow(state.value, since, view, incident)


def to_json(
    contract: Contract,
    period: Period,
    as_of: int,
    services: Mapping[str, ServiceNow],
    promises: Sequence[PromiseNow],
    exposure: Decimal | None,
) -> str:
    """The account as canonical JSON."""
    account = {
        "contract": contract.name,
        "provider": contract.provider,
        "customer": contract.customer,
        "currency": contract.currency,
        "as_of": str(as_of),
        "period": {
            "label": period.label,
            "from": str(period.start),
            "to": str(period.end),
            "timezone": contract.timezone,
        },
        "services": {name: _service(service) for name, service in services.items()},
        "promises": [_promise(promise) for promise in promises],
        "exposure": None if exposure is None else {"amount": str(exposure), "currency": contract.currency},
    }
    return json.dumps(account, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def raised_in(account: str) -> dict[tuple[str, str], tuple[Raised, ...]]:
    """The risks raised in a stored account, by (service, promise id)."""
    found = {}
    for promise in json.loads(account)["promises"]:
        risks = tuple(Raised(r["name"], r["level"], int(r["since_ns"])) for r in promise["risks"])
        found[promise["service"], promise["id"]] = risks
    return found


def _service(service: ServiceNow) -> dict[str, object]:
    view, incident = service.view, service.incident
    return {
        "state": service.state,
        "since_ns": str(service.since),
        "coverage": None if view.coverage is None else _decimal(view.coverage),
        "up_ns": str(view.up),
        "down_ns": str(view.down),
        "unknown_ns": str(view.unknown - view.pending),
        "excluded_ns": str(view.out),
        "incident": None
        if incident is None
        else {"start_ns": str(incident[0]), "charged_ns": str(incident[1]), "confirmed": incident[2]},
    }


def _promise(promise: PromiseNow) -> dict[str, object]:
    result, ahead = promise.result, promise.outlook
    return {
        "id": result.id,
        "service": result.service,
        "text": result.text,
        "measure": result.measure,
        "statistic": result.statistic,
        "operator": result.operator,
        "target": str(result.target),
        "unit": result.unit,
        "value": _exact(result.value),
        "lower": _exact(result.lower),
        "upper": _exact(result.upper),
        "verdict": None if result.verdict is None else result.verdict.value,
        "below_target_so_far": bool(result.below_target_so_far),
        "at_risk": bool(promise.raised),
        "budget": None if ahead.budget is None else _budget(ahead.budget),
        "forecast_ns": _text(ahead.forecast),
        "incident_remaining_ns": _text(ahead.incident_remaining),
        "burn_1h": None if ahead.burn_1h is None else _decimal(ahead.burn_1h),
        "burn_6h": None if ahead.burn_6h is None else _decimal(ahead.burn_6h),
        "risks": [{"name": r.name, "level": r.level, "since_ns": str(r.since)} for r in promise.raised],
    }


def _budget(budget: Budget) -> dict[str, object]:
    return {
        "total": str(budget.total),
        "consumed": str(budget.consumed),
        "remaining": str(budget.total - budget.consumed),
        "ratio": None if budget.ratio is None else _decimal(budget.ratio),
    }


def _exact(value: Fraction | None) -> dict[str, str] | None:
    return None if value is None else {"exact": str(value)}


def _text(value: int | None) -> str | None:
    return None if value is None else str(value)


def _decimal(value: Fraction) -> str:
    """Six decimals, cut: for people and graphs, never for a verdict."""
    return f"{Decimal(value.numerator * 1_000_000 // value.denominator).scaleb(-6):f}"
