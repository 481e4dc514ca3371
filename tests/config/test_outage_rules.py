"""``outages:`` and ``signals:`` as rules: every key alone, the defaults, and what they stand for."""

from fractions import Fraction
from pathlib import Path

import pytest

from config.contract.model import Contract
from config.contract.noun import Condition, Rounding
from config.contract.outages import KEYS
from config.contract.rules import Bucket, Edge, OutageRule, Source
from tests.config.kit import CONTRACT, config, problems
from tests.nouns import made

M, H = 60 * 10**9, 3600 * 10**9
BESIDE = (
    '    calendars: {office: {hours: {mon-fri: "09:00-17:00"}}}\n'
    "    signals: {errors: {counts: requests, of: [site]}, runs: {}}\n"
)


def contract(tmp_path: Path, more: str) -> Contract:
    return config(tmp_path, CONTRACT + BESIDE + more).contracts["acme"]


def rule(tmp_path: Path, text: str) -> OutageRule:
    return contract(tmp_path, f"    outages:\n      broken: {{{text}}}\n").outage("broken")


def probes(*names: str) -> tuple[Source, ...]:
    return tuple(Source(kind="probes") if name == "probes" else Source(kind="tickets") for name in names)


BUCKET = Bucket(length=5 * M, when="error_ratio", ratio=Fraction(1, 20))
COUNTED = (Source(kind="counts", name="requests"),)

CASES: list[tuple[str, dict[str, object]]] = [
    ("", {}),
    ("from: tickets", {"sources": probes("tickets")}),
    ("from: [probes, tickets]", {"sources": probes("probes", "tickets")}),
    ("any of: [probes, tickets]", {"sources": probes("probes", "tickets")}),
    ("all of: [probes, tickets]", {"sources": probes("probes", "tickets"), "every_source": True}),
    ("from: counts requests", {"sources": COUNTED}),
    ("from: errors", {"sources": COUNTED, "services": ("site",)}),
    ("from: counts errors", {"sources": COUNTED, "services": ("site",)}),
    ("from: errors, of: [line]", {"sources": COUNTED, "services": ("line",)}),
    ("from: runs", {"sources": (Source(kind="counts", name="runs"),)}),
    ("of: [line]", {"services": ("line",)}),
    ("bucket: 5m, bad when: error ratio > 5%", {"bucket": BUCKET}),
    ("bucket: 5m, bad when: error ratio >= 5%", {"bucket": BUCKET.but(strict=False)}),
    ("bucket: 1m, bad when: all fail", {"bucket": Bucket(length=M, when="all_fail")}),
    (
        "bucket: 1m, bad when: any fail, empty: carry, minimum samples: 10",
        {"bucket": Bucket(length=M, when="any_fail", minimum=10, empty="carry")},
    ),
    ("consecutive: 3", {"consecutive": 3}),
    ("only while up: site, of: [line]", {"control": "site", "services": ("line",)}),
    ("starts: report", {"starts": Edge(of=("report",))}),
    ("starts: confirmation, confirm after: 5m", {"starts": Edge(of=("confirmation",)), "confirm_after": 5 * M}),
    ('starts: "earliest of report, detection"', {"starts": Edge(pick="earliest", of=("report", "detection"))}),
    ('starts: "latest of report, confirmation"', {"starts": Edge(pick="latest", of=("report", "confirmation"))}),
    ("ends: restored", {"ends": Edge(of=("restored",))}),
    ('ends: "earliest of restored, closed"', {"ends": Edge(pick="earliest", of=("restored", "closed"))}),
    ("confirm after: 5m", {"confirm_after": 5 * M}),
    ("longer than: 3m", {"least": 3 * M, "strict": True}),
    ("at least: 10m", {"least": 10 * M}),
    ("at least: 10m, counts: excess", {"least": 10 * M, "excess": True}),
    ("accumulate: 60s within 15m", {"accumulate": (M, 15 * M)}),
    ("merge within: 3h", {"merge_within": 3 * H}),
    ("merge within: 3h, merge at least: 30m", {"merge_within": 3 * H, "merge_least": 30 * M}),
    ("merge within: 3h, merge counts: span", {"merge_within": 3 * H, "merge_span": True}),
    ("overlap: longest", {"overlap": "longest"}),
    ("clock: office", {"clock": "office"}),
    ("clock: 24x7", {}),
    ("pauses: [customer pending, access]", {"pauses": ("customer_pending", "access")}),
    ("pauses: access", {"pauses": ("access",)}),
    ("pauses: none", {"pauses": ()}),
    ("pauses: all", {}),
    ("grace: 15m", {"grace": 15 * M}),
    ("grace: 15m, grace counts: beyond", {"grace": 15 * M, "grace_beyond": True}),
    ("grace: 2h, grace from: report", {"grace": 2 * H, "grace_from": "report"}),
    ("from: [probes, outage]", {"sources": (*probes("probes"), Source(kind="outage", name="outage"))}),
    ("reopen: new", {"reopen": "new"}),
    ("reported within: 72h", {"reported_within": 72 * H}),
    ("if: {severity: [1, 2], class: gold}", {"where": Condition(severity=("1", "2"), category=("gold",))}),
    ("affected at least: 100", {"affected": 100}),
    ("round: 1m down", {"round": Rounding(to=Fraction(M), mode="down")}),
    ("round: {to: 6m, mode: up}", {"round": Rounding(to=Fraction(6 * M), mode="up")}),
    ("split: day", {"split": "day"}),
    ("weight: share", {"weighted": True}),
]


