"""Which tickets, outages and services a clause is about: ``if: {severity: [1, 2]}``, ``while severity is high``.

Qualities that are named must all fit; of the values of one, any. Small and capital letters, spaces and underscores
make no difference to whether a value fits.
"""

import re

from config.contract.noun import Condition
from config.errors import unknown
from config.reader import Reader
from config.units import said

QUALITIES = {"severity": "severity", "class": "category", "cause": "cause", "region": "region", "type": "type"}
VALUE_PATTERN = r"[A-Za-z0-9](?:[A-Za-z0-9 _.+-]{0,98}[A-Za-z0-9+])?"

_VALUE = re.compile(VALUE_PATTERN)
_AND = re.compile(rf"\s+and\s+(?=(?:{'|'.join(QUALITIES)})\s+is\s)")
_IS = re.compile(r"(\S+)\s+is\s+(.+)")
_MISPLACED = re.compile(r"\s(?:of|per|while)\s")
_EXAMPLE = "'severity is high and cause is fibre break'"


def read_condition(reader: Reader) -> Condition:
    """``{severity: [1, 2], class: gold}``."""
    found: dict[str, tuple[str, ...]] = {}
    fields = reader.fields(QUALITIES)
    for key, at in fields:
        if key in QUALITIES:
            found[QUALITIES[key]] = _values_at(at)
    if reader.node.value == {}:
        reader.wrong(f"is empty; name what it is about, as in {{severity: high}}; there are {', '.join(QUALITIES)}")
    return Condition(**found)


def _values_at(at: Reader) -> tuple[str, ...]:
    items = at.items() if isinstance(at.node.value, list) else [at]
    if at.node.value == []:
        at.wrong("is empty; name at least one value")
    values = [item.read(quality_value, None) for item in items]
    return tuple(value for value in values if value is not None)


def quality_value(value: object) -> str:
    """One value of a quality, as text: ``high``, ``1``, ``fibre break``."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if isinstance(text, str) and _VALUE.fullmatch(" ".join(text.split())):
        return " ".join(text.split())
    raise ValueError(f"{said(value)} is no value; write a word or a number, as in 'high', '1' or 'fibre break'")


def spoken(text: str) -> Condition:
    """``severity is high or urgent and cause is fibre break``; ValueError says what is wrong."""
    found: dict[str, tuple[str, ...]] = {}
    for part in _AND.split(" ".join(text.split())):
        said_of = _IS.fullmatch(part)
        if not said_of:
            raise ValueError(f"{part!r} is no condition; write it as {_EXAMPLE}")
        quality, values = said_of.groups()
        if quality not in QUALITIES:
            raise ValueError(unknown("quality", quality, QUALITIES))
        if QUALITIES[quality] in found:
            raise ValueError(f"says what {quality} is twice; write '{quality} is A or B'")
        if quality != "cause" and _MISPLACED.search(values):
            raise ValueError(f"{part!r}: 'of' and 'per' stand before 'while'")
        found[QUALITIES[quality]] = tuple(quality_value(one) for one in re.split(r"\s+or\s+", values))
    return Condition(**found)
