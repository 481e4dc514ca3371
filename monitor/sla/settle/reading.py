"""What a credit reads: the figure of a promise or of a measure, how far it lies from the target, or another credit's
points; and which way is good.

Every reading has the measured value and the bound that is most favourable to the provider.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from config.contract.model import Promise
from config.contract.money import Credit, Shape, Table
from config.contract.rules import MeasureRule
from monitor.sla.judgement import Judgement
from monitor.sla.lost import ground
from monitor.sla.measure import Measured
from monitor.sla.measures import TIMELINE
from monitor.sla.model import Item, PromiseResult, Verdict
from monitor.sla.settle.shapes import Scale
from monitor.sla.verdict import holds

_HIGH = {"ratio", "requests", "tickets"}


@dataclass(frozen=True, slots=True)
class Source:
    """A figure before it is read: its bounds, its unit, which side of it is good, and the promise it is about.

    ``about``: the promise whose target counts. ``rule``: the measure, where the contract defines it. ``judged``: the
    items are those of a promise and have verdicts.
    """

    name: str
    unit: str
    high: bool
    value: Fraction | None
    lower: Fraction | None
    upper: Fraction | None
    about: PromiseResult | None = None
    rule: MeasureRule | None = None
    items: tuple[Item, ...] = ()
    judged: bool = False

    def better(self, lower: Fraction | None, upper: Fraction | None) -> Fraction | None:
        """The bound most favourable to the provider."""
        return upper if self.high else lower


def breached(credit: Credit, judgement: Judgement, service: str) -> PromiseResult | None:
    """The first of a credit's promises that the service broke."""
    return next((r for r in made(credit, judgement, service) if r.verdict is Verdict.BREACHED), None)


def made(credit: Credit, judgement: Judgement, service: str) -> list[PromiseResult]:
    """The results of a credit's promises for a service."""
    return [r for r in judgement.results if r.id in credit.promises and r.service == service]


def source(credit: Credit, judgement: Judgement, service: str) -> Source | None:
    """What the credit reads for a service; None where there is no such figure."""
    promise = breached(credit, judgement, service) or next(iter(made(credit, judgement, service)), None)
    if credit.by is None:
        return None if promise is None else of_result(judgement, promise)
    named = next((r for r in judgement.results if r.id == credit.by and r.service == service), None)
    if named is not None:
        return of_result(judgement, named)
    return _of_measure(credit, judgement, service, promise)


def of_result(judgement: Judgement, result: PromiseResult) -> Source:
    """The figure of a promise."""
    rule = _rule(judgement, result.id)
    high = result.operator in (">", ">=")
    bounds = result.value, result.lower, result.upper
    return Source(result.id, result.unit, high, *bounds, result, rule, result.items, True)


def _of_measure(credit: Credit, judgement: Judgement, service: str, promise: PromiseResult | None) -> Source | None:
    """The figure of a measure; the promise on that measure tells which side is good, or else the credit's shape."""
    name = credit.by or ""
    rule = next((one for one in judgement.contract.measures if one.name == name), None)
    found = _measured(judgement, name, service, rule)
    if found is None:
        return None
    on_it = next((p for p in judgement.contract.promises if name in (p.rule, p.measure)), None)
    unit = rule.unit if rule is not None else TIMELINE[name].UNIT
    high = _good(credit.shape, on_it, rule, name)
    if rule is not None and rule.kind == "samples" and not _covered(judgement, rule.services or (service,)):
        return None
    about = promise
    if on_it is not None and (promise is None or promise.unit != unit):
        about = next((r for r in judgement.results if r.id == on_it.id and r.service == service), promise)
    return Source(name, unit, high, found.value, found.lower, found.upper, about, rule, found.items)


def _measured(judgement: Judgement, name: str, service: str, rule: MeasureRule | None) -> Measured | None:
    scene = judgement.scenes.get(service)
    if rule is not None:
        wanted = (rule.services or tuple(judgement.scenes)) if rule.pool else (service,)
        known = bool(wanted) and all(one in judgement.scenes for one in wanted)
        return judgement.figure(name, service) if known else None
    if name not in TIMELINE or scene is None:
        return None
    found: Measured = TIMELINE[name].measure(scene.view, plain(name, service))
    return found


