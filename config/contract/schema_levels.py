"""What the JSON Schema of a contract says of texts that build on each other, of dates, parties and revisions."""

from collections.abc import Mapping
from typing import Any, get_args

from config.contract.amendments import AppliesBy
from config.contract.levels import LEVELS
from config.contract.terms import LANGUAGES
from config.units import DURATION_PATTERN, LINE_PATTERN, NAME_PATTERN

Schema = dict[str, object]

_TEXT: Schema = {"type": "string", "minLength": 1}
_FLAG: Schema = {"type": "boolean"}
_REMOVED: Schema = {"type": "object", "required": ["remove"], "properties": {"remove": _FLAG, "id": _TEXT}}
_BESIDES: dict[str, Schema] = {
    "text": _TEXT | {"description": "The clause quoted; printed on the statement."},
    "interpret": _TEXT | {"description": "The reading taken where the text leaves one open."},
    "locked": _FLAG | {"description": "Whether texts that inherit it may not change it."},
}


def day(description: str) -> Schema:
    """A date in the contract's zone, or a time with offset."""
    pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?$"
    return {"type": "string", "pattern": pattern, "description": description, "examples": ["2026-10-01"]}


def party(description: str, example: str) -> Schema:
    """A name, or who it was when."""
    name: Schema = {"type": "string", "pattern": LINE_PATTERN, "examples": [example]}
    dates = {"from": day("Its first day."), "until": day("The first day on which it is no more.")}
    span: Schema = {"type": "object", "additionalProperties": False, "properties": {"name": name, **dates}}
    return {"anyOf": [name, {"type": "array", "minItems": 1, "items": span}], "description": description}


def dates() -> dict[str, Schema]:
    """The terms that say when a contract holds."""
    warm = rf"^(first full (month|quarter|year)|until .+|{DURATION_PATTERN[1:-1]})$"
    return {
        "language": {"enum": list(LANGUAGES), "description": "What its statements are printed in; default en."},
        "starts": day("Its first day."),
        "ends": day("The first day on which it holds no more."),
        "review by": day("It is warned of from 30 days before."),
        "warm up": {
            "type": "string",
            "pattern": warm,
            "description": "No promise is judged before it is over.",
            "examples": ["first full month", "120d", "until second month", "until 2026-03-01"],
        },
    }


def structure() -> dict[str, Schema]:
    """The keys that say how the text is made."""
    name: Schema = {"type": "string", "pattern": NAME_PATTERN}
    return {
        "level": {"enum": list(LEVELS), "description": "Where it stands; texts inherit from the left to the right."},
        "inherits": {
            "anyOf": [name, {"type": "array", "items": name}],
            "description": "The contracts over whose text this one is put, the lowest first.",
        },
        "template": _FLAG | {"description": "It is inherited from, and no contract itself."},
        "locked": {
            "anyOf": [_TEXT, {"type": "array", "items": _TEXT}],
            "description": "Keys that texts that inherit it may not change.",
            "examples": [["promises", "exclusions"]],
        },
        "for each": _TEXT
        | {"description": "A CSV or JSON file; a contract is made of each row.", "examples": ["c.csv"]},
        "revisions": {"type": "array", "items": _revision(), "description": "Dated changes of the text."},
    }


def _revision() -> Schema:
    ways = [way.replace("_", " ") for way in get_args(AppliesBy)]
    properties: dict[str, Schema] = {
        "id": {"anyOf": [{"type": "string", "pattern": NAME_PATTERN}, {"type": "integer"}]},
        "from": day("From when on it holds."),
        "applies by": {"enum": [*ways, *get_args(AppliesBy)], "description": "Default period start."},
        "changes": {"type": "object", "description": "What the text says from then on, merged into it by key and id."},
        "remove": _FLAG,
        **_BESIDES,
    }
    return {"type": "object", "required": ["id"], "additionalProperties": False, "properties": properties}


def opened(contract: Schema) -> Schema:
    """The schema of a contract whose text may build on another: remarks stand in every mapping, anything may be
    removed, and what is missing may stand below."""
    whole: dict[str, Any] = _opened(contract)
    needed = contract.get("required")
    whole["properties"] |= structure()
    whole["anyOf"] = [{"required": needed}, {"required": ["inherits"]}, {"required": ["template"]}]
    return whole


def _opened(part: Any) -> Any:
    if isinstance(part, list):
        return [_opened(one) for one in part]
    if not isinstance(part, dict):
        return part
    out = {key: value for key, value in part.items() if key not in ("required", "minItems", "minProperties")}
    for key in ("anyOf", "oneOf"):
        if key in out:
            out[key] = _opened(out[key])
    if "items" in out:
        out["items"] = _or_removed(_opened(out["items"]))
    if part.get("type") == "object":
        out |= _mapping(out)
    return out


def _mapping(part: Mapping[str, Any]) -> dict[str, Any]:
    rest = part.get("additionalProperties", True)
    properties = {name: _or_removed(_opened(one)) for name, one in part.get("properties", {}).items()}
    if not isinstance(rest, dict):
        return {"properties": properties | {name: one for name, one in _BESIDES.items() if name not in properties}}
    value = _or_removed(_opened(rest))
    besides = {name: {"anyOf": [one, value]} for name, one in _BESIDES.items() if name not in properties}
    names = part.get("propertyNames")
    out = {"properties": properties | besides, "additionalProperties": value}
    return out | ({"propertyNames": {"anyOf": [names, {"enum": list(_BESIDES)}]}} if names else {})


def _or_removed(part: Any) -> Any:
    about = {name: value for name, value in part.items() if name in ("description", "examples", "default")}
    form = {name: value for name, value in part.items() if name not in about}
    return {"anyOf": [form, _REMOVED], **about} if form else part
