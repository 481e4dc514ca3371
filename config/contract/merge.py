"""One text put over another: what an heir or a revision writes, over what was there before.

Mappings merge by key; ``promises``, ``exclusions`` and lists whose items have an ``id`` merge by their items; any other
value is replaced, and so is a credit's table, unless rows of it are taken away: rows of two tables are none.
``{remove: true}`` takes away. What is locked keeps what it was. Every value keeps the place where it was typed, so that
whatever is wrong with the whole is told there.
"""

import re
from collections.abc import Iterator, Mapping

from config.errors import listed, nearest
from config.places import Node, Place
from config.reader import Reader

Path = tuple[str, ...]
Locks = Mapping[Path, Place]

_NAMED = ("promises", "exclusions")
_COMPARISON = re.compile(r"\s*(?:<=|>=|==|<|>|≤|≥)\s*")
_REST = re.compile(r"\s(?:of|per|while)\s.*")
ROW = frozenset("<>=≤≥[(0123456789")
BESIDE = ("text", "interpret", "locked")
_NO_LOCKS: Locks = {}


def merged(base: Node, patch: Reader, locks: Locks) -> Node:
    """``base`` with the patch over it. Paths of ``locks`` are keys and identities from the contract on."""
    return _merged(base, patch, (), locks)


def locks_in(node: Node, path: Path = ()) -> Iterator[tuple[Path, Place]]:
    """Every ``locked: true`` below the node: the path of the mapping that it stands in."""
    if isinstance(node.value, dict):
        sign = node.value.get("locked")
        if path and sign is not None and _is_true(sign):
            yield path, node.keys["locked"]
        for key, child in node.value.items():
            yield from locks_in(child, (*path, key))
    elif isinstance(node.value, list) and path:
        for item in node.value:
            called = identity(item, path[-1])
            if called is not None:
                yield from locks_in(item, (*path, called))


def identity(item: Node, within: str) -> str | None:
    """What an item of the list under the key ``within`` is known by: its ``id``; a cause's name; what a promise is made
    on (``availability``, ``mean-latency of internet``)."""
    value = item.value
    if isinstance(value, dict) and "id" in value:
        return _text(value["id"])
    if within == "exclusions":
        if isinstance(value, dict):
            return _cause(next(iter(value))) if len(value) == 1 else None
        return _cause(value) if isinstance(value, str) else None
    if within == "promises":
        line = value.get("promise") if isinstance(value, dict) else item
        return _promised(line.value) if line is not None and isinstance(line.value, str) else None
    return None


def removes(node: Node) -> bool:
    """Whether it says ``{remove: true}``."""
    return isinstance(node.value, dict) and "remove" in node.value and _is_true(node.value["remove"])


def same(left: Node, right: Node) -> bool:
    """Whether two values say the same."""
    if isinstance(left.value, dict) and isinstance(right.value, dict):
        mine, other = left.value, right.value
        return mine.keys() == other.keys() and all(same(child, other[key]) for key, child in mine.items())
    if isinstance(left.value, list) and isinstance(right.value, list):
        pairs = zip(left.value, right.value, strict=False)
        return len(left.value) == len(right.value) and all(same(one, two) for one, two in pairs)
    return _text(left) == _text(right)


def where(place: Place, reader: Reader) -> str:
    """A place as somebody finds it who reads the other."""
    same_file = place.file == reader.node.place.file
    return f"on line {place.line}" if same_file else f"at {place.file}:{place.line}:{place.column}"


def _merged(base: Node, patch: Reader, path: Path, locks: Locks) -> Node:
    if path in locks:
        unlocked = _merged(base, Reader(patch.node, patch.path, []), path, _NO_LOCKS)
        if not same(unlocked, base):
            _refuse(patch, path, locks[path])
        return base
    node = patch.node
    if isinstance(base.value, dict) and isinstance(node.value, dict) and not _is_table(node):
        return _mapping(base, patch, path, locks)
    if isinstance(base.value, list) and isinstance(node.value, list) and _by_identity(base, node, path):
        return _list(base, patch, path, locks)
    return base if not same(base, node) and _held(patch, path, locks) else node


def _mapping(base: Node, patch: Reader, path: Path, locks: Locks) -> Node:
    assert isinstance(base.value, dict)
    value, keys = dict(base.value), dict(base.keys)
    for key, child in patch.fields():
        here = (*path, key)
        if removes(child.node):
            if _removable(child, key, value, here, locks):
                del value[key], keys[key]
            continue
        if key not in value and here in locks:
            _refuse(child, here, locks[here])
            continue
        value[key] = _merged(value[key], child, here, locks) if key in value else child.node
        keys[key] = child.key
    return Node(patch.node.place, value, keys=keys, hidden=patch.node.hidden)


