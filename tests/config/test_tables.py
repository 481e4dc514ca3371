"""Tables of credits: rows with one side and two, what they may leave open, and two columns that have to agree."""

from fractions import Fraction
from pathlib import Path

import pytest

from config.contract.columns import lengths
from config.contract.money import Give, Table, Tier
from config.contract.rules import MeasureRule
from tests.config.kit import config, problems
from tests.config.test_credit_items import TEXT, H, credit


def told(tmp_path: Path, item: str, text: str = TEXT) -> list[str]:
    """The problems of one credit, each from its path on."""
    lines = problems(tmp_path, text + f"      - {{{item}}}\n")
    return [line.split("credits[0].", 1)[1] for line in lines]


def row(operator: str, edge: str, give: str, other: str | None = None, other_edge: str | None = None) -> Tier:
    return Tier(
        operator=operator,
        edge=Fraction(edge) / 100,
        give=Give(amount=Fraction(give) / 100),
        other=other,
        other_edge=None if other_edge is None else Fraction(other_edge) / 100,
    )


def test_rows_are_kept_from_the_mildest_to_the_worst(tmp_path: Path) -> None:
    found = credit(tmp_path, "for: availability, table: {'< 90%': 50%, '[96%, 99.7%)': 5%, '[90%, 96%)': 20%}")
    rows = (row(">=", "96", "5", "<", "99.7"), row(">=", "90", "20", "<", "96"), row("<", "90", "50"))
    assert found.shape == Table(rows=rows)


def test_a_dash_takes_in_both_edges_and_the_worse_row_holds_where_two_meet(tmp_path: Path) -> None:
    found = credit(tmp_path, "for: longest outage, table: {'3h - 6h': 5%, '6h - 1d': 20%, '> 1d': 50%}")
    assert isinstance(found.shape, Table)
    sides = [(one.operator, one.other) for one in found.shape.rows]
    edges = [f"{one.edge}, {one.other_edge}" for one in found.shape.rows]
    assert sides == [(">=", "<="), (">=", "<="), (">", None)]
    assert edges == [f"{3 * H}, {6 * H}", f"{6 * H}, {24 * H}", f"{24 * H}, None"]


@pytest.mark.parametrize(
    ("rows", "hole"),
    [
        ("'[96%, 99.7%)': 5%, '[90%, 96%)': 20%, '< 90%': 50%", None),
        ("'(96%, 99.7%)': 5%, '[0%, 96%]': 20%", None),
        ("'[96%, 99.7%)': 5%, '< 99.7%': 2%", "worse service must pay more"),
        ("'< 99.7%': 2%, '[90%, 99%)': 5%, '< 90%': 20%", None),
        ("'[96%, 99.7%)': 5%, '[90%, 95.5%)': 20%, '< 90%': 50%", "a figure of 95.5% up to 96%: it lies between"),
        ("'(96%, 99.7%)': 5%, '< 96%': 20%", "a figure of exactly 96%"),
        ("'(96%, 99.7%)': 5%, '(90%, 95%]': 7%, '<= 90%': 9%", "a figure of more than 95% up to and with 96%"),
        ("'[96%, 99%)': 5%, '< 96%': 20%", "a figure of 99% up to 99.7%: 'availability >= 99.7% of line' is broken"),
        ("'[96%, 99.7%)': 5%, '[90%, 96%)': 20%", "a figure of less than 90%: '[90%, 96%)' is the last"),
        ("'[96%, 99.7%)': 5%, '(0%, 96%)': 20%", "a figure of exactly 0%"),
    ],
)
def test_every_figure_from_the_promised_one_on_is_in_a_row(tmp_path: Path, rows: str, hole: str | None) -> None:
    found = told(tmp_path, f"for: availability, table: {{{rows}}}")
    assert (found == []) if hole is None else (len(found) == 1 and hole in found[0])


def test_holes_and_overlaps_are_accepted_by_name(tmp_path: Path) -> None:
    holes = "for: availability, table: {'[96%, 98%]': 5%, '[90%, 94%)': 20%}"
    overlaps = "for: availability, table: {'[96%, 99.7%)': 5%, '[0%, 97%)': 20%}"
    assert len(told(tmp_path, holes)) == 3
    assert len(told(tmp_path, overlaps)) == 1
    assert told(tmp_path, f"{holes}, gaps: accept") == []
    assert told(tmp_path, f"{overlaps}, overlaps: accept") == []


@pytest.mark.parametrize(
    ("promise", "rows", "well"),
    [
        ("uptime", "'98.0% - 98.9%': 2%, '0% - 97.9%': 5%", True),  # rounded to tenths before it is compared
        ("uptime", "'98.0% - 98.8%': 2%, '0% - 97.9%': 5%", False),
        ("uptime", "'98.0% - 98.9%': 2%, '0% - 97.8%': 5%", False),
        ("availability", "'98.0% - 99.6%': 2%, '0% - 97.9%': 5%", False),
    ],
)
def test_edges_as_printed_tile_where_the_measure_is_rounded_so(
    tmp_path: Path, promise: str, rows: str, well: bool
) -> None:
    found = told(tmp_path, f"for: {promise}, table: {{{rows}}}")
    assert (found == []) is well
    if promise == "availability":
        assert all("round: {to: 0.1%, for: compare}" in one for one in found)


