"""``credits:`` what follows from a breach, by promise: a table of tiers, or an amount for each unit of time.

Rows of a table are one-sided and nested (``"< 99.9%": 10%, "< 99%": 25%``); the worst row that matches wins.
A row is refused where it could never win: beyond what the promise leaves to be breached, in the shadow of a worse
row, or paying no more than a milder one. Rows with two sides tile or gape, and cannot be said yet.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from config.contract.measures import format_value, measured, value_of
from config.contract.model import Operator, Promise, Unit
from config.contract.money import Count, Credit, Give, PerUnit, Table, Tier
from config.errors import unknown
from config.reader import Reader
from config.units import duration, format_share, said, share

PER_UNIT_PATTERN = r"(\S+ ?%) per (?:(started|full) )?(.+?)(?: beyond (.+))?"

_ROW = re.compile(r"(<=|>=|<|>|≤|≥)\s*([^<>=≤≥]+)")
_PER_UNIT = re.compile(PER_UNIT_PATTERN)
_WORDS = {"second": "1s", "minute": "1m", "hour": "1h", "day": "1d", "week": "1w"}
_OPERATORS: dict[str, Operator] = {"<": "<", "<=": "<=", ">": ">", ">=": ">=", "≤": "<=", "≥": ">="}

Cut = tuple[Fraction, int]  # where a row begins to match, worse being less; 1: the edge itself matches too


@dataclass(frozen=True, slots=True)
class _Row:
    tier: Tier
    at: Reader

    @property
    def cut(self) -> Cut:
        return _cut(self.tier.operator, self.tier.edge)


def read_credits(reader: Reader, promises: Sequence[Promise], all_read: bool) -> tuple[Credit, ...]:
    """Every credit that can be read, with its place. Unless ``all_read``, some promises are not among
    ``promises`` because they have problems of their own, and their credits are left unsaid."""
    found: list[Credit] = []
    for typed, entry in reader.fields():
        about = _promised(typed, promises)
        if not about and not all_read:
            continue
        if not about:
            known = dict.fromkeys(promise.id.replace("-", " ") for promise in promises)
            entry.wrong(unknown("promise", typed, known), entry.key)
            continue
        if any(credit.id == about[0].id for credit in found):
            entry.wrong(f"a second credit for {about[0].id!r}; write both into one table", entry.key)
            continue
        if len({(promise.unit, promise.operator[0]) for promise in about}) > 1:
            entry.wrong(f"{about[0].id!r} names promises of different measures; give them different ids", entry.key)
            continue
        credit = _read_credit(entry, about)
        if credit is not None:
            found.append(credit)
    return tuple(found)


def _promised(typed: str, promises: Sequence[Promise]) -> list[Promise]:
    """The promises a credit's key names: by id, or as the promise's own line begins."""
    ids = {promise.id for promise in promises}
    slug = "-".join(typed.replace("_", " ").split())
    if typed not in ids and slug not in ids:
        try:
            slug = measured(typed).id
        except ValueError:
            return []
    return [promise for promise in promises if promise.id == (typed if typed in ids else slug)]


def _read_credit(entry: Reader, about: Sequence[Promise]) -> Credit | None:
    shape: Table | PerUnit | None
    if isinstance(entry.node.value, dict):
        shape = Table(rows=_tiers(entry, about))
    else:
        shape = entry.read(lambda value: _per_unit(value, about[0]), None)
    return None if shape is None else Credit(id=about[0].id, promises=(about[0].id,), shape=shape)


def _tiers(entry: Reader, about: Sequence[Promise]) -> tuple[Tier, ...]:
    rows: list[_Row] = []
    for typed, at in entry.fields():
        try:
            operator, edge = _edge(typed, about[0])
        except ValueError as error:
            at.wrong(str(error), at.key)
            continue
        given = at.read(share, None)
        if given is not None:
            rows.append(_Row(Tier(operator=operator, edge=edge, give=Give(amount=given)), at))
    if entry.node.value == {}:
        entry.wrong('is empty; write rows such as "< 99.9%": 10%', entry.key)
    rows.sort(key=lambda row: row.cut, reverse=True)
    _check_rows(rows, about)
    return tuple(row.tier for row in rows)


def _edge(typed: str, promise: Promise) -> tuple[Operator, Fraction]:
    found = _ROW.fullmatch(typed.strip())
    worse = "<" if promise.operator[0] == ">" else ">"
    example = f"{worse} {format_value(promise.target, promise.unit)}"
    if not found:
        raise ValueError(f"is no row; rows have one side and nest, as {example!r} and worse ones below it")
    operator = _OPERATORS[found[1]]
    if operator[0] != worse:
        raise ValueError(f"would pay for good service; a breach lies on the other side, as in {example!r}")
    return operator, value_of(found[2].strip(), promise.unit)


def _check_rows(rows: Sequence[_Row], about: Sequence[Promise]) -> None:
    """From the mildest row to the worst: each must win somewhere, and pay more than the one before."""
    breach = max(_breach(promise) for promise in about)
    for index, row in enumerate(rows):
        floor = rows[index + 1].cut if index + 1 < len(rows) else _floor(row.tier.operator, about[0].unit)
        if floor is not None and floor >= min(row.cut, breach):
            row.at.wrong(_unreachable(row, rows[index + 1 :], about[0]), row.at.key)
        elif index and row.tier.give.amount <= rows[index - 1].tier.give.amount:
            milder, given = rows[index - 1].tier.give.amount, row.tier.give.amount
            more = f"{format_share(milder)} of the milder row"
            row.at.wrong(f"{format_share(given)} is no more than the {more}; worse service must pay more")


def _unreachable(row: _Row, worse: Sequence[_Row], promise: Promise) -> str:
    if worse and worse[0].cut == row.cut:
        return "has the same edge as another row; leave one of them out"
    if worse:
        edge = f"{worse[0].tier.operator} {format_value(worse[0].tier.edge, promise.unit)}"
        return f"can never apply: a breach ({promise.text}) that bad already meets {edge!r}; leave it out"
    return "can never apply: no service can be that bad; leave it out"


def _cut(operator: Operator, edge: Fraction) -> Cut:
    sign = 1 if operator[0] == "<" else -1
    return sign * edge, int(operator.endswith("="))


def _breach(promise: Promise) -> Cut:
    """Where a promise begins to be breached."""
    opposite: dict[Operator, Operator] = {">=": "<", ">": "<=", "<=": ">", "<": ">=", "==": "<"}
    return _cut(opposite[promise.operator], promise.target)


def _floor(operator: Operator, unit: Unit) -> Cut | None:
    """The cut below which nothing can be measured."""
    if operator[0] == "<":
        return Fraction(0), 0
    return (Fraction(-1), 0) if unit == "ratio" else None


def _per_unit(value: object, promise: Promise) -> PerUnit:
    """``5% per started hour beyond 4h``; whether a part counts, and from where, have to be said."""
    found = _PER_UNIT.fullmatch(" ".join(value.split())) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"{said(value)} is no credit; write '5% per started hour beyond 4h' or a table of rows")
    given, part, unit, beyond = found.groups()
    if promise.unit != "ns":
        raise ValueError(f"{value!r} needs a promise measured in time; {promise.text!r} takes a table of rows")
    if part is None:
        raise ValueError(f"{value!r} leaves open whether a part of one counts; write 'per started' or 'per full'")
    if beyond is None:
        raise ValueError(f"{value!r} leaves open from where it counts; write 'beyond 0s' or beyond what was promised")
    length = duration(_WORDS.get(unit.removesuffix("s"), unit))
    if length <= 0 or share(given) <= 0:
        raise ValueError(f"{value!r} pays nothing; write it as '5% per started hour beyond 4h'")
    counts: Count = "started" if part == "started" else "full"
    after = Fraction(duration(beyond))
    return PerUnit(give=Give(amount=share(given)), unit=Fraction(length), count=counts, beyond=after)
