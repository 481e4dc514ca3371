"""What threatens a promise while its period runs: how far each budget is used, how long until the breach.

Nothing here remembers: a risk is a name, a level and the figures behind it at one instant. Raising it once, escalating
and clearing it is the ledger's.

    budget       DOWN so far / what the promise allows in the whole period (or outages so far / those allowed)
    incident     charged duration of the running incident / the limit of each incident
    forecast     time until the breach if the running outage goes on, once that outage is confirmed; what is announced
                 and not charged does not run down a limit, and a budget ends with its period
    burn         how many times faster than allowed the budget went over the last 1 h and 6 h
    below target the value so far misses the target; it can still recover
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from config.contract.model import Promise
from config.model import RiskTerms
from config.spans import clip, subtract, total, union
from monitor.sla.chains import Chain
from monitor.sla.figures import View
from monitor.sla.judge import budget
from monitor.sla.model import PromiseResult, State
from monitor.sla.stakes import Stakes

HOUR = 3_600_000_000_000
ENOUGH_SAMPLES = 30


@dataclass(frozen=True, slots=True)
class Budget:
    """What a promise allows in the period, and what is used of it (ns, or a count of outages)."""

    total: Fraction
    consumed: Fraction

    @property
    def ratio(self) -> Fraction | None:
        """The share used; None where nothing was allowed and nothing used."""
        if self.total > 0:
            return self.consumed / self.total
        return None if self.consumed == 0 else Fraction(1)


@dataclass(frozen=True, slots=True)
class Threat:
    """One risk as it stands: ``level`` counts the thresholds passed, ``text`` says which the highest is."""

    name: str
    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """One promise of one service at one instant of its open period (instants and durations in ns)."""

    budget: Budget | None
    forecast: int | None
    incident_remaining: int | None
    burn_1h: Fraction | None
    burn_6h: Fraction | None
    threats: tuple[Threat, ...]


def outlook(
    promise: Promise,
    result: PromiseResult,
    view: View,
    now: int,
    confirmed: bool,
    terms: RiskTerms,
    at_stake: Stakes | None = None,
) -> Outlook:
    """What threatens a promise at ``now``. ``confirmed``: the running outage, if there is one, is confirmed.
    ``at_stake``: of a promise by a defined measure, what it allows and what is used."""
    if promise.rule is not None:
        return _by_rule(promise, result, view, now, confirmed, terms, at_stake)
    running = running_chain(view, now)
    found = _budget(promise, result, view)
    left = _left(promise, found, view, running)
    incident_left = left if promise.measure == "longest-outage" else None
    forecast = _forecast(promise, left, view, now) if left is not None and running is not None else None
    burns = [_burn(promise, view, now, hours * HOUR) for hours in (1, 6)]
    threats = [
        _budget_threat(found, terms),
        _incident_threat(promise, incident_left, terms),
        _forecast_threat(forecast - now if forecast is not None and confirmed else None, terms),
        _burn_threat(burns, terms),
        _below(result),
    ]
    return Outlook(found, forecast, incident_left, burns[0], burns[1], tuple(t for t in threats if t is not None))


def _by_rule(
    promise: Promise,
    result: PromiseResult,
    view: View,
    now: int,
    confirmed: bool,
    terms: RiskTerms,
    at_stake: Stakes | None,
) -> Outlook:
    """Of a defined measure: no burn rates, since what counts as lost may only be known later."""
    if at_stake is None:
        threat = _below(result)
        return Outlook(None, None, None, None, None, () if threat is None else (threat,))
    found = None if at_stake.total is None else Budget(at_stake.total, at_stake.used)
    left = forecast = None
    if at_stake.limit is not None and at_stake.reached is not None and promise.unit == "ns":
        left = int(at_stake.limit - at_stake.reached)
    if at_stake.due is not None:
        forecast = at_stake.due if at_stake.due >= now else None
    elif left is not None:
        forecast = _instant_of(left, True, view, now)
    elif found is not None and promise.unit in ("ns", "ratio") and running_chain(view, now) is not None:
        forecast = _instant_of(int(found.total - found.consumed - at_stake.running), False, view, now)
    threats = [
        _budget_threat(found, terms),
        _incident_threat(promise, left, terms),
        _forecast_threat(forecast - now if forecast is not None and confirmed else None, terms),
        _below(result),
    ]
    return Outlook(found, forecast, left, None, None, tuple(t for t in threats if t is not None))


def running_chain(view: View, now: int) -> Chain | None:
    """The incident that goes on at ``now``: its service is down, or was when it was last known."""
    found = [c for c in view.chains if c.outages and c.open and c.start <= now]
    return found[-1] if found else None


def _budget(promise: Promise, result: PromiseResult, view: View) -> Budget | None:
    if promise.measure == "outages" and promise.operator in ("<", "<="):
        return Budget(promise.target, result.value or Fraction(0))
    allowed = budget(promise, view)
    return None if allowed is None else Budget(allowed, Fraction(view.down))


def _left(promise: Promise, found: Budget | None, view: View, running: Chain | None) -> int | None:
    """How much more outage (ns) breaks the promise: of the running incident, or of the period's budget."""
    if promise.measure == "longest-outage":
        return None if running is None else int(promise.target) - view.charge(running.outages)
    if found is None or promise.measure == "outages":
        return None
    return int(found.total - found.consumed)


