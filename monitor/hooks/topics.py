"""Names of MQTT topics, and the retained state that stands under them.

``PREFIX/status`` says ``online`` or ``offline``, ``PREFIX/events/CONTRACT/SERVICE/NAME`` carries events, and
``PREFIX/state/CONTRACT[/SERVICE[/PROMISE]]`` holds how things stand, retained, made from the contract's account.

Most of an account's figures move with every sample. A topic is therefore told apart by what *matters* (state,
incident, verdict, risk); its running figures are only refreshed now and then.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.sla.events import Event

RUNNING = frozenset(
    {"as_of", "coverage", "up_ns", "down_ns", "unknown_ns", "excluded_ns", "charged_ns", "value", "lower", "upper"}
    | {"budget", "forecast_ns", "incident_remaining_ns", "burn_1h", "burn_6h"}
)
"""Members of an account that change as time passes."""

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
Members = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Shown:
    """What a topic holds: ``body`` as published, ``matter`` the part of it whose change is worth telling at once."""

    body: bytes
    matter: bytes


def level(name: str) -> str:
    """A name as one level of a topic (MQTT 5 §4.7): ``+ # / %`` and all that does not print are percent-encoded.

    Different names stay different; a level is never empty.
    """
    return "".join(map(_escape, name)) or "%"


def _escape(char: str) -> str:
    if char.isprintable() and char not in "+#/%":
        return char
    return "".join(f"%{byte:02X}" for byte in char.encode(errors="surrogatepass"))


def status(prefix: str) -> str:
    """Where birth and will go."""
    return f"{prefix}/status"


def event(prefix: str, told: Event) -> str:
    """Where an event goes."""
    return "/".join((prefix, "events", level(told.contract), level(told.service), level(told.name)))


def state(prefix: str, *names: str) -> str:
    """Where the state of a contract, a service or a promise stands."""
    return "/".join((prefix, "state", *map(level, names)))


def owner(body: bytes) -> str | None:
    """Who published a retained state, by its ``publisher``; None where that cannot be told."""
    try:
        told = _object(body)
    except (ValueError, RecursionError):
        return None
    found = told.get("publisher")
    return found if isinstance(found, str) else None


def _object(text: str | bytes) -> Members:
    """Its members. Raises ValueError where it is none, RecursionError where it is too deep."""
    told = json.loads(text)
    if not isinstance(told, dict):
        raise ValueError("no JSON object")
    return told


def retained(prefix: str, publisher: str, accounts: Mapping[str, str]) -> dict[str, Shown]:
    """Every state topic of these accounts (JSON text by contract) with what it holds."""
    topics: dict[str, Shown] = {}
    for contract, text in accounts.items():
        account = _object(text)
        services = _named(account.pop("services", {}))
        promises = _listed(account.pop("promises", []))
        about: dict[str, JsonValue] = {"publisher": publisher, "contract": contract}
        account["services"] = {name: service.get("state") for name, service in services.items()}
        account["verdicts"] = {_path(each): each.get("verdict") for each in promises}
        topics[state(prefix, contract)] = _shown(account | about)
        for name, service in services.items():
            topics[state(prefix, contract, name)] = _shown(service | about | {"service": name})
        for promise in promises:
            names = contract, str(promise.get("service")), str(promise.get("id"))
            topics[state(prefix, *names)] = _shown(promise | about)
    return topics


def _path(promise: dict[str, JsonValue]) -> str:
    return f"{promise.get('service')}/{promise.get('id')}"


def _named(value: JsonValue) -> dict[str, dict[str, JsonValue]]:
    return {name: each for name, each in value.items() if isinstance(each, dict)} if isinstance(value, dict) else {}


def _listed(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _shown(members: dict[str, JsonValue]) -> Shown:
    return Shown(_json(members), _json(_matter(members)))


def _matter(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {name: _matter(each) for name, each in value.items() if name not in RUNNING}
    if isinstance(value, list):
        return [_matter(each) for each in value]
    return value


def _json(value: JsonValue) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
