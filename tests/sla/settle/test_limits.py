"""What bounds credits together: how they combine, caps of every kind in their order, and floors."""

from decimal import Decimal
from fractions import Fraction

import pytest

from config.contract.money import ChargeBase, Combine, Credit, Flat, Floor, Limit
from monitor.sla.facts import ClaimFact
from monitor.sla.model import PromiseResult
from monitor.sla.settle import Settled, settle
from tests.nouns import made
from tests.sla.settle.kit import amounts, at, contract, credit, given, item, june, months, result, service, units

A = credit(Flat(give=given("10%")), "a")
B = credit(Flat(give=given("25%")), "b")
C = credit(Flat(give=given("8%")), "c")
BROKEN = tuple(result(id, "5h", "<= 4h") for id in "abc")


def cap(text: str, **more: object) -> Limit:
    return made(Limit, {"give": given(text), **more})


def withheld(found: Settled) -> list[tuple[str, str]]:
    return [(line.id, line.withheld) for line in found.lines if line.withheld is not None]


def test_credits_of_a_service_add_up() -> None:
    found = june(contract(A, B, C), *BROKEN)
    assert amounts(found) == ["100.00", "250.00", "80.00"]
    assert found.total == Decimal("430.00")


def test_the_greatest_is_given_and_the_others_are_held_back() -> None:
    rule = Combine(credits=("a", "b", "c"), take="greatest")
    found = june(contract(A, B, C, combine=(rule,)), *BROKEN)
    assert amounts(found) == ["250.00"]
    assert withheld(found) == [("a", "b is the greatest of a, b, c"), ("c", "b is the greatest of a, b, c")]


def test_the_first_that_gives_something_is_given_unless_another_is_chosen() -> None:
    rule = Combine(credits=("b", "a"), take="one", chooser="the customer")
    found = june(contract(A, B, C, combine=(rule,)), *BROKEN)
    assert amounts(found) == ["250.00", "80.00"]
    assert withheld(found) == [("a", "b is given, and no other of b, a; the customer may choose another")]
    assert amounts(june(contract(A, B, C, combine=(rule,)), BROKEN[0], BROKEN[2])) == ["100.00", "80.00"]


def test_who_may_choose_does_so_by_claiming_one_by_name() -> None:
    rule = Combine(credits=("b", "a"), take="one", chooser="the customer")
    claims = (ClaimFact("acme", at("2026-07-02T00:00"), credit="a"),)
    found = june(contract(A, B, combine=(rule,)), *BROKEN[:2], claims=claims)
    assert withheld(found) == [("b", "the customer chose a of b, a")]
    silent = rule.but(chooser=None)
    assert withheld(june(contract(A, B, combine=(silent,)), *BROKEN[:2], claims=claims))[0][0] == "a"


def test_credits_for_one_event_do_not_go_together_and_for_two_they_do() -> None:
    """An outage of 10:00 to 15:00 is claimed as repair and as response; a ticket a day later stands by itself."""
    first, other = item("o1", "5h", limit="4h"), item("o2", "6h", limit="4h", start="2026-06-20T10:00")
    same = item("T1", "1h", limit="30m", start="2026-06-05T11:00")
    apart = item("T2", "1h", limit="30m", start="2026-06-06T11:00")
    repair = result("repair", "6h", "<= 4h", items=(first, other))
    response = result("response", "1h", "<= 30m", items=(same, apart))
    credits = (
        credit(Flat(give=given("5%")), "repair", per="outage"),
        credit(Flat(give=given("2%")), "response", per="ticket"),
    )
    rule = Combine(credits=("repair", "response"), take="one", per="outage")
    found = june(contract(*credits, combine=(rule,)), repair, response)
    assert amounts(found) == ["50.00", "50.00", "20.00"]
    assert [line.item for line in found.lines if line.withheld] == ["T1"]


@pytest.mark.parametrize(
    ("caps", "paid"),
    [
        ((cap("30%"),), ["100.00", "200.00", "0.00"]),
        ((cap("150 money"),), ["100.00", "50.00", "0.00"]),
        ((cap("0.5 months", credits=("b", "c")),), ["100.00", "250.00", "80.00"]),
        ((cap("20%", credits=("b", "c")), cap("22%")), ["100.00", "120.00", "0.00"]),
        ((cap("400 money"), cap("20%", credits=("b",))), ["100.00", "200.00", "50.00"]),
        ((cap("30%", base=ChargeBase(amount=Decimal("500.00"))),), ["100.00", "50.00", "0.00"]),
    ],
)
def test_caps_are_used_up_line_by_line_in_their_order(caps: tuple[Limit, ...], paid: list[str]) -> None:
    assert amounts(june(contract(A, B, C, caps=caps), *BROKEN)) == paid


def test_without_a_cap_in_money_parts_of_a_charge_never_exceed_it() -> None:
    """Nine tenths, half, and 700.00 that are no part of the charge and stand beside it."""
    most, half = credit(Flat(give=given("90%")), "a"), credit(Flat(give=given("50%")), "b")
    fixed = credit(Flat(give=given("700 money")), "c")
    found = june(contract(most, half, fixed), *BROKEN)
    assert amounts(found) == ["900.00", "100.00", "700.00"]
    assert found.lines[1].steps[-1] == "capped at 100 % of the charge of hq: 100.00"
    days = cap("15 service days")
    assert amounts(june(contract(most, half, fixed, caps=(days,)), *BROKEN)) == ["900.00", "100.00", "700.00"]
    high = cap("5000 money", of="contract")
    assert amounts(june(contract(most, half, fixed, caps=(high,)), *BROKEN)) == ["900.00", "500.00", "700.00"]


