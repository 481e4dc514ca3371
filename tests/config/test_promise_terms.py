"""What is said of a promise besides its line: measures of the contract's own, conditions, clocks, what it replaces."""

from fractions import Fraction
from pathlib import Path

import pytest

from config.contract.model import Contract, Promise
from config.contract.noun import Condition
from config.contract.promises import parse
from config.contract.rules import Base
from config.contract.scope import Scope
from tests.config.kit import CONTRACT, config, problems
from tests.config.test_examples import complaints

S, M, H = 10**9, 60 * 10**9, 3600 * 10**9
GROUND = """\
    calendars:
      office: {hours: {mon-fri: "09:00-17:30"}}
    outages:
      unavailable: {from: tickets}
    measures:
      repair: {each: unavailable}
      lead time: {each: from requested to delivered}
      mttr: {each: unavailable, stat: mean}
      interruptions: {count: unavailable}
      down: {total: unavailable, of: [site]}
      whole: {ratio: unavailable, pool: yes}
      uptime: {requests: requests}
      speed: {samples: latency, bucket: 5m}
      rtt: {samples: latency, of: line}
      csat: {given: csat, unit: score}
      cost: {given: cost, unit: money}
"""
PROMISES = "    promises:\n      - availability >= 99.9%\n"
CLASSES = [("{targets: [hq],", "{class: gold, targets: [hq],"), ("{targets: [web],", "{class: lead, targets: [web],")]


def text(*lines: str, ground: str = GROUND) -> str:
    """A contract with those promises."""
    return CONTRACT.replace(PROMISES, f"{ground}    promises:\n" + "".join(f"      - {line}\n" for line in lines))


def read(tmp_path: Path, *lines: str, ground: str = GROUND) -> Contract:
    assert complaints(text(*lines, ground=ground)) == []
    return config(tmp_path, text(*lines, ground=ground)).contracts["acme"]


def promise(tmp_path: Path, line: str, ground: str = GROUND) -> Promise:
    return read(tmp_path, line, ground=ground).promises[0]


