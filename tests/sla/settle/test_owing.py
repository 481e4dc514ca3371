"""One credit to the cent: what it reads, for what, in which unit, times what, of which base; with its steps."""

from decimal import Decimal
from fractions import Fraction

import pytest

from config.contract.model import Revision
from config.contract.money import ChargeBase, Escalation, Factor, Flat, Give, ProRata
from config.contract.noun import Condition, Rounding
from monitor.sla.facts import ChargeFact
from monitor.sla.model import PromiseResult, Verdict
from monitor.sla.settle import settle
from tests.sla.settle.kit import (
    DAY,
    amounts,
    at,
    contract,
    credit,
    figure,
    given,
    item,
    june,
    months,
    result,
    service,
    table,
    units,
)

TIERS = table("< 99.9%: 10%", "< 99%: 25%")
SHORT = result("availability", "99.5%")
LATE = result("repair", "12h", "<= 4h")


def test_a_breach_pays_the_worst_row_with_every_step() -> None:
    found = june(contract(credit(TIERS, "availability")), SHORT)
    [line] = found.lines
    assert (line.share, line.amount, line.currency) == (Fraction(1, 10), Decimal("100.00"), "EUR")
    assert line.steps == ("the worst row that holds is < 99.9%: 10 %", "10 % of 1000.00 is 100.00")
    assert (found.total, found.in_kind) == (Decimal("100.00"), ())


def test_a_credit_of_promises_waits_for_a_breach_and_one_without_does_not() -> None:
    """At 99.95 % the promise of 99.9 % is kept; a row from 99.99 % on pays only where no promise is asked for."""
    kept = result("availability", "99.95%")
    rows = table("< 99.99%: 5%")
    assert june(contract(credit(rows, "availability")), kept).lines == ()
    assert amounts(june(contract(credit(rows, id="alone", by="availability")), kept)) == ["50.00"]


def test_the_bound_most_favourable_to_the_provider_is_read() -> None:
    doubtful = result("availability", "98.5%", lower="98%", upper="99.2%")
    [line] = june(contract(credit(TIERS, "availability")), doubtful).lines
    assert line.amount == Decimal("100.00")
    assert "the measured value itself would give 25 %" in line.steps
    either = result("availability", "98.5%", lower="98%", upper="99.95%")
    assert june(contract(credit(TIERS, "availability")), either).lines == ()


@pytest.mark.parametrize(
    ("relation", "target", "value", "shape", "amount"),
    [
        ("shortfall", ">= 98%", "75%", units("1%", "1%", "full"), "230.00"),
        ("shortfall", ">= 99.9%", "99.5%", ProRata(times=Fraction(10)), "40.00"),
        ("relative_excess", "<= 2m", "2m11s", table(">= 10%: 10%", ">= 25%: 20%"), None),
        ("relative_excess", "<= 2m", "2m12s", table(">= 10%: 10%", ">= 25%: 20%"), "100.00"),
        ("excess", "<= 4h", "6h", units("3%", "1h", "started"), "60.00"),
    ],
)
def test_how_far_a_figure_lies_from_its_target(
    relation: str, target: str, value: str, shape: object, amount: str | None
) -> None:
    about = credit(shape, "kpi", relation=relation)  # type: ignore[arg-type]
    assert amounts(june(contract(about), result("kpi", value, target))) == ([] if amount is None else [amount])


def test_points_of_another_credit_are_paid_at_a_rate() -> None:
    points = credit(table("< 99%: 1 points", "< 98%: 2 points"), "kpi")
    deduct = credit(units("1.5%", "1"), id="deduct", points_of="kpi")
    found = june(contract(deduct, points), result("kpi", "97.5%", ">= 99%"))
    assert [line.id for line in found.lines] == ["deduct", "kpi"]
    assert found.lines[0].amount == Decimal("30.00")
    assert found.lines[0].steps[0] == "kpi gave 2"
    assert found.in_kind == (("points", Fraction(2)),)


def test_credits_that_read_each_others_points_are_refused() -> None:
    one = credit(units("1 points", "1"), id="a", points_of="b")
    other = credit(units("1 points", "1"), id="b", points_of="a")
    with pytest.raises(ValueError, match="the credits a, b read each other's points"):
        june(contract(one, other))


ITEMS = (item("T1", "3h", limit="4h"), item("T2", "5h", limit="4h"), item("T3", "12h", limit="4h", severity="high"))
TICKETS = result("repair", "12h", "<= 4h", items=ITEMS)


