"""A promise as one line: ``[statistic] measure operator value [of services] [per period] [while condition]``.

A line is read from its operator outwards: what is measured stands left of it, the figure and its conditions
right. An operator that would promise bad service (``availability <= 99%``) is refused rather than turned round.
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from config.contract.conditions import spoken
from config.contract.defined import taken
from config.contract.measure_fields import only_calendar, sub_period, window
from config.contract.measures import Form, Measured, business, value_of
from config.contract.noun import Condition, Operator, Unit
from config.contract.rules import MeasureRule
from config.contract.scope import OUTAGE, Scope
from config.units import duration

ANYTHING = Condition()

_OPERATOR = re.compile(r"\s*(<=|>=|==|=<|=>|=|<|>|≤|≥)\s*")
_SIGNS = {"≤": "<=", "≥": ">="}
_WHILE = re.compile(r"\s+while\s+")
_PART = re.compile(r"\s+(of|per)\s+")
_DAYS = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,3})?) ?d(?: ?(\S.*))?")
_WEEKS = re.compile(r"[0-9.]+ ?w.*")
_MONEY = re.compile(r"(\S+) ([A-Z]{3})")
_OPERATORS: dict[str, Operator] = {"<": "<", "<=": "<=", "==": "==", ">": ">", ">=": ">="}


@dataclass(frozen=True, slots=True)
class Line:
    """A promise as typed. ``per``: a part of the contract's period; ``over``: a window instead of it."""

    measured: Measured
    operator: Operator
    target: Fraction
    unit: Unit
    services: tuple[str, ...]
    per: str | None = None
    over: str | None = None
    where: Condition = ANYTHING
    clock: str | None = None


def parse(text: str, scope: Scope, clock: str | None = None, *, any_side: bool = False) -> Line:
    """One line of a contract; ValueError says what is wrong. ``clock``: the calendar that is named beside it.
    ``any_side``: a figure may be compared either way, as where a right arises from it."""
    left, sign, value, services, per, condition = _cut(text)
    measured = taken(left, scope)
    form = measured.form
    operator = _operator(sign, measured, text, any_side)
    over = part = None
    if per is not None and per.startswith("trailing"):
        over = window(per, scope)
    elif per is not None:
        part = _part(per, scope)
    where = spoken(condition) if condition is not None else ANYTHING
    target, unit, on = _target(value, measured, scope, clock)
    if not any_side:
        _possible(target, operator, form, value)
    return Line(measured, operator, target, unit, services, part, over, where, on)


def _part(per: str, scope: Scope) -> str | None:
    try:
        return sub_period(per, scope)
    except ValueError as error:
        if "no part of" not in str(error):
            raise
        text = f"'per {per}' differs from the contract's period ({scope.period}); leave it out or change it"
        raise ValueError(text) from None


@lru_cache(maxsize=4096)  # thousands of contracts say the same lines
def _cut(text: str) -> tuple[str, str, str, tuple[str, ...], str | None, str | None]:
    """What is measured, the sign, the value, the services, the period, the condition."""
    plain, *conditions = _WHILE.split(text.strip())
    parts = _OPERATOR.split(plain)
    if len(parts) != 3 or not parts[0] or not parts[2]:
        what = "no comparison" if len(parts) < 3 else "more or less than one comparison"
        raise ValueError(f"{text!r} has {what}; write it as 'availability >= 99.9%'")
    value, *rest = _PART.split(parts[2])
    said_of = dict(zip(rest[::2], rest[1::2], strict=True))
    if len(said_of) * 2 != len(rest) or len(conditions) > 1:
        raise ValueError(f"{text!r} says 'of', 'per' or 'while' twice; write each once")
    services = tuple(one.strip() for one in said_of["of"].split(",")) if "of" in said_of else ()
    condition = conditions[0] if conditions else None
    return parts[0], parts[1], value.strip(), services, said_of.get("per"), condition


