"""How one promise stands at an instant of its open period: its result, what threatens it, and what is to be told."""

from collections.abc import Sequence

from config.contract.model import Contract, Promise, Service
from config.model import RiskTerms
from config.periods import Period
from monitor.sla.account import PromiseNow, Raised
from monitor.sla.events import Event
from monitor.sla.in_force import unjudged
from monitor.sla.judge import promise_result
from monitor.sla.live import Live
from monitor.sla.measures import SAMPLE
from monitor.sla.risk import outlook
from monitor.sla.stakes import stakes_of
from monitor.sla.tally import Tally
from monitor.sla.telling import breach_events, risk_events


def standing(
    contract: Contract,
    period: Period,
    promise: Promise,
    service: Service,
    live: Live,
    now: int,
    terms: RiskTerms,
    before: Sequence[Raised],
) -> tuple[list[Event], PromiseNow]:
    """``before`` are the risks that were raised; a period that is not judged tells nothing and raises none."""
    tallies: dict[str, Tally] = {}
    if promise.measure in SAMPLE:
        tallies[promise.id] = Tally(promise)
        for book in live.books(service):
            tallies[promise.id].merge(book.tallies[promise.id])
    judged = unjudged(contract, period) is None
    seen = live.judged(promise, service.name, tallies)
    result = promise_result(contract, promise, service.name, seen, now < period.end, judged)
    at_stake = stakes_of(contract, promise, seen.scene, result.items)
    ahead = outlook(promise, result, seen.view, now, live.confirmed(service), terms, at_stake)
    if not judged:
        return [], PromiseNow(result, ahead, ())
    told, raised = risk_events(contract, promise, service.name, ahead, before, now)
    told += breach_events(contract, promise, result, seen.view, period, now)
    return told, PromiseNow(result, ahead, raised)