def test_each_ticket_that_broke_the_promise_has_a_line() -> None:
    per = credit(units("2%", "1h", "started", "4h"), "repair", per="ticket")
    lines = june(contract(per), TICKETS).lines
    assert [(line.item, line.amount) for line in lines] == [("T2", Decimal("20.00")), ("T3", Decimal("160.00"))]


def test_a_condition_and_factors_look_at_each_thing() -> None:
    high = credit(Flat(give=given("5%")), "repair", per="ticket", where=Condition(severity=("high",)))
    assert [line.item for line in june(contract(high), TICKETS).lines] == ["T3"]
    factor = Factor(where=Condition(severity=("high",)), times=Fraction(6, 10))
    dear = credit(Flat(give=given("5%")), "repair", per="ticket", factors=(factor,))
    found = june(contract(dear), TICKETS)
    assert amounts(found) == ["50.00", "30.00"]
    assert found.lines[1].steps[1] == "0.6 times for severity high: 3 %"


def test_the_class_of_a_service_is_that_of_its_period() -> None:
    factor = Factor(where=Condition(category=("C2",)), times=Fraction(60, 100))
    terms = contract(credit(TIERS, "availability", factors=(factor,)), services=(service(category="c2"),))
    assert amounts(june(terms, SHORT)) == ["60.00"]


def test_a_limit_of_each_and_of_all_things() -> None:
    """1 % an hour beyond 4: 1 % and 8 %; at most 5 % each; and at most 5.5 % in all."""
    each = credit(units("1%", "1h", "started", "4h"), "repair", per="ticket", at_most_each=given("5%"))
    assert amounts(june(contract(each), TICKETS)) == ["10.00", "50.00"]
    both = each.but(at_most=given("5.5%"))
    found = june(contract(both), TICKETS)
    assert amounts(found) == ["10.00", "45.00"]
    assert found.lines[1].steps[-1] == "at most 5.5 %: 45.00"


def test_a_small_amount_is_raised() -> None:
    tiny = credit(units("0.1%", "1h", "full", "4h"), "repair", at_least=given("12.5 money"))
    found = june(contract(tiny), LATE)
    assert amounts(found) == ["12.50"]
    assert "at least 12.50 EUR each" in found.lines[0].steps


def test_days_of_service_are_given_in_kind_or_paid() -> None:
    """Three days: a tenth of the month as thirtieths, 3/31 by the days of July."""
    days = credit(units("1 service days", "4h", "full"), "repair")
    found = june(contract(days), LATE)
    assert (found.total, found.in_kind) == (None, (("service days", Fraction(3)),))
    paid = june(contract(days.but(in_money=True)), LATE)
    assert amounts(paid) == ["100.00"]
    assert paid.lines[0].steps[-1] == "3 service days, 10 % of 1000.00, is 100.00"
    july = days.but(in_money=True, day_of="period")
    assert amounts(settle(months(contract(july), (LATE,), last="2026-07"))) == ["96.77"]


def test_hours_of_service_are_parts_of_a_month() -> None:
    """1/720 of 7200.00 for each hour beyond two: 10 hours."""
    hours = credit(units("1 service hours", "1h", "full", "2h"), "repair", in_money=True)
    assert amounts(june(contract(hours, services=(service(charge="7200.00"),)), LATE)) == ["100.00"]


def test_fixed_money_and_months_of_the_charge() -> None:
    fixed = credit(Flat(give=given("25 money")), "repair")
    whole = credit(Flat(give=given("0.5 months")), "repair", id="half")
    found = june(contract(fixed, whole, services=(service(charge=None), service("b"))), LATE, result("x", "99.9%"))
    assert [line.amount for line in found.lines] == [Decimal("25.00"), None]
    assert amounts(june(contract(whole), LATE)) == ["500.00"]


def test_a_credit_is_rounded_as_it_says() -> None:
    fine = credit(ProRata(), "loss", round=Rounding(to=Fraction(1, 10_000)))
    lost = result("loss", "1m", "<= 0s")
    assert amounts(june(contract(fine, services=(service(charge="250.00"),)), lost)) == ["0.0058"]
    up = credit(ProRata(), "loss", round=Rounding(to=Fraction(1, 20), mode="up"))
    assert amounts(june(contract(up, services=(service(charge="250.00"),)), lost)) == ["0.05"]


def test_transactions_are_a_part_of_what_was_counted() -> None:
    """30 transactions a minute on average over two months of 61 days: 15 min of it, to the hundredth."""
    told = [ChargeFact("hq", "names", f"2026-0{m}", Fraction(n), "EUR") for m, n in ((4, 1_000_000), (5, 2_000_000))]
    shape = ProRata(back=2, unit="transactions", times=Fraction(6, 10))
    kind = credit(shape, "loss", base=ChargeBase(of=("names",), back=2), round=Rounding(to=Fraction(1, 100)))
    judged = months(contract(kind), (result("loss", "15m", "<= 0s"),), facts=told)
    found = settle(judged)
    exact = Fraction(1_500_000) * 15 / (61 * 1440 / Fraction(2)) * Fraction(6, 10)
    assert found.in_kind[0][1] == round(exact, 2)
    assert found.lines[0].steps[-1].startswith("rounded to 307")


