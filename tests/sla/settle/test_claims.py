"""Until when a credit can be claimed, what became of claims, what a ticket has to do with it; rights; earning back."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from config.calendars import Calendar
from config.contract.money import (
    AllOf,
    AnyOf,
    ClaimTerms,
    Clause,
    Deadline,
    EarnBack,
    Flat,
    Holds,
    Missed,
    Right,
)
from config.periods import containing
from monitor.sla.facts import ClaimFact
from monitor.sla.model import ClaimLine, PromiseResult, Verdict
from monitor.sla.settle import Settled, settle
from monitor.sla.settle.deadlines import until
from monitor.sla.spent import spent_before
from tests.sla.settle.kit import DAY, HOUR, ZONE, amounts, at, contract, credit, given, item, june, months, result

TEN = credit(Flat(give=given("10%")), "a")
BROKEN = result("a", "5h", "<= 4h")
KEPT = result("a", "3h", "<= 4h")
DOUBT = result("a", "5h", "<= 4h", lower="3h")
WEEKDAYS = (((540, 1020),),) * 5 + ((),) * 2
OFFICE = Calendar("office", "UTC", WEEKDAYS, holidays=frozenset({date(2026, 7, 3)}))


@pytest.mark.parametrize(
    ("deadline", "ends"),
    [
        (Deadline(within=30 * DAY), "2026-07-31T00:00"),
        (Deadline(within=30 * DAY, of="eligibility"), "2026-07-31T00:00"),
        (Deadline(months=2), "2026-09-01T00:00"),
        (Deadline(business_days=7, calendar="office"), "2026-07-11T00:00"),
        (Deadline(business_days=3), "2026-07-04T00:00"),
        (Deadline(day_of_next_month=15), "2026-07-16T00:00"),
        (Deadline(day_of_next_month=31), "2026-08-01T00:00"),
        (Deadline(end_of_period=2), "2026-09-01T00:00"),
    ],
)
def test_a_window_from_the_periods_end_is_closed_at_an_instant(deadline: Deadline, ends: str) -> None:
    """June ends on a Tuesday. 1, 2, 6, 7, 8, 9, 10 July are business days of the office, which is shut on the 3rd."""
    terms = contract(TEN, claim=ClaimTerms(deadline=deadline), calendars=(OFFICE,))
    assert june(terms, BROKEN).claim_by == at(ends)


def test_a_window_from_an_event_runs_from_each() -> None:
    items = (item("o1", "5h", limit="4h"), item("o2", "6h", limit="4h", start="2026-06-20T10:00"))
    per = credit(Flat(give=given("5%")), "a", per="outage")
    terms = contract(per, claim=ClaimTerms(deadline=Deadline(within=72 * HOUR, of="outage_end")))
    found = june(terms, result("a", "6h", "<= 4h", items=items))
    assert [line.claim_by for line in found.lines] == [at("2026-06-08T15:00"), at("2026-06-23T16:00")]
    assert found.claim_by == at("2026-06-08T15:00")


def test_business_days_after_an_event_count_from_the_day_after_it() -> None:
    terms, period = contract(calendars=(OFFICE,)), containing("month", at("2026-06-15T00:00"), ZONE)
    deadline = Deadline(business_days=1, calendar="office", of="outage_start")
    assert until(deadline, terms, period, at("2026-07-02T08:00")) == at("2026-07-07T00:00")


def claimed(*claims: ClaimFact, within: int = 30 * DAY, automatic: bool = False) -> Settled:
    terms = contract(TEN, claim=ClaimTerms(deadline=Deadline(within=within), automatic=automatic))
    return june(terms, BROKEN, claims=claims)


def test_a_claim_is_in_time_until_the_window_ends() -> None:
    in_time = claimed(ClaimFact("acme", at("2026-07-30T23:59")))
    assert in_time.claims == (ClaimLine(at("2026-07-30T23:59"), None, True),)
    assert amounts(in_time) == ["100.00"]
    late = claimed(ClaimFact("acme", at("2026-07-31T00:00")))
    assert late.claims[0].in_time is False
    assert late.lines[0].withheld == "it was claimed too late, at 2026-07-31T00:00:00+00:00"
    assert (late.total, late.claim_by) == (None, None)


def test_a_credit_that_nobody_claimed_yet_is_not_held_back() -> None:
    assert amounts(claimed()) == ["100.00"]
    assert claimed().claims == ()
    both = claimed(ClaimFact("acme", at("2026-07-02T00:00")), ClaimFact("acme", at("2026-07-31T00:00")))
    assert amounts(both) == ["100.00"]
    assert [line.in_time for line in both.claims] == [True, False]


def test_a_claim_of_the_month_before_is_not_one_of_this() -> None:
    assert claimed(ClaimFact("acme", at("2026-06-10T00:00"))).claims == ()


def test_a_refused_claim_holds_the_credit_back_and_an_automatic_one_needs_none() -> None:
    refused = ClaimFact("acme", at("2026-07-02T00:00"), granted=False)
    assert claimed(refused).lines[0].withheld == "its claim was refused"
    assert claimed(refused).claims[0].note == "refused"
    found = claimed(refused, automatic=True)
    assert (amounts(found), found.claim_by) == (["100.00"], None)


def test_a_claim_of_one_incident_is_about_its_line() -> None:
    items = (item("T1", "5h", limit="4h"), item("T2", "6h", limit="4h", start="2026-06-20T10:00"))
    per = credit(Flat(give=given("5%")), "a", per="ticket")
    terms = contract(per, claim=ClaimTerms(deadline=Deadline(within=DAY, of="outage_end")))
    claims = (ClaimFact("acme", at("2026-06-30T00:00"), "T1"), ClaimFact("acme", at("2026-06-21T00:00"), "T2"))
    found = june(terms, result("a", "6h", "<= 4h", items=items), claims=claims)
    assert [line.in_time for line in found.claims] == [False, True]
    assert [line.withheld is None for line in found.lines] == [False, True]
    assert found.claims[0].note == found.lines[0].withheld


def test_what_was_granted_before_the_period_ended_is_spent() -> None:
    claims = [
        ClaimFact("acme", 50, granted=True),
        ClaimFact("acme", 70, granted=False),
        ClaimFact("acme", 99, granted=True),
        ClaimFact("acme", 60),
    ]
    assert [spent_before(claims, end) for end in (50, 99, 100)] == [None, 50, 99]


def right(clause: Clause) -> Right:
    return Right(id="exit", gives="termination", condition=clause, exercise_within=30 * DAY)


@pytest.mark.parametrize(
    ("history", "count", "among", "arisen"),
    [
        ([BROKEN] * 3, 3, None, True),
        ([BROKEN, BROKEN, KEPT, BROKEN], 3, None, False),
        ([BROKEN, BROKEN, KEPT, BROKEN], 3, 4, True),
        ([BROKEN, BROKEN], 3, None, False),
        ([BROKEN, DOUBT, BROKEN], 3, None, None),
        ([BROKEN] + [KEPT] * 12, 1, 12, False),
    ],
)
def test_a_right_arises_from_a_promise_missed_again_and_again(
    history: list[PromiseResult], count: int, among: int | None, arisen: bool | None
) -> None:
    terms = contract(TEN, rights=(right(Missed(promise="a", count=count, among=among)),))
    [found] = settle(months(terms, *[(one,) for one in history])).rights
    assert found.arisen is arisen
    assert found.exercise_by == (at("2026-07-31T00:00") if arisen else None)


MANY = result("interruptions", "5", ">= 5")
FEW = result("interruptions", "4", ">= 5")
UNSURE = result("interruptions", "4", ">= 5", upper="5")


@pytest.mark.parametrize(
    ("clause", "condition", "arisen"),
    [
        (Holds(promise="interruptions"), MANY, True),
        (Holds(promise="interruptions"), FEW, False),
        (Holds(promise="interruptions"), UNSURE, None),
        (AllOf(parts=(Missed(promise="a", count=1), Holds(promise="interruptions"))), MANY, True),
        (AllOf(parts=(Missed(promise="a", count=2), Holds(promise="interruptions"))), UNSURE, False),
        (AnyOf(parts=(Missed(promise="a", count=1), Holds(promise="interruptions"))), UNSURE, True),
        (AnyOf(parts=(Missed(promise="a", count=2), Holds(promise="interruptions"))), UNSURE, None),
    ],
)
def test_conditions_of_a_right_are_joined_and_may_stay_open(
    clause: Clause, condition: object, arisen: bool | None
) -> None:
    found = june(contract(rights=(right(clause),)), BROKEN, conditions=(condition,))
    assert found.rights[0].arisen is arisen


def test_the_steps_of_a_right_say_what_was_found() -> None:
    both = AllOf(parts=(Missed(promise="a", count=1), Holds(promise="interruptions")))
    assert june(contract(rights=(right(both),)), BROKEN, conditions=(MANY,)).rights[0].steps == (
        "hq: a breached in 1 of the last 1 periods, holds",
        "hq: interruptions >= 5: 5, holds",
    )


BACK = EarnBack(share=Fraction(1, 2), periods=3)


@pytest.mark.parametrize(
    ("since", "back"),
    [
        ([KEPT] * 3, ["-50.00"]),
        ([KEPT] * 2, []),
        ([KEPT] * 4, []),
        ([KEPT, BROKEN, KEPT], []),
        ([KEPT, DOUBT, KEPT], []),
    ],
)
def test_half_of_a_credit_is_earned_back_when_the_run_is_complete(since: list[PromiseResult], back: list[str]) -> None:
    found = settle(months(contract(TEN, earn_back=BACK), (BROKEN,), *[(one,) for one in since]))
    assert amounts(found) == back
    assert not back or (found.total, found.lines[0].steps[1]) == (
        Decimal("-50.00"),
        "kept in the 3 periods since: 50 % is earned back, -50.00",
    )


def test_nothing_is_earned_back_of_what_was_never_issued() -> None:
    refused = result("a", "5h", "<= 4h", verdict=Verdict.INDETERMINATE)
    history = [(refused,), (KEPT,), (KEPT,), (KEPT,)]
    assert settle(months(contract(TEN, earn_back=BACK), *history)).lines == ()
