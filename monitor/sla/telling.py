"""What is to be told of a contract: outages opened, confirmed, closed; promises breached; risks raised and cleared.

Everything is derived anew from the present view and has a key made of what it is about, so a restart or a second look
tells nothing twice. Only risks have a memory: what is raised stays raised until its threat is gone.
"""

from collections.abc import Sequence
from fractions import Fraction

from config.contract.model import Contract, Promise
from config.periods import Period
from config.spans import Span, clip, subtract, union
from monitor.sla.account import Raised
from monitor.sla.chains import Chain, sure_outages
from monitor.sla.events import Event, EventName
from monitor.sla.figures import View
from monitor.sla.judge import budget
from monitor.sla.model import PromiseResult, State, Verdict
from monitor.sla.risk import Outlook, running_chain
from monitor.sla.verdict import holds

RECENT = 86_400_000_000_000


def outage_events(contract: Contract, service: str, view: View, now: int, confirmed: bool) -> list[Event]:
    """Outages opened, confirmed and closed. What ended more than a day ago is history, not news."""
    running = running_chain(view, now)
    events: list[Event] = []
    for chain in view.chains:
        if not chain.outages or (chain is not running and chain.outages[-1][1] < now - RECENT):
            continue
        start, last = chain.outages[0][0], chain.outages[-1][1]
        about = _About(contract.name, service, f"{contract.name}/{service}/{start}", str(start))
        cause = chain.cause or ""
        events.append(about.event(EventName.OUTAGE_OPENED, start, f"{service} of {contract.name} is down", cause=cause))
        if chain is running:
            if confirmed:
                text = f"{service} of {contract.name} is down, confirmed"
                events.append(about.event(EventName.OUTAGE_CONFIRMED, start, text, cause=cause))
            continue
        charged = view.charge(chain.outages)
        text = f"{service} of {contract.name} is up again; charged {charged // 10**9} s"
        more = {"start_ns": str(start), "end_ns": str(last), "charged_ns": str(charged)}
        events.append(about.event(EventName.OUTAGE_CLOSED, last, text, **more))
    return events


class _About:
    """What the events of one subject have in common."""

    def __init__(self, contract: str, service: str, subject: str, key: str, promise: str | None = None) -> None:
        self.contract, self.service, self.subject, self.key, self.promise = contract, service, subject, key, promise

    def event(self, name: EventName, at: int, summary: str, suffix: str = "", **data: str) -> Event:
        """One event; its key tells it from every other."""
        key = ":".join(
            part for part in (name.value, self.contract, self.service, self.promise, self.key, suffix) if part
        )
        told = tuple(sorted((k, v) for k, v in data.items() if v))
        return Event(name, key, at, self.contract, self.service, self.subject, summary, self.promise, told)


def breach_events(
    contract: Contract, promise: Promise, result: PromiseResult, view: View, period: Period, now: int
) -> list[Event]:
    """A promise broken for the whole period is told once; a limit of each incident once for every incident over it."""
    if promise.measure == "longest-outage":
        over = {c.outages[0][0]: _over(c, promise, view) for c in view.chains if c.outages}
        return [_breach(contract, promise, result, str(begun), at) for begun, at in over.items() if at is not None]
    if result.items:
        broken = [item for item in result.items if item.verdict is Verdict.BREACHED]
        ends = [now if one.end is None else min(one.end, now) for one in broken]
        late = [at if one.due is None else min(one.due, at) for one, at in zip(broken, ends, strict=True)]
        return [_breach(contract, promise, result, one.key, at) for one, at in zip(broken, late, strict=True)]
    if result.verdict is not Verdict.BREACHED:
        return []
    allowed = budget(promise, view)
    downs = clip(union((p.start, p.end) for p in view.pieces if p.state is State.DOWN), view.start, min(now, view.end))
    at = now if allowed is None else _used_up(subtract(downs, view.excluded.all), int(allowed), now)
    return [_breach(contract, promise, result, period.label, at)]


def _over(chain: Chain, promise: Promise, view: View) -> int | None:
    """When an incident broke its limit for sure, whatever the unknown within it was; None where it did not."""
    for outage in sure_outages(chain):
        if not holds(promise.operator, Fraction(view.charge([outage])), promise.target):
            return _used_up(subtract([outage], view.excluded.all), int(promise.target), outage[1])
    return None


def _used_up(spans: Sequence[Span], amount: int, now: int) -> int:
    """The instant at which so much of the spans had passed."""
    for start, end in spans:
        if amount < end - start:
            return start + amount
        amount -= end - start
    return now


def _breach(contract: Contract, promise: Promise, result: PromiseResult, key: str, at: int) -> Event:
    about = _About(contract.name, result.service, f"{contract.name}/{result.service}/{promise.id}", key, promise.id)
    text = f"{contract.name}: '{promise.text}' is broken for {result.service}"
    value = "" if result.value is None else str(result.value)
    return about.event(EventName.PROMISE_BREACHED, at, text, value=value, target=str(promise.target), unit=promise.unit)


def risk_events(
    contract: Contract, promise: Promise, service: str, outlook: Outlook, before: Sequence[Raised], now: int
) -> tuple[list[Event], tuple[Raised, ...]]:
    """What changed of a promise's risks, and what is raised now. A risk falls back only by being cleared."""
    old = {raised.name: raised for raised in before}
    events: list[Event] = []
    raised: list[Raised] = []
    for threat in outlook.threats:
        known = old.pop(threat.name, None)
        since = now if known is None else known.since
        about = _risk(contract, promise, service, threat.name, since)
        text = f"{contract.name}: '{promise.text}' of {service} is at risk: {threat.text}"
        more = _figures(outlook)
        if known is None:
            events.append(about.event(EventName.RISK_RAISED, now, text, level=str(threat.level), **more))
        elif threat.level > known.level:
            suffix = str(threat.level)
            events.append(about.event(EventName.RISK_ESCALATED, now, text, suffix, level=suffix, **more))
        raised.append(Raised(threat.name, max(threat.level, known.level if known else 0), since))
    for gone in old.values():
        text = f"{contract.name}: '{promise.text}' of {service} is no longer at risk ({gone.name})"
        about = _risk(contract, promise, service, gone.name, gone.since)
        events.append(about.event(EventName.RISK_CLEARED, now, text))
    return events, tuple(raised)


def _risk(contract: Contract, promise: Promise, service: str, name: str, since: int) -> _About:
    subject = f"{contract.name}/{service}/{promise.id}/{name}"
    return _About(contract.name, service, subject, f"{name}:{since}", promise.id)


def _figures(outlook: Outlook) -> dict[str, str]:
    found = {
        "forecast_ns": outlook.forecast,
        "incident_remaining_ns": outlook.incident_remaining,
        "budget_consumed": None if outlook.budget is None else outlook.budget.consumed,
        "budget_total": None if outlook.budget is None else outlook.budget.total,
    }
    return {name: str(value) for name, value in found.items() if value is not None}