def test_a_cap_of_the_contract_is_shared_by_its_services() -> None:
    services = (service("x", "100.00"), service("y", "300.00"))
    results = tuple(result("a", "5h", "<= 4h", service=name) for name in "xy")
    big = credit(Flat(give=given("60%")), "a")
    found = june(contract(big, services=services, caps=(cap("50%", of="contract"),)), *results)
    assert amounts(found) == ["60.00", "140.00"]
    assert found.lines[1].steps[-1] == "capped at 50 % of the charge of the contract: 140.00"


def test_a_cap_in_kind_counts_days_whether_they_are_paid_or_not() -> None:
    """One day for each hour, twelve of them, at most ten a month."""
    days = credit(units("1 service days", "1h", "full"), "a")
    late = result("a", "12h", "<= 4h")
    found = june(contract(days, caps=(cap("10 days"),)), late)
    assert found.in_kind == (("service days", Fraction(10)),)
    assert found.lines[0].steps[-1] == "capped at 10 days of hq: 10 days"
    paid = june(contract(days.but(in_money=True), caps=(cap("10 days"),)), late)
    assert amounts(paid) == ["333.33"]


def test_a_cap_per_outage_bounds_each() -> None:
    items = (item("o1", "1h"), item("o2", "9h", start="2026-06-09T10:00"))
    per = credit(units("20%", "1h", "full"), id="a", by="repair", per="outage")
    repair = result("repair", "9h", "<= 10h", items=items)
    found = june(contract(per, caps=(cap("100%", each="outage"),)), repair)
    assert amounts(found) == ["200.00", "1000.00"]
    assert found.lines[1].steps[-1] == "capped at 100 % of the charge of hq per outage: 1000.00"


def owed_over(history: int, *caps: Limit, one: Credit = A, last: str = "2026-06") -> list[str]:
    """What the last of so many months of the same breach comes to."""
    broken: list[tuple[PromiseResult, ...]] = [(BROKEN[0],)] * history
    return amounts(settle(months(contract(one, caps=caps), *broken, last=last)))


def test_a_cap_over_a_trailing_year_counts_what_earlier_months_were_given() -> None:
    """100.00 a month, 250.00 in twelve months: the third month has 50.00 left, the fourth nothing; in the thirteenth
    the first has left the window."""
    year = cap("250 money", per="trailing 12 months")
    assert [owed_over(n, year) for n in (1, 2, 3, 4, 12, 13)] == [
        ["100.00"],
        ["100.00"],
        ["50.00"],
        ["0.00"],
        ["0.00"],
        ["100.00"],
    ]


def test_a_months_charge_over_a_trailing_year_is_one_of_today() -> None:
    half = credit(Flat(give=given("60%")), "a")
    assert owed_over(2, cap("1 months", per="trailing 12 months"), one=half) == ["400.00"]


def test_a_share_over_a_quarter_is_of_the_quarters_charge() -> None:
    """4 % of 3000.00 are 120.00 for April to June: nothing is left in June, all of it in July."""
    quarter = cap("4%", per="quarter")
    assert owed_over(1, quarter) == ["100.00"]
    assert owed_over(2, quarter) == ["20.00"]
    assert owed_over(3, quarter) == ["0.00"]
    assert owed_over(4, quarter, last="2026-07") == ["100.00"]


def test_a_cap_of_the_contracts_life_never_fills_up_again() -> None:
    assert [owed_over(n, cap("230 money", each="contract")) for n in (2, 3, 30)] == [["100.00"], ["30.00"], ["0.00"]]


def test_a_capped_line_says_by_what() -> None:
    def said(limit: Limit) -> str:
        return june(contract(A, caps=(limit,)), BROKEN[0]).lines[0].steps[-1]

    assert (
        said(cap("30 money", each="contract", of="contract")) == "capped at 30.00 EUR over the contract's life: 30.00"
    )
    assert said(cap("30 money", of="contract")) == "capped at 30.00 EUR of the contract: 30.00"
    assert said(cap("0.05 months", per="year")) == "capped at 0.05 months of charge per year: 50.00"


def test_days_in_kind_are_capped_over_a_quarter() -> None:
    days = credit(Flat(give=given("6 service days")), "a")
    judged = months(contract(days, caps=(cap("10 service days", per="quarter"),)), *[(BROKEN[0],)] * 2)
    assert settle(judged).in_kind == (("service days", Fraction(4)),)


@pytest.mark.parametrize(("charge", "issued"), [("9.00", False), ("10.00", False), ("10.01", True), ("10.10", True)])
def test_a_total_has_to_be_above_the_floor_exactly(charge: str, issued: bool) -> None:
    """10 % of 10.01 is 1.001: rounded it is the floor, exactly it is above."""
    found = june(contract(A, floor=Floor(amount=Decimal("1.00")), services=(service(charge=charge),)), BROKEN[0])
    assert (found.total is not None) is issued
    assert issued or (found.lines[0].withheld is not None and "is not above 1.00" in found.lines[0].withheld)


def test_a_small_total_is_raised_but_never_over_a_cap() -> None:
    floor, cheap = Floor(amount=Decimal("5.00"), suppress=False), (service(charge="30.00"),)
    found = june(contract(A, floor=floor, services=cheap), BROKEN[0])
    assert amounts(found) == ["5.00"]
    assert found.lines[0].steps[-1] == "raised to 5.00, for a total of 5.00"
    assert amounts(june(contract(A, floor=floor, services=cheap, caps=(cap("4 money"),)), BROKEN[0])) == ["4.00"]
    assert june(contract(A, floor=floor, services=cheap)).lines == ()
