"""Who is a party when; what was stated before a novation reads as it did."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.contract.revisions import in_force, parties_in
from config.periods import parse
from tests.config.kit import CONTRACT, config, problems

HISTORY = "provider: [{name: OldNet, until: 2026-07-10}, {name: NewNet, from: 2026-07-10}]"


def ns(day: str) -> int:
    return parse(f"{day}/2261-01-01", ZoneInfo("UTC")).start


def test_a_period_has_the_party_of_its_first_instant(tmp_path: Path) -> None:
    found = config(tmp_path, CONTRACT.replace("provider: ExampleNet", HISTORY)).contracts["acme"]
    assert found.provider == "NewNet"
    assert [in_force(found, ns(day)).provider for day in ("2026-01-01", "2026-07-01", "2026-08-01")] == [
        "OldNet",
        "OldNet",
        "NewNet",
    ]
    assert [(one.name, one.start, one.end) for one in parties_in(found, ns("2026-07-01"), ns("2026-08-01"))] == [
        ("OldNet", ns("2026-07-01"), ns("2026-07-10")),
        ("NewNet", ns("2026-07-10"), ns("2026-08-01")),
    ]
    assert parties_in(found, ns("2026-08-01"), ns("2026-09-01")) == ()


def test_the_digest_of_a_period_is_that_of_the_text_as_it_read_then(tmp_path: Path) -> None:
    found = config(tmp_path, CONTRACT.replace("provider: ExampleNet", HISTORY)).contracts["acme"]
    for name, day in (("OldNet", "2026-01-01"), ("NewNet", "2026-08-01")):
        alone = config(tmp_path, CONTRACT.replace("ExampleNet", name)).contracts["acme"]
        assert in_force(found, ns(day)).digest == alone.digest


def test_both_roles_may_pass_on(tmp_path: Path) -> None:
    text = CONTRACT.replace("provider: ExampleNet", HISTORY).replace(
        "customer: ACME GmbH", "customer: [{name: ACME GmbH}, {name: ACME SE, from: 2026-03-01}]"
    )
    found = config(tmp_path, text).contracts["acme"]
    named = [in_force(found, ns(day)) for day in ("2026-02-01", "2026-04-01", "2026-08-01")]
    assert [(one.provider, one.customer) for one in named] == [
        ("OldNet", "ACME GmbH"),
        ("OldNet", "ACME SE"),
        ("NewNet", "ACME SE"),
    ]
    assert len({one.digest for one in named}) == 3


@pytest.mark.parametrize(
    ("history", "what"),
    [
        ("[]", "is empty; write 'provider: ExampleNet'"),
        (
            "[{name: A}, {name: B}]",
            "does not say since when; write 'from: 2026-07-01', the day on which it follows 'A'",
        ),
        ("[{name: A, until: 2026-07-01}]", "nobody is the provider from then on; name who is, or leave 'until' out"),
        ("[{name: A, until: 2026-07-01}, {name: B, from: 2026-08-01}]", "nobody has the role for a time"),
        ("[{name: A, until: 2026-07-01}, {name: B, from: 2026-06-01}]", "two parties have one role for a time"),
        ("[{name: A, from: 2026-07-01}, {name: B, from: 2026-06-01}]", "begins before 'A' does"),
        ("[{name: A, from: 2026-07-01, until: 2026-06-01}]", "'A' would end before it begins; write a later day"),
        ("[{from: 2026-07-01}]", "is missing; write for instance 'name: NewNet'"),
        ("[{name: A, since: 2026-07-01}]", "unknown key"),
    ],
)
def test_a_history_without_sense_is_told(tmp_path: Path, history: str, what: str) -> None:
    [found] = problems(tmp_path, CONTRACT.replace("provider: ExampleNet", f"provider: {history}"))
    assert what in found
