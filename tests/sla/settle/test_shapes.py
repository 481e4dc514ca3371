"""What each shape gives for a figure: tables with one and two sides, units, brackets, parts of the base."""

from fractions import Fraction

import pytest

from config.contract.money import Bracket, Brackets, Flat, ProRata
from config.contract.noun import Rounding
from monitor.sla.settle.shapes import Scale, give
from tests.sla.settle.kit import DAY, figure, given, table, units

MONTH = Scale("ns", length=30 * DAY)
SHARE = Scale("ratio", high=True, length=30 * DAY)
GAPED = table("<= 99.5%, > 98%: 5%", "< 98%: 20%")
EDGES = table("> 10m: 5%", "> 45m: 10%", "> 4h: 20%")


@pytest.mark.parametrize(
    ("measured", "paid"), [("99.6%", "0"), ("99.5%", "1/20"), ("98.1%", "1/20"), ("98%", "0"), ("97.9%", "1/5")]
)
def test_rows_with_two_sides_hold_between_them_and_a_gap_pays_nothing(measured: str, paid: str) -> None:
    assert give(GAPED, figure(measured), SHARE).amount == Fraction(paid)


@pytest.mark.parametrize(
    ("down", "paid"), [("10m", "0"), ("10m1s", "1/20"), ("45m", "1/20"), ("45m1s", "1/10"), ("9h", "1/5")]
)
def test_the_worst_row_that_holds_wins_and_its_edge_is_exact(down: str, paid: str) -> None:
    assert give(EDGES, figure(down), MONTH).amount == Fraction(paid)


def test_a_tail_goes_on_where_the_table_ends() -> None:
    """30 % from 6 h on, and 10 % for each full 2 h beyond: 11 h have two of them."""
    shape = table(">= 2h: 5%", ">= 6h: 30%", tail=units("10%", "2h", "full", "6h"))
    found = give(shape, figure("11h"), MONTH)
    assert found.amount == Fraction(1, 2)
    assert found.steps == ("the worst row that holds is >= 6h: 30 %", "2 units beyond 6h, each 10 % more: 50 %")
    assert give(shape, figure("7h"), MONTH).amount == Fraction(3, 10)


@pytest.mark.parametrize(("how", "paid"), [("started", 4), ("full", 3), ("pro_rata", Fraction(19, 6))])
def test_units_are_started_full_or_exact(how: str, paid: Fraction) -> None:
    assert give(units("5%", "30m", how), figure("95m"), MONTH).amount == paid * Fraction(5, 100)


def test_units_beyond_what_was_promised() -> None:
    """216 min are allowed of 43,200 at 99.5 %: 300 min are 84 beyond, one full hour."""
    scale = Scale("ns", promised=figure("216m"), length=30 * DAY)
    found = give(units("5%", "1h", "full", promised=True), figure("300m"), scale)
    assert found.amount == Fraction(5, 100)
    assert found.steps[0] == "3h36m of it was allowed"


def test_units_of_a_share_are_of_what_is_missing_to_all_of_it() -> None:
    """96.5 % is 3.5 points short of 100: three full ones; from 99 on there are two."""
    assert give(units("1%", "1%", "full"), figure("96.5%"), SHARE).amount == Fraction(3, 100)
    assert give(units("1%", "1%", "full", "99%"), figure("96.5%"), SHARE).amount == Fraction(2, 100)


def test_a_part_of_the_base_is_rounded_before_it_is_multiplied() -> None:
    """5 h of 30 days are 0.0069444…: to four places twice is 0.0138 instead of 0.013889."""
    exact, places = ProRata(times=Fraction(2)), Rounding(to=Fraction(1, 10_000))
    assert give(exact, figure("5h"), MONTH).amount == Fraction(1, 72)
    found = give(exact.but(round=places), figure("5h"), MONTH)
    assert found.amount == Fraction("0.0138")
    assert found.steps == ("5h of 30d is 0.006944", "rounded to 0.0069", "2 times: 1.38 %")


def test_a_part_of_a_flat_month_and_of_a_share() -> None:
    long = Scale("ns", length=31 * DAY)
    assert give(ProRata(), figure("12h"), long).amount == Fraction(12, 31 * 24)
    assert give(ProRata(flat=30 * DAY), figure("12h"), long).amount == Fraction(12, 720)
    assert give(ProRata(times=Fraction(10)), figure("99.5%"), SHARE).amount == Fraction(5, 100)


HOURS = given("1 service hours")
WHOLE = Bracket(up_to=figure("2h"), unit=figure("1h"), count="full", give=HOURS)
EXACT = Bracket(up_to=None, unit=figure("1h"), count="pro_rata", give=HOURS)


@pytest.mark.parametrize(("down", "hours"), [("90m", "1"), ("2h", "2"), ("2h15m", "9/4"), ("50m", "0")])
def test_brackets_by_total_count_all_at_the_rate_the_figure_ends_in(down: str, hours: str) -> None:
    found = give(Brackets(rows=(WHOLE, EXACT), marginal=False), figure(down), MONTH)
    assert (found.amount, found.unit) == (Fraction(hours), "service hours")


def test_marginal_brackets_count_each_part_at_its_own_rate() -> None:
    """Two hours at 1 % and the rest, one and a half, at 5 % the started hour: 2 % and 10 %."""
    cheap = Bracket(up_to=figure("2h"), unit=figure("1h"), count="started", give=given("1%"))
    dear = Bracket(up_to=None, unit=figure("1h"), count="started", give=given("5%"))
    found = give(Brackets(rows=(cheap, dear)), figure("3h30m"), MONTH)
    assert found.amount == Fraction(12, 100)
    assert found.steps == ("2 units up to 2h, each 1 %: 2 %", "2 units, each 5 %: 12 %")


def test_flat_is_the_same_whatever_was_measured() -> None:
    assert give(Flat(give=given("25 money")), figure("1h"), Scale("ns", currency="EUR")).steps == ("a flat 25.00 EUR",)
