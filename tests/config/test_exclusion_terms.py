"""``exclusions:`` and ``services:`` with all that may be said of them."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.contract.model import Contract, ExclusionTerm, Service
from config.contract.noun import Condition
from config.periods import parse
from tests.config.kit import CONTRACT, config
from tests.nouns import made

H = 3600 * 10**9
OFFICE = '    calendars: {office: {hours: {mon-fri: "09:00-17:00"}}}\n    starts: 2026-02-15\n'


def contract(tmp_path: Path, more: str, text: str = CONTRACT) -> Contract:
    return config(tmp_path, text + more).contracts["acme"]


CASES: list[tuple[str, dict[str, object]]] = [
    ("notice: 72h", {"notice": 72 * H}),
    ("notice: 5 business days", {"notice_days": 5, "calendar": "office"}),
    ("notice: 1 business day, calendar: 24x7", {"notice_days": 1, "calendar": "24x7"}),
    ("cap: 4h per month", {"cap": 4 * H}),
    ("cap: 4h", {"cap": 4 * H}),
    ("cap: 12 times per year", {"cap_times": 12, "cap_period": "year"}),
    ("cap: 1 time", {"cap_times": 1}),
    ("cap: 10h per quarter from february", {"cap": 10 * H, "cap_period": "quarter from february"}),
    ("cap: 10h per contract year", {"cap": 10 * H, "cap_period": "year from day 15 of february"}),
    ("cap: 10h per trailing 30 days, over cap: counts", {"cap": 10 * H, "cap_period": "trailing 30 days"}),
    ("effect: not down", {"effect": "not_down"}),
    ("extends by: 24h", {"extends": 24 * H}),
    ("effect: pause", {"effect": "pause"}),
    ("effect: void", {"effect": "void"}),
    ("of: [line]", {"services": ("line",)}),
    ("if: {region: emea}", {"where": Condition(region=("emea",))}),
]


@pytest.mark.parametrize(("text", "meant"), CASES, ids=[text for text, _ in CASES])
def test_every_condition_of_a_cause(tmp_path: Path, text: str, meant: dict[str, object]) -> None:
    [term] = contract(tmp_path, OFFICE + f"    exclusions:\n      - works: {{{text}}}\n").exclusions
    assert term == made(ExclusionTerm, {"cause": "works", "cap_period": "month", **meant})


def test_a_window_is_daily_in_a_named_zone(tmp_path: Path) -> None:
    made = contract(tmp_path, '    exclusions: [works: {window: "00:00-04:00 America/Chicago"}]\n')
    window = made.exclusions[0].window
    assert window is not None and window.timezone == "America/Chicago"
    day = parse("2026-03-08", ZoneInfo(window.timezone))  # clocks go forward at two
    assert window.elapsed(day.start, day.end) == 3 * H


def service(tmp_path: Path, text: str) -> Service:
    body = CONTRACT.replace("    promises:", f"      desk: {{{text}}}\n    promises:")
    return contract(tmp_path, "", body).service("desk")


SERVICES: list[tuple[str, dict[str, object]]] = [
    ("", {}),
    ("of: [line, site]", {"of": ("line", "site")}),
    ("of: [line, site], down when: all", {"of": ("line", "site"), "down_when": 2}),
    ("class: gold, region: emea", {"category": "gold", "region": "emea"}),
    ("weight: 2.5", {"weight": Fraction(5, 2)}),
    (
        "charges: {mrc: 4000.00, usage: 0}",
        {"charges": (("mrc", Decimal("4000.00")), ("usage", Decimal(0)))},
    ),
    (
        "charges: {charge: 5.00 EUR, mrc: 4.00}",
        {"charge": Decimal("5.00"), "charges": (("charge", Decimal("5.00")), ("mrc", Decimal("4.00")))},
    ),
]


@pytest.mark.parametrize(("text", "meant"), SERVICES, ids=[text or "nothing" for text, _ in SERVICES])
def test_every_key_of_a_service(tmp_path: Path, text: str, meant: dict[str, object]) -> None:
    assert service(tmp_path, text) == made(Service, {"name": "desk", **meant})


def test_a_service_may_be_gone_from_a_day_on(tmp_path: Path) -> None:
    made = service(tmp_path, "in service from: 2026-01-01, until: 2026-09-01")
    first, last = (parse(label, ZoneInfo("UTC")).start for label in ("2026-01", "2026-09"))
    assert (made.in_service_from, made.in_service_until) == (first, last)


def test_services_may_be_made_of_services_made_of_services(tmp_path: Path) -> None:
    body = CONTRACT.replace(
        "    promises:", "      all: {of: [pair, line]}\n      pair: {of: [line, site], down when: 2 of}\n    promises:"
    )
    made = contract(tmp_path, "", body)
    assert made.service("all").of == ("pair", "line") and made.service("pair").down_when == 2
