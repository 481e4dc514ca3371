"""``exclusions:`` the causes that are not charged, each on its conditions.

An entry is a bare cause, or ``{cause: {notice: 72h, cap: 4h per month, window: "00:00-04:00", effect: not down}}``.
The order of the entries is their precedence. Spaces and underscores in a cause are the same; it is kept with
underscores.
"""

import re
from dataclasses import dataclass
from typing import get_args

from config.contract import measure_fields as read_as
from config.contract.calendars import window
from config.contract.conditions import read_condition
from config.contract.model import Effect, ExclusionTerm, PeriodKind
from config.contract.noun import Condition
from config.contract.scope import Scope
from config.contract.terms import period_kind
from config.errors import unknown
from config.names import known_names
from config.reader import Fields, Reader
from config.units import duration, said

KEYS = ("notice", "calendar", "cap", "over cap", "window", "extends by", "effect", "of", "if")
EFFECTS: tuple[Effect, ...] = get_args(Effect)
CAP_PATTERN = r"[0-9]{1,6} times?"
NOTICE_PATTERN = r"[0-9]{1,3} business days?"

_TIMES = re.compile(r"([0-9]{1,6}) times?")
_DAYS = re.compile(r"([0-9]{1,3}) business days?")
_CAUSE = re.compile(r"[a-z0-9]+(?:[ _-][a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class _Cap:
    """At most ``length`` ns, or so many ``times``, per period."""

    period: PeriodKind
    length: int | None = None
    times: int | None = None


def read_exclusions(reader: Reader, scope: Scope) -> tuple[ExclusionTerm, ...]:
    """Every entry that can be read, in order. A cap without ``per`` is one per the contract's period."""
    terms: list[ExclusionTerm] = []
    lines: dict[str, int] = {}
    for item in reader.items():
        term = _read_term(item, scope)
        if term is None:
            continue
        if term.cause in lines:
            item.wrong(f"{term.cause.replace('_', ' ')!r} stands here twice; the first is on line {lines[term.cause]}")
        lines[term.cause] = item.node.place.line
        terms.append(term)
    return tuple(terms)


def _read_term(item: Reader, scope: Scope) -> ExclusionTerm | None:
    if not isinstance(item.node.value, dict):
        named = item.read(cause, None)
        return None if named is None else ExclusionTerm(cause=named, cap_period=scope.period)
    entries = list(item.fields())
    if len(entries) != 1:
        item.wrong("is not one cause; write '- planned maintenance: {notice: 72h}' for each")
        return None
    typed, terms = entries[0]
    try:
        named = cause(typed)
    except ValueError as error:
        terms.wrong(str(error), terms.key)
        return None
    if terms.node.value is None and not terms.node.broken:
        return ExclusionTerm(cause=named, cap_period=scope.period)
    return _conditions(terms.fields(KEYS), named, scope)


def _conditions(fields: Fields, named: str, scope: Scope) -> ExclusionTerm:
    cap = fields.get("cap", lambda value: _cap(value, scope), _Cap(scope.period))
    if "over cap" in fields:
        over = fields.at("over cap")
        over.read(_over, None)
        if "cap" not in fields:
            over.wrong("says nothing without a cap; write for instance 'cap: 4h per month'", over.key)
    notice, days = fields.get("notice", _notice, (None, None))
    return ExclusionTerm(
        cause=named,
        notice=notice,
        notice_days=days,
        calendar=_calendar(fields, days, scope),
        cap=cap.length,
        cap_times=cap.times,
        cap_period=cap.period,
        window=fields.get("window", lambda value: window(value, scope.zone), None),
        extends=fields.get("extends by", read_as.positive, 0),
        services=known_names(fields.at("of"), "service", scope.services) if "of" in fields else (),
        where=read_condition(fields.at("if")) if "if" in fields else Condition(),
        effect=fields.get("effect", _effect, "out_of_base"),
    )


def _notice(value: object) -> tuple[int | None, int | None]:
    """``72h``, or ``5 business days``, as ns or as days."""
    found = _DAYS.fullmatch(" ".join(value.split())) if isinstance(value, str) else None
    if not found:
        return duration(value), None
    if not int(found[1]):
        raise ValueError(f"{value!r} is no notice at all; leave it out, or write 1 or more")
    return None, int(found[1])


def _calendar(fields: Fields, days: int | None, scope: Scope) -> str | None:
    """The calendar that days of notice are counted on: the one named, or the contract's only one."""
    if "calendar" in fields:
        at = fields.at("calendar")
        if days is None and "notice" in fields:
            at.wrong("is what business days are counted on; write 'notice: 5 business days', or leave it out", at.key)
        elif days is None:
            at.wrong("says nothing without a notice; write 'notice: 5 business days' beside it", at.key)
        return at.read(lambda value: read_as.calendar(value, scope), None)
    if days is None:
        return None
    return fields.at("notice").read(lambda _: read_as.only_calendar(scope, "calendar"), None)


def cause(value: object) -> str:
    """A cause's name as it is kept: ``planned maintenance`` as ``planned_maintenance``."""
    if isinstance(value, str) and len(value) <= 100 and _CAUSE.fullmatch(value):
        return value.replace(" ", "_")
    hint = f"; did you mean {value.lower()!r}?" if isinstance(value, str) and _CAUSE.fullmatch(value.lower()) else ""
    raise ValueError(f"{said(value)} is no cause; write small letters as in 'planned maintenance'{hint}")


def _cap(value: object, scope: Scope) -> _Cap:
    """``4h per month``, ``12 times per year``; without ``per``, per the contract's period."""
    text, _, per = value.partition(" per ") if isinstance(value, str) else (value, "", "")
    period = period_kind(per.strip(), scope.first_day) if per else scope.period
    found = _TIMES.fullmatch(text.strip()) if isinstance(text, str) else None
    return _Cap(period, times=int(found[1])) if found else _Cap(period, length=duration(text))


def _over(value: object) -> None:
    if value != "counts":
        raise ValueError(f"{said(value)}: what lies over a cap counts; write 'counts', or leave it out")


def _effect(value: object) -> Effect:
    for effect in EFFECTS:
        if isinstance(value, str) and value.replace(" ", "_") == effect:
            return effect
    raise ValueError(unknown("effect", str(value), EFFECTS))
