"""Nouns of a contract from plain data, as tests write them."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Kind = TypeVar("Kind")


def made(kind: type[Kind], told: Mapping[str, object]) -> Kind:
    """A noun of its fields: mappings among them are made nouns too, lists tuples."""
    hints = get_type_hints(kind)
    return kind(**{name: _made(hints.get(name), value) for name, value in told.items()})


def _made(hint: Any, value: Any) -> Any:
    if isinstance(hint, UnionType):
        hint = next((one for one in get_args(hint) if is_dataclass(one) or get_origin(one) is tuple), hint)
    if isinstance(value, Mapping) and is_dataclass(hint):
        return made(hint, value)  # type: ignore[arg-type]
    if isinstance(value, list | tuple) and get_origin(hint) is tuple:
        return tuple(_made(get_args(hint)[0], one) for one in value)
    return value
