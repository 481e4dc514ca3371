"""A tree of nodes, or plain data, as YAML text that reads back to the same: blocks of mappings and lists, scalars as
typed where they are numbers, quoted where their text alone would read as something else."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from config.places import Node, scalar

Plain = str | int | Decimal | bool | None | Mapping[str, "Plain"] | Sequence["Plain"]

_FALSE_FRIENDS = re.compile(r"(?i:on|off|yes|no|y|n|true|false|null)|~|")
_SIMPLE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ .()/+-]*[A-Za-z0-9_.)]|[A-Za-z]")


def dump(value: "Node | Plain") -> str:
    """The whole, with a newline at its end."""
    return "\n".join(_block(_plain(value), "")) + "\n"


def entry(key: str, value: "Node | Plain", indent: str) -> str:
    """One key of a mapping with its value, as ``dump`` writes it at that indent; without a newline at its end."""
    return "\n".join(_entry(f"{indent}{_scalar(key)}:", _plain(value), indent))


def _plain(value: "Node | Plain") -> Plain:
    """What a tree of nodes holds; a number keeps the digits it was typed with."""
    if not isinstance(value, Node):
        return value
    if isinstance(value.value, dict):
        return {key: _plain(child) for key, child in value.value.items()}
    if isinstance(value.value, list):
        return [_plain(child) for child in value.value]
    return value.value if isinstance(value.value, str) else _Typed(value.typed)


class _Typed(str):
    """A scalar that stands as it is."""

    __slots__ = ()


def _block(value: Plain, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for key, child in value.items():
            yield from _entry(f"{indent}{_scalar(str(key))}:", child, indent)
    elif isinstance(value, Sequence) and not isinstance(value, str) and value:
        for child in value:
            if isinstance(child, Mapping) and child:
                first, *rest = _block(child, indent + "  ")
                yield f"{indent}- {first.lstrip()}"
                yield from rest
            else:
                yield from _entry(f"{indent}-", child, indent)
    else:
        yield f"{indent}{_leaf(value)}"


def _entry(head: str, child: Plain, indent: str) -> Iterator[str]:
    nested = isinstance(child, (Mapping, Sequence)) and not isinstance(child, str) and child
    if nested:
        yield head
        yield from _block(child, indent + "  ")
    else:
        yield f"{head} {_leaf(child)}"


def _leaf(value: Plain) -> str:
    match value:
        case _Typed():
            return str(value)
        case str():
            return _scalar(value)
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case Mapping():
            return "{}"
        case Sequence():
            return "[]"
    return str(value)


def _scalar(text: str) -> str:
    """Bare where it reads back as this very text, otherwise in double quotes."""
    bare = _SIMPLE.fullmatch(text) and not _FALSE_FRIENDS.fullmatch(text) and isinstance(scalar(text), str)
    return text if bare else json.dumps(text, ensure_ascii=False)
