"""The judging of one period: views, tallies and scenes in, promises with verdicts out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from config.contract.model import Contract, Promise
from config.contract.rules import MeasureRule
from monitor.sla.figures import View, sufficiency, under_policy
from monitor.sla.measure import Measured
from monitor.sla.measures import METHODS, RULES, SAMPLE, TIMELINE
from monitor.sla.model import Item, PromiseResult, Sufficiency, Verdict
from monitor.sla.ruled import measure_rule
from monitor.sla.scene import Scene
from monitor.sla.tally import Tally
from monitor.sla.verdict import holds, judge


@dataclass(frozen=True, slots=True)
class Judged:
    """The view of one service, the tallies of its sample promises, by promise id, and the scene that defined measures
    are taken from; None where it cannot be told yet."""

    view: View
    tallies: Mapping[str, Tally]
    scene: Scene | None = None


def promise_results(
    contract: Contract, services: Mapping[str, Judged], is_open: bool, with_verdicts: bool
) -> tuple[PromiseResult, ...]:
    """Every promise for each of its services, in the contract's order; one for all where they are pooled."""
    return tuple(
        promise_result(contract, promise, service, services[service], is_open, with_verdicts)
        for promise in contract.promises
        for service in judged_at(contract, promise)
    )


def rule_of(contract: Contract, promise: Promise) -> MeasureRule | None:
    """The measure that the contract defines and the promise is made about."""
    return None if promise.rule is None else contract.measure(promise.rule)


def judged_at(contract: Contract, promise: Promise) -> tuple[str, ...]:
    """The services at which a promise is judged: each of its own; the first, where one figure is made of all."""
    rule = rule_of(contract, promise)
    return promise.services[:1] if rule is not None and rule.pool else promise.services


def promise_result(
    contract: Contract, promise: Promise, service: str, judged: Judged, is_open: bool, with_verdicts: bool
) -> PromiseResult:
    """One promise for one service: what was measured, its bounds, and what follows."""
    rule = rule_of(contract, promise)
    if rule is not None:
        return _by_rule(contract, promise, rule, service, judged, is_open, with_verdicts)
    view = under_policy(judged.view, contract.unknown)
    found = measured(promise, view, judged.tallies)
    verdict = _verdict(contract, promise, view, found, is_open) if with_verdicts else None
    method = METHODS[promise.measure] + _policy(contract.unknown)
    return _result(promise, service, found, verdict, method, _sufficiency(promise, view), is_open)


def _result(
    promise: Promise,
    service: str,
    found: Measured,
    verdict: Verdict | None,
    method: str,
    enough: Sufficiency | None,
    is_open: bool,
) -> PromiseResult:
    short = found.value is not None and not holds(promise.operator, found.value, promise.target)
    return PromiseResult(
        id=promise.id,
        service=service,
        text=promise.text,
        measure=promise.measure,
        statistic=promise.statistic,
        operator=promise.operator,
        target=promise.target,
        unit=promise.unit,
        value=found.value,
        lower=found.lower,
        upper=found.upper,
        verdict=verdict,
        method=method,
        samples=found.samples,
        sufficiency=enough,
        below_target_so_far=short if is_open else None,
        items=found.items,
        by=promise.by,
    )


def _policy(policy: str) -> str:
    return "" if policy == "indeterminate" else f" unknown={policy}"


def scenes_of(contract: Contract, promise: Promise, rule: MeasureRule, scene: Scene) -> list[Scene]:
    """What a promise by rule is measured on: one service, or all that are pooled; unknown time as the contract has
    it."""
    names = promise.services if rule.pool else (scene.service.name,)
    own = [scene if name == scene.service.name else scene.others[name] for name in names]
    return [one.under(contract.unknown) for one in own]


def _by_rule(
    contract: Contract,
    promise: Promise,
    rule: MeasureRule,
    service: str,
    judged: Judged,
    is_open: bool,
    with_verdicts: bool,
) -> PromiseResult:
    method: str = RULES[rule.kind].METHOD + _policy(rule.unknown or contract.unknown)
    if judged.scene is None:
        nothing = Verdict.INDETERMINATE if with_verdicts else None
        return _result(promise, service, Measured(None, None, None), nothing, method, None, is_open)
    scenes = scenes_of(contract, promise, rule, judged.scene)
    found = measure_rule(scenes, rule, promise)
    verdict = None
    if with_verdicts:
        items = tuple(replace(item, verdict=item_verdict(promise, item)) for item in found.items)
        found = replace(found, items=items)
        verdict = _rule_verdict(contract, promise, rule, scenes, found, is_open)
    name = "+".join(scene.service.name for scene in scenes)
    return _result(promise, name, found, verdict, method, None, is_open)


def item_verdict(promise: Promise, item: Item) -> Verdict:
    """One item by itself."""
    if item.value is None and item.lower is None and item.upper is None:
        return Verdict.INDETERMINATE
    return judge(promise.operator, promise.target, item.lower, item.upper)


def _rule_verdict(
    contract: Contract, promise: Promise, rule: MeasureRule, scenes: Sequence[Scene], found: Measured, is_open: bool
) -> Verdict:
    """Breached if any item is; otherwise as the bounds of the worst of all that there may be say."""
    if any(item.verdict is Verdict.BREACHED for item in found.items):
        return Verdict.BREACHED
    if rule.kind == "samples":
        covered = [scene.view.coverage for scene in scenes]
        short = any(share is None or share < contract.minimum_coverage for share in covered)
        if is_open or found.value is None or short:
            return Verdict.INDETERMINATE
    if found.value is None and rule.kind in ("ratio", "requests", "counts", "given"):
        return Verdict.INDETERMINATE
    return judge(promise.operator, promise.target, found.lower, found.upper)


def measured(promise: Promise, view: View, tallies: Mapping[str, Tally]) -> Measured:
    """The promise's measure over a view."""
    if promise.measure in TIMELINE:
        found: Measured = TIMELINE[promise.measure].measure(view, promise)
        return found
    if view.base == 0:
        return Measured(None, None, None, 0)
    return tallies[promise.id].measured()


def budget(promise: Promise, view: View) -> Fraction | None:
    """How much DOWN (ns) a promise allows in the whole period, None where it is no matter of lost time."""
    if promise.measure not in TIMELINE:
        return None
    allowed: Fraction | None = TIMELINE[promise.measure].budget(view, promise)
    return allowed


def _verdict(contract: Contract, promise: Promise, view: View, found: Measured, is_open: bool) -> Verdict:
    if view.base == 0:
        return Verdict.INDETERMINATE
    if promise.measure in SAMPLE:
        coverage = view.coverage
        if is_open or found.value is None or coverage is None or coverage < contract.minimum_coverage:
            return Verdict.INDETERMINATE
    lower, upper = found.lower, found.upper
    if promise.measure == "availability" and found.value is None:
        return Verdict.INDETERMINATE
    return judge(promise.operator, promise.target, lower, upper)


def _sufficiency(promise: Promise, view: View) -> Sufficiency | None:
    allowed = budget(promise, view)
    return None if allowed is None else sufficiency(view.unknown - view.pending, allowed)
