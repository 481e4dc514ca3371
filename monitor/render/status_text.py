"""Where a contract stands now, as text for people: states, figures, budgets left, risks, the money at stake."""

from collections.abc import Iterator
from fractions import Fraction
from zoneinfo import ZoneInfo

from monitor.render.account import Account, PromiseNow, ServiceNow
from monitor.render.numbers import SECOND, clock, decimal, lasting, moment

STALE = 60 * SECOND
"""A daemon judges at least every second; an account older than this was left behind by one that is gone."""


def render(account: Account, now: int) -> str:
    """The lines of one contract."""
    return "\n".join(_lines(account, now)) + "\n"


def _lines(account: Account, now: int) -> Iterator[str]:
    zone = ZoneInfo(account.period.timezone)
    yield f"{account.contract}: {account.provider} for {account.customer}, {account.period.label}"
    yield f"as of {moment(_whole(account.as_of), zone)}{_age(account, now)}"
    for name, service in account.services.items():
        yield f"  {name}: {_service(service, zone)}"
        for promise in account.promises:
            if promise.service == name:
                yield f"    {_promise(promise, zone)}"
    if account.exposure is not None:
        yield f"  exposure {account.exposure.amount} {account.exposure.currency or ''}".rstrip()


def _age(account: Account, now: int) -> str:
    """Said where the account is old: the figures are then those of a daemon that does not run."""
    age = now - account.as_of
    if age <= STALE:
        return ""
    return f": {lasting(_whole(age))} old, no daemon has written since"


def _service(service: ServiceNow, zone: ZoneInfo) -> str:
    told = f"{service.state.upper()} since {moment(_whole(service.since_ns), zone)}"
    if service.incident is not None:
        confirmed = "confirmed" if service.incident.confirmed else "not confirmed yet"
        told += f" (incident open since {moment(_whole(service.incident.start_ns), zone)}, {confirmed},"
        told += f" charged {lasting(_whole(service.incident.charged_ns))})"
    for name, ns in _buckets(service):
        told += f", {name} {lasting(_whole(ns))}"
    return told


def _buckets(service: ServiceNow) -> list[tuple[str, int]]:
    buckets = [("down", service.down_ns), ("unknown", service.unknown_ns), ("excluded", service.excluded_ns)]
    return [(name, ns) for name, ns in buckets if ns]


def _promise(promise: PromiseNow, zone: ZoneInfo) -> str:
    shown = promise.scale()
    value = "no value yet" if promise.value is None else shown.display(promise.value.exact)
    stands = _stands(promise)
    parts = [f"{promise.text}: {value}", *([stands] if stands else [])]
    if promise.budget is not None:
        parts.append(_budget(promise.unit, promise.budget.remaining))
    if promise.incident_remaining_ns is not None:
        parts.append(f"limit of the incident in {lasting(_whole(max(0, promise.incident_remaining_ns)))}")
    if promise.forecast_ns is not None:
        parts.append(f"breach forecast {moment(_whole(promise.forecast_ns), zone)}")
    parts += [f"risk {risk.name.replace('_', ' ')} (level {risk.level})" for risk in promise.risks]
    return ", ".join(parts)


def _budget(unit: str, left: Fraction) -> str:
    """What may still be lost: a number of outages, or time in whole seconds, cut."""
    shown = decimal(abs(left)) if unit == "count" else clock(Fraction(abs(left) // SECOND))
    return f"budget left {shown}" if left >= 0 else f"budget overdrawn by {shown}"


def _stands(promise: PromiseNow) -> str | None:
    """Three things told apart: breached for good, below target but recoverable, at risk; None without a value."""
    if promise.verdict in ("breached", "met"):
        return promise.verdict
    if promise.below_target_so_far:
        return "below target so far"
    if promise.at_risk:
        return "at risk"
    return None if promise.value is None else "on target"


def _whole(ns: int) -> int:
    """Whole seconds: this is for a glance; the statement has every digit."""
    return ns - ns % SECOND
