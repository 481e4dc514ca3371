"""What differs between two statements, found member by member, for machines and people alike."""

from collections.abc import Iterator, Mapping, Sequence

NAMING = ("rule", "path", "service", "id", "item", "key", "start", "from", "at")
"""Members that tell the entries of a list apart."""


def differences(before: object, after: object, path: str = "") -> Iterator[dict[str, object]]:
    """Every member that is not the same, as ``{"path", "before", "after"}``; None stands where there is none."""
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _members(before, after, path)
    elif (named := _named(before)) is not None and (others := _named(after)) is not None:
        yield from _members(named, others, path)
    else:
        yield {"path": path, "before": before, "after": after}


def _members(before: Mapping[str, object], after: Mapping[str, object], path: str) -> Iterator[dict[str, object]]:
    for name in dict.fromkeys([*before, *after]):
        where = f"{path}/{name}" if path else name
        yield from differences(before.get(name), after.get(name), where)


def _named(entries: object) -> dict[str, object] | None:
    """A list of entries as a mapping by what tells them apart; None where nothing does, or where it is no list."""
    if not isinstance(entries, Sequence) or isinstance(entries, str):
        return None
    if not all(isinstance(entry, Mapping) for entry in entries):
        return None
    named: dict[str, object] = {_name(entry): entry for entry in entries}
    return named if len(named) == len(entries) else None


def _name(entry: Mapping[str, object]) -> str:
    return ",".join(str(entry[name]) for name in NAMING if entry.get(name) is not None)