def _list(base: Node, patch: Reader, path: Path, locks: Locks) -> Node:
    assert isinstance(base.value, list)
    known: dict[str, Node] = {}
    several: set[str] = set()
    for place, item in enumerate(base.value):
        called = identity(item, path[-1])
        several |= {called} if called is not None and called in known else set()
        known[f"#{place}" if called is None or called in known else called] = item
    typed: set[str] = set()
    for place, entry in enumerate(patch.items()):
        called = identity(entry.node, path[-1]) or f"+{place}"
        inner = _inner(entry.node, path[-1])
        if called in several:
            entry.wrong(f"there are several {called!r} below; give each an id there, and say here which by its id")
            continue
        if called in typed and not removes(inner):
            called = f"+{place}"  # a second one of its own, which is not put over the first
        typed.add(called)
        here = (*path, called)
        if removes(inner):
            if _removable(Reader(inner, entry.path, entry.problems, entry.node.place), called, known, here, locks):
                del known[called]
        else:
            known[called] = _item(known[called], entry, here, locks) if called in known else entry.node
    return Node(patch.node.place, list(known.values()))


def _item(base: Node, entry: Reader, path: Path, locks: Locks) -> Node:
    """One item over another. The conditions of a cause merge however its name is spelt."""
    ours, theirs = _inner(base, path[-2]), _inner(entry.node, path[-2])
    if ours is base or theirs is entry.node:
        return _merged(base, entry, path, locks)
    [[called, below]] = entry.fields()
    [spelt] = base.keys
    whole = _merged(ours, below, (*path, spelt), locks)
    return Node(entry.node.place, {called: whole}, keys={called: below.key})


def _inner(item: Node, within: str) -> Node:
    """The conditions of an exclusion, which stand below its cause; of anything else, the item itself."""
    if within == "exclusions" and isinstance(item.value, dict) and len(item.value) == 1 and "id" not in item.value:
        return next(iter(item.value.values()))
    return item


def _is_table(node: Node) -> bool:
    """Whether all its keys are rows (``< 99.9%``, ``[95%, 99%)``, ``1h - 4h``), none of which takes another away."""
    assert isinstance(node.value, dict)
    rows = {key: child for key, child in node.value.items() if key not in BESIDE}
    return bool(rows) and all(key.strip()[:1] in ROW and not removes(child) for key, child in rows.items())


def _by_identity(base: Node, patch: Node, path: Path) -> bool:
    if path and path[-1] in _NAMED:
        return True
    items = [*base.value, *patch.value] if isinstance(base.value, list) and isinstance(patch.value, list) else []
    return bool(items) and all(isinstance(one.value, dict) and "id" in one.value for one in items)


def _removable(child: Reader, called: str, there: Mapping[str, Node], path: Path, locks: Locks) -> bool:
    if isinstance(child.node.value, dict) and child.node.value.keys() - {"remove", "id"}:
        child.wrong("is removed and says more besides; leave out 'remove', or all the rest", child.key)
        return False
    if called not in there:
        names = [name for name in there if not name.startswith(("#", "+"))]
        close = nearest(called, names)
        there_are = f"; there {listed(names)}" if names else ""
        hint = f"; did you mean {close!r}?" if close else there_are
        child.wrong(f"removes {called!r}, which is not there{hint}", child.key)
        return False
    return not _held(child, path, locks)


def _held(patch: Reader, path: Path, locks: Locks) -> bool:
    """Whether something at the path or below it is locked; that is told."""
    for locked, place in locks.items():
        if locked[: len(path)] == path:
            _refuse(patch, locked, place)
            return True
    return False


def _refuse(patch: Reader, path: Path, place: Place) -> None:
    patch.wrong(f"{'.'.join(path)} is locked {where(place, patch)} and stays as it is there; leave this out", patch.key)


def _promised(line: str) -> str:
    """A promise's line without its operator and figure."""
    left, *right = _COMPARISON.split(" ".join(line.split()), maxsplit=1)
    rest = _REST.search(right[0]) if right else None
    return "-".join(left.replace("_", " ").split()) + (rest[0] if rest else "")


def _cause(typed: str) -> str:
    return typed.replace("_", " ")


def _text(node: Node) -> str:
    return node.value if isinstance(node.value, str) else node.typed


def _is_true(node: Node) -> bool:
    return node.value is True or node.value == "true"
