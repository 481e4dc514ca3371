"""``measures:`` what a contract measures in its own words: one mapping each, its kind the key that says what it is of.

availability: {ratio: unavailable, base: flat 30 days, round: {to: 0.01%, for: compare}}
"""

import re
from typing import Any

from config.contract import measure_fields as read_as
from config.contract.conditions import read_condition
from config.contract.measure_kinds import KINDS
from config.contract.noun import Condition, Unit
from config.contract.rules import MeasureRule
from config.contract.scope import Scope
from config.contract.terms import unknown_as
from config.errors import listed, nearest
from config.names import known_names
from config.reader import Fields, Reader
from config.units import said

COMMON = ("of", "pool", "over", "per", "if", "clock", "round", "unknown")
NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_.-]*(?: [A-Za-z0-9_.µμ-]+)*"
LONGEST_NAME = 120

_NAME = re.compile(NAME_PATTERN)
_WITHOUT_EVENTS = ("requests", "counts", "given")  # whose figures have no outages or tickets behind them
_NUMBERS = ("failed", "total")
_HINT = f"write one of {', '.join(KINDS)}, as in 'availability: {{ratio: outage}}'"


def read_measures(reader: Reader, scope: Scope) -> dict[str, MeasureRule | None]:
    """Every measure by name; None for those that have problems."""
    found: dict[str, MeasureRule | None] = {}
    for typed, entry in reader.fields():
        name = read_as.measure_name(typed)
        if not _NAME.fullmatch(name) or len(name) > LONGEST_NAME:
            entry.wrong(f"{typed!r} is no name of a measure; use words of letters, digits, '.', '-'", entry.key)
        elif name in found:
            entry.wrong(f"{name!r} is defined twice; spaces and underscores are the same", entry.key)
        else:
            before = len(entry.problems)
            rule = _read(entry, name, scope)
            found[name] = rule if len(entry.problems) == before else None
    return found


def _read(entry: Reader, name: str, scope: Scope) -> MeasureRule | None:
    if not isinstance(entry.node.value, dict):
        entry.wrong(f"{said(entry.node.value)} is no measure; {_HINT}")
        return None
    fields = entry.fields()
    kinds = [key for key in KINDS if key in fields]
    if len(kinds) != 1:
        many = f"measures {' and '.join(kinds)} at once; take one"
        entry.wrong(many if kinds else f"does not say what it measures; {_HINT}", entry.key)
        return None
    key = kinds[0]
    _check_keys(fields, key)
    own = KINDS[key].read(fields, scope)
    if own.get("of") is None or own.get("unit") is None:
        return None
    values: dict[str, Any] = {**own, **_common(fields, scope), "name": name, "kind": KINDS[key].kind}
    values["services"] = _services(fields, own, scope)
    values["round"] = _rounding(fields, own["unit"])
    values["clock"] = values["clock"] or own.get("clock")
    return MeasureRule(**values)


def _check_keys(fields: Fields, kind: str) -> None:
    never = ("clock", "if") if kind in _WITHOUT_EVENTS else ()
    allowed = (kind, *KINDS[kind].keys, *(key for key in COMMON if key not in never))
    others = {*COMMON, *(key for one in KINDS.values() for key in one.keys)}
    for key, at in fields:
        if key in allowed:
            continue
        if key in others:
            text = f"says nothing about '{kind}', which takes {', '.join(allowed[1:])}"
        else:
            close = nearest(key, allowed)
            text = f"unknown key; did you mean {close!r}?" if close else f"unknown key; there {listed(allowed)}"
        at.wrong(text, at.key)


def _common(fields: Fields, scope: Scope) -> dict[str, object]:
    """What any kind may say: which windows, which tickets and outages, on which clock."""
    return {
        "pool": fields.get("pool", read_as.yes, False),
        "over": fields.get("over", lambda value: read_as.window(value, scope), None),
        "per": fields.get("per", lambda value: read_as.sub_period(value, scope), None),
        "clock": fields.get("clock", lambda value: read_as.calendar(value, scope), None),
        "where": read_condition(fields.at("if")) if "if" in fields else Condition(),
        "unknown": fields.get("unknown", unknown_as, None),
    }


def _services(fields: Fields, own: dict[str, object], scope: Scope) -> object:
    """Those it is measured of. For counts ``of`` may be one of their numbers instead."""
    number = "number" in own and "of" in fields and fields.entries["of"].value in _NUMBERS
    if "of" in fields and not number:
        return known_names(fields.at("of"), "service", scope.services)
    pooled = fields.entries["pool"].value in (True, "yes", "true") if "pool" in fields else False
    return own.get("services") or (tuple(scope.services) if pooled else ())


def _rounding(fields: Fields, unit: object) -> object:
    units: dict[object, Unit] = {"ratio": "ratio", "ns": "ns", "count": "count"}
    return read_as.read_rounding(fields.at("round"), units.get(unit, "score")) if "round" in fields else None
