"""The words that our JSON Schemas (draft 2020-12) are written in."""

from monitor.render.exact import FIGURE_PATTERN

Schema = dict[str, object]

DRAFT = "https://json-schema.org/draft/2020-12/schema"
TIME: Schema = {
    "type": "string",
    "format": "date-time",
    "description": "RFC 3339 with offset, at most 9 digits after the point",
}
TEXT: Schema = {"type": "string", "minLength": 1}
MS: Schema = {
    "type": ["string", "number"],
    "pattern": "^-?[0-9]{1,15}(\\.[0-9]{1,6})?$",
    "description": "milliseconds, exact to the nanosecond",
}
COUNT: Schema = {"type": "integer", "minimum": 0}
LABEL: Schema = {"type": ["string", "integer"], "minLength": 1}
FIGURE: Schema = {"type": ["string", "number"], "pattern": FIGURE_PATTERN, "examples": ["4.6", "97.2%", "2/3"]}
PERIOD: Schema = {"type": "string", "examples": ["2026-10"]}
FLAG: Schema = {"type": "boolean"}
LENGTH: Schema = {"type": "string", "examples": ["30s", "1h30m"]}
EXACT: Schema = {"type": "string", "pattern": "^-?[0-9]+(/[0-9]+)?$", "description": "an integer or a reduced fraction"}
NS: Schema = {"type": "string", "pattern": "^-?[0-9]+$", "description": "nanoseconds"}
STATE: Schema = {"enum": ["up", "down", "unknown"]}
VERDICT: Schema = {"enum": ["met", "breached", "indeterminate", None]}


def list_of(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def or_null(of: Schema) -> Schema:
    return {"anyOf": [of, {"type": "null"}]}


def object_of(properties: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    """All keys are there, except the optional ones; there are no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": [key for key in properties if key not in optional],
        "additionalProperties": False,
    }
