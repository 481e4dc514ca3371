"""The other terms of a contract: services, exclusions, credits, caps, and their defaults."""

from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from config.contract.model import Contract, ExclusionTerm
from config.contract.money import ClaimTerms, Count, Deadline, Give, Limit, PerUnit, Table, Tier
from config.periods import to_ns
from tests.config.kit import CONTRACT, config, problems

H, D = 3600 * 10**9, 86400 * 10**9


def contract(tmp_path: Path, more: str, text: str = CONTRACT) -> Contract:
    return config(tmp_path, text + more).contracts["acme"]


def test_what_is_not_said_has_its_default(tmp_path: Path) -> None:
    made = contract(tmp_path, "")
    assert (made.timezone, made.period, made.unknown) == ("UTC", "month", "indeterminate")
    assert (made.caps, made.claim, made.minimum_coverage) == ((), None, Fraction(9, 10))
    assert (made.exclusions, made.credits) == ((), ())
    assert made.service("line").charge == Decimal("1200.00")
    assert (made.service("line").down_when, made.service("line").in_service_from) == (1, None)


@pytest.mark.parametrize(("typed", "needed"), [("any", 1), ("all", 2), ("2 of", 2), ("1 of 2", 1)])
def test_how_many_targets_must_be_down(tmp_path: Path, typed: str, needed: int) -> None:
    text = CONTRACT.replace("{targets: [web],", f"{{targets: [web, hq], down when: {typed},")
    assert contract(tmp_path, "", text).service("site").down_when == needed


def test_a_date_of_service_begins_in_the_contracts_zone(tmp_path: Path) -> None:
    made = contract(tmp_path, "    timezone: Europe/Berlin\n    in service from: 2026-07-01\n")
    assert made.service("line").in_service_from == to_ns(datetime(2026, 6, 30, 22, tzinfo=UTC))


def test_a_service_may_begin_at_an_instant_of_its_own(tmp_path: Path) -> None:
    text = CONTRACT.replace("{targets: [web],", '{targets: [web], in service from: "2026-03-01T08:00:00+01:00",')
    made = contract(tmp_path, "    in service from: 2026-01-01\n", text)
    assert made.service("site").in_service_from == to_ns(datetime(2026, 3, 1, 7, tzinfo=UTC))
    assert made.service("line").in_service_from == to_ns(datetime(2026, 1, 1, tzinfo=UTC))


def test_a_charge_may_name_the_contracts_currency(tmp_path: Path) -> None:
    assert contract(tmp_path, "", CONTRACT.replace("300.00", "300.00 EUR")).service("site").charge == Decimal("300.00")


