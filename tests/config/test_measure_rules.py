"""Every measure a contract can define is read into its rule, with each of its parameters."""

from dataclasses import fields
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from config.contract.noun import Condition, Rounding
from config.contract.rules import Base, MeasureRule
from tests.config.kit import CONTRACT, config, problems
from tests.config.test_examples import complaints

MS, S, M, H = 10**6, 10**9, 60 * 10**9, 3600 * 10**9
GROUND = """\
    starts: 2026-02-15
    calendars:
      office: {hours: {mon-fri: "09:00-17:00"}}
    outages:
      unavailable: {from: tickets}
    signals:
      storage: {counts: requests, of: [line]}
"""
PROMISES = "    promises:\n      - availability >= 99.9%\n"


def text(*measures: str, promises: tuple[str, ...] = ("outages <= 3",), ground: str = GROUND) -> str:
    """A contract that defines those measures."""
    defined = "".join(f"      {one}\n" for one in measures)
    promised = "".join(f"      - {one}\n" for one in promises)
    return CONTRACT.replace(PROMISES, f"{ground}    measures:\n{defined}    promises:\n{promised}")


def rule(tmp_path: Path, measure: str) -> dict[str, Any]:
    """A measure as read, without its name and what is the same for all."""
    contract = config(tmp_path, text(measure)).contracts["acme"]
    found = contract.measures[0]
    assert found == contract.measure(measure.split(":")[0])
    plain = MeasureRule(name=found.name, kind=found.kind, of=found.of, unit=found.unit)
    assert complaints(text(measure)) == []
    said = {field.name: getattr(found, field.name) for field in fields(found)}
    return {key: value for key, value in said.items() if value != getattr(plain, key) or key in ("kind", "of", "unit")}


def same(kind: str, of: str, unit: str, **more: object) -> dict[str, object]:
    return {"kind": kind, "of": of, "unit": unit, **more}