@pytest.mark.parametrize(
    ("line", "id", "rule", "operator", "target", "unit"),
    [
        ("repair <= 4h", "repair", "repair", "<=", 4 * H, "ns"),
        ("p95 repair <= 4h", "p95-repair", "p95 repair", "<=", 4 * H, "ns"),
        ("share of repair within 4h >= 90%", "share-of-repair-within-4h", "share of repair within 4h", ">=",
         Fraction(9, 10), "ratio"),
        ("interruptions over 30m < 3", "interruptions-over-30m", "interruptions over 30m", "<", 3, "count"),
        ("interruptions == 0", "interruptions", "interruptions", "==", 0, "count"),
        ("down == 0s", "down", "down", "==", 0, "ns"),
        ("uptime == 100%", "uptime", "uptime", "==", 1, "ratio"),
        ("max rtt < 80ms", "max-rtt", "max rtt", "<", S * 8 // 100, "ns"),
        ("csat >= 4.25", "csat", "csat", ">=", Fraction(17, 4), "score"),
        ("csat < 2", "csat", "csat", "<", 2, "score"),
        ("p95 csat >= 3", "p95-csat", "p95 csat", ">=", 3, "score"),
        ("cost <= 500.50 EUR", "cost", "cost", "<=", Fraction(1001, 2), "score"),
        ("response time <= 30m", "response-time", "response time", "<=", 30 * M, "ns"),
        ("mean resolution time <= 4h", "mean-resolution-time", "mean resolution time", "<=", 4 * H, "ns"),
        ("update_gap <= 1h", "update-gap", "update gap", "<=", H, "ns"),
        ("share of tickets answered within 15m >= 90%", "share-of-tickets-answered-within-15m",
         "share of tickets answered within 15m", ">=", Fraction(9, 10), "ratio"),
        ("outages over 30m < 3 per trailing 30 days", "outages-over-30m", "outages over 30m per trailing 30 days", "<",
         3, "count"),
        ("total outage == 0s while cause is power", "total-outage", "total outage", "==", 0, "ns"),
    ],
)  # fmt: skip
def test_a_measure_is_promised_by_name(
    tmp_path: Path, line: str, id: str, rule: str, operator: str, target: int | Fraction, unit: str
) -> None:
    contract = read(tmp_path, line)
    one = contract.promises[0]
    assert (one.id, one.rule, one.operator, one.target, one.unit) == (id, rule, operator, target, unit)
    assert one.measure == contract.measure(rule).kind


def test_a_definition_stands_instead_of_the_standard_measure_of_its_name(tmp_path: Path) -> None:
    ground = "    measures:\n      availability: {counts: runs}\n      total outage: {given: lost, unit: s}\n"
    contract = read(tmp_path, "availability >= 99%", "total outage <= 5m", ground=ground)
    assert [(one.rule, one.measure) for one in contract.promises] == [
        ("availability", "counts"),
        ("total outage", "given"),
    ]


def test_standard_measures_need_no_rule_unless_the_contract_bends_them(tmp_path: Path) -> None:
    plain = promise(tmp_path, "availability >= 99%", ground="")
    assert (plain.rule, plain.measure) == (None, "availability")
    own = "    outages:\n      outage: {from: tickets}\n"
    assert promise(tmp_path, "longest outage <= 4h", ground=own).rule == "longest outage"
    assert promise(tmp_path, "p95 latency <= 1s", ground=own).rule is None
    flat = "    base: flat 30 days\n"
    contract = read(tmp_path, "availability >= 99%", "total outage <= 1h", ground=flat)
    assert contract.base == Base(kind="flat", flat=720 * H)
    assert [one.rule for one in contract.promises] == ["availability", None]


def test_made_for_the_services_of_its_measure(tmp_path: Path) -> None:
    contract = read(tmp_path, "down <= 1h", "whole >= 99%", "uptime >= 99% of line")
    assert [one.services for one in contract.promises] == [("site",), ("line", "site"), ("line",)]


def test_a_condition_is_spoken_or_a_mapping(tmp_path: Path) -> None:
    wanted = Condition(severity=("high", "urgent"), cause=("fibre break",))
    spoken, mapped = read(
        tmp_path,
        "repair <= 15h while severity is high or urgent and cause is fibre break",
        "{id: b, promise: repair <= 15h, if: {severity: [high, urgent], cause: fibre break}}",
    ).promises
    assert spoken.where == mapped.where == wanted


def test_a_value_may_hold_and_where_no_quality_follows(tmp_path: Path) -> None:
    one = promise(tmp_path, "repair <= 4h of line per day while cause is wear and tear and region is north")
    assert one.where == Condition(cause=("wear and tear",), region=("north",))
    assert (one.services, one.per) == (("line",), "day")


def test_a_class_of_services_chooses_them(tmp_path: Path) -> None:
    whole = text("availability >= 99.9% while class is Gold", "availability >= 99% while class is lead", ground="")
    for old, new in CLASSES:
        whole = whole.replace(old, new)
    gold, lead = config(tmp_path, whole).contracts["acme"].promises
    assert (gold.services, gold.rule, lead.services) == (("line",), None, ("site",))


def test_a_condition_on_outages_makes_a_measure_of_a_standard_one(tmp_path: Path) -> None:
    contract = read(tmp_path, "longest outage <= 4h while cause is power", ground="")
    assert contract.measure("longest outage").of == "outage"


@pytest.mark.parametrize(
    ("line", "target", "unit", "clock"),
    [
        ("repair <= 4 business hours", 4 * H, "ns", "office"),
        ("repair <= 90 business minutes", 90 * M, "ns", "office"),
        ("repair <= 4 consecutive business hours", 4 * H, "ns", "office"),
        ("response time <= 2 business days", 2, "business_days", "office"),
        ("{promise: lead time <= 2 business days, clock: 24x7}", 2, "business_days", "24x7"),
        ("{promise: repair <= 3d, clock: office}", 3 * 17 * H // 2, "ns", "office"),
        ("{promise: repair <= 1d 4h, clock: office}", 17 * H // 2 + 4 * H, "ns", "office"),
        ("{promise: repair <= 3d, clock: 24x7}", 72 * H, "ns", "24x7"),
        ("{promise: repair <= 5h, clock: office}", 5 * H, "ns", "office"),
        ("repair <= 3d", 72 * H, "ns", None),
        ("mttr <= 4 business hours", 4 * H, "ns", "office"),
        ("share of tickets resolved within 16 business hours >= 90%", Fraction(9, 10), "ratio", "office"),
    ],
)
def test_time_on_a_calendar(tmp_path: Path, line: str, target: int, unit: str, clock: str | None) -> None:
    one = promise(tmp_path, line)
    assert (one.target == target, one.unit, one.clock) == (True, unit, clock)


def test_business_time_runs_on_the_measures_clock_where_it_has_one(tmp_path: Path) -> None:
    ground = GROUND.replace("{each: unavailable}\n", "{each: unavailable, clock: shop}\n").replace(
        "    outages:", '      shop: {hours: {daily: "08:00-20:00"}}\n    outages:'
    )
    one = promise(tmp_path, "repair <= 2d", ground)
    assert (one.target == 24 * H, one.clock) == (True, None)
    other = promise(tmp_path, "{promise: repair <= 2d, clock: office}", ground)
    assert (other.target == 17 * H, other.clock) == (True, "office")


def test_a_share_in_business_hours_is_measured_on_its_calendar(tmp_path: Path) -> None:
    contract = read(tmp_path, "share of tickets answered within 4 business hours >= 90%")
    rule = contract.measure(contract.promises[0].rule or "")
    assert (rule.clock, rule.legs) == ("office", (("response", 4 * H),))


def test_a_standard_measure_on_a_clock_or_in_each_day(tmp_path: Path) -> None:
    clocked, daily = read(
        tmp_path, "{promise: total outage <= 1h, clock: office}", "{id: b, promise: mean latency <= 1s, per: day}"
    ).promises
    assert (clocked.rule, clocked.clock) == ("total outage on office", "office")
    assert (daily.rule, daily.per) == ("mean latency", "day")


def test_the_customer_may_be_who_promises(tmp_path: Path) -> None:
    one = promise(tmp_path, "{id: give-access, promise: response time <= 4h, by: customer}")
    assert (one.by, one.id) == ("customer", "give-access")


def test_one_stands_instead_of_another_where_its_condition_holds(tmp_path: Path) -> None:
    high, fibre = read(
        tmp_path,
        "{id: high, promise: repair <= 5h, if: {severity: high}}",
        "{id: fibre, promise: repair <= 15h of line, if: {severity: high, cause: fibre break}, replaces: high}",
    ).promises
    assert (high.services, fibre.replaces) == (("line", "site"), "high")


def test_one_that_always_stands_instead_of_another_takes_its_services(tmp_path: Path) -> None:
    old, new = read(tmp_path, "uptime >= 99%", "{id: new, promise: uptime > 99% of site, replaces: uptime}").promises
    assert (old.services, new.services) == (("line",), ("site",))


@pytest.mark.parametrize(
    "second",
    [
        "{id: b, promise: uptime > 99.5%, replaces: uptime}",
        "{id: b, promise: uptime >= 99.6%}",
        "{id: b, promise: uptime >= 99.5% per day}",
        "{id: b, promise: whole > 99.5%}",
    ],
)
def test_only_what_differs_in_strictness_alone_contradicts(tmp_path: Path, second: str) -> None:
    assert problems(tmp_path, text("uptime >= 99.5%", second)) == []
    assert "differs from" in problems(tmp_path, text("uptime >= 99.5%", "{id: b, promise: uptime > 99.5%}"))[0]


def test_a_condition_settles_which_of_two_is_meant(tmp_path: Path) -> None:
    first = "whole >= 99.5%"
    assert problems(tmp_path, text(first, "{id: b, promise: whole > 99.5% while cause is power}")) == []
    assert len(problems(tmp_path, text(first, "{id: b, promise: whole > 99.5%}"))) == 1


def test_a_right_may_compare_either_way() -> None:
    line = parse("outages over 30m >= 3 per trailing 30 days", Scope(), any_side=True)
    assert [line.operator, line.target, line.over] == [">=", 3, "trailing 30 days"]
    with pytest.raises(ValueError, match="would promise bad service"):
        parse("outages over 30m >= 3", Scope())
