"""``hooks:`` the outside parties that are told of events, each by a kind of its own."""

from collections.abc import Mapping

from config.errors import unknown
from config.model import Hook
from config.names import check_name, known_names
from config.options import read_kind
from config.reader import Reader
from config.typed import Options

KEYS = ("kind", "events", "contracts")
EVENTS = (
    "outage.opened",
    "outage.confirmed",
    "outage.closed",
    "risk.raised",
    "risk.escalated",
    "risk.cleared",
    "promise.breached",
)


def read_hooks(reader: Reader, kinds: Mapping[str, type[Options]], contracts: Mapping[str, object]) -> dict[str, Hook]:
    """Every hook by name. ``kind``, ``events`` and ``contracts`` stand flat beside the kind's own options."""
    hooks: dict[str, Hook] = {}
    for called, entry in reader.fields():
        check_name(entry, called)
        kind, options = read_kind(entry, kinds, "hook kind", ("events", "contracts"))
        if not isinstance(entry.node.value, dict):
            continue
        fields = entry.fields()
        events = _events(fields.at("events")) if "events" in fields else ()
        about = known_names(fields.at("contracts"), "contract", contracts) if "contracts" in fields else ()
        if kind is not None and options is not None:
            hooks[called] = Hook(name=called, kind=kind, options=options, events=events, contracts=about)
    return hooks


def _events(reader: Reader) -> tuple[str, ...]:
    found = []
    for item in [reader] if isinstance(reader.node.value, str) else reader.items():
        event = item.node.value
        if isinstance(event, str) and event in EVENTS:
            found.append(event)
        else:
            item.wrong(unknown("event", str(event), EVENTS))
    return tuple(found)
