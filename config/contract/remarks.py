"""``text:`` and ``interpret:`` what the author says of a clause, taken out of a contract's text before it is read.

They may stand in any mapping, and so may ``locked``; no noun has to know of them. In a mapping of names (``services``,
``measures``) they are remarks where their value is text, and names of things where it is a mapping.
"""

from config.contract.merge import identity
from config.contract.noun import Remark
from config.places import Node, Place
from config.reader import Reader, below
from config.units import boolean, said

KEYS = ("text", "interpret")
_NAMES = ("services", "calendars", "signals", "outages", "measures", "credits", "charges")
BESIDES = (*KEYS, "locked", "remove")


def without_remarks(reader: Reader) -> tuple[Node, tuple[Remark, ...]]:
    """The contract's text without them, and every one with the path of its clause (``credits.hourly``)."""
    found: list[Remark] = []
    return _without(reader, "", "", found), tuple(found)


def remark(reader: Reader, path: str) -> Remark | None:
    """What a mapping says of itself; None where it says nothing."""
    node = reader.node
    if not isinstance(node.value, dict):
        return None
    said_here = {key: _read(_child(reader, key), key) for key in KEYS if key in node.value}
    told = {key: text for key, text in said_here.items() if text is not None}
    return Remark(path=path, **told) if told else None


def _without(reader: Reader, path: str, within: str, found: list[Remark]) -> Node:
    """The value without what is said besides; the same node where nothing is."""
    node = reader.node
    if isinstance(node.value, dict):
        return _mapping(reader, path, within, found)
    if not isinstance(node.value, list):
        return node
    items = []
    for place, child in enumerate(node.value):
        called = identity(child, within) or _only_key(child) or f"[{place}]"
        inner = path + called if called[0] == "[" else below(path, called)
        item = Reader(child, f"{reader.path}[{place}]", reader.problems)
        items.append(_without(item, inner, "[]" if within != "exclusions" else "exclusions[]", found))
    if all(one is other for one, other in zip(items, node.value, strict=True)):
        return node
    return Node(node.place, items, hidden=node.hidden)


def _mapping(reader: Reader, path: str, within: str, found: list[Remark]) -> Node:
    node = reader.node
    assert isinstance(node.value, dict)
    value: dict[str, Node] = {}
    keys: dict[str, Place] = {}
    besides: dict[str, str] = {}
    changed = False
    for key, child in node.value.items():
        if key in BESIDES and not (within in _NAMES and isinstance(child.value, dict)):
            changed = True
            said_here = _besides(_child(reader, key), key)
            if said_here is not None:
                besides[key] = said_here
            continue
        if within == "exclusions[]":  # the conditions stand below the cause, which is the clause's own name
            inner = path
        else:
            inner = below(path, key)
        value[key] = _without(_child(reader, key), inner, key, found)
        keys[key] = node.keys[key]
        changed = changed or value[key] is not child
    if besides:
        found.append(Remark(path=path, **besides))
    return Node(node.place, value, keys=keys, hidden=node.hidden) if changed else node


def _besides(reader: Reader, key: str) -> str | None:
    if key == "remove":
        if reader.read(boolean, False):
            reader.wrong("removes nothing: there is no text below that has it; leave it out", reader.key)
        return None
    if key == "locked":
        reader.read(boolean, False)
        return None
    return _read(reader, key)


def _read(reader: Reader, key: str) -> str | None:
    return reader.read(lambda value: _told(value, key), None)


def _told(value: object, key: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{said(value)} is no {'text' if key == 'text' else 'reading'}; write '{key}: …' in quotes")
    words = " ".join(value.split())
    if not words:
        raise ValueError("is empty; write what is to be printed on the statement")
    return words


def _only_key(node: Node) -> str | None:
    return next(iter(node.value)) if isinstance(node.value, dict) and len(node.value) == 1 else None


def _child(reader: Reader, key: str) -> Reader:
    node = reader.node
    assert isinstance(node.value, dict)
    return Reader(node.value[key], below(reader.path, key), reader.problems, node.keys[key])
