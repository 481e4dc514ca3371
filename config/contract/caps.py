"""What limits credits and puts them together: ``caps``, ``combine``, ``floor``, and the short ``cap``.

    caps: [100% of charge per month, 15 service days per month, 1 month of charge per trailing 12 months,
           100% of charge per outage, 5000.00 EUR per contract, {max: 30%, of: contract, per: quarter, credits: [a]}]
    combine: [{credits: [a, b], take: greatest, per: outage}, {not with: [a, b]}]
    floor: {only above: 1.00 EUR}

A limit on shares or on credits in kind holds for each service, one in money for the contract, unless it says otherwise.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from config.contract.bases import charge_base
from config.contract.credit_checks import kinds
from config.contract.figures import Names
from config.contract.gives import NUMBER, amount_of_money, comparable, give, said_units
from config.contract.measure_fields import chosen
from config.contract.money import ChargeBase, Combine, Credit, Floor, Limit, Scope
from config.contract.terms import period_kind
from config.errors import unknown
from config.reader import Fields, Reader
from config.units import line, said

KEYS = ("cap", "caps", "combine", "floor")
CAP_KEYS = ("max", "of", "per", "credits", "base")
COMBINE_KEYS = ("credits", "not with", "take", "per", "chooser")
FLOOR_KEYS = ("only above", "raise to")
LONGEST = 200
CAP_PATTERN = rf"(?:{NUMBER} ?%|{NUMBER} [A-Z]{{3}}|{NUMBER} [a-z]+(?: [a-z]+){{0,3}}).*"

_SCOPES: tuple[Scope, ...] = ("service", "contract")
_CAP = re.compile(
    rf"(?P<give>{NUMBER} ?%|{NUMBER} [A-Z]{{3}}|{NUMBER} months? of charge|{NUMBER} [a-z]+(?: [a-z]+)*?)"
    r"(?: of (?P<first>service|contract))?(?: of (?P<base>(?!service|contract)[^ ].*?)|(?P<charge> charge))?"
    r"(?: of (?P<of>service|contract))?(?: per (?P<per>.+))?"
)


@dataclass(frozen=True, slots=True)
class Credits:
    """The credits that limits may name. Unless ``complete``, some have problems of their own."""

    known: Names
    credits: Sequence[Credit]
    complete: bool

    def named(self, reader: Reader) -> tuple[str, ...]:
        """The ids that a list names, or one by itself."""
        items = reader.items() if isinstance(reader.node.value, list) else [reader]
        ids = {credit.id for credit in self.credits}
        found: list[str] = []
        for item in items:
            called = item.read(line, None)
            if called is None or (called not in ids and not self.complete):
                continue
            if called not in ids:
                item.wrong(unknown("credit", called, ids))
            elif called in found:
                item.wrong(f"names {called!r} twice; name each once")
            found.append(called)
        if not items:
            reader.wrong("is empty; name credits by their ids, or leave it out")
        return tuple(found)

    def kinds_of(self, names: Sequence[str]) -> set[str]:
        """What those credits give, or all of them."""
        mine = [credit for credit in self.credits if not names or credit.id in names]
        return {unit for credit in mine for unit in kinds(credit.shape)}


def read_caps(fields: Fields, credits: Credits) -> tuple[Limit, ...]:
    """The short ``cap`` first, then all ``caps`` in their order."""
    found: list[Limit] = []
    for key in ("cap", "caps"):
        if key not in fields:
            continue
        at = fields.at(key)
        if "credits" not in fields:
            at.wrong("caps credits, and there are none; write 'credits', or leave it out", at.key)
            continue
        items = at.items() if key == "caps" else [at]
        if not items and key == "caps":
            at.wrong("is empty; write '- 100% of charge per month', or leave it out")
        for item in items:
            limit = _read_cap(item, credits)
            if limit is not None:
                found.append(limit)
    return tuple(found)


def _read_cap(item: Reader, credits: Credits) -> Limit | None:
    before = len(item.problems)
    if isinstance(item.node.value, dict):
        limit = _mapping(item, credits)
    else:
        limit = item.read(lambda value: cap(value, credits.known), None)
    if limit is not None and credits.complete and len(item.problems) == before:
        there = credits.kinds_of(limit.credits)
        if there and not any(comparable(limit.give.unit, unit) for unit in there):
            item.wrong(f"limits nothing: the credits give {said_units(there)}; write it in what they give")
    return limit


def cap(value: object, known: Names) -> Limit:
    """``100% of charge per month``: of each service's charge, or ``of contract charge`` of all of them together."""
    period, currency = known.scope.period, known.scope.currency
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if isinstance(value, Decimal | int) or re.fullmatch(NUMBER, text):
        give(value, currency)  # says that it has no unit
    found = _CAP.fullmatch(text) if len(text) <= LONGEST else None
    if not found or (found["first"] and found["of"]) or not _has_base(found):
        raise ValueError(f"{said(value)} is no cap; write it as '100% of charge per {period}'")
    given = give(found["give"], currency, above_all=True)
    of: Scope = "contract" if "contract" in (found["first"], found["of"]) else "service"
    if given.unit == "money" and not (found["first"] or found["of"]):
        of = "contract"
    each, per = _per(found["per"], known)
    base = charge_base(found["base"], known.charges, currency) if found["base"] else ChargeBase()
    return Limit(give=given, of=of, per=per, each=each, base=base)


