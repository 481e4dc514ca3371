"""``rights:`` what a party may do once something has happened, and ``earn back:`` what good periods take back.

    rights:
      - id: chronic
        gives: termination
        if: {any: ["outages over 30m >= 3 per trailing 30 days", {promise: availability, breached: 3 of 12 periods}]}
        exercise within: 30d
    earn back: {share: 50%, after: 6 consecutive periods, credits: [level]}

A string is a line like that of a promise, which *holds* when the right arises: its operator may point either way. It
becomes one of the contract's ``conditions``, named after the right (``chronic.1``).
"""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from config.contract.caps import Credits
from config.contract.figures import Names, promised
from config.contract.measure_fields import positive
from config.contract.model import Promise
from config.contract.money import AllOf, AnyOf, Clause, EarnBack, Holds, Missed, Right
from config.contract.promises import read_held
from config.contract.rules import MeasureRule
from config.contract.terms import clause_id
from config.errors import unknown
from config.reader import Fields, Reader
from config.units import line, said, share

KEYS = ("rights", "earn back")
RIGHT_KEYS = ("id", "gives", "if", "exercise within")
MISSED_KEYS = ("promise", "breached")
EARN_KEYS = ("share", "after", "credits")
BREACHED_PATTERN = r"(?:[1-9][0-9]{0,2} consecutive periods?|[1-9][0-9]{0,2} of [1-9][0-9]{0,2} periods)"
MOST_PERIODS = 120
DEEPEST = 8

_CONSECUTIVE = re.compile(r"([0-9]{1,3}) consecutive periods?")
_AMONG = re.compile(r"([0-9]{1,3}) of ([0-9]{1,3}) periods")


@dataclass
class Rights:
    """The rights, the lines that hold, and the measures that were made for those alone."""

    known: Names
    rights: list[Right] = field(default_factory=list)
    conditions: list[Promise] = field(default_factory=list)
    measures: dict[str, MeasureRule] = field(default_factory=dict)


def read_rights(fields: Fields, known: Names) -> Rights:
    """Every right that can be read."""
    found = Rights(known)
    for item in fields.at("rights").items() if "rights" in fields else ():
        right = _right(item, found)
        if right is None:
            continue
        if any(right.id == other.id for other in found.rights):
            item.wrong(f"a second right {right.id!r}; give it an id of its own")
        found.rights.append(right)
    return found


def _right(item: Reader, found: Rights) -> Right | None:
    fields = item.fields(RIGHT_KEYS)
    if fields.broken:
        return None
    called = fields.need("id", clause_id, "id: chronic")
    gives = fields.need("gives", line, "gives: termination")
    if "if" not in fields:
        fields.missing("if", "if: total outage > 24h")
        return None
    clause = _clause(fields.at("if"), called or "right", found, 0)
    within = fields.get("exercise within", positive, None)
    if called is None or gives is None or clause is None:
        return None
    return Right(id=called, gives=gives, condition=clause, exercise_within=within)


def _clause(at: Reader, right: str, found: Rights, depth: int) -> Clause | None:
    value = at.node.value
    if isinstance(value, str):
        return _holds(at, right, found)
    if isinstance(value, list):
        at.wrong("is a list; write {any: […]} or {all: […]}")
        return None
    if depth == DEEPEST:
        at.wrong(f"is nested {DEEPEST} deep; write it flatter")
        return None
    keys = set(value) if isinstance(value, dict) else set()
    if keys & {"any", "all"}:
        return _several(at, right, found, depth)
    return _missed(at, found.known)


def _several(at: Reader, right: str, found: Rights, depth: int) -> Clause | None:
    fields = at.fields(("any", "all"))
    typed = [key for key in ("any", "all") if key in fields]
    if len(typed) > 1:
        at.wrong("says 'any' and 'all'; nest one in the other: {any: [a, {all: [b, c]}]}")
        return None
    inner = fields.at(typed[0])
    items = inner.items()
    parts = [_clause(item, right, found, depth + 1) for item in items]
    if isinstance(inner.node.value, list) and not items:
        inner.wrong("is empty; write conditions such as 'total outage > 24h'")
    read = tuple(part for part in parts if part is not None)
    if not read or len(read) < len(parts):
        return None
    return AnyOf(parts=read) if typed[0] == "any" else AllOf(parts=read)


def _holds(at: Reader, right: str, found: Rights) -> Holds | None:
    number = sum(one.id.startswith(f"{right}.") for one in found.conditions) + 1
    read = read_held(at, f"{right}.{number}", found.known.scope)
    if read is None:
        return None
    condition, rule = read
    found.conditions.append(condition)
    if rule is not None and found.known.scope.measures.get(rule.name) != rule:
        found.measures[rule.name] = rule
    return Holds(promise=condition.id)


def _missed(at: Reader, known: Names) -> Missed | None:
    fields = at.fields(MISSED_KEYS)
    if fields.broken:
        return None
    named = fields.need("promise", line, "promise: availability")
    counts = fields.need("breached", _breached, "breached: 3 consecutive periods")
    own = [] if named is None else promised(named, known)
    if named is not None and not own and known.all_read:
        names = dict.fromkeys(promise.id.replace("-", " ") for promise in known.promises)
        fields.at("promise").wrong(unknown("promise", named, names))
    if not own or counts is None:
        return None
    return Missed(promise=own[0].id, count=counts[0], among=counts[1])


def _breached(value: object) -> tuple[int, int | None]:
    words = " ".join(value.split()) if isinstance(value, str) else ""
    row, among = _CONSECUTIVE.fullmatch(words), _AMONG.fullmatch(words)
    if row and 1 <= int(row[1]) <= MOST_PERIODS:
        return int(row[1]), None
    if among and 1 <= int(among[1]) <= int(among[2]) <= MOST_PERIODS:
        return int(among[1]), int(among[2])
    raise ValueError(f"{said(value)} is no number of periods; write '3 consecutive periods' or '3 of 12 periods'")


def read_earn_back(fields: Fields, credits: Credits) -> EarnBack | None:
    """The share of a credit that so many good periods take back."""
    if "earn back" not in fields:
        return None
    at = fields.at("earn back")
    if "credits" not in fields:
        at.wrong("takes back credits, and there are none; write 'credits', or leave it out", at.key)
        return None
    own = at.fields(EARN_KEYS)
    if own.broken:
        return None
    part = own.need("share", _part, "share: 50%")
    periods = own.need("after", _after, "after: 6 consecutive periods")
    named = credits.named(own.at("credits")) if "credits" in own else ()
    return None if part is None or periods is None else EarnBack(share=part, periods=periods, credits=named)


def _part(value: object) -> Fraction:
    found = share(value)
    if found == 0:
        raise ValueError(f"{said(value)} takes nothing back; write it as 50%")
    return found


def _after(value: object) -> int:
    found = _CONSECUTIVE.fullmatch(" ".join(value.split())) if isinstance(value, str) else None
    if not found or not 1 <= int(found[1]) <= MOST_PERIODS:
        raise ValueError(f"{said(value)} is no number of periods; write it as 6 consecutive periods")
    return int(found[1])
