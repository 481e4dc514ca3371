"""The options of a kind: a dataclass that the kind owns, made by pydantic of located data.

The kinds know nothing of files; here their errors get the place and the words of ours. Values of secret
options never reach a message, whether they came from outside or were typed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from functools import cache
from typing import Any, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from config.errors import nearest, unknown, unknown_key
from config.hidden import hide_secrets
from config.places import Node
from config.reader import Fields, Reader, below
from config.typed import Options, keys, types
from config.units import said

T = TypeVar("T", bound=Options)

_BOUNDS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}
_KINDS = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "decimal_parsing": "a number",
    "decimal_type": "a number",
    "string_type": "text; put it in quotes",
    "tuple_type": "a list",
    "list_type": "a list",
    "set_type": "a list",
    "dict_type": "a mapping",
    "dataclass_type": "a mapping",
    "bool_type": "a yes or no; write true or false",
    "bool_parsing": "a yes or no; write true or false",
}


def read_kind(
    reader: Reader, kinds: Mapping[str, type[Options]], what: str, besides: tuple[str, ...]
) -> tuple[str | None, Options | None]:
    """``{kind: …, …options}``: the kind's name and its options, None for what cannot be had."""
    fields = reader.fields()
    if fields.broken:
        return None, None
    if "kind" not in fields:
        fields.missing("kind", f"kind: {next(iter(sorted(kinds)), 'name')}")
        return None, None
    kind = str(fields.at("kind").node.value)
    if kind not in kinds:
        fields.at("kind").wrong(unknown(what, kind, kinds))
        return None, None
    return kind, read_options(fields, kinds[kind], ("kind", *besides))


def read_options(fields: Fields, model: type[T], besides: Iterable[str]) -> T | None:
    """The options made of the mapping's fields except those ``besides``; None where something is wrong with them."""
    others = set(besides)
    node = fields.reader.node
    entries = {key: child for key, child in fields.entries.items() if key not in others}
    hide_secrets(model, entries)
    before = len(fields.reader.problems)
    try:
        options = checked(model, {key: plain(child) for key, child in entries.items()})
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            _tell(fields.reader, detail, model, sorted(others))
        options = None
    for key, child in entries.items():
        _check_booleans(fields.at(key), child, getattr(options, keys(model).get(key, key), None))
    return options if len(fields.reader.problems) == before and not node.broken else None


def checked(model: type[T], values: Mapping[str, object]) -> T:
    """The options of what is typed, by key. Raises pydantic's ValidationError (a ValueError) with all that is wrong."""
    options: T = adapter(model).validate_python(values)
    return options


@cache
def adapter(model: type) -> TypeAdapter[Any]:
    """What pydantic makes of a class of options."""
    return TypeAdapter(model)


def plain(node: Node) -> Any:
    """A node as plain data, for options to be made of."""
    if isinstance(node.value, dict):
        return {key: plain(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [plain(child) for child in node.value]
    return node.value


def _tell(reader: Reader, detail: ErrorDetails, model: type, others: list[str]) -> None:
    """One error of the options as a problem at its place."""
    loc = detail["loc"]
    here, absent = _descend(reader, loc)
    kind = detail["type"]
    if kind == "missing":
        here.wrong(f"is missing; write '{loc[-1]}: …'", here.key, below(here.path, str(loc[-1])))
    elif kind == "unexpected_keyword_argument":
        known = [*keys(_model_at(model, loc[:-1]))] + (others if len(loc) == 1 else [])
        here.wrong(unknown_key(str(loc[-1]), known), here.key)
    else:
        here.wrong(_words(kind, detail, here), here.key if absent else None)


def _model_at(model: type, loc: tuple[int | str, ...]) -> type:
    """The class that holds the fields at ``loc``."""
    for part in loc:
        found = types(model).get(keys(model).get(str(part), str(part)))
        model = next(_models_in(found), model)
    return model


def _models_in(annotation: object) -> Iterator[type]:
    if isinstance(annotation, type) and keys(annotation):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _descend(reader: Reader, loc: tuple[int | str, ...]) -> tuple[Reader, bool]:
    """The reader of the value an error is about. Parts of ``loc`` that name no key (tags of unions) are passed
    over; the second value tells whether the last part was such a one, or a key that is absent."""
    absent = False
    for part in loc:
        value = reader.node.value
        absent = True
        if isinstance(value, dict):
            typed = (str(part), str(part).replace(" ", "_"))
            key = next((key for key in typed if key in value), None)
            if key is not None:
                reader, absent = Fields(reader, value).at(key), False
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            reader, absent = reader.items()[part], False
    return reader, absent


def _words(kind: str, detail: ErrorDetails, here: Reader) -> str:
    """What is wrong and what would be right, in the words of this project."""
    context = detail.get("ctx", {})
    value = said(here.node.value)
    if kind == "value_error":
        return str(context["error"])
    if kind in _BOUNDS:
        key, word = _BOUNDS[kind]
        return f"must be {word} {context[key]}, not {value}"
    if kind in _KINDS:
        return f"{value} is not {_KINDS[kind]}"
    if kind in ("literal_error", "enum"):
        expected = str(context["expected"])
        names = [name.strip(" '") for name in expected.replace(" or ", ",").split(",")]
        close = nearest(str(here.node.value), names)
        return f"must be {expected}, not {value}" + (f"; did you mean {close!r}?" if close else "")
    message = detail["msg"]
    return f"{message[:1].lower()}{message[1:]}, not {value}"


def _check_booleans(reader: Reader, node: Node, result: object) -> None:
    """``yes``, ``on`` and the like are text to this file; where pydantic took them for a boolean, say so."""
    if isinstance(result, bool) and isinstance(node.value, str) and node.value not in ("true", "false"):
        reader.wrong(f"{said(node.value)} is text here, not a yes or no; write true or false")
    elif isinstance(result, bool) and isinstance(node.value, int) and not isinstance(node.value, bool):
        reader.wrong(f"{said(node.value)} is not a yes or no; write true or false")
    elif isinstance(node.value, dict) and is_dataclass(result) and not isinstance(result, type):
        fields, names = Fields(reader, node.value), keys(type(result))
        for key, child in node.value.items():
            _check_booleans(fields.at(key), child, getattr(result, names.get(key, key), None))
