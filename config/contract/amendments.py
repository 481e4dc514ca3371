"""``revisions:`` dated changes of a contract's text, as typed: ``{id, from, applies by, changes}``.

A change is a patch over the text as it reads on that day, merged as an heir's text is. What is read here are the
patches of one text; ``config.contract.whole`` puts them over it.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from config.contract.merge import removes
from config.errors import unknown
from config.places import Node
from config.reader import Reader
from config.units import name, said

AppliesBy = Literal["period_start", "event_start", "subscription_start"]
KEYS = ("id", "from", "applies by", "changes", "text", "interpret", "locked", "remove")
FIXED = ("timezone", "provider", "customer", "starts", "level", "inherits", "template", "for each", "revisions")
"""What no revision can change: it says who, since when, and what a revision is counted by."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One entry. ``start`` is the value of ``from`` (None: that of the base's revision of the same id)."""

    id: str
    reader: Reader
    start: Reader | None
    applies_by: AppliesBy | None
    changes: Reader | None
    removed: bool


def read_patches(reader: Reader) -> tuple[Patch, ...]:
    """Every entry that can be read, in the order typed."""
    found: dict[str, Patch] = {}
    for item in reader.items():
        patch = _read(item)
        if patch is None:
            continue
        if patch.id in found:
            line = found[patch.id].reader.node.place.line
            item.wrong(f"there is a revision {patch.id!r} already, on line {line}; give it an id of its own")
            continue
        found[patch.id] = patch
    return tuple(found.values())


def _read(item: Reader) -> Patch | None:
    fields = item.fields(KEYS)
    if fields.broken:
        return None
    called = fields.need("id", _id, 'id: "2026"')
    if called is None:
        return None
    if removes(item.node):
        return Patch(called, item, None, None, None, True)
    changes = None
    if "changes" in fields:
        changes = _changes(fields.at("changes"))
    else:
        fields.missing("changes", "changes: {promises: [availability >= 99.95%]}")
    start = fields.at("from") if "from" in fields else None
    return Patch(called, item, start, fields.get("applies by", _applies_by, None), changes, False)


def _changes(reader: Reader) -> Reader | None:
    fields = reader.fields()
    if fields.broken:
        return None
    fixed = [key for key in FIXED if key in fields]
    for key in fixed:
        at = fields.at(key)
        at.wrong("is nothing that a revision can change; " + _instead(key), at.key)
    if not fixed:
        return reader
    node = reader.node
    kept = {key: child for key, child in fields.entries.items() if key not in fixed}
    return Reader(Node(node.place, kept, keys=node.keys), reader.path, reader.problems, reader.key)


def _instead(key: str) -> str:
    if key in ("provider", "customer"):
        return f"write '{key}: [{{name: …, until: 2026-07-01}}, {{name: …, from: 2026-07-01}}]' into the contract"
    return "write it into the contract, or write another contract"


def _id(value: object) -> str:
    return name(str(value) if isinstance(value, int) and not isinstance(value, bool) else value)


def _applies_by(value: object) -> AppliesBy:
    ways: tuple[AppliesBy, ...] = get_args(AppliesBy)
    for way in ways:
        if isinstance(value, str) and value.replace(" ", "_") == way:
            return way
    words = [way.replace("_", " ") for way in ways]
    raise ValueError(unknown("way to apply", value if isinstance(value, str) else said(value), words))
