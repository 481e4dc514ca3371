"""``by:`` and ``of:`` which figure a credit reads: a measure, a promise's own, how far it lies from the target, points.

What is typed is a defined measure (``down``), a promise by its id or its words (``total outage``), a standard measure
that nothing else names, ``shortfall`` / ``excess`` / ``relative excess`` (``of`` a promise), or ``points of`` a credit.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from config.contract.defined import Untold, as_rule, form_of, taken
from config.contract.measure_fields import measure_name
from config.contract.measures import NoMeasure, value_of
from config.contract.model import Operator, Promise, Unit
from config.contract.rules import MeasureRule
from config.contract.scope import OUTAGE, Scope
from config.errors import unknown
from config.units import amount, duration, said

Side = Literal["low", "high"]
Relation = Literal["figure", "shortfall", "excess", "relative_excess"]

_FAR = re.compile(r"(shortfall|excess|relative excess)(?: of (.+))?")
_POINTS = re.compile(r"points of (\S+)")
_PERCENT = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,15})?) ?%")
_WORDS = {"second": "1s", "minute": "1m", "hour": "1h", "day": "1d", "week": "1w"}
_RELATIONS: dict[str, Relation] = {"shortfall": "shortfall", "excess": "excess", "relative excess": "relative_excess"}


@dataclass(frozen=True, slots=True)
class Names:
    """What a credit may name. Unless ``all_read``, some promises are not among ``promises`` because they have problems
    of their own, and what names them is left unsaid."""

    scope: Scope
    promises: Sequence[Promise]
    all_read: bool = True

    @property
    def charges(self) -> set[str]:
        """The names of all charges; those of one service also as ``service.name``."""
        names = {"charge"}
        for called, service in self.scope.services.items():
            own = {"charge", *(name for name, _ in service.charges)}
            names |= own | {f"{called}.{name}" for name in own}
        return names


@dataclass(frozen=True, slots=True)
class Figure:
    """What is read. ``promises``: those whose target lies on the same scale. ``worse``: the side on which service is
    worse, None where nobody says. ``step``: it is a multiple of that, as it is rounded before it is compared.
    ``implied``: a standard measure that has to be taken for it alone."""

    unit: Unit
    by: str | None = None
    relation: Relation = "figure"
    points_of: str | None = None
    worse: Side | None = None
    promises: tuple[Promise, ...] = ()
    step: Fraction | None = None
    implied: MeasureRule | None = None
    per_item: Literal["outage", "ticket"] | None = None

    @property
    def unlimited(self) -> bool:
        """Whether it may be more than 100%, or 100% of nothing in particular."""
        return self.relation == "relative_excess"

    def read(self, value: object) -> Fraction:
        """A value on its scale, as typed."""
        text = str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value
        if not isinstance(text, str):
            raise ValueError(f"{said(value)} is no figure; write it as {_UNITS.get(self.unit, '1')}")
        text = text.strip()
        if self.unlimited and (found := _PERCENT.fullmatch(text)):
            return Fraction(found[1]) / 100
        if self.unit in ("score", "business_days"):
            return Fraction(amount(text))
        return value_of(text, self.unit)

    def size(self, value: object) -> Fraction:
        """One unit of it, above zero: ``30m``, ``hour``, ``1%``, ``1``."""
        text = str(value) if isinstance(value, int | Decimal) else value
        if not isinstance(text, str) or isinstance(value, bool):
            raise ValueError(f"{said(value)} is no unit; write it as {_UNITS.get(self.unit, '1')}")
        if self.unit == "ns":
            text = _WORDS.get(text.removesuffix("s"), text)
        found = Fraction(duration(text)) if self.unit == "ns" else self.read(text)
        if found <= 0:
            raise ValueError(f"{said(value)} is no unit; write it as {_UNITS.get(self.unit, '1')}")
        return found


_UNITS: dict[Unit, str] = {"ns": "1h", "ratio": "1%"}


def figure(value: object, about: Sequence[Promise], known: Names) -> Figure | None:
    """The figure as typed, for a credit for the promises ``about``; None where what it names has problems of its own.
    ValueError says what is wrong."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{said(value)} is no figure; write a measure, shortfall, excess or points of a credit")
    words = " ".join(value.split())
    if found := _POINTS.fullmatch(words):
        return Figure(unit="count", points_of=found[1], worse="high")
    named = measure_name(words)
    if (found := _FAR.fullmatch(words)) and named not in known.scope.measures:
        return _relation(_RELATIONS[found[1]], found[2], about, known)
    if named in known.scope.measures:
        rule = known.scope.measures[named]
        return None if rule is None else of_rule(rule, [p for p in about if p.rule == named], known)
    own = promised(words, known)
    if own:
        return of_promises([p for p in own if p in about] or own, own[0].id, known)
    try:
        implied = as_rule(taken(words, known.scope))
    except Untold:
        return None
    except NoMeasure:
        if not known.all_read:
            return None
        names = {*known.scope.measures, *(p.id.replace("-", " ") for p in known.promises)}
        raise ValueError(unknown("measure or promise", words, names)) from None
    return of_rule(implied, (), known, implied)


