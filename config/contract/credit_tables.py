"""``table:`` what a figure earns by the row it lies in; ``durations:`` the same rows in time; ``then:`` what more.

table: {"< 99.9%": 10%, "[95%, 99%)": 25%, "< 95%": 100%}
durations: {"> 43m": 10%}      columns: percent | duration
gaps: accept                   overlaps: accept
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from config.contract.columns import disagreement, lengths
from config.contract.figures import Figure, Names, Side, of_promises
from config.contract.gives import give, two_kinds
from config.contract.measures import format_value
from config.contract.model import Promise
from config.contract.money import Table
from config.contract.rules import MeasureRule
from config.contract.scope import OUTAGE
from config.contract.shapes import read_tail
from config.contract.table_rows import Cut, Row, Scale, row, scale_of
from config.contract.tables import Rules, check, ordered
from config.errors import unknown
from config.reader import Fields, Reader
from config.units import format_share, said

KEYS = ("table", "durations", "columns", "gaps", "overlaps", "then")
MOST_ROWS = 100
COLUMNS = ("agree", "percent", "duration")


@dataclass(frozen=True, slots=True)
class Column:
    """The rows of one column, from the mildest to the worst, on the scale they lie on."""

    rows: list[Row]
    scale: Scale
    breach: Cut | None


def accepted(fields: Fields, key: str) -> bool:
    """Whether the author accepts something by name."""

    def accept(value: object) -> bool:
        if value == "accept":
            return True
        raise ValueError(f"{said(value)}: write 'accept', or leave it out")

    return fields.get(key, accept, False)


def read_table(
    fields: Fields, figure: Figure | None, about: Sequence[Promise], known: Names
) -> tuple[Table, Figure] | None:
    """The table with the figure that its rows are of. ``about``: the promises that have to be broken; of them, those
    on the same scale say where rows begin to count."""
    columns = fields.get("columns", _columns, "agree")
    shares = _of_shares(fields, figure, about, known)
    if shares is None:
        return None
    first = _column(fields, "table", shares, about, known)
    if "durations" not in fields:
        if "columns" in fields:
            at = fields.at("columns")
            at.wrong("chooses between two columns, and there is one; leave it out, or write 'durations'", at.key)
        return None if first is None else (_table(first, fields, shares, known), shares)
    time = figure if figure is not None and figure.unit == "ns" else _time_of(shares, known)
    at = fields.at("durations")
    if shares.unit != "ratio" or shares.relation != "figure" or time is None:
        at.wrong("is a second column of a table of shares of the time, and this table is none; leave it out", at.key)
        return None
    second = _column(fields, "durations", time, about, known)
    if first is None or second is None:
        return None
    if columns == "agree":
        _agree(at, first, second, shares, known)
    chosen = (second, time) if columns == "duration" else (first, shares)
    return _table(chosen[0], fields, chosen[1], known), chosen[1]


def _columns(value: object) -> str:
    if value in COLUMNS:
        return str(value)
    raise ValueError(unknown("way to choose a column", str(value), COLUMNS))


def _of_shares(fields: Fields, figure: Figure | None, about: Sequence[Promise], known: Names) -> Figure | None:
    """The figure of the first column: where ``by`` names one of time for the second, the promise's own."""
    if figure is not None and figure.unit == "ns" and "durations" in fields and about and about[0].unit == "ratio":
        return of_promises(about, None, known)
    return figure


def _time_of(shares: Figure, known: Names) -> Figure | None:
    """All time that was lost to the outages a share is taken of."""
    rule = known.scope.measures.get(shares.by or "")
    if rule is None and shares.promises and shares.promises[0].rule:
        rule = known.scope.measures.get(shares.promises[0].rule)
    if rule is not None and rule.kind != "ratio":
        return None
    outage = OUTAGE if rule is None else rule.of
    for name, total in known.scope.measures.items():
        plain = total is not None and total == MeasureRule(name=name, kind="total", of=outage, unit="ns")
        if plain:
            return Figure(unit="ns", by=name, worse="high")
    made = MeasureRule(name=f"total {outage}", kind="total", of=outage, unit="ns")
    return Figure(unit="ns", by=made.name, worse="high", implied=made)


