"""The JSON Schema (draft 2020-12) of the configuration as it is typed, for editors.

What a kind takes comes from its own options. Any value may also be a reference such as ``${NAME}``, which
only the loader can look up; where a form is demanded, a reference stands beside it.
"""

import json
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, cast, get_args

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core.core_schema import WithDefaultSchema

from config import daemon, hooks, load, targets, vantage
from config.contract.schema import Schema, choice, contract, mapping, named, names, text
from config.options import adapter
from config.typed import Options, keys
from config.units import (
    DURATION_PATTERN,
    LINE_PATTERN,
    NAME_PATTERN,
    SHARE_PATTERN,
    SIZE_PATTERN,
    format_duration,
    format_share,
    format_size,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REFERENCE = "reference"
_NUMBER: Schema = {"type": "number", "exclusiveMinimum": 0}
_DURATION = text(DURATION_PATTERN, "A duration.", "30s", "1h30m")


class _Defaults(GenerateJsonSchema):
    """Defaults as they are typed, of parts of options and of what is empty unless it is given too."""

    def get_default_value(self, schema: WithDefaultSchema) -> Any:
        value = super().get_default_value(schema)
        if "default_factory" in schema:
            value = cast("Callable[[], object]", schema["default_factory"])()
        kind: type = type(value)
        return adapter(kind).dump_python(value, by_alias=True) if keys(kind) else value


def schema(probe_kinds: Mapping[str, type[Options]], hook_kinds: Mapping[str, type[Options]]) -> Schema:
    """The whole configuration; probes and hooks are told apart by their ``kind``."""
    definitions: dict[str, Any] = {
        REFERENCE: {
            "type": "string",
            "pattern": r"\$\{|\{[^{}]+\}",
            "description": "${NAME}, ${NAME:-default}, ${file:/path}; {column} in a contract for each row of a file",
        }
    }
    sections = {
        "upheld": {"const": load.FORMAT, "description": "The format of this file."},
        "daemon": _daemon(),
        "vantage": _vantage(),
        "targets": named(_target(_kinds(probe_kinds, "probe", {}, definitions)), "What is probed, by name."),
        "contracts": named(contract(), "What was promised, by name."),
        "hooks": named(_kinds(hook_kinds, "hook", _hook(), definitions), "Who is told, by name."),
        "risk": _risk(),
    }
    assert tuple(sections) == load.SECTIONS
    whole: Schema = {"$schema": DIALECT, "title": "Upheld configuration", **mapping(sections)}
    whole["required"] = []  # of several files in a directory, one has to say the format
    whole["description"] = "What was promised, what is probed, who is told."
    referable: dict[str, Any] = _with_references(whole)
    referable["$defs"] = {
        name: part if name == REFERENCE else _with_references(part) for name, part in definitions.items()
    }
    return referable


def _daemon() -> Schema:
    address = text(r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$", "Host and port.", "127.0.0.1:8420")
    form = choice(get_args(daemon.LogFormat), "Default text.")
    properties: Schema = {
        "store": text(LINE_PATTERN, "Its file, relative to this one, or postgresql://…", "upheld.db"),
        "state": text(LINE_PATTERN, "Where token and key lie; default beside the store's file.", "var"),
        "listen": address | {"description": "Portal and API; default 127.0.0.1:8420."},
        "metrics": address | {"description": "/metrics; default 127.0.0.1:9420."},
        "retention": _DURATION | {"description": "How long samples are kept; default 400d."},
        "issue after": _DURATION | {"description": "How long a closed period waits for late samples; default 3d."},
        "log": {
            "anyOf": [
                form,
                mapping({"format": form, "level": choice(get_args(daemon.LogLevel), "Default info.")}),
            ]
        },
    }
    assert tuple(properties) == daemon.KEYS
    return mapping(properties, description="The process itself.")


def _vantage() -> Schema:
    properties: Schema = {
        "name": text(NAME_PATTERN, "Where probes run from; default here.", "fra"),
        "kind": choice(("external", "onsite"), "Default external; onsite needs witnesses."),
        "witnesses": names("Targets whose silence means that the vantage is cut off."),
    }
    assert tuple(properties) == vantage.KEYS
    return mapping(properties, description="Where probes run from.")


def _target(probe: Schema) -> Schema:
    confirm: Schema = {
        "anyOf": [{"type": "integer", "minimum": 1}, text("^[0-9]{1,3} of [0-9]{1,3}$", "", "2 of 3")],
        "description": "Failures among the last samples before an outage is told as confirmed; default 2 of 2.",
    }
    properties: Schema = {
        "probe": probe,
        "every": _DURATION | {"description": "The interval; default 60s, at least 1s."},
        "timeout": _DURATION | {"description": "Default 5s, or half the interval if that is less."},
        "recheck": {
            "anyOf": [{"const": "off"}, _DURATION],
            "description": "How soon a failure is probed again; default 5s, or half the interval if that is less.",
        },
        "confirm": confirm,
        "vantages": names("The vantages it is probed from; default this one."),
        "quorum": {"type": "integer", "minimum": 1, "description": "Vantages that must agree on down."},
    }
    assert tuple(properties) == targets.KEYS
    return mapping(properties, ("probe",), "Something probed.")


def _hook() -> Schema:
    events = {"enum": list(hooks.EVENTS)}
    properties: Schema = {
        "events": {
            "anyOf": [events, {"type": "array", "items": events}],
            "description": "The events it is told of; default all.",
        },
        "contracts": names("The contracts it is told about; default all."),
    }
    assert {"kind", *properties} == set(hooks.KEYS)
    return properties


def _risk() -> Schema:
    share = text(SHARE_PATTERN, "A share.", "75%")
    rising: Schema = {"type": "array", "items": share}
    properties: Schema = {
        "budget": rising | {"description": "Shares of a budget used, rising; default 50%, 75%, 90%, 100%."},
        "incident": rising | {"description": "Shares of an incident's limit used, rising."},
        "forecast": {"type": "array", "items": _DURATION, "description": "Times before a breach, the longest first."},
        "burn 1h": _NUMBER | {"description": "Burn rate over an hour; default 14.4."},
        "burn 6h": _NUMBER | {"description": "Burn rate over six hours; default 6."},
    }
    assert tuple(properties) == daemon.RISK_KEYS
    return mapping(properties, description="When a running period is told to be at risk.")


def _kinds(kinds: Mapping[str, type[Options]], what: str, besides: Schema, definitions: dict[str, Any]) -> Schema:
    """One of the kinds, told by ``kind``; each one's options stand flat beside it."""
    branches: list[Schema] = []
    for kind, model in sorted(kinds.items()):
        where = f"#/$defs/{what}-{kind}-{{model}}"
        own = adapter(model).json_schema(by_alias=True, ref_template=where, schema_generator=_Defaults)
        for name, part in own.pop("$defs", {}).items():
            definitions[f"{what}-{kind}-{name}"] = _as_typed(part)
        typed = _as_typed(own)
        typed["properties"] = {"kind": {"const": kind}, **typed.get("properties", {}), **besides}
        typed["required"] = ["kind", *typed.get("required", [])]
        typed["title"] = f"{what} {kind}"
        definitions[f"{what}-{kind}"] = typed
        branches.append({"$ref": f"#/$defs/{what}-{kind}"})
    return {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": sorted(kinds)}},
        "oneOf": branches,
        "discriminator": {"propertyName": "kind"},
    }


def _as_typed(part: Any) -> Any:
    """A model's own schema as a person types it: defaults with their units, no titles made of names, one value
    where a list of one would do, and a number where the model takes its text. Looser than the kind may be, which
    does no harm: the kind itself checks."""
    if isinstance(part, list):
        return [_as_typed(one) for one in part]
    if not isinstance(part, dict):
        return part
    out = {
        key: {name: _as_typed(one) for name, one in value.items()} if key == "properties" else _as_typed(value)
        for key, value in part.items()
        if key != "title"
    }
    if "default" in out:
        out["default"] = _default(out["default"], out.get("pattern"))
    if out.get("type") == "array" and isinstance(out.get("items"), dict):
        return _one_or_many(out)
    if "enum" in out:
        out["enum"] = [*out["enum"], *(json.loads(one) for one in out["enum"] if _numeric(one))]
        out.pop("type", None)
    return out


def _one_or_many(array: dict[str, Any]) -> dict[str, Any]:
    item = array["items"]
    if item.get("type") == "string" and not item.keys() - {"type"}:
        item = {"type": ["string", "integer"]}
    about: dict[str, Any] = {name: array.pop(name) for name in ("description", "default") if name in array}
    return {"anyOf": [item, {**array, "items": item}], **about}


def _numeric(word: object) -> bool:
    return isinstance(word, str) and re.fullmatch(r"[0-9]+(\.[0-9]+)?", word) is not None


def _default(value: object, pattern: object) -> object:
    if isinstance(value, int) and pattern == DURATION_PATTERN:
        return format_duration(value)
    if isinstance(value, int) and pattern == SIZE_PATTERN:
        return format_size(value)
    if isinstance(value, str) and pattern == SHARE_PATTERN:
        return format_share(Fraction(value))
    return value


def _with_references(part: Any, key: str = "") -> Any:
    """A reference beside every value that has a form, where the schema of a value is expected."""
    if isinstance(part, list):
        return [_with_references(one) for one in part]
    if not isinstance(part, dict):
        return part
    if key in ("const", "enum", "examples", "default", "propertyNames", "discriminator", "required"):
        return part
    if key in ("properties", "$defs"):
        return {
            name: one if name in ("kind", "upheld") else _with_references(one, name + "'") for name, one in part.items()
        }
    formed = "pattern" in part or "enum" in part or "const" in part
    if formed or part.get("type") in ("integer", "number", "boolean"):
        about = {name: value for name, value in part.items() if name in ("description", "default", "examples")}
        form = {name: value for name, value in part.items() if name not in about}
        return {"anyOf": [form, {"$ref": f"#/$defs/{REFERENCE}"}], **about}
    return {name: _with_references(value, name) for name, value in part.items()}
