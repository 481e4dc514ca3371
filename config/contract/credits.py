"""``credits:`` in its short form: what follows, by promise: a table of rows, or an amount for each unit of time.

Rows of a table are one-sided and nested (``"< 99.9%": 10%, "< 99%": 25%``); the worst row that matches wins.
Rows with two sides, and whatever else a credit can be, are said in the long form (``config.contract.credit_items``).
"""

import re
from collections.abc import Sequence

from config.contract.credit_checks import NO_CHARGE, kinds
from config.contract.credit_tables import breach_of, show
from config.contract.figures import Figure, Names, of_promises, promised
from config.contract.gives import GIVE_PATTERN, give, two_kinds
from config.contract.model import Promise
from config.contract.money import Credit, PerUnit, Table
from config.contract.shapes import per_unit_line
from config.contract.table_rows import Row, row, scale_of
from config.contract.tables import Rules, check, ordered
from config.errors import unknown
from config.reader import Reader

PER_UNIT_PATTERN = rf"{GIVE_PATTERN} per (?:(?:started|full|pro rata) )?.+?(?: beyond .+)?"

_ONE_SIDED = re.compile(r"\s*(<=|>=|<|>|≤|≥)\s*[^<>=≤≥]+")


def read_credits(reader: Reader, known: Names) -> tuple[Credit, ...]:
    """Every credit that can be read."""
    found: list[Credit] = []
    for typed, entry in reader.fields():
        about = promised(typed, known)
        if not about:
            if known.all_read:
                names = dict.fromkeys(promise.id.replace("-", " ") for promise in known.promises)
                entry.wrong(unknown("promise", typed, names), entry.key)
            continue
        if any(credit.id == about[0].id for credit in found):
            entry.wrong(f"a second credit for {about[0].id!r}; write both into one table", entry.key)
            continue
        try:
            figure = of_promises(about, None, known)
        except ValueError as error:
            entry.wrong(str(error), entry.key)
            continue
        shape = _shape(entry, figure, about, known)
        if shape is not None:
            found.append(Credit(id=about[0].id, promises=(about[0].id,), shape=shape))
    _check_charges(reader, found, known)
    return tuple(found)


def _check_charges(reader: Reader, found: Sequence[Credit], known: Names) -> None:
    services = known.scope.services.values()
    of_charge = any(kinds(credit.shape) & {"share", "months"} for credit in found)
    if of_charge and services and all(one.charge is None and not one.charges for one in services):
        reader.wrong(NO_CHARGE, reader.key)


def _shape(entry: Reader, figure: Figure, about: Sequence[Promise], known: Names) -> Table | PerUnit | None:
    if isinstance(entry.node.value, dict):
        return _table(entry, figure, about, known)
    return entry.read(lambda value: _per_unit(value, figure, about[0], known), None)


def _table(entry: Reader, figure: Figure, about: Sequence[Promise], known: Names) -> Table | None:
    rows: list[Row] = []
    for typed, at in entry.fields():
        given = at.read(lambda value: give(value, known.scope.currency), None)
        try:
            _check_side(typed, figure, about[0])
            figure.read(re.sub(r"^\s*(<=|>=|<|>|≤|≥)", "", typed))
        except ValueError as error:
            at.wrong(str(error), at.key)
            continue
        if given is None:
            continue
        if rows and given.unit != rows[0].tier.give.unit:
            at.wrong(two_kinds(given, rows[0].tier.give, "row before"))
            continue
        rows.append(row(typed, at, figure, given))
    if entry.node.value == {}:
        entry.wrong('is empty; write rows such as "< 99.9%": 10%', entry.key)
    scale = scale_of(figure, figure.worse or "low", lambda value: show(value, figure))
    rows = ordered(rows, scale)
    check(rows, scale, Rules(breach=breach_of(about, scale), promised=about[0].text))
    return Table(rows=tuple(one.tier for one in rows)) if rows else None


def _check_side(typed: str, figure: Figure, promise: Promise) -> None:
    """A row has one side, and lies where the promise is broken."""
    worse = "<" if figure.worse == "low" else ">"
    example = f"{worse} {show(promise.target, figure)}"
    found = _ONE_SIDED.fullmatch(typed)
    if not found:
        raise ValueError(f"is no row; rows have one side and nest, as {example!r} and worse ones below it")
    if found[1].replace("≤", "<=").replace("≥", ">=")[0] != worse:
        raise ValueError(f"would pay for good service; a breach lies on the other side, as in {example!r}")


def _per_unit(value: object, figure: Figure, promise: Promise, known: Names) -> PerUnit:
    """The line of an amount per unit, of a promise measured in time."""
    if isinstance(value, str) and figure.unit != "ns":
        raise ValueError(f"{value!r} needs a promise measured in time; {promise.text!r} takes a table of rows")
    return per_unit_line(value, figure, known.scope.currency, True)
