"""A period's account: what was promised, what was measured, what was excluded and why, and what follows.

``build`` is the one evaluator. It reads evidence (a store, or a file of facts) and nothing else: the same facts give
the same statement.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from zoneinfo import ZoneInfo

from config.contract.model import Contract, Service
from config.contract.revisions import in_force
from config.model import Config, Target
from config.periods import Period, containing
from config.spans import Span, clip, subtract
from monitor.sla.chains import chains, is_pending
from monitor.sla.evidence import Evidence
from monitor.sla.exclusions import not_in_service, resolve
from monitor.sla.figures import View, look
from monitor.sla.in_force import of_period, unjudged
from monitor.sla.incidents import Trace, incidents
from monitor.sla.insecure import insecure
from monitor.sla.judge import Judged, promise_results
from monitor.sla.judgement import Judgement
from monitor.sla.known import DAY, Index, Known, cadences, known
from monitor.sla.measures import SAMPLE
from monitor.sla.model import ExclusionUse, PartialOutage, PromiseResult, State, Statement, UnknownSpan
from monitor.sla.reading import TargetReading, Window, read_target, service_pieces, up_to_the_last_word
from monitor.sla.risk import outlook
from monitor.sla.settle import Settled, settle
from monitor.sla.settle.charges import charges
from monitor.sla.settle.history import History
from monitor.sla.tally import Tally
from monitor.sla.timeline import Piece
from monitor.sla.words import FOREVER

TZDATA = version("tzdata")


@dataclass(frozen=True, slots=True)
class _Service:
    judged: Judged
    trace: Trace
    readings: dict[str, TargetReading]


@dataclass(frozen=True, slots=True)
class _Whole:
    """All services of one contract in one period, and the facts they were read with."""

    facts: Known
    found: dict[str, _Service]
    results: tuple[PromiseResult, ...]


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
    if is_open and as_of is not None:
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
        incidents=tuple(
            i for n, s in found.items() for i in incidents(s.judged.view, s.trace, n, facts.handling.get(n, ()))
        ),
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
        insecure=insecure(config, contract),
        as_of=as_of if is_open else None,
    )


def _whole(config: Config, contract: Contract, period: Period, evidence: Evidence, as_of: int | None) -> _Whole:
    """Every service and every promise of one period."""
    facts = known(contract, Index(evidence, cap_start(contract, period) - 40 * DAY, FOREVER))
    found = {s.name: _judge_service(config, contract, s, period, evidence, facts, as_of) for s in contract.services}
    is_open = as_of is not None and as_of < period.end
    judged = {name: service.judged for name, service in found.items()}
    results = promise_results(contract, judged, is_open, unjudged(contract, period) is None)
    return _Whole(facts, found, results)


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
        scenes={},
        charges=charges(contract, period.label, whole.facts.charges),
        before=history.before(period),
        lines=history.lines,
        charged=history.charged(period),
        claims=tuple(whole.facts.claims),
        now=as_of if as_of is not None and as_of < period.end else None,
    )


def _with_risks(
    config: Config, contract: Contract, results: Sequence[PromiseResult], found: dict[str, _Service], now: int
) -> tuple[PromiseResult, ...]:
    """The results of an open period, each with whether anything threatens it at ``now``."""
    promises = {promise.id: promise for promise in contract.promises}
    out = []
    for result in results:
        view = found[result.service].judged.view
        ahead = outlook(promises[result.id], result, view, now, True, config.risk)
        out.append(replace(result, at_risk=bool(ahead.threats)))
    return tuple(out)


def _judge_service(
    config: Config,
    contract: Contract,
    service: Service,
    period: Period,
    evidence: Evidence,
    facts: Known,
    as_of: int | None,
) -> _Service:
    reach = _reach(service, config, facts)
    window = Window(period.start - reach, period.end + reach, as_of)
    while True:
        readings = {
            name: read_target(config, config.targets[name], evidence, facts, window) for name in service.targets
        }
        pieces, trace = service_pieces(service, list(readings.values()), facts, window)
        wider = _wider(service, pieces, evidence, facts, window, period, reach)
        if wider is None:
            break
        window = wider
    if as_of is None:
        pieces = up_to_the_last_word(pieces, trace, period.end)
    excluded = resolve(contract, service, facts.exclusions, facts.caused(service.name), cap_start(contract, period))
    view = look(pieces, excluded, period.start, period.end)
    return _Service(Judged(view, _tallies(config, contract, service, readings, view)), trace, readings)


def _reach(service: Service, config: Config, facts: Known) -> int:
    """How far a word of any of the targets can reach, and the instant after."""
    steps = [c for n in service.targets for c in cadences(config.targets[n], facts.schedules(n))]
    return max(cadence.max_gap for cadence in steps) + 1


def _wider(
    service: Service,
    pieces: Sequence[Piece],
    evidence: Evidence,
    facts: Known,
    window: Window,
    period: Period,
    reach: int,
) -> Window | None:
    """A window that reaches further where an incident may, or None where there is no more to learn."""
    found = chains(pieces)
    first = next((c for c in found if c.start < period.start < c.end), None)
    last = next((c for c in found if c.start < period.end <= c.end), None)
    start, end = window.start, window.end
    if first is not None and first.start == window.start:
        start = _earlier(service, evidence, facts, window)
    if last is not None and last.open and (window.as_of is None or window.end < window.as_of):
        end = _later(service, evidence, facts, window, reach)
    return None if (start, end) == (window.start, window.end) else Window(start, end, window.as_of)


def _earlier(service: Service, evidence: Evidence, facts: Known, window: Window) -> int:
    before = [evidence.last_before(name, window.start) for name in service.targets]
    told = [f.start for f in facts.states.get(service.name, ()) if f.start < window.start]
    instants = [sample.at for sample in before if sample is not None] + told
    return min(instants) - 2 * (window.end - window.start) if instants else window.start


def _later(service: Service, evidence: Evidence, facts: Known, window: Window, reach: int) -> int:
    """Further, while there is a word that may speak beyond the window's end."""
    final = [evidence.last_before(name, FOREVER) for name in service.targets]
    spoken = [sample.at + reach for sample in final if sample is not None]
    spoken += [fact.end for fact in facts.states.get(service.name, ())]
    return window.end + 2 * (window.end - window.start) if max(spoken, default=0) > window.end else window.end


