"""The judging of one period: views and tallies in, promises with verdicts out."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from config.contract.model import Contract, Promise
from monitor.sla.figures import View, sufficiency, under_policy
from monitor.sla.measure import Measured
from monitor.sla.measures import METHODS, SAMPLE, TIMELINE
from monitor.sla.model import PromiseResult, Sufficiency, Verdict
from monitor.sla.tally import Tally
from monitor.sla.verdict import holds, judge


@dataclass(frozen=True, slots=True)
class Judged:
    """The view of one service and the tallies of its sample promises, by promise id."""

    view: View
    tallies: Mapping[str, Tally]


def promise_results(
    contract: Contract, services: Mapping[str, Judged], is_open: bool, with_verdicts: bool
) -> tuple[PromiseResult, ...]:
    """Every promise for each of its services, in the contract's order."""
    return tuple(
        promise_result(contract, promise, service, services[service], is_open, with_verdicts)
        for promise in contract.promises
        for service in promise.services
    )


def promise_result(
    contract: Contract, promise: Promise, service: str, judged: Judged, is_open: bool, with_verdicts: bool
) -> PromiseResult:
    """One promise for one service: what was measured, its bounds, and what follows."""
    view = under_policy(judged.view, contract.unknown)
    found = measured(promise, view, judged.tallies)
    verdict = _verdict(contract, promise, view, found, is_open) if with_verdicts else None
    policy = "" if contract.unknown == "indeterminate" else f" unknown={contract.unknown}"
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
        method=METHODS[promise.measure] + policy,
        samples=found.samples,
        sufficiency=_sufficiency(promise, view),
        below_target_so_far=short if is_open else None,
    )


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