def test_a_row_pays_where_the_promise_is_kept_if_the_author_says_so(tmp_path: Path) -> None:
    rows = "table: {'<= 99.7%': 1%, '[0%, 97%)': 8%}"
    assert told(tmp_path, f"for: availability, {rows}") == []
    found = credit(tmp_path, f"for: availability, {rows}, even if met: accept")
    assert (found.promises, found.by) == ((), "availability")
    kept = "table: {'[99.7%, 99.9%]': 1%, '< 99.7%': 8%}"
    assert "is kept wherever it holds" in told(tmp_path, f"for: availability, {kept}")[0]
    assert told(tmp_path, f"for: availability, {kept}, even if met: accept") == []
    assert told(tmp_path, f"id: a, by: availability, {kept}") == []


def test_a_row_may_pay_for_good_service_only_without_a_promise(tmp_path: Path) -> None:
    assert "would pay for good service" in told(tmp_path, "for: score, table: {'> 4.5': 2%}")[0]
    assert told(tmp_path, "id: bonus, by: score, table: {'> 4.5': 2%, '> 4.8': 4%}") == []


def test_relative_excess_may_be_more_than_all(tmp_path: Path) -> None:
    found = credit(tmp_path, "for: longest outage, by: relative excess, table: {'>= 50%': 5%, '>= 250%': 20%}")
    assert isinstance(found.shape, Table)
    assert [one.edge for one in found.shape.rows] == [Fraction(1, 2), Fraction(5, 2)]


COLUMNS = "for: availability, table: {'< 99.7%': 5%, '< 95%': 20%}, durations: {'> 2h': 5%, '> 36h': 20%}"


@pytest.mark.parametrize(
    ("period", "text"),
    [
        ("", "month of 28 days: 2h57s lost is about 99.69990%, which gives 5% by 'table' and 0% here"),
        ("    period: week\n", "week of 7 days: 30m15s lost"),
        ("    period: trailing 30 days\n", "window of 30 days"),
        ("    base: flat 30 days\n", "month of 30 days"),
    ],
)
def test_two_columns_that_disagree_name_the_month_and_the_figures(tmp_path: Path, period: str, text: str) -> None:
    durations = COLUMNS.replace("> 2h", "> 129m36s") if "30 days" in period else COLUMNS.replace("> 2h", "> 3h")
    whole = TEXT.replace("    services:\n", f"{period}    services:\n")
    (problem,) = told(tmp_path, durations.replace("> 36h", "> 35h") if "30" in period else durations, whole)
    assert text.split(":")[0].split(", which")[0] in problem


def test_two_columns_agree_over_a_flat_month(tmp_path: Path) -> None:
    """0.3 % of thirty days are 2h09m36s, 5 % are 36 h."""
    text = TEXT.replace("    services:\n", "    base: flat 30 days\n    services:\n")
    assert told(tmp_path, COLUMNS.replace("> 2h", "> 2h9m36s"), text) == []


def test_two_columns_agree_over_a_flat_length_of_any_kind(tmp_path: Path) -> None:
    """0.3 % of 730.5 h are 2h11m29.4s, 5 % are 36h31m30s; of 12 h, 2m9.6s and 36m."""
    long = TEXT.replace("    services:\n", "    base: flat 730.5h\n    services:\n")
    assert told(tmp_path, COLUMNS.replace("> 2h", "> 2h11m29.4s").replace("> 36h", "> 36h31m30s"), long) == []
    short = long.replace("730.5h", "12h")
    assert told(tmp_path, COLUMNS.replace("> 2h", "> 2m9.6s").replace("> 36h", "> 36m"), short) == []
    assert "in a month of 12h" in told(tmp_path, COLUMNS, short)[0]


@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("month", (28, 29, 30, 31)),
        ("week from sunday", (7,)),
        ("quarter", (90, 91, 92)),
        ("quarter from february", (89, 90, 92)),
        ("year", (365, 366)),
        ("trailing 12 months", (365, 366)),
        ("trailing 30 days", (30,)),
    ],
)
def test_columns_are_compared_over_every_length_that_a_period_has(period: str, days: tuple[int, ...]) -> None:
    assert lengths(period) == tuple(number * 24 * H for number in days)


def test_one_of_two_columns_is_chosen(tmp_path: Path) -> None:
    percent, by_time = (credit(tmp_path, f"{COLUMNS}, columns: {one}") for one in ("percent", "duration"))
    assert isinstance(percent.shape, Table)
    assert isinstance(by_time.shape, Table)
    assert ([one.edge for one in percent.shape.rows], percent.by) == ([Fraction(997, 1000), Fraction(19, 20)], None)
    assert ([one.edge for one in by_time.shape.rows], by_time.by) == ([Fraction(2 * H), Fraction(36 * H)], "down")


def test_the_time_lost_is_measured_for_a_column_alone_where_nothing_else_does(tmp_path: Path) -> None:
    text = TEXT.replace("      down: {total: outage}\n", "") + f"      - {{{COLUMNS}, columns: duration}}\n"
    contract = config(tmp_path, text).contracts["acme"]
    assert contract.credits[0].by == "total outage"
    assert contract.measures[-1] == MeasureRule(name="total outage", kind="total", of="outage", unit="ns")
