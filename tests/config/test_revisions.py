"""Dated changes of a contract: what is in force when, which texts build on which, and that the past stays as it was."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.contract.model import Contract
from config.contract.revisions import at_event, in_force, period_at, period_named, revision_of_period
from config.periods import parse, start_of
from tests.config.kit import CONTRACT, config, problems

ZONE = ZoneInfo("UTC")


def ns(day: str) -> int:
    """The instant at which a day begins."""
    return parse(f"{day}/2261-01-01", ZONE).start


def agreed(tmp_path: Path, *revisions: str, more: str = "") -> Contract:
    """The usual contract with these revisions."""
    text = CONTRACT + more + "    revisions:\n" + "".join(f"      - {one}\n" for one in revisions)
    return config(tmp_path, text).contracts["acme"]


def revision(id: str, day: str, target: str, more: str = "") -> str:
    return f'{{id: "{id}", from: {day}{more}, changes: {{promises: [availability >= {target}]}}}}'


def target(contract: Contract) -> str:
    return contract.promises[0].text.removeprefix("availability >= ")


def test_a_period_is_judged_by_the_text_in_force_when_it_begins(tmp_path: Path) -> None:
    found = agreed(tmp_path, revision("b", "2026-07-01", "99.99%"), revision("a", "2026-04-10", "99.95%"))
    assert [one.id for one in found.revisions] == ["a", "b"]
    starts = ["2026-04-01", "2026-05-01", "2026-06-01", "2026-07-01"]
    assert [target(in_force(found, ns(day))) for day in starts] == ["99.9%", "99.95%", "99.95%", "99.99%"]
    named = [revision_of_period(found, ns(day)) for day in starts]
    assert [None if one is None else one.id for one in named] == [None, "a", "a", "b"]


def test_a_revision_has_a_digest_of_its_own_and_leaves_the_first_one_alone(tmp_path: Path) -> None:
    before = config(tmp_path, CONTRACT).contracts["acme"]
    found = agreed(tmp_path, revision("a", "2026-04-01", "99.95%"))
    assert in_force(found, ns("2026-03-01")).digest == before.digest
    written_out = config(tmp_path, CONTRACT.replace("99.9%", "99.95%")).contracts["acme"]
    assert in_force(found, ns("2026-04-01")).digest == written_out.digest


def test_each_revision_builds_on_the_one_before(tmp_path: Path) -> None:
    found = agreed(
        tmp_path,
        "{id: a, from: 2026-04-01, changes: {promises: [outages <= 3], claim within: 30d}}",
        "{id: b, from: 2026-05-01, changes: {promises: [outages <= 2], services: {site: {remove: true}}}}",
    )
    last = in_force(found, ns("2026-05-01"))
    assert [one.text for one in last.promises] == ["availability >= 99.9%", "outages <= 2"]
    assert ([one.name for one in last.services], last.claim is not None) == (["line"], True)


def test_by_event_start_an_outage_is_judged_by_the_text_of_its_own_day(tmp_path: Path) -> None:
    found = agreed(
        tmp_path,
        revision("e", "2026-04-10", "99.95%", ", applies by: event start"),
        revision("p", "2026-04-20", "99.99%"),
    )
    april = ns("2026-04-01")
    days = ["2026-04-09", "2026-04-10", "2026-04-25"]
    assert [target(at_event(found, ns(day), april)) for day in days] == ["99.9%", "99.95%", "99.95%"]
    assert target(at_event(found, ns("2026-04-25"))) == "99.99%"
    assert [target(in_force(found, ns(day))) for day in ("2026-04-01", "2026-05-01")] == ["99.9%", "99.99%"]


@pytest.mark.parametrize(
    ("starts", "first", "later"), [("2026-02-01", "99.9%", "99.8%"), ("2026-05-01", "99.95%", "99.8%")]
)
def test_by_subscription_start_a_text_holds_for_those_who_came_after(
    tmp_path: Path, starts: str, first: str, later: str
) -> None:
    found = agreed(
        tmp_path,
        "{id: v2, from: 2026-03-01, applies by: subscription start,"
        " changes: {promises: [availability >= 99.95%, outages <= 1]}}",
        revision("all", "2027-01-01", "99.8%"),
        more=f"    starts: {starts}\n",
    )
    assert target(in_force(found, ns("2026-06-01"))) == first
    last = in_force(found, ns("2027-01-01"))
    assert target(last) == later
    assert ("outages <= 1" in [one.text for one in last.promises]) == (first == "99.95%")


def test_a_period_of_another_kind_begins_where_both_begin(tmp_path: Path) -> None:
    found = agreed(tmp_path, "{id: q, from: 2026-07-01, changes: {period: quarter}}")
    assert [period_at(found, ns(day)).label for day in ("2026-06-30", "2026-07-01", "2026-11-05")] == [
        "2026-06",
        "2026-Q3",
        "2026-Q4",
    ]
    text = CONTRACT + "    revisions: [{id: q, from: 2026-05-01, changes: {period: quarter}}]\n"
    [told] = problems(tmp_path, text)
    assert told.endswith("from month to quarter on a day that begins no quarter; write a day on which both begin")


def test_a_base_is_revised_below_its_heirs(tmp_path: Path) -> None:
    """What everybody gets better, somebody who has his own figure keeps as he has it."""
    base = CONTRACT.replace("  acme:\n", "  base:\n    template: true\n").replace(
        "      - availability >= 99.9%\n", "      - availability >= 99.9%\n      - outages <= 5\n"
    )
    text = base + (
        "    revisions: [{id: r, from: 2026-07-01, changes: {promises: [availability >= 99.95%, outages <= 4]}}]\n"
        "  acme: {inherits: base, promises: [outages <= 1]}\n"
        "  other: {inherits: base, revisions: [{id: r, changes: {promises: [outages <= 2]}}]}\n"
        "  third: {inherits: base, revisions: [{id: r, remove: true}]}\n"
    )
    whole = config(tmp_path, text).contracts
    later = {name: [one.text for one in in_force(found, ns("2026-07-01")).promises] for name, found in whole.items()}
    assert later == {
        "acme": ["availability >= 99.95%", "outages <= 1"],
        "other": ["availability >= 99.95%", "outages <= 2"],
        "third": ["availability >= 99.9%", "outages <= 5"],
    }


def test_days_of_revisions_begin_in_the_contracts_zone(tmp_path: Path) -> None:
    found = agreed(tmp_path, revision("a", "2026-04-01", "99.95%"), more="    timezone: America/New_York\n")
    at = start_of(date(2026, 4, 1), ZoneInfo("America/New_York"))
    assert [one.start for one in found.revisions] == [at]


def test_a_period_is_named_as_the_text_in_force_counts_them(tmp_path: Path) -> None:
    found = agreed(tmp_path, "{id: q, from: 2026-08-01, changes: {period: quarter from february}}")
    assert [period_named(found, name).kind for name in ("2026-06", "2026-Q3")] == ["month", "quarter from february"]
