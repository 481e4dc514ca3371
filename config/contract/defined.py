"""What stands left of a promise's operator, where the contract defines measures: one of them by name, or a statistic
of it (``p95 repair``, ``share of repair within 4h``, ``interruptions over 30m``), or else a standard measure.

A definition stands instead of the standard measure of the same name.
"""

import re
from functools import lru_cache

from config.contract import measure_fields as read_as
from config.contract.measures import Form, Measured, NoMeasure, measured, no_measure, slug
from config.contract.noun import Unit
from config.contract.rules import MeasureRule, good_side
from config.contract.scope import OUTAGE, Scope

_SHARE = re.compile(r"share of (.+) ((?:within|under|over) .+)")
_OVER = re.compile(r"(.+) over (.+)")
_FIGURES: dict[Unit, str] = {"ratio": "99.9%", "ns": "4h", "count": "3", "score": "4.5", "business_days": "2"}


class Untold(ValueError):
    """Rests on something whose problem has been told already."""


def taken(text: str, scope: Scope) -> Measured:
    """The measure of a line's left side; ValueError says what is wrong, ``Untold`` that it has been said."""
    words = read_as.measure_name(text)
    rule = _rule(words, scope) if scope.measures else None
    if rule is not None:
        return Measured(form_of(rule), rule.statistic, rule.threshold, slug(words), rule)
    try:
        return measured(words)
    except NoMeasure:
        raise NoMeasure(no_measure(words, scope.measures)) from None


def form_of(rule: MeasureRule) -> Form:
    """How a defined measure is promised: its unit, and which way is good."""
    good = good_side(rule)
    sign = ">=" if good == "high" else "<="
    return Form(rule.name, rule.unit, good, "facts", example=f"{rule.name} {sign} {_FIGURES[rule.unit]}")


def _rule(words: str, scope: Scope) -> MeasureRule | None:
    """The measure that the words name or are made of; None where none of those defined has to do with them."""
    if words in scope.measures:
        return _whole(words, scope)
    share = _SHARE.fullmatch(words)
    if share and share[1] in scope.measures:
        return _statistic(words, _whole(share[1], scope), f"share {share[2]}", scope)
    over = _OVER.fullmatch(words)
    if over and over[1] in scope.measures:
        return _longer(words, _whole(over[1], scope), over[2])
    first, _, rest = words.partition(" ")
    return _statistic(words, _whole(rest, scope), first, scope) if rest in scope.measures else None


def _whole(name: str, scope: Scope) -> MeasureRule:
    rule = scope.measures[name]
    if rule is None:
        raise Untold(f"{name!r} cannot be read")
    return rule


def _statistic(words: str, rule: MeasureRule, text: str, scope: Scope) -> MeasureRule:
    pooled = rule.kind == "samples" and (rule.unit == "ratio" or rule.bins is not None)
    if rule.kind not in ("each", "samples", "given") or pooled:
        raise ValueError(f"{rule.name} has no statistic; write '{form_of(rule).example}' without {text.split()[0]!r}")
    if rule.kind == "each" and rule.statistic is not None:
        raise ValueError(f"{rule.name} is the {rule.statistic} already; leave out {text.split()[0]!r}")
    stat = read_as.statistic(text, rule.kind)
    update: dict[str, object] = {"name": words, "statistic": stat.name, "threshold": stat.threshold}
    update["in_days"] = (rule.of,) if stat.days else ()
    if stat.days and rule.of in {*scope.outages, OUTAGE}:
        raise ValueError(f"{text!r}: {read_as.ONLY_LEGS}")
    return rule.but(**(update | ({"unit": "ratio", "round": None} if stat.share else {})))


def _longer(words: str, rule: MeasureRule, text: str) -> MeasureRule:
    if rule.kind != "count" or rule.longer:
        raise ValueError(f"{words!r}: only a plain count of outages has 'over'; {rule.name} is none")
    return rule.but(name=words, longer=read_as.positive(text), strict_longer=True)


def as_rule(found: Measured) -> MeasureRule:
    """The rule of a measure; a standard one as if it were defined, on the contract's plain outages."""
    if found.rule is not None:
        return found.rule
    form = found.form
    if form.needs != "state":
        statistic = found.statistic if form.unit != "ratio" or found.threshold is not None else None
        words = found.id.replace("-", " ")
        of = "latency" if found.threshold is not None else form.slug
        return MeasureRule(
            name=words, kind="samples", of=of, unit=form.unit, statistic=statistic, threshold=found.threshold
        )
    match form.words:
        case "availability":
            return MeasureRule(name=form.words, kind="ratio", of=OUTAGE, unit="ratio")
        case "longest outage":
            return MeasureRule(name=form.words, kind="longest", of=OUTAGE, unit="ns")
        case "total outage":
            return MeasureRule(name=form.words, kind="total", of=OUTAGE, unit="ns")
    words = found.id.replace("-", " ")
    return MeasureRule(name=words, kind="count", of=OUTAGE, unit="count", longer=found.threshold or 0)


@lru_cache(maxsize=256)
def _standard(name: str) -> MeasureRule | None:
    """The standard measure of a name. Kept, for what a name that is none is like takes long to find and is not told."""
    try:
        return as_rule(measured(name))
    except ValueError:
        return None


def is_standard(rule: MeasureRule, scope: Scope) -> bool:
    """Whether a definition says of a standard measure what it is without one."""
    known = _standard(rule.name)
    return known is not None and known == rule.but(base=None if rule.base == scope.base else rule.base)


def within(rule: MeasureRule, over: str | None, clock: str | None) -> MeasureRule:
    """The measure over a window of its own, or on a clock; its name says so."""
    name = rule.name + (f" per {over}" if over else "") + (f" on {clock}" if clock and clock != rule.clock else "")
    return rule.but(name=name, over=over or rule.over, clock=clock or rule.clock)
