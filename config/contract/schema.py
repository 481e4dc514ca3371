"""The JSON Schema of a contract as it is typed: patterns for the one-line forms, so that an editor can help.

A schema cannot say what ``upheld check`` says (units that fit the measure, names that exist); it must never refuse
what the reader takes.
"""

from collections.abc import Mapping

from config.contract import read, schema_credits, schema_ground, schema_levels, schema_measures, terms
from config.units import DURATION_PATTERN, NAME_PATTERN, SHARE_PATTERN

Schema = dict[str, object]

_DURATION = DURATION_PATTERN[1:-1]
AMOUNT: Schema = {
    "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?( [A-Z]{3})?$"}],
    "examples": ["1200.00"],
}


def text(pattern: str, description: str, *examples: str) -> Schema:
    """A string of one form."""
    return {"type": "string", "pattern": pattern, "description": description, "examples": list(examples)}


def choice(names: tuple[str, ...], description: str) -> Schema:
    """One of some words."""
    return {"enum": list(names), "description": description}


def mapping(properties: Mapping[str, object], required: tuple[str, ...] = (), description: str = "") -> Schema:
    """A mapping with these keys and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(required),
        "additionalProperties": False,
        "description": description,
    }


def named(value: Schema, description: str, least: int = 0) -> Schema:
    """A mapping from names of ours to values of one kind."""
    return {
        "type": "object",
        "propertyNames": {"pattern": rf"{NAME_PATTERN}|\{{"},
        "additionalProperties": value,
        "minProperties": least,
        "description": description,
    }


def names(description: str) -> Schema:
    """A list of names, or one name."""
    one: Schema = {"type": "string", "pattern": NAME_PATTERN}
    return {"anyOf": [one, {"type": "array", "items": one, "uniqueItems": True}], "description": description}


def contract() -> Schema:
    """One contract."""
    properties = {
        "provider": schema_levels.party("Who promises; a list says who when.", "ExampleNet"),
        "customer": schema_levels.party("Who is promised; a list says who when.", "ACME GmbH"),
        **schema_levels.dates(),
        "timezone": text(r"^[A-Za-z][A-Za-z0-9_+/-]*$", "IANA zone of the periods; default UTC.", "Europe/Berlin"),
        "currency": text("^[A-Z]{3}$", "ISO 4217 code of the charges.", "EUR"),
        "period": schema_ground.period(),
        "in service from": _instant("For services that say nothing of their own; time before it is not judged."),
        **schema_ground.ground(),
        "services": named(schema_ground.service(AMOUNT, _instant("")), "The things promised about, by name.", 1),
        "measures": schema_measures.measures(),
        "promises": schema_measures.promises(),
        "exclusions": {
            "type": "array",
            "items": schema_ground.exclusion(),
            "description": "Causes not charged, in precedence.",
        },
        **schema_credits.following(),
        "minimum coverage": text(SHARE_PATTERN, "Observed time that statistics of samples need; default 90%.", "90%"),
        "unknown": choice(terms.UNKNOWNS, "What time nobody observed counts as; default indeterminate."),
    }
    assert properties.keys() == set(read.KEYS)
    whole = mapping(properties, ("provider", "customer", "services", "promises"), "An agreement.")
    return schema_levels.opened(whole) | schema_measures.only_standard()


def _instant(description: str) -> Schema:
    pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(T.+)?$"
    return text(pattern, f"A date in the contract's zone, or RFC 3339. {description}", "2026-10-01")
