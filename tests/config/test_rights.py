"""What a party may do once something has happened, and what good periods take back."""

from fractions import Fraction
from pathlib import Path

import pytest

from config.contract.model import Contract
from config.contract.money import AllOf, AnyOf, EarnBack, Holds, Missed, Right
from tests.config.kit import CONTRACT, config, problems

D = 86400 * 10**9


def made(tmp_path: Path, more: str) -> Contract:
    return config(tmp_path, CONTRACT + more).contracts["acme"]


def right(tmp_path: Path, condition: str) -> tuple[Right, Contract]:
    contract = made(tmp_path, f"    rights:\n      - {{id: chronic, gives: termination, if: {condition}}}\n")
    return contract.rights[0], contract


def test_a_line_holds_and_its_operator_may_point_either_way(tmp_path: Path) -> None:
    found, contract = right(tmp_path, "total outage > 24h of line")
    (condition,) = contract.conditions
    assert found.condition == Holds(promise="chronic.1")
    assert (condition.id, condition.text) == ("chronic.1", "total outage > 24h of line")
    assert (condition.operator, condition.target, condition.services) == (">", Fraction(D), ("line",))
    assert [promise.id for promise in contract.promises] == ["availability"]


def test_a_line_may_look_back_further_than_the_period(tmp_path: Path) -> None:
    _, contract = right(tmp_path, "outages over 30m >= 3 per trailing 30 days")
    (condition,) = contract.conditions
    assert condition.rule is not None
    rule = contract.measure(condition.rule)
    assert (rule.kind, rule.longer, rule.over) == ("count", 30 * 60 * 10**9, "trailing 30 days")


def test_conditions_nest(tmp_path: Path) -> None:
    missed = "{promise: availability, breached: 2 of 6 periods}"
    found, contract = right(tmp_path, f"{{any: [outages > 9, {{all: [availability < 97%, {missed}]}}]}}")
    inner = AllOf(parts=(Holds(promise="chronic.2"), Missed(promise="availability", count=2, among=6)))
    assert found.condition == AnyOf(parts=(Holds(promise="chronic.1"), inner))
    assert [one.id for one in contract.conditions] == ["chronic.1", "chronic.2"]


@pytest.mark.parametrize(
    ("typed", "missed"),
    [
        ("3 consecutive periods", Missed(promise="availability", count=3)),
        ("1 consecutive period", Missed(promise="availability", count=1)),
        ("3 of 12 periods", Missed(promise="availability", count=3, among=12)),
    ],
)
def test_a_promise_may_be_breached_period_after_period(tmp_path: Path, typed: str, missed: Missed) -> None:
    assert right(tmp_path, f"{{promise: availability, breached: {typed}}}")[0].condition == missed


def test_a_right_may_lapse(tmp_path: Path) -> None:
    more = "    rights: [{id: a, gives: notice, if: outages > 4, exercise within: 30d}]\n"
    assert made(tmp_path, more).rights[0].exercise_within == 30 * D


def test_a_line_that_cannot_be_read_is_told_at_its_place(tmp_path: Path) -> None:
    text = CONTRACT + "    rights: [{id: a, gives: notice, if: outages over an hour > 4}]\n"
    (problem,) = problems(tmp_path, text)
    assert "rights[0].if" in problem


def test_good_periods_take_a_share_back(tmp_path: Path) -> None:
    more = "    credits: [{id: level, for: availability, flat: 10%}]\n    earn back: {share: 40%, after: %s%s}\n"
    found = made(tmp_path, more.replace("%s%s", "5 consecutive periods, credits: [level]")).earn_back
    assert found == EarnBack(share=Fraction(2, 5), periods=5, credits=("level",))
    assert made(tmp_path, more.replace("%s%s", "1 consecutive period")).earn_back == EarnBack(
        share=Fraction(2, 5), periods=1
    )