def _has_base(found: re.Match[str]) -> bool:
    """Shares say of what; nothing else does."""
    of_something = bool(found["base"] or found["charge"])
    return of_something == found["give"].endswith("%")


def _per(words: str | None, known: Names) -> tuple[Literal["period", "outage", "contract"], str | None]:
    if words is None or words == known.scope.period:
        return "period", None
    if words == "outage":
        return "outage", None
    if words == "contract":
        return "contract", None
    kind = period_kind(words, known.scope.first_day)
    return "period", None if kind == known.scope.period else kind


def _mapping(item: Reader, credits: Credits) -> Limit | None:
    fields = item.fields(CAP_KEYS)
    if fields.broken:
        return None
    known = credits.known
    limit = fields.need("max", lambda value: _most(value, known), "max: 100% of charge")
    named = credits.named(fields.at("credits")) if "credits" in fields else ()
    each, per = fields.get("per", lambda value: _per(line(value), known), ("period", None))
    base = fields.get("base", lambda value: charge_base(value, known.charges, known.scope.currency), None)
    if limit is None:
        return None
    of = fields.get("of", _scope, limit.of)
    update = {"of": of, "each": each, "per": per, "credits": named, "base": base or limit.base}
    return limit.but(**update)


def _most(value: object, known: Names) -> Limit:
    """``30% of charge``, ``30%``, ``15 service days``; the scope and the period stand beside it."""
    text = f"{' '.join(value.split())} of charge" if isinstance(value, str) and value.strip().endswith("%") else value
    found = cap(text, known)
    if isinstance(value, str) and re.search(r"\sper\s", value):
        raise ValueError(f"{value!r}: 'per' stands beside 'max', as in 'per: month'")
    return found


def _scope(value: object) -> Scope:
    return "contract" if chosen(value, "scope", _SCOPES) == "contract" else "service"


def read_combine(fields: Fields, credits: Credits) -> tuple[Combine, ...]:
    """How credits for the same thing go together."""
    if "combine" not in fields:
        return ()
    found = [_combine(item, credits) for item in fields.at("combine").items()]
    return tuple(one for one in found if one is not None)


def _combine(item: Reader, credits: Credits) -> Combine | None:
    fields = item.fields(COMBINE_KEYS)
    if fields.broken:
        return None
    if ("credits" in fields) == ("not with" in fields):
        item.wrong("says not which; write '{credits: [a, b], take: greatest}' or '{not with: [a, b]}'")
        return None
    excluding = "not with" in fields
    at = fields.at("not with" if excluding else "credits")
    named = credits.named(at)
    if len(named) < 2 and credits.complete and len(at.node.value if isinstance(at.node.value, list) else [0]) < 2:
        at.wrong("puts nothing together; name two credits or more")
    take = fields.get("take", _take, "one" if excluding else None)
    if excluding and "take" in fields:
        fields.at("take").wrong("'not with' takes the first that gives something; leave it out", fields.at("take").key)
    if take is None:
        if "take" not in fields:
            fields.missing("take", "take: greatest")
        return None
    units = {unit for unit in credits.kinds_of(named) if named}
    if take == "greatest" and any(not comparable(one, other) for one in units for other in units):
        at.wrong(f"gives {said_units(units)}, of which none is the greatest; write 'take: one'")
    per: Literal["period", "outage"] = "outage" if fields.get("per", _combined_per, "period") == "outage" else "period"
    return Combine(credits=named, take=take, per=per, chooser=fields.get("chooser", line, None))


def _take(value: object) -> Literal["sum", "greatest", "one"]:
    match value:
        case "sum" | "greatest" | "one":
            return value
    raise ValueError(unknown("way to take them", str(value), ("sum", "greatest", "one")))


def _combined_per(value: object) -> str:
    return chosen(value, "thing they are combined for", ("period", "outage"))


def read_floor(fields: Fields, currency: str | None) -> Floor | None:
    """Below what nothing is issued, or what is raised to it."""
    if "floor" not in fields:
        return None
    at = fields.at("floor")
    if "credits" not in fields:
        at.wrong("is one of credits, and there are none; write 'credits', or leave it out", at.key)
    own = at.fields(FLOOR_KEYS)
    if own.broken:
        return None
    typed = [key for key in FLOOR_KEYS if key in own]
    if len(typed) != 1:
        at.wrong("says not how; write 'only above: 1.00 EUR' or 'raise to: 5.00 EUR'")
        return None
    amount = own.get(typed[0], lambda value: amount_of_money(value, currency), None)
    return None if amount is None else Floor(amount=amount, suppress=typed[0] == "only above")
