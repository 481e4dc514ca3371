"""``promises:`` one line each, ``[statistic] measure operator value [of service[, service…]] [per period]``.

A line is read from its operator outwards: what is measured stands left of it, the figure and its conditions
right. An operator that would promise bad service (``availability <= 99%``) is refused rather than turned round.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from config.contract.measures import Form, Measured, measured, value_of
from config.contract.model import Operator, PeriodKind, Promise
from config.errors import unknown
from config.reader import Reader
from config.units import line, said

KEYS = ("id", "promise")

_OPERATOR = re.compile(r"\s*(<=|>=|==|=<|=>|=|<|>|≤|≥)\s*")
_SIGNS = {"≤": "<=", "≥": ">="}
_PART = re.compile(r"\s+(of|per|while)\s+")
_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")


@dataclass(frozen=True, slots=True)
class Line:
    """A promise as typed, before its services are known."""

    measured: Measured
    operator: Operator
    target: Fraction
    services: tuple[str, ...]


@lru_cache(maxsize=4096)  # thousands of contracts say the same lines
def parse(text: str, period: PeriodKind) -> Line:
    """One line of the short form for a contract accounted by ``period``; ValueError says what is wrong."""
    parts = _OPERATOR.split(text.strip())
    if len(parts) != 3 or not parts[0] or not parts[2]:
        what = "no comparison" if len(parts) < 3 else "more or less than one comparison"
        raise ValueError(f"{text!r} has {what}; write it as 'availability >= 99.9%'")
    left = measured(parts[0])
    operator = _operator(parts[1], left.form, text)
    value, *rest = _PART.split(parts[2])
    said_of = dict(zip(rest[::2], rest[1::2], strict=True))
    if len(said_of) * 2 != len(rest):
        raise ValueError(f"{text!r} says 'of' or 'per' twice; write each once")
    if "while" in said_of:
        raise ValueError(f"{text!r}: conditions ('while') cannot be said yet; leave it out")
    if "per" in said_of and said_of["per"] != period:
        text_per = said_of["per"]
        raise ValueError(f"'per {text_per}' differs from the contract's period ({period}); leave it out or change it")
    try:
        target = value_of(value.strip(), left.form.unit)
    except ValueError as error:
        raise ValueError(_with_example(str(error), left.form)) from None
    _possible(target, operator, left.form, value.strip())
    services = tuple(one.strip() for one in said_of["of"].split(",")) if "of" in said_of else ()
    return Line(left, operator, target, services)


def _operator(sign: str, form: Form, text: str) -> Operator:
    sign = _SIGNS.get(sign, sign)
    better, other = (">=", "<=") if form.good == "high" else ("<=", ">=")
    if sign in ("==", "=", "=<", "=>"):
        raise ValueError(f"{sign!r} promises nothing that can be kept; did you mean {better!r}?")
    if sign[0] != better[0]:
        raise ValueError(
            f"{text!r} would promise bad service ({sign} {'caps' if other == '<=' else 'wants more'}"
            f" {form.words}); did you mean {better!r}?"
        )
    return _OPERATORS[sign]


_OPERATORS: dict[str, Operator] = {"<": "<", "<=": "<=", ">": ">", ">=": ">="}


def _with_example(error: str, form: Form) -> str:
    return f"{error}; as in '{form.example}'" if "unit" in error or form.unit == "count" else error


def _possible(target: Fraction, operator: Operator, form: Form, value: str) -> None:
    """A promise that no service can keep, or that any service keeps, is a mistake in the typing."""
    if form.unit == "ratio" and operator == ">" and target == 1:
        raise ValueError(f"nothing is above {value!r}; did you mean '>= 100%'?")
    if operator == "<" and target == 0:
        raise ValueError(f"nothing is below {value!r}; did you mean '<='?")
    if operator == ">=" and target == 0:
        raise ValueError(f"every service keeps '>= {value}'; write what was promised")
    if form.unit == "ratio" and operator == "<=" and target == 1:
        raise ValueError(f"every service keeps '<= {value}'; write what was promised")


def read_promises(reader: Reader, services: Mapping[str, object], period: PeriodKind) -> list[tuple[Promise, Reader]]:
    """Every promise that can be read, with its place. Without ``of`` it is made for each service."""
    found: list[tuple[Promise, Reader]] = []
    taken: dict[tuple[str, str], int] = {}
    for item in reader.items():
        promise = _read_promise(item, services, period)
        if promise is None:
            continue
        twice = next((one for one in promise.services if (one, promise.id) in taken), None)
        if twice is not None:
            text = f"{twice!r} has a promise {promise.id!r} already, on line {taken[twice, promise.id]}"
            item.wrong(f"{text}; give one of them a name: {{id: …, promise: {promise.text!r}}}")
        taken.update({(one, promise.id): item.node.place.line for one in promise.services})
        found.append((promise, item))
    if isinstance(reader.node.value, list) and not reader.node.value:
        reader.wrong("is empty; a contract promises something: '- availability >= 99.9%'", reader.key)
    return found


def _read_promise(item: Reader, services: Mapping[str, object], period: PeriodKind) -> Promise | None:
    given, source = None, item
    if isinstance(item.node.value, dict):
        fields = item.fields(KEYS)
        given = fields.get("id", _id, None)
        if "id" in fields and fields.at("id").node.hidden:
            fields.at("id").wrong("an id is printed wherever its promise is; write it out")
            given = None
        if "promise" not in fields:
            fields.missing("promise", "promise: availability >= 99.9%")
            return None
        source = fields.at("promise")
    text = source.read(_text, None)
    if text is None:
        return None
    said_line = source.read(lambda value: parse(text, period), None)
    if said_line is None:
        return None
    if not _known(source, said_line.services, services):
        return None
    left = said_line.measured
    return Promise(
        id=given or left.id,
        text=text,
        measure=left.form.slug,
        statistic=left.statistic,
        threshold=left.threshold,
        operator=said_line.operator,
        target=said_line.target,
        unit=left.form.unit,
        services=said_line.services or tuple(services),
    )


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


def _id(value: object) -> str:
    if isinstance(value, str) and _ID.fullmatch(value):
        return value
    raise ValueError(f"{said(value)} is no id; use small letters, digits, '-' and '.'")
