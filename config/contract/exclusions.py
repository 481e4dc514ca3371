"""``exclusions:`` the causes that are not charged, each on its conditions.

An entry is a bare cause, or ``{cause: {notice: 72h, cap: 4h per month, effect: out_of_base}}``. The order of the
entries is their precedence. Spaces and underscores in a cause are the same; it is kept with underscores.
"""

import re

from config.contract.model import Effect, ExclusionTerm, PeriodKind
from config.contract.terms import period_kind
from config.errors import unknown
from config.reader import Reader
from config.units import duration, said

KEYS = ("notice", "cap", "effect")
EFFECTS: tuple[Effect, ...] = ("out_of_base", "not_down")
_CAUSE = re.compile(r"[a-z0-9]+(?:[ _-][a-z0-9]+)*")


def read_exclusions(reader: Reader, period: PeriodKind) -> tuple[ExclusionTerm, ...]:
    """Every entry that can be read, in order. A cap without ``per`` is one per the contract's period."""
    terms: list[ExclusionTerm] = []
    lines: dict[str, int] = {}
    for item in reader.items():
        term = _read_term(item, period)
        if term is None:
            continue
        if term.cause in lines:
            item.wrong(f"{term.cause.replace('_', ' ')!r} stands here twice; the first is on line {lines[term.cause]}")
        lines[term.cause] = item.node.place.line
        terms.append(term)
    return tuple(terms)


def _read_term(item: Reader, period: PeriodKind) -> ExclusionTerm | None:
    if not isinstance(item.node.value, dict):
        named = item.read(cause, None)
        return None if named is None else ExclusionTerm(cause=named, cap_period=period)
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
        return ExclusionTerm(cause=named, cap_period=period)
    fields = terms.fields(KEYS)
    cap, per = fields.get("cap", lambda value: _cap(value, period), (None, period))
    return ExclusionTerm(
        cause=named,
        notice=fields.get("notice", duration, None),
        cap=cap,
        cap_period=per,
        effect=fields.get("effect", _effect, "out_of_base"),
    )


def cause(value: object) -> str:
    """A cause's name as it is kept: ``planned maintenance`` as ``planned_maintenance``."""
    if isinstance(value, str) and len(value) <= 100 and _CAUSE.fullmatch(value):
        return value.replace(" ", "_")
    hint = f"; did you mean {value.lower()!r}?" if isinstance(value, str) and _CAUSE.fullmatch(value.lower()) else ""
    raise ValueError(f"{said(value)} is no cause; write small letters as in 'planned maintenance'{hint}")


def _cap(value: object, period: PeriodKind) -> tuple[int, PeriodKind]:
    """``4h per month``, or ``4h`` per the contract's period."""
    if not isinstance(value, str):
        return duration(value), period
    length, _, per = value.partition(" per ")
    return duration(length), period_kind(per.strip()) if per else period


def _effect(value: object) -> Effect:
    for effect in EFFECTS:
        if isinstance(value, str) and value.replace(" ", "_") == effect:
            return effect
    raise ValueError(unknown("effect", str(value), EFFECTS))