def cap_start(contract: Contract, period: Period) -> int:
    """The first instant whose announced time may use up a cap that holds in the period."""
    zone = ZoneInfo(contract.timezone)
    kinds = {term.cap_period for term in contract.exclusions if term.cap is not None}
    return min([period.start, *(containing(kind, period.start, zone).start for kind in kinds)])


def _tallies(
    config: Config, contract: Contract, service: Service, readings: dict[str, TargetReading], view: View
) -> dict[str, Tally]:
    """The sample promises of a service: every Up and Down sample of its targets outside excluded time."""
    tallies = {p.id: Tally(p) for p in contract.promises if service.name in p.services and p.measure in SAMPLE}
    if not tallies:
        return {}
    excluded = view.excluded.all
    for name, reading in readings.items():
        latency_of = latency_of_target(config.targets[name])
        for sample, state in reading.heard:
            if state is State.UNKNOWN or not view.start <= sample.at < view.end or inside(sample.at, excluded):
                continue
            for tally in tallies.values():
                tally.add(sample, latency_of)
    return tallies


def latency_of_target(target: Target) -> str:
    """Which of its phases a target's latency is; probes without the option are timed whole."""
    return str(getattr(target.options, "latency_of", "total"))


def inside(at: int, spans: Sequence[Span]) -> bool:
    """Whether an instant lies in one of a set of spans."""
    index = bisect_right(spans, (at, FOREVER)) - 1
    return index >= 0 and at < spans[index][1]


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


def _partial(name: str, found: _Service, period: Period) -> list[PartialOutage]:
    return [
        PartialOutage(name, target, max(d.start, period.start), min(d.end, period.end), d.seen_by)
        for target, reading in found.readings.items()
        for d in reading.dissents
        if d.start < period.end and d.end > period.start
    ]