def of_promises(about: Sequence[Promise], by: str | None, known: Names) -> Figure:
    """The promises' own figure; they are of one measure."""
    first = about[0]
    rule = known.scope.measures.get(first.rule) if first.rule else None
    if len({(p.unit, p.operator[0]) for p in about}) > 1:
        raise ValueError(f"{first.id!r} names promises of different measures; give them different ids")
    return Figure(
        unit=first.unit,
        by=by,
        worse=_side(first.operator, first.unit),
        promises=tuple(about),
        step=_step(rule),
        per_item=None if rule is None else _item(rule, known),
    )


def of_rule(rule: MeasureRule, about: Sequence[Promise], known: Names, implied: MeasureRule | None = None) -> Figure:
    """The figure of a measure."""
    on_it = [*about, *(p for p in known.promises if p.rule == rule.name)]
    return Figure(
        unit=rule.unit,
        by=rule.name,
        worse=_side(on_it[0].operator, on_it[0].unit) if on_it else _worse(rule),
        promises=tuple(about),
        step=_step(rule),
        implied=implied,
        per_item=_item(rule, known),
    )


def promised(typed: str, known: Names) -> list[Promise]:
    """The promises that words name: by id, or as the promise's own line begins."""
    ids = {promise.id for promise in known.promises}
    slug = "-".join(typed.replace("_", " ").split())
    if typed not in ids and slug not in ids:
        try:
            slug = taken(typed, known.scope).id
        except ValueError:
            return []
    return [promise for promise in known.promises if promise.id == (typed if typed in ids else slug)]


def _relation(relation: Relation, named: str | None, about: Sequence[Promise], known: Names) -> Figure | None:
    words = relation.replace("_", " ")
    if named is not None:
        about = promised(named, known)
        if not about and known.all_read:
            raise ValueError(unknown("promise", named, (p.id for p in known.promises)))
    if not about:
        if named is None and known.all_read:
            raise ValueError(f"{words!r} is of a promise; name it with 'for', or write '{words} of {_example(known)}'")
        return None
    if len({promise.id for promise in about}) > 1:
        raise ValueError(f"{words!r} could be of any of them; write '{words} of {about[0].id}'")
    good = "high" if _side(about[0].operator, about[0].unit) == "low" else "low"
    if (good == "high") != (relation == "shortfall"):
        right = "shortfall" if good == "high" else "excess"
        raise ValueError(f"{words!r} can never be of {about[0].text!r}; did you mean {right!r}?")
    if relation == "relative_excess" and about[0].target == 0:
        raise ValueError(f"{words!r}: nothing is relative to {about[0].text!r}; write 'excess'")
    unit: Unit = "ratio" if relation == "relative_excess" else about[0].unit
    return Figure(unit=unit, by=about[0].id, relation=relation, worse="high")


def _example(known: Names) -> str:
    return known.promises[0].id if known.promises else "availability"


def _side(operator: Operator, unit: Unit) -> Side:
    """The side on which a promise is breached."""
    return "low" if operator[0] == ">" or (operator == "==" and unit == "ratio") else "high"


def _step(rule: MeasureRule | None) -> Fraction | None:
    return rule.round.to if rule is not None and rule.round is not None and rule.round.compare else None


def _item(rule: MeasureRule, known: Names) -> Literal["outage", "ticket"] | None:
    if rule.kind != "each":
        return None
    return "outage" if rule.of == OUTAGE or rule.of in known.scope.outages else "ticket"


def _worse(rule: MeasureRule) -> Side | None:
    """The side on which a measure is worse by what it is; None for figures counted elsewhere."""
    good = form_of(rule).good
    return None if good == "either" else "low" if good == "high" else "high"
