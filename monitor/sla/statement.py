"""A period's account: the promises, the figures, what was left out of them and why, and what is owed.

``build`` is the one evaluator. It reads evidence (a store, or a file of facts) and nothing else: the same facts give
the same statement.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

from config.contract.model import Contract, Service
from config.contract.revisions import in_force
from config.model import Config
from config.periods import Period
from config.spans import clip, subtract
from monitor.sla.chains import is_pending
from monitor.sla.evidence import Evidence
from monitor.sla.exclusions import not_in_service
from monitor.sla.figures import View
from monitor.sla.in_force import of_period, unjudged
from monitor.sla.incidents import incidents
from monitor.sla.insecure import insecure
from monitor.sla.judge import promise_results
from monitor.sla.judgement import Judgement
from monitor.sla.known import Known
from monitor.sla.model import (
    Counted,
    ExclusionUse,
    Incident,
    PartialOutage,
    PromiseResult,
    State,
    Statement,
    UnknownSpan,
)
from monitor.sla.risk import outlook
from monitor.sla.services import Found, facts_of, judge_services
from monitor.sla.settle import Settled, settle
from monitor.sla.settle.charges import charges
from monitor.sla.settle.held import conditions_of
from monitor.sla.settle.history import History
from monitor.sla.stakes import stakes_of

TZDATA = version("tzdata")


@dataclass(frozen=True, slots=True)
class _Whole:
    """All services of one contract in one period, and the facts they were read with."""

    facts: Known
    found: dict[str, Found]
    results: tuple[PromiseResult, ...]
    conditions: tuple[PromiseResult, ...]


def build(config: Config, contract: Contract, period: Period, evidence: Evidence, as_of: int | None) -> Statement:
    """The statement of one contract for one period.

    ``as_of``: the evidence is complete up to this instant and the rest of the period is still to come; None: the
    period is judged as closed, with what the evidence holds. A period that is not of the contract's kind gives figures
    without verdicts and credits, and so does one in which the contract does not hold or warms up. The text in force
    when the period begins is the one it is judged by.
    """
    if as_of is not None and as_of <= period.start:
        raise ValueError(f"the period {period.label} has not begun")
    is_open = as_of is not None and as_of < period.end
    agreed, here = contract, of_period(contract, period, as_of)
    contract, ours = here.terms, here.unjudged is None
    whole = _whole(config, contract, period, evidence, as_of)
    facts, found, results = whole.facts, whole.found, whole.results
    if is_open and as_of is not None and here.unjudged in (None, "other_period"):
        results = _with_risks(config, contract, results, found, as_of)
    settled = _settled(config, agreed, period, evidence, as_of, whole) if ours else Settled()
    return Statement(
        contract=contract.name,
        provider=contract.provider,
        customer=contract.customer,
        contract_digest=contract.digest,
        period=period,
        timezone=contract.timezone,
        tzdata=TZDATA,
        services=tuple(s.judged.view.figures(name) for name, s in found.items()),
        promises=results,
        incidents=tuple(one for name, service in found.items() for one in _incidents(name, service, facts)),
        exclusions=tuple(use for s in contract.services for use in _uses(s, found[s.name].judged.view, period)),
        unknown=tuple(span for n, s in found.items() for span in _unknown(n, s.judged.view)),
        partial=tuple(span for n, s in found.items() for span in _partial(n, s, period)),
        credits=settled.lines,
        credit_total=settled.total,
        currency=contract.currency,
        claim_by=settled.claim_by,
        in_kind=settled.in_kind,
        claims=settled.claims,
        rights=settled.rights,
        remarks=contract.remarks,
        language=contract.language,
        revision_in_force=here.revision,
        parties=here.parties,
        review_by=here.review_by,
        unjudged=here.unjudged,
        counted=tuple(one for n, s in found.items() for one in _counted(contract, s)),
        insecure=insecure(config, contract),
        as_of=as_of if is_open else None,
    )


def _incidents(name: str, service: Found, facts: Known) -> list[Incident]:
    """Those of one service, with what people did about them."""
    return incidents(service.judged.view, service.trace, name, facts.handling.get(name, ()))


def _whole(config: Config, contract: Contract, period: Period, evidence: Evidence, as_of: int | None) -> _Whole:
    """Every service and every promise of one period."""
    facts = facts_of(contract, period, evidence)
    found = judge_services(config, contract, period, evidence, facts, as_of)
    is_open = as_of is not None and as_of < period.end
    judged = {name: service.judged for name, service in found.items()}
    ours = unjudged(contract, period) is None

    def results(terms: Contract) -> tuple[PromiseResult, ...]:
        return promise_results(terms, judged, is_open, ours)

    return _Whole(facts, found, results(contract), conditions_of(contract, results))


def _settled(
    config: Config, contract: Contract, period: Period, evidence: Evidence, as_of: int | None, whole: _Whole
) -> Settled:
    """What follows from the period's results; earlier periods are judged where something looks back at them."""

    def judge(earlier: Period, history: History) -> Judgement:
        terms = in_force(contract, earlier.start)
        return _judgement(terms, earlier, None, _whole(config, terms, earlier, evidence, None), history)

    return settle(
        _judgement(in_force(contract, period.start), period, as_of, whole, History(contract, evidence, judge))
    )