def _forecast(promise: Promise, left: int, view: View, now: int) -> int | None:
    return _instant_of(left, promise.measure == "longest-outage", view, now)


def _instant_of(left: int, of_incident: bool, view: View, now: int) -> int | None:
    """The instant at which ``left`` ns more are charged if the service stays down from ``now`` on; None where it is
    over already, or where the period ends first and its budget with it."""
    if left < 0:
        return None
    at = now
    for start, end in view.excluded.all:
        if end <= at:
            continue
        if start - at >= left:
            break
        left, at = left - max(0, start - at), end
    breach = at + left
    return breach if of_incident or breach < view.end else None


def _burn(promise: Promise, view: View, now: int, window: int) -> Fraction | None:
    """Outage in the last ``window`` over what the target allows in as long a time."""
    allowed = budget(promise, view)
    if allowed is None or allowed <= 0 or view.base == 0:
        return None
    downs = union((p.start, p.end) for p in view.pieces if p.state is State.DOWN)
    lost = total(subtract(clip(downs, max(view.start, now - window), now), view.excluded.all))
    return Fraction(lost) / (allowed * window / view.base)


def _passed(value: Fraction, thresholds: Sequence[Fraction]) -> int:
    return sum(value >= threshold for threshold in thresholds)


def _budget_threat(found: Budget | None, terms: RiskTerms) -> Threat | None:
    if found is None or found.ratio is None:
        return None
    level = _passed(found.ratio, terms.budget)
    return Threat("budget", level, f"{_percent(terms.budget[level - 1])} of the budget is used") if level else None


def _incident_threat(promise: Promise, left: int | None, terms: RiskTerms) -> Threat | None:
    if left is None or promise.target <= 0:
        return None
    level = _passed((promise.target - left) / promise.target, terms.incident)
    text = f"{_percent(terms.incident[level - 1])} of the time an outage may last is used" if level else ""
    return Threat("incident", level, text) if level else None


def _forecast_threat(left: int | None, terms: RiskTerms) -> Threat | None:
    if left is None:
        return None
    level = sum(left <= limit for limit in terms.forecast)
    text = f"breaks within {terms.forecast[level - 1] // (60 * 10**9)} min if the outage goes on" if level else ""
    return Threat("forecast", level, text) if level else None


def _burn_threat(burns: Sequence[Fraction | None], terms: RiskTerms) -> Threat | None:
    limits = ((burns[0], Fraction(terms.burn_1h), "1 h"), (burns[1], Fraction(terms.burn_6h), "6 h"))
    for rate, limit, window in limits:
        if rate is not None and rate >= limit:
            return Threat("burn", 1, f"over {window} the budget goes {float(rate):.1f} times too fast")
    return None


def _below(result: PromiseResult) -> Threat | None:
    """For statistics of samples only: time lost shows in the budget."""
    if result.samples is None or result.samples < ENOUGH_SAMPLES or not result.below_target_so_far:
        return None
    return Threat("below target", 1, "the value so far misses the target")


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):g} %"
