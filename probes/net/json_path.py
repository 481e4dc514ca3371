"""One value out of a JSON document: ``$.checks[0].state``, ``$["two words"].x``.

The part of RFC 9535 that names one place: child by name (``.name`` or ``["name"]``) and by index
(``[0]``, ``[-1]``). Numbers are read exactly (``Decimal``), so that ``0.1`` equals ``0.10`` and nothing
else.
"""

import json
import re
from decimal import Decimal, InvalidOperation

Path = tuple[str | int, ...]
Scalar = str | int | bool | Decimal | None

_STEP = re.compile(r"""\.([A-Za-z_][A-Za-z0-9_-]*)|\[(-?[0-9]{1,9})\]|\["([^"\\]+)"\]|\['([^'\\]+)'\]""")
MISSING = object()


def parse(text: str) -> Path:
    """The steps of a path. Raises ValueError with what would be right."""
    if not text.startswith("$"):
        raise ValueError(f"{text!r} is no JSON path; begin it with '$', as in $.status")
    steps: list[str | int] = []
    at = 1
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            raise ValueError(f'{text!r} is no JSON path from {text[at:]!r} on; write $.name, $[0] or $["name"]')
        name, index, double, single = found.groups()
        steps.append(int(index) if index is not None else name or double or single)
        at = found.end()
    return tuple(steps)


def load(text: str) -> object:
    """The document. Raises ValueError where it is none, whatever it is instead."""
    try:
        return json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except RecursionError as error:
        raise ValueError("is nested too deeply") from error
    except InvalidOperation as error:
        raise ValueError("has a number that is none") from error


def find(document: object, path: Path) -> object:
    """The value at ``path``, or ``MISSING``."""
    for step in path:
        if isinstance(step, str) and isinstance(document, dict):
            document = document.get(step, MISSING)
        elif isinstance(step, int) and isinstance(document, list) and -len(document) <= step < len(document):
            document = document[step]
        else:
            return MISSING
    return document


def same(wanted: Scalar, found: object) -> bool:
    """Whether a value as the configuration says it is the one in the document.

    Numbers compare by value. Everything else compares by its JSON text, because a configuration may hold
    ``true`` or ``3`` as text.
    """
    if isinstance(found, Decimal):
        number = _number(wanted)
        return number is not None and number == found
    return isinstance(found, str | bool | None) and _text(found) == _text(wanted)


def _number(value: Scalar) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _text(value: Scalar) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
