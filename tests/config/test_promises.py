"""A promise's line means one thing: measure, statistic, operator, exact figure, services."""

import re
from fractions import Fraction
from pathlib import Path

import pytest

from config.contract.model import Promise
from config.contract.promises import parse
from config.contract.schema_measures import ANY_PROMISE, PROMISE_PATTERN
from config.contract.scope import Scope
from tests.config.kit import CONTRACT, config, problems

MS, S, H = 10**6, 10**9, 3600 * 10**9


def promises(tmp_path: Path, *lines: str) -> tuple[Promise, ...]:
    text = CONTRACT.replace("      - availability >= 99.9%\n", "".join(f"      - {line}\n" for line in lines))
    return config(tmp_path, text).contracts["acme"].promises


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("availability >= 99.9%", ("availability", "availability", None, None, ">=", Fraction(999, 1000), "ratio")),
        ("availability > 99.95 %", ("availability", "availability", None, None, ">", Fraction(1999, 2000), "ratio")),
        ("longest outage <= 4h", ("longest-outage", "longest-outage", None, None, "<=", 4 * H, "ns")),
        ("longest_outage<=4h", ("longest-outage", "longest-outage", None, None, "<=", 4 * H, "ns")),
        ("total outage < 45m", ("total-outage", "total-outage", None, None, "<", 2700 * S, "ns")),
        ("outages <= 3", ("outages", "outages", None, None, "<=", 3, "count")),
        ("outages over 30m <= 1", ("outages-over-30m", "outages", None, 1800 * S, "<=", 1, "count")),
        ("latency <= 40ms of line", ("mean-latency", "latency", "mean", None, "<=", 40 * MS, "ns")),
        ("median latency ≤ 40ms", ("median-latency", "latency", "median", None, "<=", 40 * MS, "ns")),
        ("max latency < 1s of line", ("max-latency", "latency", "max", None, "<", S, "ns")),
        ("p99.9 latency <= 80ms", ("p99.9-latency", "latency", "p99.9", None, "<=", 80 * MS, "ns")),
        (
            "share of samples under 50ms >= 95%",
            ("share-of-samples-under-50ms", "latency", "share under", 50 * MS, ">=", Fraction(19, 20), "ratio"),
        ),
        (
            "packet delivery >= 99.5% of line",
            ("packet-delivery", "packet-delivery", None, None, ">=", Fraction(199, 200), "ratio"),
        ),
        ("packet loss <= 0% of line", ("packet-loss", "packet-loss", None, None, "<=", 0, "ratio")),
        ("jitter <= 5ms of line", ("mean-jitter", "jitter", "mean", None, "<=", 5 * MS, "ns")),
        ("p95 jitter <= 5ms of line per month", ("p95-jitter", "jitter", "p95", None, "<=", 5 * MS, "ns")),
        ("{id: uptime, promise: availability >= 99%}",
         ("uptime", "availability", None, None, ">=", Fraction(99, 100), "ratio")),
    ],
)  # fmt: skip
def test_a_line_is_read_whole_and_exactly(
    tmp_path: Path, line: str, expected: tuple[str, str, str | None, int | None, str, Fraction, str]
) -> None:
    (one,) = promises(tmp_path, line)
    assert (one.id, one.measure, one.statistic, one.threshold, one.operator, one.target, one.unit) == expected
    if line[0] != "{":
        assert one.text == line
        assert re.search(PROMISE_PATTERN, line)
        assert re.search(ANY_PROMISE, line)


def test_without_of_it_is_made_for_every_service(tmp_path: Path) -> None:
    every, some = promises(tmp_path, "availability >= 99.9%", "outages <= 3 of site , line")
    assert every.services == ("line", "site")
    assert some.services == ("site", "line")


def test_the_same_measure_may_be_promised_of_different_services(tmp_path: Path) -> None:
    first, second = promises(tmp_path, "availability >= 99.9% of line", "availability >= 99% of site")
    assert first.id == second.id == "availability"


def test_the_second_of_two_for_one_service_needs_an_id(tmp_path: Path) -> None:
    first, second = promises(tmp_path, "availability >= 99%", "{id: gold, promise: availability >= 99.9%}")
    assert (first.id, second.id) == ("availability", "gold")


@pytest.mark.parametrize(
    "line",
    [
        "availability",
        ">= 99%",
        "availability >=",
        "availability >= 99% >= 98%",
        "availability => 99%",
        "availability != 99%",
        "availability >= 99.9% for line",
        "availability >= 99.9% of",
        "availability >= 99% of line of site",
        "availability >= 99% per month per month",
        "availability >= 0%",
        "availability > 100%",
        "packet loss < 0%",
        "packet loss <= 100%",
        "outages < 0",
        "outages <= -1",
        "outages <= 1.5",
        "p0 latency <= 1ms",
        "p100 latency <= 1ms",
        "p95 availability >= 99%",
        "outages over 0s <= 1",
        "longest outage over 1h <= 1",
        "share of samples under 50 >= 95%",
        "latency <= 40",
        "response tiem <= 4h",
    ],
)
def test_what_promises_nothing_or_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"write|did you mean|no measure|no statistic|unit|service|leave"):
        parse(line, Scope())


@pytest.mark.parametrize(
    ("line", "better"),
    [("availability <= 99%", ">="), ("longest outage >= 4h", "<="), ("jitter > 5ms", "<="), ("packet loss > 1%", "<=")],
)
def test_an_operator_that_would_promise_bad_service_is_refused(line: str, better: str) -> None:
    with pytest.raises(ValueError, match=f"would promise bad service .* did you mean '{better}'"):
        parse(line, Scope())


def test_packets_are_promised_where_some_target_has_them(tmp_path: Path) -> None:
    both = CONTRACT.replace("[web]", "[web, hq]").replace("availability >= 99.9%", "packet delivery >= 99%")
    assert problems(tmp_path, both) == []


def test_a_line_says_its_period_only_if_it_is_the_contracts(tmp_path: Path) -> None:
    quarterly = CONTRACT.replace("99.9%", "99.9% per quarter") + "    period: quarter\n"
    assert problems(tmp_path, quarterly) == []
    assert (
        "differs from the contract's period (month)" in problems(tmp_path, quarterly.replace(": quarter", ": month"))[0]
    )
