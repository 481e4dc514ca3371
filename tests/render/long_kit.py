"""A contract printed in the long form and read again, beside the same targets."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from config import places
from config.contract.model import Contract
from config.dump import dump
from config.model import Config
from config.places import Node
from monitor.render.long import long
from tests.config.kit import read

EXAMPLES = Path(__file__).parents[2] / "config" / "examples"
FILES = sorted(EXAMPLES.rglob("*.yaml"))

_TEXTS = {"digest", "digests", "terms", "remarks", "text", "revisions"}


def again(file: Path, contract: Contract, folder: Path) -> Config:
    """The configuration that a contract of a file makes by itself, as it is printed."""
    node = places.parse(file.read_bytes(), file.name, [])
    assert node is not None and isinstance(node.value, dict)
    rest = {key: child for key, child in node.value.items() if key not in ("contracts", "hooks")}
    target = folder / "long.yaml"
    target.write_text(dump(Node(node.place, rest, keys=node.keys)) + long(contract), encoding="utf-8")
    return read(target)


def said(contract: Contract) -> dict[str, Any]:
    """What a contract says, without the words in which it was typed."""
    data: dict[str, Any] = _plain(asdict(contract))
    base = data["base"]
    data["measures"] = {one["name"]: one | {"base": one["base"] or base} for one in data["measures"]}
    data["caps"] = []  # the one that stands without being typed is written out
    data["exclusions"] = [one | {"window": _hours(one["window"])} for one in data["exclusions"]]
    for one in (*data["promises"], *data["conditions"]):
        one["threshold"] = None if one["rule"] is not None else one["threshold"]
    return data


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(child) for key, child in value.items() if key not in _TEXTS}
    return [_plain(child) for child in value] if isinstance(value, list | tuple) else value


def _hours(calendar: Any) -> Any:
    """Not the words in which a window was typed."""
    return None if calendar is None else {key: value for key, value in calendar.items() if key != "name"}
