"""Names of topics, and what stands under them."""

import json

from hypothesis import given
from hypothesis import strategies as st

from monitor.hooks.topics import event as event_topic
from monitor.hooks.topics import level, owner, retained, state
from tests.hooks.kit import event


def account(**changes: object) -> str:
    """One contract's account, as stored."""
    promise = {
        "id": "availability",
        "service": "hq",
        "measure": "availability",
        "verdict": "met",
        "at_risk": False,
        "value": {"exact": "1", "display": "100 %"},
        "risks": [{"name": "budget", "level": "0", "since_ns": "0"}],
    }
    service = {"state": "up", "since_ns": "5", "coverage": "1", "up_ns": "5", "incident": None}
    whole = {"contract": "acme", "as_of": "7", "exposure": None, "period": {"label": "2026-10"}}
    promise.update((name, value) for name, value in changes.items() if name in promise)
    service.update((name, value) for name, value in changes.items() if name in service)
    whole.update((name, value) for name, value in changes.items() if name in whole)
    return json.dumps({**whole, "services": {"hq": service}, "promises": [promise]})


def test_an_account_becomes_one_topic_for_contract_service_and_promise() -> None:
    topics = retained("sla", "me", {"acme": account()})
    told = {name: json.loads(shown.body) for name, shown in topics.items()}
    assert set(told) == {"sla/state/acme", "sla/state/acme/hq", "sla/state/acme/hq/availability"}
    assert told["sla/state/acme"]["services"] == {"hq": "up"}
    assert told["sla/state/acme"]["verdicts"] == {"hq/availability": "met"}
    assert told["sla/state/acme/hq"]["state"] == "up"
    assert told["sla/state/acme/hq"]["service"] == "hq"
    assert told["sla/state/acme/hq/availability"]["value"] == {"exact": "1", "display": "100 %"}
    assert {each["contract"] for each in told.values()} == {"acme"}
    assert {owner(shown.body) for shown in topics.values()} == {"me"}


def test_running_figures_do_not_matter_at_once_and_verdicts_do() -> None:
    before = retained("sla", "me", {"acme": account()})
    moved = retained("sla", "me", {"acme": account(as_of="8", up_ns="6", value=None)})
    assert [name for name in before if before[name].body != moved[name].body] == list(before)
    assert [name for name in before if before[name].matter != moved[name].matter] == []
    breached = retained("sla", "me", {"acme": account(verdict="breached")})
    changed = [name for name in before if before[name].matter != breached[name].matter]
    assert changed == ["sla/state/acme", "sla/state/acme/hq/availability"]


def test_the_owner_of_what_is_no_state_of_ours_is_unknown() -> None:
    assert [owner(body) for body in (b"", b"online", b"[1]", b"{}", b'{"publisher":7}', b"\xff")] == [None] * 6


def test_an_event_has_a_topic_by_contract_service_and_name() -> None:
    assert event_topic("sla", event()) == "sla/events/acme/hq/outage.opened"


@given(st.text(), st.text())
def test_a_name_becomes_one_level_that_stays_its_own(one: str, other: str) -> None:
    made = level(one)
    assert made
    assert not set("+#/\0") & set(made)
    assert made.isprintable()
    assert (level(one) == level(other)) == (one == other)


def test_names_of_people_stay_readable() -> None:
    assert state("sla", "ACME GmbH", "Zürich.1") == "sla/state/ACME GmbH/Zürich.1"
    assert state("sla", "a/b", "+") == "sla/state/a%2Fb/%2B"
