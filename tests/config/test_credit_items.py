"""Credits as a list: what each shape is read into, what figure it reads, on which base."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from config.contract.model import Contract
from config.contract.money import (
    Bracket,
    Brackets,
    ChargeBase,
    Credit,
    Escalation,
    Factor,
    Flat,
    Give,
    PerUnit,
    ProRata,
    Table,
    Tier,
)
from config.contract.noun import Condition, Rounding
from config.contract.rules import MeasureRule
from tests.config.kit import config, problems

M, H, D = 60 * 10**9, 3600 * 10**9, 86400 * 10**9
TEXT = """\
upheld: 1
targets:
  hq: {probe: {kind: icmp, host: 192.0.2.7}}
contracts:
  acme:
    provider: ExampleNet
    customer: ACME GmbH
    currency: EUR
    services:
      line: {targets: [hq], charge: 640.00, charges: {usage: 12.00}, class: gold}
      desk: {charge: 90.00}
    measures:
      down: {total: outage}
      uptime: {ratio: outage, round: {to: 0.1%, for: compare}}
      length: {each: outage}
      asked: {each: response}
      score: {given: score, unit: score}
    promises:
      - availability >= 99.7% of line
      - {id: uptime, promise: uptime >= 99%}
      - longest outage <= 3h of line
      - {id: score, promise: score >= 4.2}
    credits:
