"""``promises:`` one line each (``config.contract.lines``), or a mapping with the line as ``promise`` and what is said
of it besides: on which condition, on whose calendar, in which parts of the period, instead of which other, by whom.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from config.contract.conditions import read_condition
from config.contract.defined import Untold, as_rule, within
from config.contract.lines import ANYTHING, Line, parse
from config.contract.measure_fields import calendar, measure_name, sub_period
from config.contract.measures import Measured
from config.contract.model import Promise
from config.contract.noun import Condition
from config.contract.rules import MeasureRule
from config.contract.scope import PLAIN, Scope
from config.contract.settled import Behind, narrowed, settle
from config.contract.terms import clause_id
from config.errors import unknown
from config.reader import Fields, Reader
from config.units import line, said

__all__ = ["KEYS", "Promised", "parse", "read_promises"]

KEYS = ("id", "promise", "if", "clock", "per", "replaces", "by")

_TIMELESS = ("requests", "counts", "given")


@dataclass(frozen=True, slots=True)
class Promised:
    """Every promise that can be read, with its place, and the measures that were made for them. ``complete``: there is
    none besides, with problems of its own."""

    promises: Sequence[tuple[Promise, Reader]]
    rules: tuple[MeasureRule, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class _Said:
    """A promise's mapping, read."""

    source: Reader
    id: str | None = None
    where: Condition = ANYTHING
    clock: str | None = None
    per: str | None = None
    replaces: str | None = None
    by: Literal["provider", "customer"] = "provider"


def read_promises(reader: Reader, scope: Scope) -> Promised:
    """Every promise of a contract. Without ``of`` one is made for each service that its measure is about."""
    found: list[tuple[Promise, Reader]] = []
    rules: dict[str, MeasureRule] = {}
    items = reader.items()
    for item in items:
        read = _read_promise(item, scope)
        if read is None:
            continue
        promise, rule = read
        rules |= {} if rule is None else {rule.name: rule}
        found.append((promise, item))
    if isinstance(reader.node.value, list) and not reader.node.value:
        reader.wrong("is empty; a contract promises something: '- availability >= 99.9%'", reader.key)
    made = tuple(rule for rule in rules.values() if scope.measures.get(rule.name) != rule)
    return Promised(settle(found, scope, len(found) == len(items)), made, len(found) == len(items))


def _read_promise(item: Reader, scope: Scope) -> tuple[Promise, MeasureRule | None] | None:
    told = _read_mapping(item, scope) if isinstance(item.node.value, dict) else _Said(item)
    if told is None:
        return None
    source = told.source
    text = source.read(_text, None)
    if text is None:
        return None
    try:
        typed = parse(text, scope, told.clock)
    except Untold:
        return None
    except ValueError as error:
        source.wrong(str(error))
        return None
    if told.where != ANYTHING and typed.where != ANYTHING:
        source.wrong("has a condition, and 'if' beside it is another; write one of them")
        return None
    return _promise(text, typed, told, scope)


def read_held(item: Reader, called: str, scope: Scope) -> tuple[Promise, MeasureRule | None] | None:
    """A line that holds where its figure satisfies it, whichever way that is: what a right arises from."""
    text = item.read(_text, None)
    if text is None:
        return None
    try:
        typed = parse(text, scope, any_side=True)
    except Untold:
        return None
    except ValueError as error:
        item.wrong(str(error))
        return None
    return _promise(text, typed, _Said(item, called), scope)


