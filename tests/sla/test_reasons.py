"""What a statement says of time that is not charged, and of money: whose word it is, and no sum of two currencies."""

from decimal import Decimal
from fractions import Fraction

import pytest

from config.contract.model import ExclusionTerm, Service
from config.contract.money import Credit, Give, Table, Tier
from monitor.render.statement_text import render
from monitor.sla.facts import ChargeFact, Fact, StateFact, TicketFact
from tests.sla.histories import MINUTE, TEN, contract, judge, samples

START, END = TEN - 10 * MINUTE, TEN + 20 * MINUTE
UP = samples("U" * 30, START)


def test_a_state_that_is_excluded_by_its_cause_is_listed_with_what_was_excluded() -> None:
    down: Fact = StateFact("hq", TEN, TEN + 5 * MINUTE, "down", "customer")
    statement = judge([*UP, down], contract(exclusions=(ExclusionTerm(cause="customer"),)))
    (use,) = statement.exclusions
    assert statement.services[0].excluded == 5 * MINUTE
    assert (use.id, use.cause, use.applied) == (None, "customer", ((TEN, TEN + 5 * MINUTE),))
    assert "excluded 5m00s customer" in render(statement)


@pytest.mark.parametrize(
    ("ticket", "excluded"),
    [
        (TicketFact("T1", "hq", TEN, restored=TEN + 5 * MINUTE, cause="customer"), 5),
        (TicketFact("T1", "hq", TEN, occurred=TEN - MINUTE, restored=TEN + 5 * MINUTE, cause="Customer"), 6),
        (TicketFact("T1", "hq", TEN, cause="customer"), 20),
        (TicketFact("T1", "hq", TEN, restored=TEN + 5 * MINUTE, cause="fibre cut"), 0),
        (TicketFact("T1", "hq", TEN, delivered=TEN + 5 * MINUTE, cause="customer", type="installation"), 0),
    ],
)
def test_a_fault_whose_cause_is_excluded_is_excluded_over_its_ticket(ticket: TicketFact, excluded: int) -> None:
    statement = judge([*UP, ticket], contract(exclusions=(ExclusionTerm(cause="customer"),)))
    assert statement.services[0].excluded == excluded * MINUTE
    assert [use.id for use in statement.exclusions] == (["T1"] if excluded else [])


def test_the_time_before_a_service_began_is_listed_as_such() -> None:
    late = Service(name="hq", targets=("hq",), in_service_from=TEN)
    statement = judge(list(UP), contract(services=(late,)))
    (use,) = statement.exclusions
    assert (use.cause, use.applied) == ("not_in_service", ((START, TEN),))
    assert "excluded 10m00s not in service" in render(statement)
    assert judge(list(UP), contract(services=(late,)), start=TEN).exclusions == ()


@pytest.mark.parametrize(("currency", "owed"), [("EUR", Decimal("35.00")), ("USD", None)])
def test_charges_in_another_currency_are_not_added_up_and_nothing_is_paid_on_them(
    currency: str, owed: Decimal | None
) -> None:
    row = Tier(operator="<", edge=Fraction(1), give=Give(amount=Fraction(1, 10)))
    paying = contract(
        currency="EUR",
        services=(Service(name="hq", targets=("hq",), charge=Decimal(500)),),
        credits=(Credit(id="availability", promises=("availability",), shape=Table(rows=(row,))),),
    )
    charged = [
        ChargeFact("hq", "mrc", "test", Fraction(300), "EUR"),
        ChargeFact("hq", "usage", "test", Fraction(50), currency),
    ]
    statement = judge([*samples("U" * 20 + "d" * 10, START), *charged], paying)
    assert [(line.share, line.amount) for line in statement.credits] == [(Fraction(1, 10), owed)]
    assert statement.credit_total == owed