@pytest.mark.parametrize(("text", "meant"), CASES, ids=[text or "plain" for text, _ in CASES])
def test_every_key_says_one_thing(tmp_path: Path, text: str, meant: dict[str, object]) -> None:
    assert rule(tmp_path, text) == made(OutageRule, {"name": "broken", **meant})


def test_every_key_has_a_case() -> None:
    typed = {part.split(":")[0].strip(" {") for text, _ in CASES for part in text.split(", ")}
    assert set(KEYS) <= typed


def test_a_figure_that_is_missed_is_an_outage(tmp_path: Path) -> None:
    told = "bad when: packet loss > 0.1% per trailing 30 days, bucket: day, of: [line]"
    own = contract(tmp_path, f"    outages:\n      broken: {{{told}}}\n")
    bucket = Bucket(
        length=24 * H,
        daily=True,
        when="measure",
        operator=">",
        target=Fraction(1, 1000),
        text="packet loss > 0.1% per trailing 30 days",
        empty="skip",
    )
    name = "packet loss per trailing 30 days"
    source = Source(kind="measure", name=name)
    assert own.outage("broken") == OutageRule(name="broken", sources=(source,), services=("line",), bucket=bucket)
    measure = own.measure(name)
    assert (measure.kind, measure.of, measure.over) == ("samples", "packet-loss", "trailing 30 days")


def test_a_defined_measure_may_judge_and_brings_its_services(tmp_path: Path) -> None:
    more = "    measures: {served: {requests: errors, of: [site]}}\n"
    own = contract(tmp_path, f"{more}    outages:\n      broken: {{bad when: served < 99%, bucket: 5m, empty: good}}\n")
    found = own.outage("broken")
    assert found.sources == (Source(kind="measure", name="served"),) and found.services == ("site",)
    assert found.bucket is not None and (found.bucket.operator, found.bucket.empty) == ("<", "good")


def test_a_rule_that_says_nothing_is_the_plain_outage_of_a_probe(tmp_path: Path) -> None:
    assert rule(tmp_path, "").plain and not rule(tmp_path, "at least: 1m").plain
    assert contract(tmp_path, "").outage("outage").plain


def test_a_contract_may_say_itself_what_an_outage_is(tmp_path: Path) -> None:
    made = contract(tmp_path, "    outages: {outage: {longer than: 1m}, other: {}}\n")
    assert [one.name for one in made.outages] == ["outage", "other"]
    assert made.outage("outage").least == M


def test_a_row_of_rules_that_rest_on_each_other_has_an_end(tmp_path: Path) -> None:
    told = [f"      rule-{at}: {{from: rule-{at + 1}}}\n" for at in range(1000)]
    found = problems(tmp_path, CONTRACT + "    outages:\n" + "".join(told) + "      rule-1000: {}\n")
    assert len(found) == 1 and found[0].endswith("rests on 24 others one after the other; write fewer")
    few = "".join(told[-24:]) + "      rule-1000: {}\n"
    assert problems(tmp_path, CONTRACT + "    outages:\n" + few) == []