def _column(fields: Fields, key: str, figure: Figure, about: Sequence[Promise], known: Names) -> Column | None:
    """One column, its rows held against each other; None where a row cannot be read."""
    at = fields.at(key)
    rows = _rows(at, figure, known)
    if rows is None:
        return None
    on_it = [promise for promise in figure.promises if promise in about]
    worse = _worse(rows, figure, on_it or list(about))
    scale = scale_of(figure, worse, lambda value: show(value, figure))
    if about and not all(_pays_for_bad(one, scale, on_it) for one in rows):
        return None
    rows = ordered(rows, scale)
    breach = breach_of(on_it, scale)
    units = {"ratio": Fraction(1, 100), "score": Fraction(1), "ns": None}
    rules = Rules(
        gaps=accepted(fields, "gaps"),
        overlaps=accepted(fields, "overlaps"),
        breach=breach,
        promised=on_it[0].text if on_it else "",
        step=figure.step if figure.relation == "figure" else None,
        unit=units.get(figure.unit) if figure.relation == "figure" else None,
    )
    check(rows, scale, rules)
    return Column(rows, scale, breach)


def _rows(at: Reader, figure: Figure, known: Names) -> list[Row] | None:
    rows: list[Row] = []
    fields = at.fields()
    if len(fields.entries) > MOST_ROWS:
        at.wrong(f"has more than {MOST_ROWS} rows; write it as an amount per unit, or in brackets", at.key)
        return None
    for typed, entry in fields:
        given = entry.read(lambda value: give(value, known.scope.currency), None)
        try:
            found = None if given is None else row(typed, entry, figure, given)
        except ValueError as error:
            entry.wrong(str(error), entry.key)
            continue
        if found is None or given is None:
            continue
        if rows and given.unit != rows[0].tier.give.unit:
            entry.wrong(two_kinds(given, rows[0].tier.give, "row before"))
            continue
        rows.append(found)
    if at.node.value == {}:
        at.wrong('is empty; write rows such as "< 99.9%": 10%', at.key)
    return rows if rows and len(rows) == len(fields.entries) else None


def _worse(rows: Sequence[Row], figure: Figure, about: Sequence[Promise]) -> Side:
    """The side on which service is worse: the promise says, or the rows do by which way they point or what they pay."""
    if about and figure.worse is not None:
        return figure.worse
    pointing = {one.tier.operator[0] for one in rows if not one.two_sided}
    if len(pointing) == 1:
        return "low" if pointing == {"<"} else "high"
    if figure.worse is not None:
        return figure.worse
    first, last = min(rows, key=lambda one: one.low), max(rows, key=lambda one: one.high)
    return "low" if first.tier.give.amount > last.tier.give.amount else "high"


def _pays_for_bad(one: Row, scale: Scale, on_it: Sequence[Promise]) -> bool:
    worse = "<" if scale.worse == "low" else ">"
    if one.two_sided or one.tier.operator[0] == worse:
        return True
    example = f"{worse} {scale.show(on_it[0].target if on_it else one.tier.edge)}"
    one.at.wrong(f"would pay for good service; a breach lies on the other side, as in {example!r}", one.at.key)
    return False


def breach_of(about: Sequence[Promise], scale: Scale) -> Cut | None:
    """Where the first of some promises begins to be broken, as a cut of badness."""
    cuts = []
    for promise in about:
        inside = int(promise.operator in ("<", ">"))
        cuts.append(scale.turned((promise.target, inside if scale.worse == "low" else 1 - inside)))
    return min(cuts, default=None)


def _agree(at: Reader, first: Column, second: Column, shares: Figure, known: Names) -> None:
    rule = known.scope.measures.get(shares.by or (shares.promises[0].rule if shares.promises else None) or "")
    base = rule.base if rule is not None and rule.base is not None else known.scope.base
    long = (base.flat,) if base.flat is not None else lengths(known.scope.period)
    found = disagreement(first.rows, first.scale, second.rows, known.scope.period, long, first.breach)
    if found is not None:
        at.wrong(found, at.key)


def _table(column: Column, fields: Fields, figure: Figure, known: Names) -> Table:
    tail = read_tail(fields.at("then"), figure, known.scope.currency) if "then" in fields else None
    rows = tuple(one.tier for one in column.rows)
    if tail is not None and tail.give.unit != rows[-1].give.unit:
        at = fields.at("then")
        at.wrong(two_kinds(tail.give, rows[-1].give, "last row, to which it is added,"), at.key)
    gaps, overlaps = (key in fields and fields.entries[key].value == "accept" for key in ("gaps", "overlaps"))
    return Table(rows=rows, tail=tail, gaps=gaps, overlaps=overlaps)


def show(value: Fraction, figure: Figure) -> str:
    """A value on a figure's scale as a person would type it."""
    if figure.unit == "ratio":
        return format_share(value)
    if figure.unit == "ns":
        return format_value(value, "ns")
    return format_share(value / 100)[:-1] if format_share(value).endswith("%") else str(value)
