"""A file of facts is taken whole or not at all, and what it says does not hang on the order of its lines."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given

from monitor.render import fact_lines, facts
from monitor.sla.facts import Fact
from tests.render.fact_kit import M1, SAMPLE, STATE, any_fact

THERE = (
    "there are sample, state, exclusion, charge, assume, schedule, witnesses, heartbeat, epoch, incident, ticket, "
    "counts, value, claim, damage"
)


def lines(*objects: dict[str, object]) -> list[bytes]:
    return [json.dumps(one).encode() + b"\n" for one in objects]


def problems(*objects: dict[str, object]) -> tuple[str, ...]:
    with pytest.raises(facts.FactsError) as caught:
        facts.read(lines(*objects), "f.jsonl")
    return caught.value.problems


@given(any_fact)
def test_a_fact_survives_its_line(fact: Fact) -> None:
    assert facts.read([fact_lines.line(fact).encode()], "f") == [fact]


def test_order_and_repetition_change_nothing() -> None:
    some = lines(SAMPLE, SAMPLE | {"seq": 8}, STATE, M1, {"kind": "assume", "service": "hq", "state": "up"})
    first = facts.read(some, "f")
    shuffled = some * 2
    random.Random(7).shuffle(shuffled)
    assert set(facts.read(shuffled, "f")) == set(first)
    assert len(facts.read(shuffled, "f")) == len(first) == 5


def test_the_earlier_arrival_of_one_sample_is_kept() -> None:
    late, soon = (SAMPLE | {"received_at": f"2026-10-01T00:00:{second}Z"} for second in (50, 40))
    assert facts.read(lines(late, soon, SAMPLE), "f") == facts.read(lines(soon), "f")


def test_a_sample_with_other_content_is_named_with_both_lines() -> None:
    assert problems(SAMPLE, STATE, SAMPLE | {"outcome": "down"}) == (
        "f.jsonl:3: sample (vantage 'fra', boot 'b1', seq 7) has other content on line 1",
    )


@pytest.mark.parametrize(
    ("fact", "change", "message"),
    [
        (
            M1,
            {"cause": "customer"},
            "exclusion 'M1' of the same recorded_at is given other content on line 1",
        ),
        (
            {"kind": "assume", "service": "hq", "state": "up"},
            {"state": "down"},
            "assume for service 'hq' is given other content on line 1",
        ),
        (
            {
                "kind": "schedule",
                "target": "t",
                "from": "2026-10-01T00:00:00Z",
                "every": "30s",
                "timeout": "2s",
            },
            {"every": "1m"},
            "schedule of target 't' from 2026-10-01T00:00:00Z is given other content on line 1",
        ),
        (
            {
                "kind": "charge",
                "service": "hq",
                "name": "mrc",
                "period": "2026-10",
                "amount": "1",
                "currency": "EUR",
            },
            {"amount": "2"},
            "charge 'mrc' of service 'hq' for 2026-10 is given other content on line 1",
        ),
    ],
)
def test_two_facts_of_one_matter_must_agree(fact: dict[str, object], change: dict[str, object], message: str) -> None:
    assert problems(fact, fact | change) == (f"f.jsonl:2: {message}",)


def test_a_later_version_of_an_exclusion_is_no_contradiction() -> None:
    versions = (
        M1 | {"recorded_at": "2026-10-01T00:00:00Z"},
        M1 | {"recorded_at": "2026-10-02T00:00:00Z", "withdrawn": True},
    )
    assert len(facts.read(lines(*versions), "f")) == 2


def test_states_that_overlap_and_differ_are_named_by_line() -> None:
    """down 00:00–02:00; up 01:00–03:00."""
    other = STATE | {"from": "2026-10-01T01:00:00Z", "to": "2026-10-01T03:00:00Z", "state": "up"}
    assert problems(other, SAMPLE, STATE) == (
        "f.jsonl:3: state down 2026-10-01T00:00:00Z/2026-10-01T02:00:00Z of service 'hq' overlaps "
        "up 2026-10-01T01:00:00Z/2026-10-01T03:00:00Z on line 1",
    )


def test_a_long_state_is_remembered_behind_a_short_one() -> None:
    """down 00:00–02:00, down 00:10–00:20, up 01:30–01:40: the last meets the first."""
    short = STATE | {"from": "2026-10-01T00:10:00Z", "to": "2026-10-01T00:20:00Z"}
    up = STATE | {"from": "2026-10-01T01:30:00Z", "to": "2026-10-01T01:40:00Z", "state": "up"}
    assert len(problems(STATE, short, up)) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"from": "2026-10-01T02:00:00Z", "to": "2026-10-01T03:00:00Z", "state": "up"},
        {"from": "2026-10-01T01:00:00Z"},
        {"service": "other", "state": "up"},
    ],
)
def test_states_that_touch_or_agree_are_no_contradiction(other: dict[str, object]) -> None:
    assert len(facts.read(lines(STATE, STATE | other), "f")) == 2


def test_a_state_without_contract_meets_those_of_every_contract() -> None:
    assert len(problems(STATE, STATE | {"contract": "acme", "state": "up"})) == 1
    both = lines(STATE | {"contract": "beta"}, STATE | {"contract": "acme", "state": "up"})
    assert len(facts.read(both, "f")) == 2


@pytest.mark.parametrize(
    ("fact", "message"),
    [
        (
            {"kind": "sampel"},
            "no kind of fact 'sampel'; did you mean 'sample'?",
        ),
        (
            {"knid": "sample"},
            f"kind is missing; {THERE}",
        ),
        (
            {"kind": "tickets", "id": "T1"},
            "no kind of fact 'tickets'; did you mean 'ticket'?",
        ),
        (
            STATE | {"to": STATE["from"]},
            "state: to: 2026-10-01T00:00:00Z is not after from, 2026-10-01T00:00:00Z",
        ),
        (STATE | {"stat": "up"}, "state: unknown key 'stat'; did you mean 'state'?"),
        (M1 | {"services": "hq"}, "exclusion: services: 'hq' is no list of texts"),
        (M1 | {"withdrawn": "no"}, "exclusion: withdrawn: 'no' is neither true nor false"),
        (
            {
                "kind": "schedule",
                "target": "t",
                "from": "2026-10-01T00:00:00Z",
                "every": "0s",
                "timeout": "2s",
            },
            "schedule: every: must be longer than 0s",
        ),
        (
            {
                "kind": "charge",
                "service": "s",
                "name": "n",
                "period": "2026-13",
                "amount": "1",
                "currency": "EUR",
            },
            "charge: period: '2026-13' is no month of the calendar: month must be in 1..12",
        ),
        (
            {
                "kind": "charge",
                "service": "s",
                "name": "n",
                "period": "2026",
                "amount": "-1",
                "currency": "EUR",
            },
            "charge: amount: '-1' is no amount; write it as 1200.00",
        ),
        (
            {"kind": "charge", "service": "s", "name": "n", "period": "2026", "amount": "1", "currency": "€"},
            "charge: currency: '€' is no currency; write its ISO 4217 code, as EUR",
        ),
        (
            {
                "kind": "heartbeat",
                "vantage": "v",
                "boot": "b",
                "at": "2026-10-01T00:00:00Z",
                "loop_lag_ms": "-1",
            },
            "heartbeat: loop_lag_ms: '-1' is below zero",
        ),
    ],
)
def test_a_wrong_fact_says_what_would_be_right(fact: dict[str, object], message: str) -> None:
    assert problems(fact) == (f"f.jsonl:1: {message}",)


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    told = problems(SAMPLE | {"seq": "x", "at": "y"}, STATE, STATE | {"state": "up"}, {"kind": 3})
    assert [one.split(":")[1] for one in told] == ["1", "1", "3", "4"]


def test_a_hopeless_file_is_not_told_to_the_end() -> None:
    told = problems(*[{"kind": "x"}] * 500)
    assert len(told) == facts.MOST_PROBLEMS + 1
    assert told[-1] == "f.jsonl: more than 100 problems; the rest is not told"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"kind":"sample"', "f:1: no JSON object: Expecting ',' delimiter at column 17"),
        (b"\xff", "f:1: not UTF-8 at byte 0"),
        (b"[1]", "f:1: a list is no JSON object; one object stands on a line"),
        (
            b" " * (facts.LONGEST_LINE + 1),
            "f:1: the line is longer than 1048576 bytes; one fact stands on a line",
        ),
    ],
)
def test_what_is_no_json_is_told_with_its_line(raw: bytes, message: str) -> None:
    with pytest.raises(facts.FactsError) as caught:
        facts.read([raw], "f")
    assert caught.value.problems == (message,)


def test_empty_lines_and_a_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "facts.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + b"\r\n\n".join(lines(SAMPLE, STATE)) + b"\n\n")
    assert len(facts.read_file(str(path))) == 2