MEAN = {"aggregate": "mean_of_ratios", "bucket": 5 * M}
CASES = [
    ("up: {ratio: unavailable}", same("ratio", "unavailable", "ratio")),
    ("up: {ratio: outage, base: actual, absent: up}", same("ratio", "outage", "ratio", base=Base(), absent="up")),
    ("up: {ratio: outage, base: flat 30 days}",
     same("ratio", "outage", "ratio", base=Base(kind="flat", flat=720 * H))),
    ("up: {ratio: outage, base: existing}", same("ratio", "outage", "ratio", base=Base(kind="existing"))),
    ("up: {ratio: outage, base: scheduled office}",
     same("ratio", "outage", "ratio", base=Base(kind="scheduled", calendar="office"))),
    ("up: {ratio: outage, pool: yes}", same("ratio", "outage", "ratio", pool=True, services=("line", "site"))),
    ("up: {ratio: outage, pool: true, of: [site]}", same("ratio", "outage", "ratio", pool=True, services=("site",))),
    ("up: {ratio: outage, unknown: down, of: line}",
     same("ratio", "outage", "ratio", unknown="down", services=("line",))),
    ("up: {requests: web, bucket: 5m, aggregate: mean of ratios, empty: good}",
     same("requests", "web", "ratio", empty="good", **MEAN)),
    ("up: {requests: web, bucket: 5m, aggregate: mean_of_ratios, empty: carry}",
     same("requests", "web", "ratio", empty="carry", **MEAN)),
    ("up: {requests: web}", same("requests", "web", "ratio")),
    ("up: {requests: storage}", same("requests", "requests", "ratio", services=("line",))),
    ("runs: {counts: runs, of: failed}", same("counts", "runs", "count", number="failed")),
    ("runs: {counts: runs, of: total, empty: good}", same("counts", "runs", "count", number="total", empty="good")),
    ("runs: {counts: runs, of: [site]}", same("counts", "runs", "ratio", services=("site",))),
    ("fair: {ratio: unavailable, weighted: true}", same("ratio", "unavailable", "ratio", weighted=True)),
    ("down: {total: unavailable, beyond: 216m, weighted: yes}",
     same("total", "unavailable", "ns", beyond=216 * M, weighted=True)),
    ("down: {total: unavailable, beyond: allowance}", same("total", "unavailable", "ns", allowance=True)),
    ("long: {longest: unavailable, per: day}", same("longest", "unavailable", "ns", per="day")),
    ("n: {count: unavailable, longer than: 30m, over: trailing 30 days}",
     same("count", "unavailable", "count", longer=30 * M, over="trailing 30 days")),
    ("n: {count: unavailable, at least: 30m, over: contract quarter}",
     same("count", "unavailable", "count", longer=30 * M, strict_longer=False, over="quarter from day 15 of february")),
    ("repair: {each: unavailable}", same("each", "unavailable", "ns")),
    ("mttr: {each: unavailable, stat: mean, less: excluded}",
     same("each", "unavailable", "ns", statistic="mean", less_excluded=True)),
    ("quick: {each: outage, stat: share within 4h}",
     same("each", "outage", "ratio", statistic="share within", threshold=4 * H)),
    ("quick: {each: response, stat: share within 4 business hours}",
     same("each", "response", "ratio", statistic="share within", threshold=4 * H, clock="office")),
    ("r: {each: response, clock: office, if: {severity: [1, 2], class: gold}}",
     same("each", "response", "ns", clock="office", where=Condition(severity=("1", "2"), category=("gold",)))),
    ("gap: {each: update gap, clock: 24x7}", same("each", "update gap", "ns", clock="24x7")),
    ("lead: {each: from requested to repair started, if: {type: installation}}",
     same("each", "requested to repair_started", "ns", where=Condition(type=("installation",)))),
    ("legs: {share of tickets: {response: 4h, from opened to delivered: 16h}}",
     same("tickets", "tickets", "ratio", legs=(("response", 4 * H), ("opened to delivered", 16 * H)))),
    ("legs: {share of tickets: {response: 4 business hours, resolution: 1d}}",
     same("tickets", "tickets", "ratio", legs=(("response", 4 * H), ("resolution", 24 * H)), clock="office")),
    ("loss: {samples: packet loss, stat: mean, skip: unavailable, over: trailing 30 days, bucket: 5m, of bins: max}",
     same("samples", "packet-loss", "ratio", skip=("unavailable",), over="trailing 30 days", bins=5 * M,
          of_bins="max")),
    ("rtt: {samples: latency, skip: [outage, unavailable]}",
     same("samples", "latency", "ns", statistic="mean", skip=("outage", "unavailable"))),
    ("rtt: {samples: latency, bucket: 1m}", same("samples", "latency", "ns", statistic="mean", bins=M, of_bins="mean")),
    ("rtt: {samples: jitter, stat: share over 10ms}",
     same("samples", "jitter", "ratio", statistic="share over", threshold=10 * MS)),
    ("csat: {given: csat, unit: score}", same("given", "csat", "score", statistic="mean")),
    ("asa: {given: asa, unit: s, stat: last}", same("given", "asa", "ns", statistic="last", scale=Fraction(S))),
    ("fcr: {given: first contact, unit: percent}",
     same("given", "first contact", "ratio", statistic="mean", scale=Fraction(1, 100))),
    ("up: {ratio: outage, round: {to: 0.01%, mode: half up, for: compare}}",
     same("ratio", "outage", "ratio", round=Rounding(to=Fraction(1, 10_000), compare=True))),
    ("up: {ratio: outage, round: 0.01% down for compare}",
     same("ratio", "outage", "ratio", round=Rounding(to=Fraction(1, 10_000), mode="down", compare=True))),
    ("down: {total: outage, round: 1m up}",
     same("total", "outage", "ns", round=Rounding(to=Fraction(M), mode="up"))),
    ("csat: {given: csat, unit: score, round: {to: 0.1, for: display}}",
     same("given", "csat", "score", statistic="mean", round=Rounding(to=Fraction(1, 10)))),
]  # fmt: skip


@pytest.mark.parametrize(("measure", "expected"), CASES, ids=[measure for measure, _ in CASES])
def test_a_measure_is_read_whole_and_exactly(tmp_path: Path, measure: str, expected: dict[str, object]) -> None:
    assert rule(tmp_path, measure) == expected


def test_spaces_and_underscores_in_names_are_the_same(tmp_path: Path) -> None:
    read = config(tmp_path, text("longest_down: {longest: outage}", promises=("longest down <= 1h",))).contracts["acme"]
    assert [(one.rule, one.id) for one in read.promises] == [("longest down", "longest-down")]


def test_a_signal_need_not_be_declared_unless_it_is_nearly_one_that_is(tmp_path: Path) -> None:
    assert problems(tmp_path, text("up: {requests: queries}")) == []
    assert "did you mean 'storage'?" in problems(tmp_path, text("up: {requests: storages}"))[0]


def test_what_rests_on_a_measure_that_cannot_be_read_is_not_told_again(tmp_path: Path) -> None:
    found = problems(tmp_path, text("up: {ratio: nothing}", promises=("up >= 99%", "p95 up <= 1h")))
    assert len(found) == 1
    assert "no outage 'nothing'" in found[0]


def test_a_part_as_long_as_the_period_is_the_period(tmp_path: Path) -> None:
    assert rule(tmp_path, "down: {total: outage, per: month}") == same("total", "outage", "ns")
    ground = GROUND + "    period: trailing 30 days\n"
    assert problems(tmp_path, text("down: {total: outage, per: week}", ground=ground)) == []
