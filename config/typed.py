"""What an option takes, declared at its field: marks that pydantic understands, and that need no pydantic to be made.

The options of a kind are a frozen dataclass; its fields are what a run reads, its marks are what a reader of text asks.
A daemon is handed options that another process has read, and never imports pydantic: that takes five megabytes.
"""

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, get_type_hints

if TYPE_CHECKING:
    from pydantic import ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic_core import CoreSchema


class Options(Protocol):
    """The options of a kind: a frozen dataclass with ``__pydantic_config__``, which is ``STRICT`` or ``SPACED``."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


def spaced(field: str) -> str:
    """A field's name as people write it, with blanks."""
    return field.replace("_", " ")


STRICT: "ConfigDict" = {"extra": "forbid", "arbitrary_types_allowed": True}
"""For every part of options: no unknown keys."""
SPACED: "ConfigDict" = {**STRICT, "alias_generator": spaced, "populate_by_name": True}
"""The same; ``two words`` and ``two_words`` alike."""


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """``read`` makes the value of what is typed, or raises ValueError; the field's type is checked after it."""

    read: Callable[[Any], object]

    def __get_pydantic_core_schema__(self, source: object, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(self.read, handler(source))


@dataclass(frozen=True, slots=True, eq=False)
class After:
    """``check`` gives the value back, once it has the field's type, or raises ValueError."""

    check: Callable[[Any], object]

    def __get_pydantic_core_schema__(self, source: object, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self.check, handler(source))


@dataclass(frozen=True, slots=True, eq=False)
class Within:
    """A whole number from ``low`` to ``high``."""

    low: int
    high: int

    def __get_pydantic_core_schema__(self, source: object, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        from pydantic_core import core_schema

        return core_schema.int_schema(ge=self.low, le=self.high)


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What a JSON Schema says of it."""

    schema: Mapping[str, Any]

    def __get_pydantic_json_schema__(self, core: "CoreSchema", handler: "GetJsonSchemaHandler") -> dict[str, Any]:
        return dict(self.schema)


class Secret:
    """A text that shows neither in ``repr`` nor in ``str``; whoever needs it asks for ``text``. No dataclass: those are
    taken apart by whoever prints them."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, Secret) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __str__(self) -> str:
        return "**********" if self.text else ""

    def __repr__(self) -> str:
        return f"Secret({str(self)!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: "GetCoreSchemaHandler") -> "CoreSchema":
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())

    @classmethod
    def __get_pydantic_json_schema__(cls, core: "CoreSchema", handler: "GetJsonSchemaHandler") -> dict[str, Any]:
        return dict(SECRET)


SECRET = {"format": "password", "type": "string", "writeOnly": True}
"""What a JSON Schema says of a secret."""


@cache
def keys(options: type) -> Mapping[str, str]:
    """The fields of options by the keys they are typed as; empty for what is no part of options."""
    config = getattr(options, "__pydantic_config__", None)
    if config is None:
        return {}
    typed = config.get("alias_generator", str)
    return {typed(field.name): field.name for field in fields(options)}


@cache
def types(options: type) -> Mapping[str, Any]:
    """The types of the fields, without their marks."""
    return get_type_hints(options)


def marks(options: type, field: str) -> tuple[object, ...]:
    """The marks of one field."""
    return getattr(get_type_hints(options, include_extras=True)[field], "__metadata__", ())
