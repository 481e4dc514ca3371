"""Which events and accounts reach a hook."""

from monitor.hooks.policy import accounts_for, wants
from monitor.sla.events import EventName
from tests.hooks.kit import event, hook


def test_a_hook_that_names_nothing_wants_everything() -> None:
    assert all(wants(hook(), event(name=name)) for name in EventName)


def test_a_hook_gets_the_events_it_names() -> None:
    some = hook(events=("outage.opened", "promise.breached"))
    assert {name for name in EventName if wants(some, event(name=name))} == {
        EventName.OUTAGE_OPENED,
        EventName.PROMISE_BREACHED,
    }


def test_a_hook_is_told_of_its_contracts_only() -> None:
    assert wants(hook(contracts=("acme",)), event())
    assert not wants(hook(contracts=("other",)), event())
    assert accounts_for(hook(contracts=("b",)), {"a": "1", "b": "2"}) == {"b": "2"}
    assert accounts_for(hook(), {"a": "1", "b": "2"}) == {"a": "1", "b": "2"}
