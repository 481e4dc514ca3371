"""What is owed for a breach: the worst row, started units, rounding to the coin, caps; and never too much in doubt."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from config.contract.model import Service
from config.contract.money import ClaimTerms, Credit, Deadline, Give, Limit, PerUnit, Table, Tier
from monitor.sla.facts import ChargeFact
from monitor.sla.model import Statement
from monitor.sla.settle import exposure
from monitor.sla.settle.money import to_money
from tests.sla.histories import AVAILABILITY, LONGEST, MINUTE, TEN, contract, judge, samples

ROWS = tuple(
    Tier(operator="<", edge=Fraction(e, 1000), give=Give(amount=Fraction(s, 100))) for e, s in ((999, 10), (950, 25))
)
TABLE = Credit(id="availability", promises=("availability",), shape=Table(rows=ROWS))
UNITS = PerUnit(
    give=Give(amount=Fraction(5, 100)), unit=Fraction(2 * MINUTE), count="started", beyond=Fraction(4 * MINUTE)
)
HOURLY = Credit(id="longest-outage", promises=("longest-outage",), shape=UNITS)
HQ = (Service(name="hq", targets=("hq",), charge=Decimal("119.99")),)


def owed(text: str, *credits: Credit, **more: Any) -> Statement:
    """The statement of a day-like period of 30 minutes, one character a minute."""
    terms = contract(AVAILABILITY, LONGEST, services=HQ, currency="EUR", credits=credits, **more)
    return judge(samples(text), terms, TEN, TEN + 30 * MINUTE)


def test_the_worst_row_that_holds_is_paid() -> None:
    """29 of 30 minutes are 96.7 %: the first row; 28 of 30 are 93.3 %: the second."""
    [line] = owed("U" * 10 + "d" + "U" * 20, TABLE).credits
    assert (line.share, line.amount) == (Fraction(1, 10), Decimal("12.00"))
    [line] = owed("U" * 10 + "dd" + "U" * 19, TABLE).credits
    assert (line.share, line.amount) == (Fraction(1, 4), Decimal("30.00"))
    assert line.steps[0].endswith("is < 95%: 25 %")


def test_a_started_unit_counts_whole_and_a_full_one_only_when_it_is_over() -> None:
    """7 min down are 3 beyond 4: two started units of 2 min, one full."""
    text = "U" * 10 + "d" * 7 + "U" * 14
    assert owed(text, HOURLY).credits[0].share == Fraction(10, 100)
    full = HOURLY.but(shape=UNITS.but(count="full"))
    assert owed(text, full).credits[0].share == Fraction(5, 100)


def test_credits_read_the_bound_most_favourable_to_the_provider() -> None:
    """2 min down and 1 unknown: measured 27/29 (25 %), at best 28/30 = 93.3 % (25 %); with 1 down and 1 unknown the
    measured 28/29 and the best 29/30 both earn 10 %; the step says what the measured value gives."""
    [line] = owed("U" * 10 + "d?" + "U" * 19, TABLE).credits
    assert line.share == Fraction(1, 10)
    assert "the measured value itself would give 10 %" in line.steps


def test_no_credit_without_a_breach() -> None:
    """All of the shortfall may be unknown: indeterminate, and nothing is owed."""
    statement = owed("U" * 10 + "?" + "U" * 20, TABLE)
    assert (statement.credits, statement.credit_total, statement.claim_by) == ((), None, None)


def test_credits_of_a_service_never_exceed_its_charge_or_the_cap() -> None:
    """25 % and 30 % (12 min down: 8 beyond 4, four units) under a cap of 40 %: 30.00 and 18.00 of 48.00."""
    text = "U" * 10 + "d" * 16 + "U" * 5
    free = owed(text, TABLE, HOURLY)
    assert [line.amount for line in free.credits] == [Decimal("30.00"), Decimal("36.00")]
    capped = owed(text, TABLE, HOURLY, caps=(Limit(give=Give(amount=Fraction(4, 10))),))
    assert [line.amount for line in capped.credits] == [Decimal("30.00"), Decimal("18.00")]
    assert capped.credit_total == Decimal("48.00")
    assert capped.credits[1].steps[-1] == "capped at 40 % of the charge of hq: 18.00"


def test_a_charge_fact_overrides_the_charge_of_the_text() -> None:
    claim = ClaimTerms(deadline=Deadline(within=MINUTE))
    terms = contract(AVAILABILITY, services=HQ, currency="EUR", credits=(TABLE,), claim=claim)
    paid = [
        ChargeFact("hq", "mrc", "test", Fraction(200), "EUR"),
        ChargeFact("hq", "usage", "test", Fraction(1), "EUR"),
    ]
    statement = judge([*samples("U" * 10 + "d" + "U" * 20), *paid], terms, TEN, TEN + 30 * MINUTE)
    assert statement.credits[0].amount == Decimal("20.10")
    assert statement.claim_by == TEN + 31 * MINUTE


@pytest.mark.parametrize(
    ("amount", "currency", "coin"),
    [
        (Fraction(1, 3), "EUR", "0.33"),
        (Fraction(5, 1000), "EUR", "0.01"),
        (Fraction(25, 2), "JPY", "13"),
        (Fraction(1, 3), "KWD", "0.333"),
    ],
)
def test_money_is_rounded_half_up_to_the_currencys_coin(amount: Fraction, currency: str, coin: str) -> None:
    assert str(to_money(amount, currency)) == coin


def test_exposure_is_what_the_values_so_far_would_cost() -> None:
    """The period runs: nothing is breached yet, and 10 % are at stake."""
    terms = contract(AVAILABILITY, services=HQ, currency="EUR", credits=(TABLE,))
    now = TEN + 20 * MINUTE
    open_period = judge(samples("U" * 10 + "d" + "U" * 9), terms, TEN, TEN + 10_000 * MINUTE, as_of=now)
    assert open_period.credits == ()
    costs = {"hq": {"charge": Fraction(100)}}
    assert exposure(terms, open_period.period, open_period.promises, costs) == Decimal("10.00")
    assert exposure(contract(AVAILABILITY), open_period.period, open_period.promises, costs) is None
