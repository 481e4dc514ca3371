"""Terms come back from a statement as the configuration they are of; what they do not say is not guessed."""

import json
from pathlib import Path
from typing import Any

import pytest

from monitor.configuration import read
from monitor.issuing.terms import restored, terms

EXAMPLE = Path(__file__).parents[2] / "config/examples/contract.yaml"


@pytest.fixture
def told() -> dict[str, Any]:
    config = read(str(EXAMPLE))
    found: dict[str, Any] = json.loads(json.dumps(terms(config, next(iter(config.contracts.values())))))
    return found


def test_restored_terms_say_the_same_again(told: dict[str, Any]) -> None:
    config = restored("acme", told)
    assert json.dumps(terms(config, config.contracts["acme"])) == json.dumps(told)


@pytest.mark.parametrize(
    "wrong",
    [
        {"altitude": "9"},
        {"kind": "orbital"},
        {"kind": ["external"]},
        {"name": 3},
        {"witnesses": "a"},
        {"witnesses": [1]},
    ],
)
def test_a_vantage_of_another_form_is_refused(told: dict[str, Any], wrong: dict[str, object]) -> None:
    told["vantage"] |= wrong
    with pytest.raises(ValueError, match="its terms cannot be read"):
        restored("acme", told)


@pytest.mark.parametrize(
    "wrong",
    [
        {"id": 3},
        {"start_ns": "soon"},
        {"applies_by": "whim"},
        {"remarks": [{"path": "x", "mood": "y"}]},
        {"remarks": {}},
    ],
)
def test_a_revision_of_another_form_is_refused(told: dict[str, Any], wrong: dict[str, object]) -> None:
    whole = {"id": "r", "start_ns": "5", "applies_by": "event_start", "contract": told["contract"], "remarks": []}
    told["revisions"] = [whole]
    assert restored("acme", told).contracts["acme"].revisions[0].start == 5
    told["revisions"] = [whole | wrong]
    with pytest.raises(ValueError, match="its terms cannot be read"):
        restored("acme", told)