def _promise(text: str, typed: Line, told: _Said, scope: Scope) -> tuple[Promise, MeasureRule | None] | None:
    left, where = typed.measured, typed.where if told.where == ANYTHING else told.where
    rule = left.rule
    services = _services(typed, rule, told.source, scope)
    if services is None:
        return None
    try:
        services, rest = narrowed(services, where, _behind(left, scope), scope)
    except ValueError as error:
        told.source.wrong(str(error))
        return None
    per = told.per or typed.per
    if rule is None and services and (rest != ANYTHING or per or typed.clock or typed.over or not _plain(typed, scope)):
        rule = as_rule(left)
    if rule is not None and typed.clock and rule.kind in _TIMELESS:
        told.source.wrong(f"{left.form.words} runs on no clock; leave out 'clock'")
        return None
    if rule is not None and (typed.over or (typed.clock and rule.name not in scope.measures)):
        rule = within(rule, typed.over, typed.clock)
    promise = Promise(
        id=told.id or left.id,
        text=text,
        measure=left.form.slug if rule is None else rule.kind,
        statistic=left.statistic,
        threshold=left.threshold,
        operator=typed.operator,
        target=typed.target,
        unit=typed.unit,
        services=services,
        rule=rule.name if rule is not None else None,
        where=where,
        clock=typed.clock,
        per=per,
        replaces=told.replaces,
        by=told.by,
    )
    return promise, rule


def _behind(left: Measured, scope: Scope) -> Behind:
    """What a condition can ask about."""
    if left.rule is not None:
        return "nothing" if left.rule.kind in (*_TIMELESS, "samples") else "events"
    if left.form.needs != "state":
        return "nothing"
    return "outages" if scope.plain_outage else "events"


def _plain(typed: Line, scope: Scope) -> bool:
    """Whether a standard measure is what it always was: of a probe's outages, over the actual time."""
    form = typed.measured.form
    return form.needs != "state" or (scope.plain_outage and (scope.base == PLAIN or form.words != "availability"))


def _services(typed: Line, rule: MeasureRule | None, source: Reader, scope: Scope) -> tuple[str, ...] | None:
    """Those it is made for; a pooled measure has one figure for all of its own."""
    own = rule.services if rule is not None and rule.services else tuple(scope.services)
    if not _known(source, typed.services, scope.services):
        return None
    if rule is not None and rule.pool and typed.services:
        source.wrong(f"{rule.name} is one figure of {', '.join(own)} together; leave out 'of'")
        return None
    others = [name for name in typed.services if name not in own]
    if others and rule is not None:
        source.wrong(f"{rule.name} is measured of {', '.join(own)}, not of {others[0]}; leave it out, or add it there")
        return None
    return typed.services or own


def _read_mapping(item: Reader, scope: Scope) -> _Said | None:
    fields = item.fields(KEYS)
    given = _given_id(fields)
    where = read_condition(fields.at("if")) if "if" in fields else ANYTHING
    if "promise" not in fields:
        fields.missing("promise", "promise: availability >= 99.9%")
        return None
    return _Said(
        fields.at("promise"),
        given,
        where,
        fields.get("clock", lambda value: calendar(value, scope), None),
        fields.get("per", lambda value: sub_period(value, scope), None),
        fields.get("replaces", _replaced, None),
        fields.get("by", _by, "provider"),
    )


def _given_id(fields: Fields) -> str | None:
    given = fields.get("id", clause_id, None)
    if "id" in fields and fields.at("id").node.hidden:
        fields.at("id").wrong("an id is printed wherever its promise is; write it out")
        return None
    return given


def _replaced(value: object) -> str:
    """The id of another promise, or the words of its measure."""
    return measure_name(line(value)).lower().replace(" ", "-")


def _by(value: object) -> Literal["provider", "customer"]:
    if value == "customer":
        return "customer"
    if value == "provider":
        return "provider"
    raise ValueError(unknown("party", str(value), ("provider", "customer")))


def _known(source: Reader, named: tuple[str, ...], services: Mapping[str, object]) -> bool:
    missing = [one for one in named if one not in services]
    for one in missing:
        source.wrong(unknown("service", one, services))
    if len(set(named)) < len(named):
        source.wrong("names a service twice; name each once")
        return False
    return not missing


def _text(value: object) -> str:
    if isinstance(value, dict | list) or not isinstance(value, str):
        raise ValueError(f"{said(value)} is no promise; write it as 'availability >= 99.9%'")
    return " ".join(line(value).split())
