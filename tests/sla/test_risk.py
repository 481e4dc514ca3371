"""What threatens a promise: the forecast of the breach, by hand."""

from fractions import Fraction

from config.contract.model import Promise
from config.model import RiskTerms
from config.spans import Span
from monitor.sla.exclusions import Excluded
from monitor.sla.figures import look
from monitor.sla.model import PromiseResult, State
from monitor.sla.risk import Outlook, outlook
from monitor.sla.timeline import PENDING, Piece
from tests.sla.histories import LONGEST, MINUTE, TOTAL

HOUR = 60 * MINUTE


def seen(promise: Promise, *excluded: Span, now: int = 2 * MINUTE, end: int = HOUR) -> Outlook:
    """The outlook at ``now`` of a service that is down since the first minute of the period ``[0, end)``."""
    pieces = [
        Piece(0, MINUTE, State.UP, None),
        Piece(MINUTE, now, State.DOWN, None),
        Piece(now, end, State.UNKNOWN, PENDING),
    ]
    view = look(pieces, Excluded(tuple(excluded), (), ()), 0, end)
    result = PromiseResult(
        promise.id, "hq", promise.text, promise.measure, None, "<=", promise.target, "ns", None, None, None, None, ""
    )
    return outlook(promise, result, view, now, True, RiskTerms())


def test_the_breach_comes_when_the_limit_of_the_incident_is_used() -> None:
    found = seen(LONGEST)  # 4 min, of which one is used
    assert (found.incident_remaining, found.forecast) == (3 * MINUTE, 5 * MINUTE)
    assert [threat.name for threat in found.threats] == ["forecast"]


def test_time_that_is_not_charged_does_not_bring_the_breach_nearer() -> None:
    assert seen(LONGEST, (2 * MINUTE, 12 * MINUTE)).forecast == 15 * MINUTE
    assert seen(LONGEST, (4 * MINUTE, 12 * MINUTE)).forecast == 13 * MINUTE
    assert seen(LONGEST, (5 * MINUTE, 12 * MINUTE)).forecast == 5 * MINUTE
    assert seen(TOTAL, (3 * MINUTE, 5 * MINUTE), (7 * MINUTE, 9 * MINUTE)).forecast == 15 * MINUTE


def test_a_long_maintenance_puts_no_promise_at_risk() -> None:
    day = 24 * HOUR
    assert seen(LONGEST, (MINUTE, 3 * HOUR), now=2 * MINUTE, end=day).threats == ()
    assert seen(LONGEST, (MINUTE, 3 * HOUR), now=2 * MINUTE, end=day).forecast == 3 * HOUR + 4 * MINUTE


def test_a_budget_that_outlasts_its_period_has_no_breach_to_foresee() -> None:
    nine_left = seen(TOTAL, end=11 * MINUTE)
    assert nine_left.budget is not None and nine_left.budget.total - nine_left.budget.consumed == Fraction(9 * MINUTE)
    assert nine_left.forecast is None and nine_left.threats == ()
    assert seen(TOTAL, end=11 * MINUTE + 1).forecast == 11 * MINUTE
    assert seen(LONGEST, end=4 * MINUTE).forecast == 5 * MINUTE  # an incident belongs whole to where it began
