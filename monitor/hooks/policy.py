"""Which events and which accounts a hook wants, by the ``events`` and ``contracts`` of its configuration.

Empty means all. An event is named in full, as ``outage.opened``.
"""

from collections.abc import Mapping

from config.model import Hook
from monitor.sla.events import Event


def wants(hook: Hook, event: Event) -> bool:
    """Whether this hook is to be told of this event."""
    return (not hook.events or event.name.value in hook.events) and concerns(hook, event.contract)


def concerns(hook: Hook, contract: str) -> bool:
    """Whether this hook is told of this contract at all."""
    return not hook.contracts or contract in hook.contracts


def accounts_for(hook: Hook, accounts: Mapping[str, str]) -> dict[str, str]:
    """The accounts this hook may see."""
    return {name: text for name, text in accounts.items() if concerns(hook, name)}