def _operator(sign: str, measured: Measured, text: str, any_side: bool) -> Operator:
    form = measured.form
    sign = _SIGNS.get(sign, sign)
    better, other = (">=", "<=") if form.good == "high" else ("<=", ">=")
    exact = measured.rule is not None or form.unit == "count" or form.words in ("total outage", "longest outage")
    if sign not in _OPERATORS or (sign == "==" and not exact and not any_side):
        raise ValueError(f"{sign!r} promises nothing that can be kept; did you mean {better!r}?")
    if sign[0] not in (better[0], "=") and form.good != "either" and not any_side:
        raise ValueError(
            f"{text!r} would promise bad service ({sign} {'caps' if other == '<=' else 'wants more'}"
            f" {form.words}); did you mean {better!r}?"
        )
    return _OPERATORS[sign]


def _target(value: str, measured: Measured, scope: Scope, clock: str | None) -> tuple[Fraction, Unit, str | None]:
    """The figure promised, its unit, and the calendar that it runs on where that is to be said of the promise."""
    form, rule = measured.form, measured.rule
    try:
        working = business(value) if form.unit == "ns" else None
        needed = working is not None or (rule is not None and _needs_clock(rule))
        on = clock or (rule.clock if rule is not None else None) or (only_calendar(scope) if needed else None)
        if working is None:
            return _figure(value, form.unit, scope, on), form.unit, clock or (on if needed else None)
        if working.days:
            _of_tickets(value, rule, scope)
        return working.amount, "business_days" if working.days else "ns", on
    except ValueError as error:
        told = "business" in str(error)
        shown = not told and (rule is not None or "unit" in str(error) or form.unit == "count")
        raise ValueError(f"{error}; as in '{form.example}'" if shown else str(error)) from None


def _of_tickets(value: str, rule: MeasureRule | None, scope: Scope) -> None:
    """Business days are counted for a ticket's leg alone."""
    if rule is None or rule.kind != "each" or rule.statistic is not None:
        raise ValueError(f"{value!r} is the limit of one ticket; write the hours in it, as in '16 business hours'")
    if rule.of in {*scope.outages, OUTAGE}:
        days = value.split()[0]
        raise ValueError(f"{value!r} cannot be said of outages; write '{days}d', and 'clock' for its business hours")


def _figure(value: str, unit: Unit, scope: Scope, clock: str | None) -> Fraction:
    if unit == "ns" and clock is not None:
        days = _on_clock(value, scope, clock)
        return value_of(value, unit) if days is None else days
    money = _MONEY.fullmatch(value) if unit == "score" else None
    if money and money[2] != scope.currency:
        raise ValueError(f"{value!r} is in {money[2]}, the contract in {scope.currency or 'no currency'}")
    return value_of(money[1] if money else value, unit)


def _needs_clock(rule: MeasureRule) -> bool:
    """Whether a measure as typed in the line has business hours in it."""
    return rule.kind == "tickets" and rule.clock is None and " business " in f" {rule.name} "


def _on_clock(value: str, scope: Scope, name: str) -> Fraction | None:
    """``3d`` on a calendar: the hours of three of its days. None where no days are in it."""
    calendar = scope.calendar(name)
    days = _DAYS.fullmatch(value)
    if calendar is None or calendar.always:
        return None
    if _WEEKS.fullmatch(value):
        raise ValueError(f"{value!r}: {name!r} has no weeks; write business days or hours")
    if days is None:
        return None
    if calendar.day_length is None:
        raise ValueError(f"{value!r}: the days of {name!r} are not equally long; write hours or business days")
    return Fraction(days[1]) * calendar.day_length + (duration(days[2]) if days[2] else 0)


def _possible(target: Fraction, operator: Operator, form: Form, value: str) -> None:
    """A promise that no service can keep, or that any service keeps, is a mistake in the typing."""
    if form.good == "either":
        return
    if form.unit == "ratio" and operator == ">" and target == 1:
        raise ValueError(f"nothing is above {value!r}; did you mean '>= 100%'?")
    if operator == "<" and target == 0:
        raise ValueError(f"nothing is below {value!r}; did you mean '<='?")
    if operator == ">=" and target == 0:
        raise ValueError(f"every service keeps '>= {value}'; write what was promised")
    if form.unit == "ratio" and operator == "<=" and target == 1:
        raise ValueError(f"every service keeps '<= {value}'; write what was promised")
