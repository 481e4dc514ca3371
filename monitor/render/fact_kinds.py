"""What stands on the line of each kind of fact: one reader a kind, from named members to the typed fact."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from fractions import Fraction
from zoneinfo import ZoneInfo

from config import periods, units
from monitor.render import fact_tickets
from monitor.render.exact import figure, share
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
    ValueFact,
    WitnessesFact,
)
from probes import wire
from probes.fields import Fields
from probes.notation import instant_text, shown

STATES = ("up", "down", "unknown")
ACTIONS = ("acknowledge", "note", "pause", "resume", "resolve")


def _state(fields: Fields) -> StateFact:
    service, (start, end) = fields.text("service"), _span(fields)
    return StateFact(
        service=service,
        start=start,
        end=end,
        state=fields.word("state", STATES),
        cause=fields.text_or_none("cause"),
        contract=fields.text_or_none("contract"),
        weight=fields.exact_or_none("weight", share),
        severity=fields.label_or_none("severity"),
        affected=fields.count_or_none("affected"),
    )


def _exclusion(fields: Fields) -> ExclusionFact:
    start, end = _span(fields)
    return ExclusionFact(
        id=fields.text("id"),
        start=start,
        end=end,
        cause=fields.text("cause"),
        announced_at=fields.instant_or_none("announced_at"),
        services=fields.texts("services"),
        author=fields.text_or_none("author"),
        author_id=fields.text_or_none("author_id"),
        reason=fields.text_or_none("reason"),
        evidence=fields.text_or_none("evidence"),
        contract=fields.text_or_none("contract"),
        recorded_at=fields.instant_or_none("recorded_at"),
        withdrawn=fields.flag_or_none("withdrawn") or False,
    )


def _span(fields: Fields) -> tuple[int, int]:
    """``from`` and ``to``; a span of no length says nothing and is a mistake."""
    known = len(fields.problems)
    start, end = fields.instant("from"), fields.instant("to")
    if len(fields.problems) == known and end <= start:
        fields.wrong("to", f"{instant_text(end)} is not after from, {instant_text(start)}")
    return start, end


def _assume(fields: Fields) -> AssumeFact:
    return AssumeFact(fields.text("service"), fields.word("state", STATES), fields.text_or_none("contract"))


def _schedule(fields: Fields) -> ScheduleFact:
    every = fields.parsed("every", units.duration)
    timeout = fields.parsed("timeout", units.duration)
    for key, length in (("every", every), ("timeout", timeout)):
        if not length and not fields.problems:
            fields.wrong(key, "must be longer than 0s")
    return ScheduleFact(fields.name("target"), fields.instant("from"), every, timeout)


def _witnesses(fields: Fields) -> WitnessesFact:
    return WitnessesFact(fields.name("vantage"), fields.instant("from"), fields.texts("witnesses"))


def _heartbeat(fields: Fields) -> HeartbeatFact:
    return HeartbeatFact(
        vantage=fields.name("vantage"),
        boot=fields.name("boot"),
        at=fields.instant("at"),
        loop_lag=fields.ms_or_none("loop_lag_ms"),
        clock_error=fields.ms_or_none("clock_error_ms", negative=True),
        suspended=fields.ms_or_none("suspended_ms") or 0,
    )


def _epoch(fields: Fields) -> EpochFact:
    return EpochFact(
        vantage=fields.name("vantage"),
        boot=fields.name("boot"),
        at=fields.instant("at"),
        step=fields.ms_or_none("step_ms", negative=True) or 0,
        synchronised=fields.flag_or_none("synchronised"),
    )


def _damage(fields: Fields) -> DamageFact:
    start, end = _span(fields)
    return DamageFact(start, end, fields.text_or_none("target"), fields.text_or_none("service"))


def _charge(fields: Fields) -> ChargeFact:
    return ChargeFact(
        service=fields.text("service"),
        name=fields.text("name"),
        period=fields.checked("period", _period_label),
        amount=fields.exact("amount", lambda value: Fraction(units.amount(value))),
        currency=fields.checked("currency", _currency),
        contract=fields.text_or_none("contract"),
    )


def _period_label(text: str) -> str:
    return periods.parse(text, ZoneInfo("UTC")).label


def _currency(text: str) -> str:
    if len(text) == 3 and text.isascii() and text.isalpha() and text.isupper():
        return text
    raise ValueError(f"{text!r} is no currency; write its ISO 4217 code, as EUR")


def _incident(fields: Fields) -> IncidentFact:
    return IncidentFact(
        service=fields.text("service"),
        start=fields.instant("start"),
        action=fields.word("action", ACTIONS),
        at=fields.instant("at"),
        author=fields.text_or_none("author"),
        author_id=fields.text_or_none("author_id"),
        note=fields.text_or_none("note"),
        contract=fields.text_or_none("contract"),
    )


def _counts(fields: Fields) -> CountsFact:
    signal, (start, end) = fields.text("signal"), _span(fields)
    total, failed = fields.count("total"), fields.count("failed")
    if not fields.problems and failed > total:
        fields.wrong("failed", f"{failed} is more than total, {total}")
    return CountsFact(
        signal=signal,
        start=start,
        end=end,
        total=total,
        failed=failed,
        weight=fields.exact_or_none("weight", share),
        service=fields.text_or_none("service"),
        contract=fields.text_or_none("contract"),
    )


def _value(fields: Fields) -> ValueFact:
    period, at = fields.checked_or_none("period", _period_label), fields.instant_or_none("at")
    if not fields.problems and (period is None) == (at is None):
        fields.wrong("period", "give either period or at" + (", not both" if at is not None else ""))
    return ValueFact(
        measure=fields.text("measure"),
        value=fields.exact("value", figure),
        period=period,
        at=at,
        service=fields.text_or_none("service"),
        contract=fields.text_or_none("contract"),
        n=fields.count_or_none("n"),
    )


def _claim(fields: Fields) -> ClaimFact:
    return ClaimFact(
        contract=fields.text("contract"),
        at=fields.instant("at"),
        incident=fields.text_or_none("incident"),
        granted=fields.flag_or_none("granted"),
        credit=fields.text_or_none("credit"),
    )


READERS: Mapping[str, Callable[[Fields], Fact]] = {
    "sample": wire.read,
    "state": _state,
    "exclusion": _exclusion,
    "charge": _charge,
    "assume": _assume,
    "schedule": _schedule,
    "witnesses": _witnesses,
    "heartbeat": _heartbeat,
    "epoch": _epoch,
    "incident": _incident,
    "ticket": fact_tickets.read,
    "counts": _counts,
    "value": _value,
    "claim": _claim,
    "damage": _damage,
}


def no_kind(kind: object) -> str:
    """What to say of a kind of fact that there is not."""
    there = f"there are {', '.join(READERS)}"
    if kind is None:
        return f"kind is missing; {there}"
    near = get_close_matches(kind, READERS, 1) if isinstance(kind, str) else []
    return f"no kind of fact {shown(kind)}; " + (f"did you mean {near[0]!r}?" if near else there)
