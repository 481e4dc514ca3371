"""What the author says of a clause, put back into the clause."""

from collections.abc import Sequence

from config.contract.merge import identity
from config.contract.model import Contract, Promise
from config.contract.noun import Remark
from config.dump import Plain
from config.places import Node, Place

_NOWHERE = Place("", 0, 0)


def with_remarks(contract: Contract, clauses: dict[str, Plain]) -> None:
    """Each remark into the mapping that its path names; where the long form has none there, into the one around it."""
    names = {called: one.id for one in contract.promises if (called := _typed(one)) is not None}
    for one in contract.remarks:
        if not one.path.startswith("revisions."):
            _put(_clause(clauses, one.path, names), one)


def _typed(one: Promise) -> str | None:
    """What a promise of the short form is known by."""
    return identity(Node(_NOWHERE, one.text), "promises")


def _put(clause: dict[str, Plain], one: Remark) -> None:
    for key, said in (("text", one.text), ("interpret", one.interpret)):
        if said is not None and said not in str(clause.get(key, "")):
            clause[key] = f"{clause[key]} {said}" if key in clause else said


def _clause(clauses: dict[str, Plain], path: str, names: dict[str, str]) -> dict[str, Plain]:
    here: Plain = clauses
    best = clauses
    rest = path
    while rest:
        if isinstance(here, list):
            rest, here = _item(here, rest, names)
        elif isinstance(here, dict):
            rest, here = _key(here, rest)
        else:
            break
        if isinstance(here, dict):
            best = here
    return best


def _key(within: dict[str, Plain], path: str) -> tuple[str, Plain]:
    """The longest key that the path begins with, and the rest of it."""
    for key in sorted(within, key=len, reverse=True):
        if path == key or path.startswith((f"{key}.", f"{key}[")):
            return path[len(key) :].lstrip("."), within[key]
    return "", None


def _item(items: Sequence[Plain], path: str, names: dict[str, str]) -> tuple[str, Plain]:
    """The item that the path begins with: by its place, its id, its only key, or as the short form calls it."""
    if path.startswith("["):
        number, _, rest = path[1:].partition("]")
        place = int(number)
        return rest.lstrip("."), items[place] if place < len(items) else None
    known: dict[str, Plain] = {name: item for item in items if isinstance(item, dict) for name in _names(item)}
    known |= {typed: known[id] for typed, id in names.items() if id in known and typed not in known}
    rest, found = _key(known, path)
    if isinstance(found, dict) and len(found) == 1 and "id" not in found:  # a cause, with its conditions below it
        return rest, next(iter(found.values()))
    return rest, found


def _names(item: dict[str, Plain]) -> list[str]:
    return [str(item["id"])] if "id" in item else [next(iter(item))]
