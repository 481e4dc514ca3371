"""Credits held against the contract and each other: is there a charge to take a share of, is there a credit to read."""

from collections.abc import Iterator, Sequence

from config.contract.figures import Names
from config.contract.gives import TIME_IN_KIND, payable, said_units
from config.contract.model import Service
from config.contract.money import Brackets, Credit, Flat, PerUnit, ProRata, Shape, Table
from config.errors import unknown
from config.reader import Fields, Reader

NO_CHARGE = "credits are shares of a charge, and no service has one; write 'charge: 1200.00' there"


def kinds(shape: Shape) -> set[str]:
    """The units of what a shape gives."""
    match shape:
        case Table():
            return {row.give.unit for row in shape.rows}
        case PerUnit() | Flat():
            return {shape.give.unit}
        case ProRata():
            return {shape.unit}
        case Brackets():
            return {row.give.unit for row in shape.rows}


def check_per(fields: Fields, credit: Credit) -> None:
    """A limit on each outage needs a credit that is given for each."""
    for key, at in fields:
        word = key.removeprefix("at most per ")
        if word in (key, "item", credit.per):
            if word == "item" and credit.per == "period":
                at.wrong("the credit is given once for the period; write 'per: outage', or 'at most'", at.key)
            continue
        if credit.per == "period":
            at.wrong(f"the credit is given once for the period; write 'per: {word}', or 'at most'", at.key)
        else:
            at.wrong(f"the credit is given for each {credit.per}; write 'at most per {credit.per}'", at.key)


def check_services(fields: Fields, credit: Credit, known: Names) -> None:
    """A service that none of the credit's promises is made for can never earn it."""
    made = {one for promise in known.promises if promise.id in credit.promises for one in promise.services}
    others = [name for name in credit.services if name not in made]
    if credit.promises and others and known.all_read:
        ids = " or ".join(credit.promises)
        fields.at("of").wrong(f"{ids} is not promised for {others[0]!r}; leave it out, or promise it for it as well")


def check_paid(fields: Fields, credit: Credit, known: Names) -> None:
    """Shares need a charge they are of, days paid as money need days."""
    units = kinds(credit.shape)
    for key in ("pay days as money", "value of day"):
        if key in fields and not units & {*TIME_IN_KIND}:
            at = fields.at(key)
            at.wrong(f"the credit gives {said_units(units)}, and no service days or hours; leave it out", at.key)
    of_charge = units & {"share", "months"} or (credit.in_money and units & {*TIME_IN_KIND})
    base = credit.base
    if not (of_charge or isinstance(credit.shape, ProRata)) or base.amount is not None or not known.scope.services:
        return
    services = _services(credit, known)
    if base.contract or base.of == ("charge",):
        if not any(service.charge is not None or service.charges for service in services):
            fields.reader.wrong(NO_CHARGE, fields.reader.key)
        return
    for name in base.of:
        if "." not in name and name != "charge" and not any(name in dict(one.charges) for one in services):
            at = fields.at("base")
            at.wrong(f"no service of this credit has a charge {name!r}; write it there: 'charges: {{{name}: 100.00}}'")


def _services(credit: Credit, known: Names) -> list[Service]:
    """Those a credit can be given for."""
    scope = known.scope
    named = set(credit.services)
    if not named:
        named = {one for promise in known.promises if promise.id in credit.promises for one in promise.services}
    if not named or credit.base.contract:
        return list(scope.services.values())
    return [service for name, service in scope.services.items() if name in named]


def check_points(found: Sequence[tuple[Credit, Reader]], complete: bool) -> None:
    """A credit that reads what another gives: there is one, it counts something, and none reads itself in the end."""
    ids = {credit.id: credit for credit, _ in found}
    for credit, at in found:
        if credit.points_of is None:
            continue
        place = at.fields().at("by") if "by" in at.fields() else at
        if credit.points_of not in ids:
            if complete:
                place.wrong(unknown("credit", credit.points_of, ids.keys() - {credit.id}))
            continue
        if credit.id in _chain(credit, ids):
            place.wrong(f"reads {credit.points_of!r}, which in the end reads this credit; leave one of them out")
        elif all(payable(unit) for unit in kinds(ids[credit.points_of].shape)):
            place.wrong(f"reads {credit.points_of!r}, which gives money and counts nothing; let it give points")


def _chain(credit: Credit, ids: dict[str, Credit]) -> Iterator[str]:
    """The credits that it reads, and those that they read."""
    seen: set[str] = set()
    name = credit.points_of
    while name is not None and name in ids and name not in seen:
        seen.add(name)
        yield name
        name = ids[name].points_of