def test_exclusions_keep_their_order_and_their_conditions(tmp_path: Path) -> None:
    made = contract(
        tmp_path,
        "    exclusions:\n      - planned maintenance: {notice: 72h, cap: 4h per month, effect: not_down}\n"
        "      - force_majeure\n      - customer:\n      - tests: {cap: 30m}\n",
    )
    assert made.exclusions == (
        ExclusionTerm(cause="planned_maintenance", notice=72 * H, cap=4 * H, effect="not_down"),
        ExclusionTerm(cause="force_majeure"),
        ExclusionTerm(cause="customer"),
        ExclusionTerm(cause="tests", cap=H // 2),
    )


def test_a_cap_of_an_exclusion_is_by_the_contracts_period_unless_said(tmp_path: Path) -> None:
    more = "    period: quarter\n    exclusions: [a: {cap: 4h}, b: {cap: 4h per year}]\n"
    assert [term.cap_period for term in contract(tmp_path, more).exclusions] == ["quarter", "year"]


def test_a_table_of_credits_is_kept_from_the_mildest_row_to_the_worst(tmp_path: Path) -> None:
    made = contract(tmp_path, '    credits: {availability: {"< 95%": 100%, "<= 99.9%": 10%, "< 99%": 25%}}\n')
    (credit,) = made.credits
    rows = (
        Tier(operator="<=", edge=Fraction(999, 1000), give=Give(amount=Fraction(1, 10))),
        Tier(operator="<", edge=Fraction(99, 100), give=Give(amount=Fraction(1, 4))),
        Tier(operator="<", edge=Fraction(19, 20), give=Give(amount=Fraction(1))),
    )
    assert credit.shape == Table(rows=rows)


def test_rows_are_in_the_unit_of_their_promise(tmp_path: Path) -> None:
    text = CONTRACT.replace("- availability >= 99.9%", "- longest outage <= 4h\n      - outages <= 3")
    made = contract(tmp_path, '    credits: {longest outage: {"> 4h": 10%}, outages: {"> 3": 5%, ">= 6": 10%}}\n', text)
    tables = [credit.shape for credit in made.credits]
    assert [row.edge for table in tables if isinstance(table, Table) for row in table.rows] == [4 * H, 3, 6]


@pytest.mark.parametrize(
    ("typed", "unit", "started"),
    [
        ("5% per started hour beyond 4h", H, True),
        ("5% per full 30m beyond 4h", H // 2, False),
        ("5% per started day beyond 4h", D, True),
        ("5% per full 15m beyond 0s", H // 4, False),
    ],
)
def test_an_amount_per_time_says_where_it_begins_and_what_a_part_counts(
    tmp_path: Path, typed: str, unit: int, started: bool
) -> None:
    text = CONTRACT.replace("availability >= 99.9%", "longest outage <= 4h")
    (credit,) = contract(tmp_path, f"    credits: {{longest outage: {typed}}}\n", text).credits
    beyond = 0 if "0s" in typed else 4 * H
    count: Count = "started" if started else "full"
    give = Give(amount=Fraction(1, 20))
    assert credit.shape == PerUnit(give=give, unit=Fraction(unit), count=count, beyond=Fraction(beyond))


@pytest.mark.parametrize("key", ["p95 latency", "p95-latency", "p95_latency"])
def test_a_credit_names_its_promise_as_typed_or_by_id(tmp_path: Path, key: str) -> None:
    text = CONTRACT.replace("availability >= 99.9%", "p95 latency <= 80ms")
    (credit,) = contract(tmp_path, f'    credits: {{{key}: {{"> 80ms": 5%}}}}\n', text).credits
    assert credit.promises[0] == "p95-latency"


def test_a_credit_of_latency_is_that_of_its_mean(tmp_path: Path) -> None:
    text = CONTRACT.replace("availability >= 99.9%", "latency <= 80ms")
    (credit,) = contract(tmp_path, '    credits: {latency: {"> 80ms": 5%}}\n', text).credits
    assert credit.promises[0] == "mean-latency"


@pytest.mark.parametrize(
    ("promise", "rows", "well"),
    [
        ("availability >= 99.9%", '"< 99.95%": 5%', True),
        ("availability >= 99.9%", '"<= 99.9%": 5%, "< 99.9%": 10%', False),  # exactly 99.9 % is no breach
        ("availability > 99.9%", '"<= 99.9%": 5%, "< 99.9%": 10%', True),
        ("availability >= 99.9%", '"< 99%": 5%, "<= 99%": 10%', False),  # the worse row pays less
        ("availability >= 99.9%", '"<= 99%": 5%, "< 99%": 10%', True),
        ("availability >= 99.9%", '"<= 0%": 100%', True),
        ("packet loss <= 1% of line", '"> 1%": 5%, "> 100%": 10%', False),
        ("packet loss <= 1% of line", '"> 1%": 5%, ">= 100%": 10%', True),
        ("longest outage <= 4h", '"> 2h": 5%, "> 3h": 10%', False),
        ("longest outage <= 4h", '"> 2h": 5%, "> 5h": 10%', True),
    ],
)
def test_a_row_that_can_never_win_is_refused(tmp_path: Path, promise: str, rows: str, well: bool) -> None:
    name = promise.split(" >")[0].split(" <")[0]
    text = CONTRACT.replace("availability >= 99.9%", promise) + f"    credits: {{{name}: {{{rows}}}}}\n"
    assert (problems(tmp_path, text) == []) is well


@pytest.mark.parametrize(
    ("typed", "cap"),
    [
        ("100% of charge per month", Limit(give=Give(amount=Fraction(1)))),
        ("50% of charge", Limit(give=Give(amount=Fraction(1, 2)))),
        ("50% of service charge", Limit(give=Give(amount=Fraction(1, 2)))),
        ("30% of contract charge per month", Limit(give=Give(amount=Fraction(3, 10)), of="contract")),
        ("30% of charge of contract", Limit(give=Give(amount=Fraction(3, 10)), of="contract")),
    ],
)
def test_a_cap_names_its_scope(tmp_path: Path, typed: str, cap: Limit) -> None:
    more = f'    credits: {{availability: {{"< 99.9%": 10%}}}}\n    cap: {typed}\n'
    assert contract(tmp_path, more).caps == (cap,)


def test_terms_of_claim_coverage_and_unknown_time(tmp_path: Path) -> None:
    made = contract(tmp_path, "    claim within: 30d\n    minimum coverage: 95%\n    unknown: exclude\n")
    assert made.claim == ClaimTerms(deadline=Deadline(within=30 * D))
    assert (made.minimum_coverage, made.unknown) == (Fraction(19, 20), "exclude")
