"""What limits credits and puts them together: caps, combinations, floors."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from config.contract.model import Contract
from config.contract.money import ChargeBase, Combine, Floor, Give, Limit
from tests.config.kit import CONTRACT, config, problems

TEXT = CONTRACT.replace("charge: 1200.00", "charges: {mrc: 1200.00, usage: 0}") + (
    "    credits:\n"
    "      - {id: time, for: availability, flat: 3 service days}\n"
    "      - {id: money, for: availability, flat: 5%}\n"
    "      - {id: marks, for: availability, flat: 2 points}\n"
)


def made(tmp_path: Path, more: str, text: str = TEXT) -> Contract:
    return config(tmp_path, text + more).contracts["acme"]


def share(percent: int) -> Give:
    return Give(amount=Fraction(percent, 100))


@pytest.mark.parametrize(
    ("typed", "limit"),
    [
        ("80% of charge", Limit(give=share(80))),
        ("80% of charge per month", Limit(give=share(80))),
        ("250% of charge per quarter", Limit(give=share(250), per="quarter")),
        ("30% of contract charge per year", Limit(give=share(30), of="contract", per="year")),
        ("30% of charge of contract", Limit(give=share(30), of="contract")),
        ("30% of service charge", Limit(give=share(30))),
        ("40% of mrc per month", Limit(give=share(40), base=ChargeBase(of=("mrc",)))),
        ("40% of greatest of mrc, usage", Limit(give=share(40), base=ChargeBase(of=("mrc", "usage"), pick="greatest"))),
        ("40% of sum of mrc, usage of contract per year",
         Limit(give=share(40), of="contract", per="year", base=ChargeBase(of=("mrc", "usage"), pick="sum"))),
        ("75% of charge per outage", Limit(give=share(75), each="outage")),
        ("12 service days per trailing 90 days",
         Limit(give=Give(amount=Fraction(12), unit="service days"), per="trailing 90 days")),
        ("1 month of charge per trailing 12 months",
         Limit(give=Give(amount=Fraction(1), unit="months"), per="trailing 12 months")),
        ("6 points", Limit(give=Give(amount=Fraction(6), unit="points"))),
        ("9000.00 EUR per contract",
         Limit(give=Give(amount=Fraction(9000), unit="money"), of="contract", each="contract")),
        ("500.00 EUR of service per month", Limit(give=Give(amount=Fraction(500), unit="money"))),
        ("{max: 30% of charge, of: contract, per: quarter, credits: [money]}",
         Limit(give=share(30), of="contract", per="quarter", credits=("money",))),
        ("{max: 30%, base: previous period, credits: money}",
         Limit(give=share(30), credits=("money",), base=ChargeBase(back=1))),
        ("{max: 70.00 EUR, of: service, per: outage}",
         Limit(give=Give(amount=Fraction(70), unit="money"), each="outage")),
    ],
)  # fmt: skip
def test_a_cap_has_an_amount_a_scope_and_a_time(tmp_path: Path, typed: str, limit: Limit) -> None:
    assert made(tmp_path, f"    caps:\n      - {typed}\n").caps == (limit,)


def test_the_short_cap_comes_before_the_others(tmp_path: Path) -> None:
    found = made(tmp_path, "    cap: 90% of charge\n    caps: [5 points per year, 50% of charge per outage]\n").caps
    assert [(one.give.unit, one.each) for one in found] == [
        ("share", "period"),
        ("points", "period"),
        ("share", "outage"),
    ]


def test_the_short_cap_may_be_for_another_period_and_for_more_than_one_charge(tmp_path: Path) -> None:
    assert made(tmp_path, "    cap: 300% of charge per year\n").caps == (Limit(give=share(300), per="year"),)


@pytest.mark.parametrize(
    ("gives", "cap", "well"),
    [
        ("5%", "20 points", False),
        ("5%", "20 service days", True),  # a day is a part of the charge
        ("2 points", "50% of charge", False),
        ("2 points", "6 points", True),
        ("3 service days", "50% of charge", True),
        ("3 service days", "30 service hours", True),
        ("5.00 EUR", "50% of charge", True),
        ("5.00 EUR", "1 month of charge", True),
    ],
)
def test_a_cap_limits_something_that_a_credit_gives(tmp_path: Path, gives: str, cap: str, well: bool) -> None:
    text = CONTRACT + f"    credits: [{{for: availability, flat: {gives}}}]\n    caps: [{cap}]\n"
    assert (problems(tmp_path, text) == []) is well


@pytest.mark.parametrize(
    ("typed", "combined"),
    [
        ("{credits: [time, money], take: greatest}", Combine(credits=("time", "money"), take="greatest")),
        ("{credits: [time, marks], take: one, per: outage, chooser: customer}",
         Combine(credits=("time", "marks"), take="one", per="outage", chooser="customer")),
        ("{not with: [time, marks]}", Combine(credits=("time", "marks"), take="one")),
    ],
)  # fmt: skip
def test_credits_go_together_as_the_contract_says(tmp_path: Path, typed: str, combined: Combine) -> None:
    assert made(tmp_path, f"    combine: [{typed}]\n").combine == (combined,)


@pytest.mark.parametrize(
    ("typed", "floor"),
    [
        ("{only above: 1.00 EUR}", Floor(amount=Decimal("1.00"))),
        ("{raise to: 5.00 EUR}", Floor(amount=Decimal("5.00"), suppress=False)),
    ],
)
def test_a_floor_suppresses_or_raises(tmp_path: Path, typed: str, floor: Floor) -> None:
    assert made(tmp_path, f"    floor: {typed}\n").floor == floor


def test_what_names_a_credit_with_problems_of_its_own_is_left_unsaid(tmp_path: Path) -> None:
    text = CONTRACT + "    credits: [{id: a, for: availability, flat: 5}]\n    caps: [{max: 5%, credits: [a]}]\n"
    found = problems(tmp_path, text + "    combine: [{credits: [a, b], take: sum}]\n")
    assert len(found) == 1
    assert "credits[0].flat" in found[0]
