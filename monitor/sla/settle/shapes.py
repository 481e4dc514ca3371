"""What a shape gives for a figure: tables, units, brackets, parts of the base, and the same every time.

Pure arithmetic on exact numbers. Units, brackets and parts of the base are of what was lost: of a share that is good
when it is high, what is missing to all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from config.contract.gives import counted
from config.contract.money import Bracket, Brackets, Count, Flat, PerUnit, ProRata, Shape, Table, Tier
from config.units import format_duration, format_share
from monitor.sla.rounding import rounded
from monitor.sla.settle.money import number, percent, said_amount
from monitor.sla.verdict import holds

NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Scale:
    """How a figure is to be read: in which ``unit``, whether more of it is good, what the promise leaves in that unit
    (of what was lost), how long the period is (ns), and the contract's currency."""

    unit: str
    high: bool = False
    promised: Fraction = NOTHING
    length: int = 1
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """So much of a unit, and how it came about."""

    amount: Fraction
    unit: str
    steps: tuple[str, ...] = ()


def give(shape: Shape, figure: Fraction, scale: Scale) -> Given:
    """What the shape gives for a figure; an amount of 0 where it gives nothing."""
    match shape:
        case Table():
            return _table(shape, figure, scale)
        case PerUnit():
            return _units(shape, figure, scale)
        case ProRata():
            return _part(shape, figure, scale)
        case Brackets():
            return _brackets(shape, lost(figure, scale), scale)
        case Flat():
            one = shape.give
            return Given(one.amount, one.unit, (f"a flat {said_amount(one.amount, one.unit, scale.currency)}",))


def lost(figure: Fraction, scale: Scale) -> Fraction:
    """The figure as something that is worse the more there is of it."""
    return 1 - figure if scale.high and scale.unit == "ratio" else figure


def count(excess: Fraction, unit: Fraction, how: Count) -> Fraction:
    """How many units there are in an excess: started, full, or to the exact part; none below zero."""
    units = max(NOTHING, excess) / unit
    match how:
        case "started":
            return Fraction(ceil(units))
        case "full":
            return Fraction(floor(units))
        case "pro_rata":
            return units


def row_holds(row: Tier, figure: Fraction) -> bool:
    """Whether a figure lies in a row."""
    if row.other is not None and row.other_edge is not None and not holds(row.other, figure, row.other_edge):
        return False
    return holds(row.operator, figure, row.edge)


def said_figure(value: Fraction, unit: str) -> str:
    """A figure in its unit, for people; exact."""
    if unit == "ratio":
        return format_share(value)
    if unit == "ns" and value.denominator == 1:
        return format_duration(int(value))
    return f"{number(value)} ns" if unit == "ns" else number(value)


def _table(shape: Table, figure: Fraction, scale: Scale) -> Given:
    held = [row for row in shape.rows if row_holds(row, figure)]
    first = shape.rows[0].give.unit if shape.rows else "share"
    if not held:
        return Given(NOTHING, first)
    worst = max(held, key=lambda row: row.give.amount)
    amount, unit = worst.give.amount, worst.give.unit
    steps = [f"the worst row that holds is {_said_row(worst, scale)}: {said_amount(amount, unit, scale.currency)}"]
    tail = shape.tail
    if tail is not None:  # its edge is one of the figure itself, as those of the rows are
        excess = tail.beyond - figure if scale.high else figure - tail.beyond
        units = count(excess, tail.unit, tail.count)
        if units:
            amount += units * tail.give.amount
            more = said_amount(tail.give.amount, tail.give.unit, scale.currency)
            total = said_amount(amount, unit, scale.currency)
            edge = said_figure(tail.beyond, scale.unit)
            steps.append(f"{_said(units)} beyond {edge}, each {more} more: {total}")
    return Given(amount, unit, tuple(steps))


def _said_row(row: Tier, scale: Scale) -> str:
    first = f"{row.operator} {said_figure(row.edge, scale.unit)}"
    if row.other is None or row.other_edge is None:
        return first
    return f"{first} and {row.other} {said_figure(row.other_edge, scale.unit)}"


def _units(shape: PerUnit, figure: Fraction, scale: Scale) -> Given:
    units = count(_excess(shape, figure, scale), shape.unit, shape.count)
    each, total = shape.give.amount, units * shape.give.amount
    unit = shape.give.unit
    said, sum_ = said_amount(each, unit, scale.currency), said_amount(total, unit, scale.currency)
    steps = [f"{_said(units)} beyond, each {said}: {sum_}"]
    if shape.promised:
        steps.insert(0, f"{said_figure(scale.promised, scale.unit)} of it was allowed")
    return Given(total, unit, tuple(steps))


def _excess(shape: PerUnit, figure: Fraction, scale: Scale) -> Fraction:
    """How far a figure lies beyond the edge from which units count. Below it, where more is good: of a share that is
    all of it unless another edge is named."""
    if not scale.high:
        return figure - shape.beyond - (scale.promised if shape.promised else NOTHING)
    all_of_it = Fraction(1) if scale.unit == "ratio" else NOTHING
    if shape.promised:
        return (all_of_it - scale.promised if scale.unit == "ratio" else scale.promised) - figure
    return (shape.beyond or all_of_it) - figure


def _part(shape: ProRata, figure: Fraction, scale: Scale) -> Given:
    """Time over the length of the period; a share that was lost is a part already."""
    away = max(NOTHING, lost(figure, scale))
    if scale.unit == "ratio":
        part, said = away, f"{said_figure(away, 'ratio')} of the period was lost"
    else:
        whole = Fraction(shape.flat if shape.flat is not None else scale.length)
        part = away / whole
        said = f"{said_figure(away, scale.unit)} of {said_figure(whole, 'ns')} is {number(part)}"
    steps = [said]
    if shape.round is not None:
        part = rounded(part, shape.round)
        steps.append(f"rounded to {number(part)}")
    if shape.times != 1:
        steps.append(f"{number(shape.times)} times: {percent(part * shape.times)}")
    return Given(part * shape.times, "share", tuple(steps))


def _brackets(shape: Brackets, away: Fraction, scale: Scale) -> Given:
    if not shape.rows:
        return Given(NOTHING, "share")
    unit = shape.rows[0].give.unit
    if shape.marginal:
        return _marginal(shape.rows, away, unit, scale)
    row = next((row for row in shape.rows if row.up_to is None or away <= row.up_to), shape.rows[-1])
    units = count(away, row.unit, row.count)
    total = units * row.give.amount
    return Given(total, unit, (_said_bracket(row, units, total, scale),) if units else ())


def _marginal(rows: Sequence[Bracket], away: Fraction, unit: str, scale: Scale) -> Given:
    total, done, steps = NOTHING, NOTHING, []
    for row in rows:
        top = away if row.up_to is None else min(away, row.up_to)
        units = count(top - done, row.unit, row.count)
        if units:
            total += units * row.give.amount
            steps.append(_said_bracket(row, units, total, scale))
        done = max(done, top)
    return Given(total, unit, tuple(steps))


def _said(units: Fraction) -> str:
    return f"{number(units)} {counted(units, 'units')}"


def _said_bracket(row: Bracket, units: Fraction, total: Fraction, scale: Scale) -> str:
    where = "" if row.up_to is None else f" up to {said_figure(row.up_to, scale.unit)}"
    each = said_amount(row.give.amount, row.give.unit, scale.currency)
    return f"{_said(units)}{where}, each {each}: {said_amount(total, row.give.unit, scale.currency)}"
