"""What a credit says besides its shape: limits of its own, repetition, multiples by class, what a day is worth."""

import re
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from config.contract.conditions import QUALITIES, quality_value
from config.contract.gives import give, multiple
from config.contract.measure_fields import read_rounding
from config.contract.money import Escalation, Factor, Give
from config.contract.noun import Condition, Rounding
from config.errors import unknown
from config.reader import Fields, Reader
from config.units import said

ESCALATE_KEYS = ("if", "after", "times")
DAY_PATTERN = r"(?:1/30|1/30 of charge|(?:base|charge) ?/ ?(?:30|days in period))"
AFTER_PATTERN = r"[1-9][0-9]{0,2} consecutive periods?"

_AFTER = re.compile(r"([0-9]{1,3}) consecutive periods?")
_DAY = re.compile(DAY_PATTERN)


def read_most(fields: Fields, key: str, currency: str | None) -> Give | None:
    """A limit: more than all of a charge may be said."""
    return fields.get(key, lambda value: give(value, currency, above_all=True), None)


def read_rounded(fields: Fields) -> Rounding | None:
    """``0.01``, ``0.01 half up`` or ``{to: 0.01, mode: up}``: the amounts to which a credit is rounded."""
    if "round" not in fields:
        return None
    at = fields.at("round")
    if isinstance(at.node.value, Decimal | int) and not isinstance(at.node.value, bool) and at.node.value > 0:
        return Rounding(to=Fraction(at.node.value), compare=True)
    found = read_rounding(at, "score")
    return None if found is None else found.but(compare=True)


def day_of(value: object) -> Literal["thirtieth", "period"]:
    """What a day of service is worth: ``1/30 of charge``, or ``base / days in period``."""
    words = " ".join(value.split()) if isinstance(value, str) else ""
    if _DAY.fullmatch(words):
        return "period" if words.endswith("period") else "thirtieth"
    raise ValueError(f"{said(value)} is no worth of a day; write '1/30 of charge' or 'base / days in period'")


def read_escalations(fields: Fields, promised: bool) -> tuple[Escalation, ...]:
    """``{if: failed previous period, times: 2}`` or several steps; the hardest that holds counts."""
    if "escalate" not in fields:
        return ()
    at = fields.at("escalate")
    if not promised:
        at.wrong("is about a promise that failed before; name it with 'for'", at.key)
        return ()
    items = at.items() if isinstance(at.node.value, list) else [at]
    found = [one for one in map(_escalation, items) if one is not None]
    if len({one.periods for one in found}) < len(found):
        at.wrong("has two steps after as many periods; write one")
    if at.node.value == []:
        at.wrong("is empty; write '{if: failed previous period, times: 2}', or leave it out")
    return tuple(sorted(found, key=lambda one: one.periods))


def _escalation(reader: Reader) -> Escalation | None:
    fields = reader.fields(ESCALATE_KEYS)
    if fields.broken:
        return None
    if ("if" in fields) == ("after" in fields):
        reader.wrong("does not say when; write 'if: failed previous period' or 'after: 3 consecutive periods'")
        return None
    periods = fields.get("if", _previous, None) if "if" in fields else fields.get("after", _after, None)
    times = fields.need("times", multiple, "times: 2")
    if periods is None or times is None:
        return None
    if times <= 1:
        fields.at("times").wrong(f"{said(fields.entries['times'].value)} times is no more; write it as 2 or 150%")
    return Escalation(periods=periods, times=times)


def _previous(value: object) -> int:
    if isinstance(value, str) and " ".join(value.split()) == "failed previous period":
        return 1
    raise ValueError(f"{said(value)} is no reason; write 'failed previous period', or 'after: 3 consecutive periods'")


def _after(value: object) -> int:
    found = _AFTER.fullmatch(" ".join(value.split())) if isinstance(value, str) else None
    if not found or not int(found[1]):
        raise ValueError(f"{said(value)} is no number of periods; write it as 3 consecutive periods")
    return int(found[1])


def read_factors(fields: Fields) -> tuple[Factor, ...]:
    """``{class c1: 1, class c2: 60%}``: how many times for what."""
    if "times" not in fields:
        return ()
    at = fields.at("times")
    found: list[Factor] = []
    for typed, entry in at.fields():
        try:
            where = _quality(typed)
        except ValueError as error:
            entry.wrong(str(error), entry.key)
            continue
        times: Fraction | None = entry.read(multiple, None)
        if times is not None:
            found.append(Factor(where=where, times=times))
    if at.node.value == {}:
        at.wrong("is empty; write {class c1: 1, class c2: 60%}, or leave it out")
    return tuple(found)


def _quality(typed: str) -> Condition:
    """``class c2``, ``severity 1 or 2``."""
    quality, _, values = " ".join(typed.split()).partition(" ")
    if quality not in QUALITIES:
        raise ValueError(unknown("quality", quality, QUALITIES))
    if not values:
        raise ValueError(f"{typed!r} does not say which; write it as '{quality} gold'")
    return Condition(**{QUALITIES[quality]: tuple(quality_value(one) for one in re.split(r"\s+or\s+", values))})
