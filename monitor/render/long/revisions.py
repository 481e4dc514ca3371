"""Revisions in the long form: what has to be patched over one text for another to be read.

The patch is made for the rules by which texts merge: mappings by key, lists whose items are known by a name by their
items, anything else is replaced, tables too; ``{remove: true}`` takes away.
"""

from collections.abc import Mapping, Sequence

from config.contract.merge import BESIDE, ROW
from config.dump import Plain

GONE: Plain = {"remove": True}


def patch(before: Mapping[str, Plain], after: Mapping[str, Plain]) -> dict[str, Plain]:
    """What makes one mapping of another; empty where they are the same."""
    out: dict[str, Plain] = {key: GONE for key in before if key not in after}
    for key, value in after.items():
        if key not in before:
            out[key] = value
        elif before[key] != value:
            out[key] = _value(before[key], value)
    return out


def _value(before: Plain, after: Plain) -> Plain:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        changes = patch(before, after)
        return after if _is_table(changes) else changes
    if not isinstance(before, list) or not isinstance(after, list):
        return after
    old, new = _by_name(before), _by_name(after)
    return after if old is None or new is None else _items(old, new)


def _is_table(changes: Mapping[str, Plain]) -> bool:
    """Whether it would stand instead of a whole table, as rows do of which none takes another away."""
    rows = {key: value for key, value in changes.items() if key not in BESIDE}
    return bool(rows) and all(key[:1] in ROW and value != GONE for key, value in rows.items())


def _by_name(items: Sequence[Plain]) -> dict[str, Plain] | None:
    """The items by what they are known by; None where the whole list is replaced."""
    found: dict[str, Plain] = {}
    for item in items:
        if not isinstance(item, Mapping) or not ("id" in item or len(item) == 1):
            return None
        found[str(item["id"]) if "id" in item else next(iter(item))] = item
    return found


def _items(old: Mapping[str, Plain], new: Mapping[str, Plain]) -> Plain:
    """Items in their order: those there were, patched, before those that are new; or all of them anew."""
    kept = [name for name in old if name in new]
    if list(new)[: len(kept)] != kept:
        return [*(_gone(name, item) for name, item in old.items()), *new.values()]
    out = [_gone(name, item) for name, item in old.items() if name not in new]
    out += [_item(name, old[name], new[name]) for name in kept if old[name] != new[name]]
    return [*out, *(item for name, item in new.items() if name not in old)]


def _gone(name: str, item: Plain) -> Plain:
    assert isinstance(item, Mapping)
    return {"id": name, "remove": True} if "id" in item else {name: GONE}


def _item(name: str, old: Plain, new: Plain) -> Plain:
    assert isinstance(old, Mapping) and isinstance(new, Mapping)
    changed = patch(old, new)
    return {"id": name, **changed} if "id" in new else changed
