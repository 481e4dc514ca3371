"""As much of JSON Schema as our schemas use, so that tests can hold real documents against them."""

import re
from decimal import Decimal

KINDS = {
    "string": str,
    "integer": int,
    "number": (int, float, Decimal),
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}


def faults(value: object, schema: dict[str, object], path: str = "$") -> list[str]:
    """Where a value is not what the schema says; empty if it is."""
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            found = [faults(value, one, path) for one in schema[choice]]
            return [] if any(not one for one in found) else min(found, key=len)
    out = []
    if "const" in schema and value != schema["const"]:
        out.append(f"{path}: not {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        out.append(f"{path}: not one of {schema['enum']}")
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        return [*out, f"{path}: {value!r} is no {' or '.join(kinds)}"]
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        out.append(f"{path}: {value!r} does not match {schema['pattern']}")
    if isinstance(value, dict):
        out += _members(value, schema, path)
    if isinstance(value, list):
        for index, item in enumerate(value):
            out += faults(item, schema.get("items", {}), f"{path}[{index}]")
    return out


def _members(value: dict[str, object], schema: dict[str, object], path: str) -> list[str]:
    known = schema.get("properties", {})
    out = [f"{path}.{key}: missing" for key in schema.get("required", []) if key not in value]
    for key, member in value.items():
        rest = schema.get("additionalProperties", {})
        if key not in known and rest is False:
            out.append(f"{path}.{key}: unknown")
        else:
            out += faults(member, known.get(key, rest), f"{path}.{key}")
    return out


def _is(value: object, kind: str) -> bool:
    if isinstance(value, bool) and kind in ("integer", "number"):
        return False
    return isinstance(value, KINDS[kind])
