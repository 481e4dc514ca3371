"""How credits are asked for, and until when."""

from pathlib import Path

import pytest

from config.contract.money import ClaimTerms, Deadline
from tests.config.kit import CONTRACT, config

H, D = 3600 * 10**9, 86400 * 10**9
OFFICE = "    calendars: {office: {hours: {mon-fri: '08:00-17:00'}}}\n"
CREDITS = "    credits: {availability: {'< 99.9%': 10%}}\n"


def claim(tmp_path: Path, typed: str, more: str = OFFICE) -> ClaimTerms | None:
    return config(tmp_path, CONTRACT + CREDITS + more + f"    {typed}\n").contracts["acme"].claim


@pytest.mark.parametrize(
    ("typed", "deadline"),
    [
        ("within: 30d", Deadline(within=30 * D)),
        ("within: 72h, of: outage start", Deadline(of="outage_start", within=72 * H)),
        ("within: 10d, of: outage_end", Deadline(of="outage_end", within=10 * D)),
        ("within: 10d, of: ticket opened", Deadline(of="ticket_opened", within=10 * D)),
        ("within: 10d, of: ticket closed", Deadline(of="ticket_closed", within=10 * D)),
        ("within: 10d, of: publication", Deadline(of="publication", within=10 * D)),
        ("within: 10d, of: eligibility", Deadline(of="eligibility", within=10 * D)),
        ("within: 3 months, of: period end", Deadline(months=3)),
        ("within: 1 month", Deadline(months=1)),
        ("within: 5 business days", Deadline(business_days=5, calendar="office")),
        ("within: 1 business day, calendar: office", Deadline(business_days=1, calendar="office")),
        ("within: 5 business days, calendar: 24x7", Deadline(business_days=5, calendar="24x7")),
        ("until: day 15 of the next month", Deadline(day_of_next_month=15)),
        ("until: end of the second period after", Deadline(end_of_period=2)),
        ("until: end of the next period", Deadline(end_of_period=1)),
        ("until: end of the 4th period", Deadline(end_of_period=4)),
    ],
)
def test_a_claim_has_a_deadline(tmp_path: Path, typed: str, deadline: Deadline) -> None:
    assert claim(tmp_path, f"claim: {{{typed}}}") == ClaimTerms(deadline=deadline)


def test_the_short_form_is_a_window_from_the_end_of_the_period(tmp_path: Path) -> None:
    assert claim(tmp_path, "claim within: 20d") == claim(tmp_path, "claim: {within: 20d, of: period end}")


def test_a_claim_may_need_a_ticket_and_good_standing_and_spend_what_it_was_for(tmp_path: Path) -> None:
    typed = "ticket within: 48h of outage start, standing: paid up, settle: quarterly, expires: termination"
    assert claim(tmp_path, f"claim: {{how: on request, {typed}, consumes: outages}}") == ClaimTerms(
        ticket_within=48 * H, standing="paid up", settle="quarterly", expires="termination", consumes=True
    )


def test_credits_may_come_by_themselves(tmp_path: Path) -> None:
    assert claim(tmp_path, "claim: {how: automatic}") == ClaimTerms(automatic=True)
    assert claim(tmp_path, "claim: {how: on request}") == ClaimTerms()