"""


def made(tmp_path: Path, *items: str) -> Contract:
    lines = "".join(f"      - {{{item}}}\n" for item in items)
    return config(tmp_path, TEXT + lines).contracts["acme"]


def credit(tmp_path: Path, item: str) -> Credit:
    return made(tmp_path, item).credits[0]


def share(percent: str) -> Give:
    return Give(amount=Fraction(percent) / 100)


def test_what_is_not_said_of_a_credit_has_its_default(tmp_path: Path) -> None:
    found = credit(tmp_path, "for: availability, flat: 4%")
    assert found == Credit(id="availability", promises=("availability",), shape=Flat(give=share("4")))


@pytest.mark.parametrize(
    ("typed", "given"),
    [
        ("2.5%", Give(amount=Fraction(1, 40))),
        ("1/30", Give(amount=Fraction(1, 30))),
        ("12.50 EUR", Give(amount=Fraction(25, 2), unit="money")),
        ("1 service day", Give(amount=Fraction(1), unit="service days")),
        ("3 days", Give(amount=Fraction(3), unit="service days")),
        ("2 service hours", Give(amount=Fraction(2), unit="service hours")),
        ("1 month of charge", Give(amount=Fraction(1), unit="months")),
        ("1 point", Give(amount=Fraction(1), unit="points")),
        ("7 free entry", Give(amount=Fraction(7), unit="free entries")),
        ("40 test batch", Give(amount=Fraction(40), unit="test batches")),
    ],
)
def test_a_credit_gives_shares_money_months_or_what_can_be_counted(tmp_path: Path, typed: str, given: Give) -> None:
    assert credit(tmp_path, f"for: availability, flat: {typed}").shape == Flat(give=given)


@pytest.mark.parametrize(
    ("typed", "by", "relation"),
    [
        ("for: availability", None, "figure"),
        ("for: availability, by: down", "down", "figure"),
        ("for: uptime, by: longest outage", "longest-outage", "figure"),
        ("by: availability", "availability", "figure"),
        ("by: score", "score", "figure"),
        ("for: uptime, by: shortfall", "uptime", "shortfall"),
        ("for: longest outage, by: relative excess", "longest-outage", "relative_excess"),
        ("for: uptime, by: shortfall of availability", "availability", "shortfall"),
    ],
)
def test_a_credit_reads_a_measure_a_promise_or_how_far_it_was_missed(
    tmp_path: Path, typed: str, by: str | None, relation: str
) -> None:
    unit = "1h" if "down" in typed or "by: longest" in typed else "1%"
    unit = "0.5" if "score" in typed else unit
    found = credit(tmp_path, f"id: a, {typed}, per unit: {{unit: {unit}, count: full, give: 1%}}")
    assert (found.by, found.relation) == (by, relation)


def test_a_standard_measure_that_nothing_promises_is_taken_for_the_credit_alone(tmp_path: Path) -> None:
    contract = made(tmp_path, "id: a, for: availability, by: outages over 20m, table: {'> 2': 5%}")
    assert contract.credits[0].by == "outages over 20m"
    extra = MeasureRule(name="outages over 20m", kind="count", of="outage", unit="count", longer=20 * M)
    assert contract.measures[-1] == extra


def test_a_measure_that_is_called_like_a_relation_is_meant_first(tmp_path: Path) -> None:
    text = (
        TEXT.replace("down: {total", "excess: {total") + "      - {id: a, for: availability, pro rata: {of: excess}}\n"
    )
    (found,) = config(tmp_path, text).contracts["acme"].credits
    assert (found.by, found.relation) == ("excess", "figure")


@pytest.mark.parametrize(
    ("typed", "shape"),
    [
        (
            "{unit: 40m, of: down, count: started, beyond: promise, give: 3%}",
            PerUnit(give=share("3"), unit=Fraction(40 * M), count="started", promised=True),
        ),
        (
            "{unit: hour, of: down, count: pro rata, beyond: 2h, give: 5.00 EUR}",
            PerUnit(
                give=Give(amount=Fraction(5), unit="money"),
                unit=Fraction(H),
                count="pro_rata",
                beyond=Fraction(2 * H),
            ),
        ),
        ("1 day per full 15m beyond promise", None),
    ],
)
def test_an_amount_per_unit_is_a_mapping_or_a_line(tmp_path: Path, typed: str, shape: PerUnit | None) -> None:
    by = "" if "of: down" in typed else "by: down, "
    found = credit(tmp_path, f"for: availability, {by}per unit: {typed}")
    days = Give(amount=Fraction(1), unit="service days")
    line = PerUnit(give=days, unit=Fraction(15 * M), count="full", promised=True)
    assert (found.by, found.shape) == ("down", shape or line)


def test_a_figure_is_typed_in_quotes_or_without(tmp_path: Path) -> None:
    for low, high in (("0.5", "1.5"), ('"0.5"', '"1.5"')):
        units = credit(tmp_path, f"for: score, per unit: {{unit: 0.1, count: full, beyond: {low}, give: 1%}}").shape
        assert isinstance(units, PerUnit)
        assert (units.unit, units.beyond) == (Fraction(1, 10), Fraction(1, 2))
        rest = "{unit: 1, count: full, give: 2%}"
        shape = credit(
            tmp_path, f"for: score, brackets: [{{up to: {high}, unit: 1, count: full, give: 1%}}, {rest}]"
        ).shape
        assert isinstance(shape, Brackets)
        assert shape.rows[0].up_to == Fraction(3, 2)


def test_what_a_unit_is_limited_to_is_a_limit_of_the_credit(tmp_path: Path) -> None:
    units = "per unit: {unit: 1h, of: length, count: full, give: 6%, at most: 30%}"
    whole = credit(tmp_path, f"id: a, for: availability, {units}".replace("length", "down"))
    each = credit(tmp_path, f"id: a, per: item, {units}")
    assert (whole.at_most, whole.at_most_each, each.per) == (share("30"), None, "outage")
    assert (each.at_most, each.at_most_each) == (None, share("30"))


def test_an_item_of_a_ticket_measure_is_a_ticket(tmp_path: Path) -> None:
    assert credit(tmp_path, "id: a, by: asked, per: item, table: {'> 4h': 5%}").per == "ticket"


@pytest.mark.parametrize(
    ("typed", "shape"),
    [
        ("{of: down}", ProRata()),
        ("{of: down, times: 10, over: period}", ProRata(times=Fraction(10))),
        ("{of: down, times: 150%, over: flat 30 days}", ProRata(times=Fraction(3, 2), flat=30 * D)),
        ("{of: down, over: base}", ProRata(judged=True)),
        ("{of: down, over: mean of 4 periods, give: test run}", ProRata(back=4, unit="test runs")),
        (
            "{of: down, round fraction: 3 places down}",
            ProRata(round=Rounding(to=Fraction(1, 1000), mode="down", compare=True)),
        ),
    ],
)
def test_a_part_of_the_base_is_of_a_length(tmp_path: Path, typed: str, shape: ProRata) -> None:
    assert credit(tmp_path, f"for: availability, pro rata: {typed}").shape == shape


@pytest.mark.parametrize(("mode", "marginal"), [("", False), (", mode: total", False), (", mode: marginal", True)])
def test_brackets_are_read_by_the_total_unless_they_are_marginal(tmp_path: Path, mode: str, marginal: bool) -> None:
    typed = "[{up to: 3h, unit: 1h, count: full, give: 2%}, {unit: 30m, count: pro rata, give: 2%}]"
    rows = (
        Bracket(up_to=Fraction(3 * H), unit=Fraction(H), count="full", give=share("2")),
        Bracket(up_to=None, unit=Fraction(H, 2), count="pro_rata", give=share("2")),
    )
    found = credit(tmp_path, f"for: availability, by: down, brackets: {typed}{mode}")
    assert found.shape == Brackets(rows=rows, marginal=marginal)


def test_a_table_may_end_in_units(tmp_path: Path) -> None:
    tail = "then: {beyond: 6h, unit: 2h, count: full, give: 5%}"
    found = credit(tmp_path, f"for: longest outage, table: {{'> 6h': 30%, '> 3h': 10%}}, {tail}, at most: 90%")
    rows = tuple(Tier(operator=">", edge=Fraction(e * H), give=share(s)) for e, s in ((3, "10"), (6, "30")))
    units = PerUnit(give=share("5"), unit=Fraction(2 * H), count="full", beyond=Fraction(6 * H))
    assert (found.shape, found.at_most) == (Table(rows=rows, tail=units), share("90"))


@pytest.mark.parametrize(
    ("typed", "base"),
    [
        ("charge", ChargeBase()),
        ("usage", ChargeBase(of=("usage",))),
        ("greatest of charge, usage", ChargeBase(of=("charge", "usage"), pick="greatest")),
        ("least of usage, charge", ChargeBase(of=("usage", "charge"), pick="least")),
        ("sum of charge, usage", ChargeBase(of=("charge", "usage"), pick="sum")),
        ("desk.charge", ChargeBase(of=("desk.charge",))),
        ("previous period", ChargeBase(back=1)),
        ("mean of 3 periods of usage", ChargeBase(of=("usage",), back=3)),
        ("preceding 30 days", ChargeBase(preceding=30 * D)),
        ("250.00", ChargeBase(amount=Decimal("250.00"))),
        ("250.00 EUR", ChargeBase(amount=Decimal("250.00"))),
        ("contract", ChargeBase(contract=True)),
        ("affected", ChargeBase()),
    ],
)
def test_a_share_is_of_a_base(tmp_path: Path, typed: str, base: ChargeBase) -> None:
    assert credit(tmp_path, f"for: availability, flat: 4%, base: '{typed}'").base == base


def test_a_service_without_a_charge_earns_what_needs_none(tmp_path: Path) -> None:
    text = TEXT.replace("charge: 640.00, charges: {usage: 12.00}, ", "").replace("{charge: 90.00}", "{}")
    for item in ("flat: 4.00 EUR", "flat: 2 points", "flat: 1%, base: 90.00"):
        assert problems(tmp_path, text + f"      - {{for: availability, {item}}}\n") == []
    (problem,) = problems(tmp_path, text + "      - {for: availability, flat: 1 day, pay days as money: true}\n")
    assert "no service has one" in problem


def test_repetition_multiples_conditions_and_limits(tmp_path: Path) -> None:
    found = credit(
        tmp_path,
        "for: uptime, flat: 2 service days, pay days as money: yes, value of day: base / days in period,"
        " escalate: [{after: 2 consecutive periods, times: 3}, {if: failed previous period, times: 150%}],"
        " times: {class gold: 2, severity 1 or 2: 60%}, if: {class: gold}, round: {to: 0.05, mode: up},"
        " at most: 15 service days, at least: 1.00 EUR, of: [line]",
    )
    assert found.escalations == (Escalation(periods=1, times=Fraction(3, 2)), Escalation(periods=2, times=Fraction(3)))
    assert found.factors == (
        Factor(where=Condition(category=("gold",)), times=Fraction(2)),
        Factor(where=Condition(severity=("1", "2")), times=Fraction(3, 5)),
    )
    assert (found.in_money, found.day_of, found.where) == (True, "period", Condition(category=("gold",)))
    assert (found.round, found.services) == (Rounding(to=Fraction(1, 20), mode="up", compare=True), ("line",))
    days, money = Give(amount=Fraction(15), unit="service days"), Give(amount=Fraction(1), unit="money")
    assert (found.at_most, found.at_least) == (days, money)


@pytest.mark.parametrize("typed", ["0.0001", "0.0001 half up", "{to: 0.0001}"])
def test_a_rounding_may_be_finer_than_a_coin(tmp_path: Path, typed: str) -> None:
    found = credit(tmp_path, f"for: availability, flat: 4%, round: {typed}")
    assert found.round == Rounding(to=Fraction(1, 10_000), compare=True)


def test_points_of_one_credit_are_what_another_reads(tmp_path: Path) -> None:
    points = "id: marks, for: score, table: {'< 4.2': 1 point, '< 3.5': 4 points}"
    _, found = made(
        tmp_path, points, "id: cost, by: points of marks, per unit: {unit: 1, count: full, give: 0.5%}"
    ).credits
    assert (found.points_of, found.by, found.promises) == ("marks", None, ())


def test_a_credit_may_be_for_several_promises(tmp_path: Path) -> None:
    found = credit(tmp_path, "id: any, for: [availability, uptime], table: {'< 99%': 3%}")
    assert found.promises == ("availability", "uptime")
