"""A stored account is read as exact values, or not at all."""

import json
from fractions import Fraction
from typing import Any

import pytest

from monitor.render.account import read

ACCOUNT: dict[str, Any] = {
    "contract": "acme",
    "provider": "Acme",
    "customer": "us",
    "as_of": "1790848047999999999",
    "period": {"label": "2026-10", "from": "1", "to": "2", "timezone": "UTC"},
    "services": {},
    "promises": [
        {
            "id": "up", "service": "hq", "text": "availability >= 99.9%", "measure": "availability", "operator": ">=",
            "target": "999/1000", "unit": "ratio", "value": {"exact": "2/3"}, "lower": None, "upper": None,
            "verdict": "breached", "below_target_so_far": True, "at_risk": True, "budget": None,
            "forecast_ns": "9007199254740993", "incident_remaining_ns": None,
            "risks": [{"name": "budget", "level": 1, "since_ns": "5"}],
        }
    ],
    "exposure": {"amount": "1.10", "currency": "EUR"},
}  # fmt: skip


def test_figures_are_exact_and_what_a_newer_writer_adds_is_passed_over() -> None:
    account = read(json.dumps(ACCOUNT | {"mood": "good"}))
    (promise,) = account.promises
    assert (account.as_of, promise.forecast_ns) == (1790848047999999999, 9007199254740993)
    assert promise.target == Fraction(999, 1000) and promise.value is not None
    assert promise.value.exact == Fraction(2, 3) and type(promise.value.exact) is Fraction
    assert (account.period.from_, promise.risks[0].level) == (1, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"as_of": 1.5},
        {"as_of": None},
        {"as_of": "soon"},
        {"provider": 7},
        {"promises": {}},
        {"services": []},
        {"services": {"hq": "UP"}},
        {"promises": [ACCOUNT["promises"][0] | {"target": 0.999}]},
        {"promises": [ACCOUNT["promises"][0] | {"target": "1/0"}]},
        {"promises": [ACCOUNT["promises"][0] | {"at_risk": "no"}]},
    ],
)
def test_a_value_of_another_type_makes_it_no_account(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no account"):
        read(json.dumps(ACCOUNT | wrong))


def test_what_is_no_object_or_lacks_a_member_is_no_account() -> None:
    short = {key: value for key, value in ACCOUNT.items() if key != "as_of"}
    for text in ("[]", "{", "3", json.dumps(short)):
        with pytest.raises(ValueError, match="no account"):
            read(text)
