"""``credits:`` as a list: what follows, for which promises, read from which figure, in which shape, on which base.

    - {id: hours, for: availability, by: down, per unit: {unit: 1h, count: started, give: 1 service day}, at most: 100%}

A credit with ``for`` is paid only where one of its promises is broken. Without it, or with ``even if met: accept``, its
shape alone decides, so that a row may hold where what was promised was kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from config.contract import credit_tables, shapes
from config.contract.bases import charge_base
from config.contract.conditions import read_condition
from config.contract.credit_checks import check_paid, check_per, check_points, check_services
from config.contract.credit_terms import day_of, read_escalations, read_factors, read_most, read_rounded
from config.contract.figures import Figure, Names, figure, of_promises, promised
from config.contract.gives import give
from config.contract.measure_fields import chosen, yes
from config.contract.model import Promise
from config.contract.money import ChargeBase, Credit, Flat, Give, Shape
from config.contract.noun import Condition
from config.contract.rules import MeasureRule
from config.contract.terms import clause_id
from config.errors import unknown
from config.names import known_names
from config.reader import Fields, Reader
from config.units import line

SHAPES = ("table", "per unit", "pro rata", "flat", "brackets")
PERS = ("period", "outage", "day", "ticket", "item")
MOST_PER = tuple(f"at most per {one}" for one in PERS[1:])
KEYS = (
    "id", "for", "of", "by", "base", *credit_tables.KEYS, *SHAPES[1:], "mode", "even if met", "per", "escalate",
    "times", "if", "round", "at most", *MOST_PER, "at least", "pay days as money", "value of day",
)  # fmt: skip


@dataclass(slots=True)
class Listed:
    """The credits of a list with their places, and the measures that were made for them alone. ``complete``: there is
    none besides, with problems of its own."""

    credits: list[tuple[Credit, Reader]]
    measures: list[MeasureRule]
    complete: bool = True


def read_credit_items(reader: Reader, known: Names) -> Listed:
    """Every credit of the list that can be read."""
    found = Listed([], [])
    items = reader.items()
    for item in items:
        read = _read(item, known)
        if read is None:
            continue
        credit, reads = read
        if any(credit.id == other.id for other, _ in found.credits):
            item.wrong(f"a second credit {credit.id!r}; give it an id of its own: 'id: …'")
        if reads is not None and reads.implied is not None and reads.implied not in found.measures:
            found.measures.append(reads.implied)
        found.credits.append((credit, item))
    found.complete = len(found.credits) == len(items)
    check_points(found.credits, found.complete)
    if reader.node.value == []:
        reader.wrong("is empty; write '- {for: availability, flat: 10%}', or leave it out", reader.key)
    return found


def _read(item: Reader, known: Names) -> tuple[Credit, Figure | None] | None:
    fields = item.fields(KEYS)
    if fields.broken:
        return None
    before = len(item.problems)
    about = _about(fields, known)
    called = _id_of(fields, about)
    shape_key = _shape_key(fields)
    if about is None or called is None or shape_key is None:
        return None
    met = credit_tables.accepted(fields, "even if met")
    reads = _figure(fields, shape_key, about, known)
    if len(item.problems) > before or (reads is None and shape_key != "flat"):
        return None
    shape, reads = _shape(fields, shape_key, reads, () if met else about, known)
    if shape is None:
        return None
    _check_for(fields, shape, about, met)
    return _credit(fields, called, about, reads, shape, met, known), reads


def _credit(
    fields: Fields, called: str, about: Sequence[Promise], reads: Figure | None, shape: Shape, met: bool, known: Names
) -> Credit:
    currency = known.scope.currency
    per, most_each = _per(fields, reads), _most_each(fields, shape, known)
    ids = tuple(dict.fromkeys(promise.id for promise in about))
    by = None if reads is None or reads.points_of else reads.by
    if met and by is None and about:
        by = ids[0]
    credit = Credit(
        id=called,
        promises=() if met else ids,
        services=known_names(fields.at("of"), "service", known.scope.services) if "of" in fields else (),
        by=by,
        relation="figure" if reads is None else reads.relation,
        points_of=None if reads is None else reads.points_of,
        base=fields.get("base", lambda value: charge_base(value, known.charges, currency), ChargeBase()),
        shape=shape,
        per=per,
        escalations=read_escalations(fields, bool(about)),
        factors=read_factors(fields),
        where=read_condition(fields.at("if")) if "if" in fields else Condition(),
        round=read_rounded(fields),
        at_most=_most(fields, known),
        at_most_each=most_each,
        at_least=fields.get("at least", lambda value: give(value, currency), None),
        in_money=fields.get("pay days as money", yes, False),
        day_of=fields.get("value of day", day_of, "thirtieth"),
    )
    check_per(fields, credit)
    check_services(fields, credit, known)
    check_paid(fields, credit, known)
    return credit


def _about(fields: Fields, known: Names) -> list[Promise] | None:
    """The promises that ``for`` names; None where one of them cannot be found."""
    if "for" not in fields:
        return []
    at = fields.at("for")
    items = at.items() if isinstance(at.node.value, list) else [at]
    if not items:
        at.wrong("is empty; name a promise, or leave it out")
        return None
    found: list[Promise] = []
    for item in items:
        typed = item.read(line, None)
        own = [] if typed is None else promised(typed, known)
        if typed is not None and not own and known.all_read:
            item.wrong(unknown("promise", typed, dict.fromkeys(p.id.replace("-", " ") for p in known.promises)))
        if not own:
            return None
        found += [promise for promise in own if promise not in found]
    return found


def _id_of(fields: Fields, about: Sequence[Promise] | None) -> str | None:
    if "id" in fields:
        return fields.get("id", clause_id, None)
    ids = {promise.id for promise in about or ()}
    if len(ids) == 1:
        return ids.pop()
    if about is not None:
        fields.missing("id", "id: hourly")
    return None


def _shape_key(fields: Fields) -> str | None:
    typed = [key for key in SHAPES if key in fields]
    if len(typed) == 1:
        return typed[0]
    what = (
        f"gives by {' and by '.join(typed)} at once; write two credits"
        if typed
        else (f"says nothing of what is given; write one of {', '.join(SHAPES)}")
    )
    fields.reader.wrong(what, fields.reader.key)
    return None


def _figure(fields: Fields, shape_key: str, about: Sequence[Promise], known: Names) -> Figure | None:
    """What the shape reads: ``by``, or the shape's own ``of``, or the promise's figure."""
    own = fields.at(shape_key)
    inside = own.fields() if shape_key in ("per unit", "pro rata") and isinstance(own.node.value, dict) else None
    said_in = [fields.at("by")] if "by" in fields else []
    said_in += [inside.at("of")] if inside is not None and "of" in inside else []
    found = [at.read(lambda value: figure(value, about, known), None) for at in said_in]
    if len(found) == 2 and found[0] != found[1]:
        said_in[1].wrong(f"reads another figure than 'by: {fields.entries['by'].value}'; write one of them")
        return None
    if said_in:
        return found[0]
    if about:
        return fields.reader.read(lambda _: of_promises(about, None, known), None)
    if shape_key != "flat":
        fields.reader.wrong("does not say which figure it reads; name a promise with 'for', or a measure with 'by'")
    return None


def _shape(
    fields: Fields, key: str, reads: Figure | None, about: Sequence[Promise], known: Names
) -> tuple[Shape | None, Figure | None]:
    currency, at = known.scope.currency, fields.at(key)
    for other, of in (("mode", "brackets"), *((one, "table") for one in credit_tables.KEYS[1:])):
        if other in fields and key != of:
            fields.at(other).wrong(f"belongs to '{of}', and there is none; leave it out", fields.at(other).key)
    if key == "flat":
        return shapes.read_flat(at, currency), reads
    assert reads is not None
    match key:
        case "table":
            read = credit_tables.read_table(fields, reads, about, known)
            return (None, reads) if read is None else read
        case "per unit":
            return shapes.read_per_unit(at, reads, currency, bool(about or reads.promises)), reads
        case "pro rata":
            return shapes.read_pro_rata(at, reads), reads
    mode: Literal["total", "marginal"] = "marginal" if fields.get("mode", _mode, "total") == "marginal" else "total"
    return shapes.read_brackets(at, reads, currency, mode), reads


def _mode(value: object) -> str:
    return chosen(value, "way to read brackets", ("total", "marginal"))


def _check_for(fields: Fields, shape: Shape, about: Sequence[Promise], met: bool) -> None:
    if isinstance(shape, Flat) and (not about or met):
        at = fields.at("flat")
        at.wrong("would be paid whatever happens; name the promise that has to be broken: 'for: availability'", at.key)
    elif met and not about:
        at = fields.at("even if met")
        at.wrong("says nothing without 'for': the shape alone decides already; leave it out", at.key)
    elif met and len({promise.id for promise in about}) > 1 and "by" not in fields:
        fields.at("even if met").wrong(
            "could read any of these promises; name one with 'by'", fields.at("even if met").key
        )


def _per(fields: Fields, reads: Figure | None) -> Literal["period", "outage", "day", "ticket"]:
    word = fields.get("per", lambda value: chosen(value, "thing that a credit is given for", PERS), "period")
    match word:
        case "outage" | "day" | "ticket":
            return word
        case "item":
            if reads is not None and reads.per_item is not None:
                return reads.per_item
            fields.at("per").wrong("'item' is one of a measure of each; write outage, day or ticket")
    return "period"


def _most(fields: Fields, known: Names) -> Give | None:
    """The credit's own limit; that of ``per unit`` is the same where there is one for the period."""
    own = read_most(fields, "at most", known.scope.currency)
    return own if own is not None or "per" in fields else _of_units(fields, known)


def _most_each(fields: Fields, shape: Shape, known: Names) -> Give | None:
    own = next((read_most(fields, key, known.scope.currency) for key in MOST_PER if key in fields), None)
    return own if own is not None or "per" not in fields else _of_units(fields, known)


def _of_units(fields: Fields, known: Names) -> Give | None:
    if "per unit" not in fields or not isinstance(fields.entries["per unit"].value, dict):
        return None
    return read_most(fields.at("per unit").fields(shapes.PER_UNIT_KEYS), "at most", known.scope.currency)