FAILED = result("availability", "99.5%")
FINE = result("availability", "100%")
TWICE = (Escalation(periods=1, times=Fraction(2)), Escalation(periods=3, times=Fraction(5)))


@pytest.mark.parametrize(
    ("history", "amount"),
    [
        ([FAILED], "100.00"),
        ([FINE, FAILED], "100.00"),
        ([FAILED, FAILED], "200.00"),
        ([FAILED, FAILED, FAILED], "200.00"),
        ([FAILED, FAILED, FAILED, FAILED], "500.00"),
        ([FAILED, FINE, FAILED, FAILED], "200.00"),
    ],
)
def test_a_repeated_failure_costs_more_and_does_not_compound(history: list[PromiseResult], amount: str) -> None:
    terms = contract(credit(TIERS, "availability", escalations=TWICE))
    assert amounts(settle(months(terms, *[(one,) for one in history]))) == [amount]


def test_an_indeterminate_period_before_is_no_failure() -> None:
    doubt = result("availability", "99.5%", verdict=Verdict.INDETERMINATE)
    terms = contract(credit(TIERS, "availability", escalations=TWICE))
    assert amounts(settle(months(terms, (doubt,), (FAILED,)))) == ["100.00"]


def test_without_a_charge_the_share_is_told_and_no_money() -> None:
    found = june(contract(credit(TIERS, "availability"), services=(service(charge=None),)), SHORT)
    assert (found.lines[0].share, found.lines[0].amount, found.total) == (Fraction(1, 10), None, None)


def test_a_pooled_promise_is_paid_on_what_all_its_services_cost() -> None:
    pooled = result("availability", "99.5%", service="a+b")
    terms = contract(credit(TIERS, "availability"), services=(service("a", "100.00"), service("b", "50.00")))
    assert amounts(june(terms, pooled)) == ["15.00"]


def test_a_flat_credit_per_day_is_paid_for_each_that_failed() -> None:
    days = (item("2026-06-04", "2m", limit="1m"), item("2026-06-05", "1m", limit="1m"), item("x", "9m", limit="1m"))
    worst = result("longest-outage", "9m", "<= 1m", items=days)
    daily = credit(Flat(give=Give(amount=Fraction(1, 30))), "longest-outage", per="day")
    found = june(contract(daily, services=(service(charge="3000.00"),)), worst)
    assert amounts(found) == ["100.00", "100.00"]
    assert found.lines[0].steps == ("a flat 1/30", "1/30 of 3000.00 is 100.00")


def test_the_charges_before_an_outage() -> None:
    """50 times the part of 30 days, of what the 30 days before cost: 10 days of May at 310.00 and 20 of June at
    300.00."""
    base = ChargeBase(preceding=30 * DAY)
    outages = result("repair", "6m", "<= 5m", items=(item("o", "6m", limit="5m", start="2026-06-21T00:00"),))
    shape = ProRata(times=Fraction(50), flat=30 * DAY)
    per = credit(shape, "repair", per="outage", base=base)
    told = [ChargeFact("hq", "charge", "2026-05", Fraction(310), "EUR")]
    terms = contract(per, services=(service(charge="300.00"),))
    assert amounts(june(terms, outages, facts=told)) == ["2.08"]
    assert figure("6m") * 50 / (30 * DAY) * 300 == Fraction(25, 12)


def test_an_outage_is_credited_by_the_text_in_force_when_it_begins() -> None:
    """From the 10th on 7 % instead of 5 %: the outage of the 5th by the old text, that of the 20th by the new."""
    old = contract(credit(Flat(give=given("5%")), "repair", per="outage"))
    new = contract(credit(Flat(give=given("7%")), "repair", per="outage"))
    dated = Revision(id="new", start=at("2026-06-10T00:00"), applies_by="event_start", contract=new)
    agreed = old.but(revisions=(dated,))
    items = (item("o1", "5h", limit="4h"), item("o2", "6h", limit="4h", start="2026-06-20T10:00"))
    broken = result("repair", "6h", "<= 4h", items=items)
    assert amounts(june(old, broken, agreed=agreed)) == ["50.00", "70.00"]
    assert amounts(june(old, broken, agreed=old)) == ["50.00", "50.00"]
