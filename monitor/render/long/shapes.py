"""What a credit gives, in the long form: its table, units, brackets, part of the base or flat amount."""

from fractions import Fraction

from config.contract.money import Bracket, Brackets, Flat, PerUnit, ProRata, Shape, Table, Tier
from config.contract.noun import Unit
from monitor.render.long.values import Clause, figure, flat, give, kept, multiple, number, percent, words


def shape(one: Shape, unit: Unit | None, currency: str | None) -> Clause:
    """The keys of a shape. ``unit``: that of the figure; None for a share that may be more than all."""
    match one:
        case Table():
            return _table(one, unit, currency)
        case PerUnit():
            beyond = "promise" if one.promised else _figure(one.beyond, unit)
            return {"per unit": {**_units(one, unit, currency), "beyond": beyond}}
        case ProRata():
            return {"pro rata": _pro_rata(one)}
        case Flat():
            return {"flat": give(one.give, currency)}
        case Brackets():
            rows = [_bracket(row, unit, currency) for row in one.rows]
            return {"brackets": rows, "mode": "marginal" if one.marginal else "total"}


def _figure(value: Fraction, unit: Unit | None) -> str:
    if unit == "business_days":
        return number(value)
    return percent(value) if unit is None else figure(value, unit)


def _units(one: PerUnit | Bracket, unit: Unit | None, currency: str | None) -> Clause:
    return {"unit": _figure(one.unit, unit), "count": words(one.count), "give": give(one.give, currency)}


def _table(one: Table, unit: Unit | None, currency: str | None) -> Clause:
    out: Clause = {
        "table": {_row(row, unit): give(row.give, currency) for row in one.rows},
        "gaps": "accept" if one.gaps else None,
        "overlaps": "accept" if one.overlaps else None,
    }
    if one.tail is not None:
        out["then"] = {"beyond": _figure(one.tail.beyond, unit), **_units(one.tail, unit, currency)}
    return out


def _row(row: Tier, unit: Unit | None) -> str:
    first = _figure(row.edge, unit)
    if row.other is None or row.other_edge is None:
        return f"{row.operator} {first}"
    last = _figure(row.other_edge, unit)
    if (row.operator, row.other) == (">=", "<=") and row.edge != row.other_edge:
        return f"{first} - {last}"  # at an edge that it shares with another row, the worse one holds
    return f"{'[' if row.operator == '>=' else '('}{first}, {last}{']' if row.other == '<=' else ')'}"


def _pro_rata(one: ProRata) -> Clause:
    over = "base" if one.judged else "period"
    if one.flat is not None:
        over = flat(one.flat)
    elif one.back:
        over = f"mean of {one.back} {'period' if one.back == 1 else 'periods'}"
    places = None if one.round is None else len(str(one.round.to.denominator)) - 1
    return kept(
        {
            "times": multiple(one.times),
            "over": over,
            "round fraction": None if one.round is None else f"{places} places {words(one.round.mode)}",
            "give": None if one.unit == "share" else one.unit,
        }
    )


def _bracket(row: Bracket, unit: Unit | None, currency: str | None) -> Clause:
    end = None if row.up_to is None else _figure(row.up_to, unit)
    return kept({"up to": end, **_units(row, unit, currency)})
