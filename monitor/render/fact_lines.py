"""Fact → its JSON line: the inverse of reading it, keys in a fixed order, nothing that is not known."""

import json
from fractions import Fraction
from typing import assert_never

from config.units import format_duration
from monitor.render import fact_tickets
from monitor.render.exact import figure_text
from monitor.sla.facts import (
    AssumeFact,
    ChargeFact,
    ClaimFact,
    CountsFact,
    DamageFact,
    EpochFact,
    ExclusionFact,
    Fact,
    HeartbeatFact,
    IncidentFact,
    ScheduleFact,
    StateFact,
    TicketFact,
    ValueFact,
    WitnessesFact,
)
from probes import wire
from probes.notation import instant_text, ms_text
from probes.sample import Sample

Members = dict[str, object]
_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def line(fact: Fact) -> str:
    """One line without its newline; reading it gives an equal fact."""
    return _encoded(wire.to_object(fact) if isinstance(fact, Sample) else members(fact))


def members(fact: Fact) -> Members:
    """The members of a fact's line; those that say nothing are left out."""
    return {key: value for key, value in _all(fact).items() if value is not None}


def _all(fact: Fact) -> Members:
    match fact:
        case Sample():
            return wire.to_object(fact)
        case StateFact():
            return _state(fact)
        case ExclusionFact():
            return _exclusion(fact)
        case AssumeFact():
            return {
                "kind": "assume",
                "service": fact.service,
                "state": fact.state,
                "contract": fact.contract,
            }
        case ScheduleFact():
            return {
                "kind": "schedule",
                "target": fact.target,
                "from": instant_text(fact.start),
                "every": format_duration(fact.every),
                "timeout": format_duration(fact.timeout),
            }
        case HeartbeatFact() | EpochFact() | WitnessesFact():
            return _vantage(fact)
        case ChargeFact():
            return _charge(fact)
        case IncidentFact():
            return _incident(fact)
        case TicketFact():
            return fact_tickets.members(fact)
        case CountsFact():
            return _counts(fact)
        case ValueFact():
            return _value(fact)
        case ClaimFact():
            return _claim(fact)
        case DamageFact():
            span = {"from": instant_text(fact.start), "to": instant_text(fact.end)}
            return {"kind": "damage", "target": fact.target, "service": fact.service, **span}
        case _:
            assert_never(fact)


def _state(fact: StateFact) -> Members:
    return {
        "kind": "state",
        "service": fact.service,
        **_span(fact),
        "state": fact.state,
        "cause": fact.cause,
        "contract": fact.contract,
        "weight": _figure(fact.weight),
        "severity": fact.severity,
        "affected": fact.affected,
    }


def _span(fact: StateFact | ExclusionFact | CountsFact) -> Members:
    return {"from": instant_text(fact.start), "to": instant_text(fact.end)}


def _exclusion(fact: ExclusionFact) -> Members:
    return {
        "kind": "exclusion",
        "id": fact.id,
        **_span(fact),
        "cause": fact.cause,
        "announced_at": _instant(fact.announced_at),
        "services": list(fact.services) or None,
        "author": fact.author,
        "author_id": fact.author_id,
        "reason": fact.reason,
        "evidence": fact.evidence,
        "contract": fact.contract,
        "recorded_at": _instant(fact.recorded_at),
        "withdrawn": True if fact.withdrawn else None,
    }


def _vantage(fact: HeartbeatFact | EpochFact | WitnessesFact) -> Members:
    if isinstance(fact, WitnessesFact):
        start, names = instant_text(fact.start), list(fact.witnesses) or None
        return {"kind": "witnesses", "vantage": fact.vantage, "from": start, "witnesses": names}
    head: Members = {"vantage": fact.vantage, "boot": fact.boot, "at": instant_text(fact.at)}
    if isinstance(fact, EpochFact):
        return {"kind": "epoch", **head, "step_ms": ms_text(fact.step), "synchronised": fact.synchronised}
    return {
        "kind": "heartbeat",
        **head,
        "loop_lag_ms": _ms(fact.loop_lag),
        "clock_error_ms": _ms(fact.clock_error),
        "suspended_ms": ms_text(fact.suspended) if fact.suspended else None,
    }


def _charge(fact: ChargeFact) -> Members:
    return {
        "kind": "charge",
        "service": fact.service,
        "name": fact.name,
        "period": fact.period,
        "amount": _amount(fact.amount),
        "currency": fact.currency,
        "contract": fact.contract,
    }


def _amount(amount: Fraction) -> str:
    """An amount read from decimal text, as decimal text; at least two digits after the point."""
    digits = 2
    while (amount * 10**digits).denominator != 1 and digits < 40:
        digits += 1
    scaled = amount * 10**digits
    if scaled.denominator != 1:
        raise ValueError(f"{amount} is no decimal amount")
    return f"{scaled.numerator // 10**digits}.{scaled.numerator % 10**digits:0{digits}d}"


def _incident(fact: IncidentFact) -> Members:
    return {
        "kind": "incident",
        "service": fact.service,
        "start": instant_text(fact.start),
        "action": fact.action,
        "at": instant_text(fact.at),
        "author": fact.author,
        "author_id": fact.author_id,
        "note": fact.note,
        "contract": fact.contract,
    }


def _counts(fact: CountsFact) -> Members:
    return {
        "kind": "counts",
        "signal": fact.signal,
        **_span(fact),
        "total": fact.total,
        "failed": fact.failed,
        "weight": _figure(fact.weight),
        "service": fact.service,
        "contract": fact.contract,
    }


def _value(fact: ValueFact) -> Members:
    return {
        "kind": "value",
        "measure": fact.measure,
        "period": fact.period,
        "at": _instant(fact.at),
        "value": figure_text(fact.value),
        "service": fact.service,
        "contract": fact.contract,
        "n": fact.n,
    }


def _claim(fact: ClaimFact) -> Members:
    return {
        "kind": "claim",
        "contract": fact.contract,
        "at": instant_text(fact.at),
        "incident": fact.incident,
        "granted": fact.granted,
        "credit": fact.credit,
    }


def _figure(value: Fraction | None) -> str | None:
    return None if value is None else figure_text(value)


def _instant(ns: int | None) -> str | None:
    return None if ns is None else instant_text(ns)


def _ms(ns: int | None) -> str | None:
    return None if ns is None else ms_text(ns)