def _judgement(contract: Contract, period: Period, as_of: int | None, whole: _Whole, history: History) -> Judgement:
    return Judgement(
        contract=contract,
        period=period,
        results=whole.results,
        scenes={
            name: one.judged.scene.under(contract.unknown)
            for name, one in whole.found.items()
            if one.judged.scene is not None
        },
        charges=charges(contract, period.label, whole.facts.charges),
        before=history.before(period),
        lines=history.lines,
        charged=history.charged(period),
        conditions=whole.conditions,
        claims=tuple(whole.facts.claims),
        now=as_of if as_of is not None and as_of < period.end else None,
        agreed=history.agreed,
    )


def _with_risks(
    config: Config, contract: Contract, results: Sequence[PromiseResult], found: dict[str, Found], now: int
) -> tuple[PromiseResult, ...]:
    """The results of an open period, each with whether anything threatens it at ``now``."""
    promises = {promise.id: promise for promise in contract.promises}
    out = []
    for result in results:
        promise = promises[result.id]
        judged = found[result.service.split("+")[0]].judged
        at_stake = stakes_of(contract, promise, judged.scene, result.items)
        ahead = outlook(promise, result, judged.view, now, True, config.risk, at_stake)
        out.append(replace(result, at_risk=bool(ahead.threats)))
    return tuple(out)


def _counted(contract: Contract, found: Found) -> Iterator[Counted]:
    """Every outage that counts for something, as each rule of the contract counts it."""
    scene = found.judged.scene
    if scene is None:
        return
    for rule in contract.outages:
        for one in scene.under(contract.unknown).outages(rule.name):
            if one.charged:
                yield Counted(
                    rule=rule.name,
                    service=one.service,
                    start=one.start,
                    end=None if one.open else one.end,
                    charged=one.charged,
                    weight=one.weight,
                    ticket=one.ticket,
                    cause=one.cause,
                    severity=one.severity,
                )


def _unknown(service: str, view: View) -> list[UnknownSpan]:
    """What nobody can speak for, without what was excluded anyway and what is still to come."""
    out = view.excluded.all
    found = []
    for piece in view.pieces:
        if piece.state is State.UNKNOWN and not is_pending(piece):
            for start, end in subtract(clip([(piece.start, piece.end)], view.start, view.end), out):
                found.append(UnknownSpan(service, start, end, piece.cause or "unknown"))
    return found


def _uses(service: Service, view: View, period: Period) -> list[ExclusionUse]:
    """What bore on a service up to the period's end, by reason of whatever."""
    before = not_in_service(service, period.start, period.end)
    return before + [use for use in view.excluded.uses if use.start < period.end]


def _partial(name: str, found: Found, period: Period) -> list[PartialOutage]:
    return [
        PartialOutage(name, target, max(d.start, period.start), min(d.end, period.end), d.seen_by)
        for target, reading in found.readings.items()
        for d in reading.dissents
        if d.start < period.end and d.end > period.start
    ]
