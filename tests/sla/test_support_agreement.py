"""The example of a support agreement, judged from a month of its tickets and figures."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config import periods
from monitor.render.facts import read as read_facts
from monitor.sla.evidence import Facts
from monitor.sla.model import Statement
from monitor.sla.statement import build
from probes.notation import instant_text
from tests.config.kit import read

BERLIN = ZoneInfo("Europe/Berlin")
EXAMPLE = read(Path(__file__).parents[2] / "config/examples/support.yaml")
H = 3600 * 10**9


def day(text: str) -> str:
    """``5 10:00`` of October 2026 in Berlin."""
    number, _, clock = text.partition(" ")
    return f"2026-10-{int(number):02d}T{clock}:00+{'02' if int(number) < 25 else '01'}:00"


def ticket(id: str, opened: str, responded: str, restored: str | None, **more: object) -> dict[str, object]:
    told = {"opened": opened, "responded": responded} | ({"restored": restored} if restored else {})
    return {"kind": "ticket", "id": id, "service": "desk", **{key: day(at) for key, at in told.items()}, **more}


def value(measure: str, figure: str) -> dict[str, object]:
    return {"kind": "value", "measure": measure, "period": "2026-10", "value": figure}


AWAITED = [{"from": day("12 10:00"), "to": day("12 15:00"), "cause": "customer_pending"}]
TOLD: list[Mapping[str, object]] = [
    ticket("C1", "5 10:00", "5 10:10", "5 15:00", severity="critical", cause="configuration"),
    ticket("C2", "7 10:00", "7 10:20", "7 21:00", severity="critical", cause="vendor defect"),
    ticket("N1", "9 16:00", "12 09:00", "13 14:00", severity="normal", pauses=AWAITED),
    ticket("N2", "14 17:00", "15 11:30", "16 09:00", severity="normal"),
    ticket("L1", "16 09:00", "20 17:59", "21 09:00", severity="low"),
    ticket("A1", "9 16:00", "12 09:00", "15 12:00", type="access", by="customer"),
    value("csat", "4.16"),
    value("speed of answer", "28"),
    value("abandoned calls", "7.4"),
    {
        "kind": "counts",
        "signal": "contacts",
        "from": day("1 00:00"),
        "to": day("31 23:00"),
        "total": 400,
        "failed": 110,
    },
]


def statement(contract: str, period: str, told: Sequence[Mapping[str, object]]) -> Statement:
    terms = EXAMPLE.contracts[contract]
    lines = [json.dumps(one).encode() for one in told]
    span = periods.parse(period, BERLIN, terms.period)
    return build(EXAMPLE, terms, span, Facts(read_facts(lines, "facts")), None)


DESK = statement("helpdesk", "2026-10", TOLD)


@pytest.mark.parametrize(
    ("id", "figure", "verdict"),
    [
        ("answer-critical", H // 3, "breached"),
        ("answer-normal", Fraction(9, 2) * H, "breached"),
        ("answer-low", 2, "met"),
        ("solve-critical", 5 * H, "breached"),
        ("solve-vendor", 11 * H, "met"),
        ("in-time", Fraction(1, 3), "breached"),
        ("satisfaction", Fraction(21, 5), "met"),
        ("speed-of-answer", 28 * 10**9, "met"),
        ("first-contact", Fraction(29, 40), "met"),
        ("abandoned-calls", Fraction(74, 1000), "breached"),
        ("name-a-contact", 1, "met"),
        ("give-access", 4, "breached"),
    ],
)
def test_what_people_did_is_judged_by_the_hour_and_the_day(id: str, figure: int | Fraction, verdict: str) -> None:
    result = next(one for one in DESK.promises if one.id == id)
    assert (result.value == figure, result.verdict) == (True, verdict)


def test_the_customers_own_duties_are_told_apart() -> None:
    owed = {one.id: one.by for one in DESK.promises}
    assert {id for id, by in owed.items() if by == "customer"} == {"name-a-contact", "give-access"}


def test_a_ticket_of_the_exception_is_judged_by_that_alone() -> None:
    items = {one.id: [item.key for item in one.items] for one in DESK.promises}
    assert (items["solve-critical"], items["solve-vendor"]) == (["C1"], ["C2"])


def test_what_the_customer_owes_is_paid_to_nobody() -> None:
    assert {(line.id, line.item) for line in DESK.credits} == {("late-critical", "C1"), ("late-others", None)}
    assert DESK.credit_total == 288


def test_a_quota_of_each_week_is_missed_in_one_of_them() -> None:
    """The first week begins in September: its hand-overs count in the quarter by the part of it that lies there."""
    weeks = [14, 12, 11, 15, 12, 12, 13, 16, 12, 12, 12, 12, 12]
    told = [_week(date(2026, 9, 28) + timedelta(weeks=place), number) for place, number in enumerate(weeks)]
    result = {one.id: one for one in statement("hand-over", "2026-Q4", told).promises}
    assert (result["handed-over"].value == 11, result["handed-over"].verdict) == (True, "breached")
    assert [item.key for item in result["handed-over"].items if item.verdict == "breached"] == ["2026-W42"]
    inside = Fraction(4, 7)
    assert result["complete"].value == 1 - (inside + 12) / (inside * weeks[0] + sum(weeks[1:]))


def _week(first: date, number: int) -> dict[str, object]:
    start, end = (periods.start_of(at, BERLIN) for at in (first, first + timedelta(weeks=1)))
    span = {"from": instant_text(start), "to": instant_text(end)}
    return {"kind": "counts", "signal": "hand-overs", **span, "total": number, "failed": 1}