def plain(measure: str, service: str) -> Promise:
    """A promise that says no more than its measure, for what only a credit reads."""
    high = measure == "availability"
    return Promise(
        id=measure,
        text=measure,
        measure=measure,
        operator=">=" if high else "<=",
        target=Fraction(1 if high else 0),
        unit=TIMELINE[measure].UNIT,
        services=(service,),
    )


def _good(shape: Shape, promise: Promise | None, rule: MeasureRule | None, name: str) -> bool:
    """Whether more is better: as a promise on it says, as the rows of a table fall, or as such measures are."""
    if promise is not None and promise.operator != "==":
        return promise.operator in (">", ">=")
    if isinstance(shape, Table) and shape.rows:
        return falling(shape)
    if rule is None:
        return name == "availability"
    return rule.kind in _HIGH or (rule.kind == "counts" and rule.number == "share")


def falling(table: Table) -> bool:
    """Whether a table pays more the lower the figure is."""
    rows = sorted(table.rows, key=lambda row: row.edge)
    if rows[0].give.amount != rows[-1].give.amount:
        return rows[0].give.amount > rows[-1].give.amount
    return rows[0].other is None and rows[0].operator in ("<", "<=")


def _covered(judgement: Judgement, services: Sequence[str]) -> bool:
    least = judgement.contract.minimum_coverage
    views = [judgement.scenes[one].view for one in services if one in judgement.scenes]
    return all(view.coverage is not None and view.coverage >= least for view in views)


def _rule(judgement: Judgement, promise: str) -> MeasureRule | None:
    named = next((p.rule for p in judgement.contract.promises if p.id == promise and p.rule), None)
    return next((rule for rule in judgement.contract.measures if rule.name == named), None)


def related(credit: Credit, found: Source) -> Callable[[Fraction], Fraction] | None:
    """How a figure becomes what the shape reads: itself, or how far it lies beyond the target, on the side that is
    not good. None where there is no target, or it is 0 and nothing is relative to it."""
    if credit.relation == "figure":
        return lambda figure: figure
    if found.about is None or found.about.unit != found.unit:
        return None
    target, sign = found.about.target, -1 if found.high else 1
    if credit.relation != "relative_excess":
        return lambda figure: max(Fraction(0), sign * (figure - target))
    if target == 0:
        return None
    return lambda figure: max(Fraction(0), sign * (figure - target) / abs(target))


def scale(credit: Credit, judgement: Judgement, found: Source | None, length: int) -> Scale:
    """In what unit the shape reads, and what the promise leaves in it."""
    currency = judgement.contract.currency
    if found is None:
        return Scale("count", False, Fraction(0), length, currency)
    if credit.relation != "figure":
        unit = "ratio" if credit.relation == "relative_excess" else found.unit
        return Scale(unit, False, Fraction(0), length, currency)
    return Scale(found.unit, found.high, allowed(judgement, found), length, currency)


def allowed(judgement: Judgement, found: Source) -> Fraction:
    """What the promise leaves to be lost, in the figure's unit: its target; or of a share, its part of the base."""
    promise = found.about
    if promise is None:
        return Fraction(0)
    if promise.unit != "ratio":
        return promise.target if promise.unit == found.unit else Fraction(0)
    high = promise.operator in (">", ">=")
    share = 1 - promise.target if high else promise.target
    if found.unit != "ns":
        return share
    return share * _base(judgement, promise)


def _base(judgement: Judgement, promise: PromiseResult) -> Fraction:
    """The time a promised share is of (ns)."""
    rule, scene = _rule(judgement, promise.id), judgement.scenes.get(promise.service)
    base = (rule.base if rule is not None else None) or judgement.contract.base
    if scene is not None and rule is not None and rule.kind == "ratio":
        made = next((p for p in judgement.contract.promises if p.id == promise.id), None)
        return ground(scene, rule, made).base
    if base.flat is not None:
        return Fraction(base.flat)
    period = judgement.period
    return Fraction(period.end - period.start if scene is None else scene.view.base)


def misses(promise: PromiseResult, better: Fraction | None) -> bool:
    """Whether even the favourable bound of one thing breaks a promise."""
    return better is not None and not holds(promise.operator, better, promise.target)
