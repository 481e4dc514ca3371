"""What threatens a promise while its period runs: budgets, the running incident, the forecast, the burn."""

from decimal import Decimal
from fractions import Fraction

from config.contract.model import Contract, Promise
from config.model import Config, RiskTerms
from monitor.sla.evidence import Facts
from monitor.sla.ledger import Ledger
from monitor.sla.risk import Outlook
from tests.sla.histories import (
    AVAILABILITY,
    LONGEST,
    MINUTE,
    OUTAGES,
    SECOND,
    TARGET,
    TEN,
    TOTAL,
    contract,
    judge,
    promise,
    samples,
)

HOUR = 60 * MINUTE
MIDNIGHT = TEN - 10 * HOUR


def outlook(text: str, about: Promise, terms: RiskTerms | None = None, late: int = SECOND) -> Outlook:
    """The outlook of one promise a moment after the last of the samples, one character a minute from 10:00 on."""
    book = _ledger(text, contract(about), terms, late)
    return book.contracts["acme"]._cards["hq"].promises[0].outlook


def _ledger(text: str, about: Contract, terms: RiskTerms | None, late: int) -> Ledger:
    config = Config(targets={"hq": TARGET}, contracts={"acme": about}, risk=terms or RiskTerms())
    ledger = Ledger(config)
    ledger.load(Facts([]), TEN)
    ledger.take(samples(text))
    ledger.judge(TEN + (len(text) - 1) * MINUTE + late)
    return ledger


def threats(found: Outlook) -> dict[str, int]:
    return {threat.name: threat.level for threat in found.threats}


def test_a_budget_is_what_the_target_leaves_of_the_whole_day() -> None:
    """99.9 % of 24 h leave 86.4 s; one minute down is 69 % of it: past the first threshold of four."""
    found = outlook("Ud" + "U" * 3, AVAILABILITY)
    assert found.budget is not None
    assert (found.budget.total, found.budget.consumed) == (Fraction(864 * SECOND, 10), 60 * SECOND)
    assert found.budget.ratio == Fraction(600, 864)
    assert threats(found)["budget"] == 1


def test_the_budget_levels_are_50_75_90_and_100_percent() -> None:
    """Of 10 min total outage: 5, 8, 9 and 10 minutes down."""
    levels = {down: threats(outlook("U" + "d" * down + "U", TOTAL)).get("budget", 0) for down in (4, 5, 8, 9, 10)}
    assert levels == {4: 0, 5: 1, 8: 2, 9: 3, 10: 4}


def test_outages_are_a_budget_of_their_own() -> None:
    """One of one outage: used up; nobody can say when the next one comes."""
    found = outlook("UdU", OUTAGES)
    assert found.budget is not None
    assert (found.budget.ratio, found.forecast) == (1, None)


def test_the_running_incident_has_so_much_time_left() -> None:
    """Limit 4 min, down since 3 min and a second: 59 s left, the breach at 10:05, half and three quarters gone."""
    found = outlook("Udddd", LONGEST)
    assert found.incident_remaining == 59 * SECOND
    assert found.forecast == TEN + 5 * MINUTE
    assert threats(found) == {"incident": 2, "forecast": 2}
    over = outlook("UddU", LONGEST)
    assert (over.incident_remaining, over.forecast, over.threats) == (None, None, ())


def test_the_forecast_waits_until_the_outage_is_confirmed() -> None:
    """One failure is not confirmed (2 of 2 are wanted): the instant is known, nobody is woken."""
    found = outlook("Ud", LONGEST)
    assert found.forecast == TEN + 5 * MINUTE
    assert "forecast" not in threats(found)


def test_burn_is_how_many_times_too_fast_the_budget_goes() -> None:
    """6 min down in the last hour, where 99.9 % allow 3.6 s an hour: 100 times; over 6 h 16.7 times."""
    found = outlook("d" * 6 + "U" * 54, AVAILABILITY, late=MINUTE)
    assert found.burn_1h == 100
    assert found.burn_6h == Fraction(100, 6)
    quiet = RiskTerms(burn_1h=Decimal(101), burn_6h=Decimal(17), budget=(Fraction(10**9),))
    assert threats(outlook("d" * 6 + "U" * 54, AVAILABILITY, quiet, MINUTE)) == {}
    assert threats(outlook("d" * 6 + "U" * 54, AVAILABILITY, late=MINUTE))["burn"] == 1


def test_a_statistic_below_its_target_is_a_risk_once_there_are_enough_values() -> None:
    """40 values of 50 ms against a mean of 40 ms: at risk; 20 values are too few to say."""
    mean = promise("latency", "<=", 40_000_000, "ns", statistic="mean", id="mean-latency")
    slow = {"took": 50_000_000}
    config = Config(targets={"hq": TARGET}, contracts={"acme": contract(mean)})
    for many, expected in ((20, {}), (40, {"below target": 1})):
        ledger = Ledger(config)
        ledger.load(Facts([]), TEN)
        ledger.take(samples("U" * many, **slow))
        ledger.judge(TEN + many * MINUTE)
        assert threats(ledger.contracts["acme"]._cards["hq"].promises[0].outlook) == expected


def test_a_statement_of_an_open_period_says_what_is_at_risk() -> None:
    """One minute down of the 86 s allowed: at risk; a closed period says nothing of risks."""
    facts = samples("U" * 5 + "d" + "U" * 5)
    now = TEN + 10 * MINUTE + SECOND
    running = judge(list(facts), contract(AVAILABILITY, TOTAL), TEN, TEN + 24 * HOUR, as_of=now)
    assert {r.id: r.at_risk for r in running.promises} == {"availability": True, "total-outage": False}
    closed = judge(list(facts), contract(AVAILABILITY), TEN, TEN + 24 * HOUR)
    assert closed.promises[0].at_risk is None
