"""What the JSON Schema of a contract says of its services, calendars, signals, outages and exclusions."""

from collections.abc import Mapping

from config.contract import calendars, exclusions, outage_fields, outages, services, signals
from config.contract.conditions import VALUE_PATTERN
from config.contract.schema_measures import condition
from config.period_kinds import PATTERN as PERIOD
from config.units import DURATION_PATTERN, NAME_PATTERN

Schema = dict[str, object]

_DURATION = DURATION_PATTERN[1:-1]
_ZONE = r"[A-Za-z][A-Za-z0-9_+/-]*"
_CAUSE = r"[a-z0-9]+([ _-][a-z0-9]+)*"


def period() -> Schema:
    """``period:``"""
    return _text(
        rf"^\s*{PERIOD}\s*$".replace(" ", " +"), "The period accounted; default month.", "month", "month from day 15"
    )


def base() -> Schema:
    """``base:``"""
    pattern = rf"^(actual|existing|flat +([0-9]{{1,4}} +days?|{_DURATION})|scheduled +\S+)$"
    return _text(pattern, "What ratios are taken of; default actual.", "actual", "flat 30 days", "scheduled office")


def ground() -> dict[str, Schema]:
    """The keys that the other clauses stand on."""
    return {
        "base": base(),
        "calendars": _named(_calendar(), "Business hours, by name."),
        "signals": _named(_signal(), "What is counted elsewhere, by name."),
        "outages": _named(_outage(), "How states and tickets become counted outages, by name."),
    }


def service(amount: Schema, instant: Schema) -> Schema:
    """One service."""
    charge = amount | {"description": "Its charge per period; credits are shares of it."}
    value: Schema = {"anyOf": [{"type": "integer"}, _text(f"^{VALUE_PATTERN}$", "A word or a number.")]}
    properties: dict[str, Schema] = {
        "targets": _names("The targets that tell whether it is up."),
        "of": _names("The services that it is made of, instead of targets."),
        "charge": charge,
        "charges": _named(amount, "Its charges by name.") | {"minProperties": 1},
        "down when": _text(r"^(any|all|[0-9]{1,4} of( [0-9]{1,4})?)$", "Default any.", "any", "all", "2 of"),
        "class": value | {"description": "Its class, for clauses about some."},
        "region": value | {"description": "Its region, for clauses about some."},
        "weight": _number("What it counts for where services are pooled; default 1."),
        "in service from": instant | {"description": "Time before it is not judged."},
        "until": instant | {"description": "The first day on which it is gone."},
    }
    assert properties.keys() == set(services.KEYS)
    return _mapping(properties) | {"description": "A thing promised about."}


def exclusion() -> Schema:
    """One cause, bare or with its conditions."""
    cap = rf"^({_DURATION}|{exclusions.CAP_PATTERN})( +per +{PERIOD})? *$"
    effects = [*exclusions.EFFECTS, *(effect.replace("_", " ") for effect in exclusions.EFFECTS if "_" in effect)]
    properties: dict[str, Schema] = {
        "notice": _text(
            f"^({_DURATION}|{exclusions.NOTICE_PATTERN.replace(' ', ' +')})$", "How long ahead it is announced.", "72h"
        ),
        "calendar": _text(NAME_PATTERN, "The calendar of its business days.", "office"),
        "cap": _text(cap, "At most so much.", "4h per month", "12 times per year"),
        "over cap": {"enum": ["counts"], "description": "What lies over the cap counts."},
        "window": _text(r"[0-9]{1,2}:[0-9]{2}", "Within these hours only.", "00:00-04:00 America/Chicago"),
        "extends by": _time("Holds for so much longer than it lasted.", "24h"),
        "effect": {"enum": effects, "description": "Default out of base."},
        "of": _names("The services it is for; default all."),
        "if": condition(),
    }
    assert properties.keys() == set(exclusions.KEYS)
    cause = _text(f"^{_CAUSE}$", "A cause.", "planned maintenance", "force majeure", "customer")
    entry: Schema = {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": {"anyOf": [_mapping(properties), {"type": "null"}]},
    }
    return {"anyOf": [cause, entry]}


def _calendar() -> Schema:
    hours: Schema = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": "^[a-z][a-z, -]*$"},
        "additionalProperties": _text(r"[0-9]{1,2}:[0-9]{2}", "Ranges of the clock.", "09:00-17:30"),
        "description": "Ranges by day: mon, mon-fri, daily.",
    }
    day = _text(r"^\s*([0-9]{4}-)?[0-9]{2}-[0-9]{2}", "A date, a range, or a day of every year.", "2026-12-25", "12-25")
    properties: dict[str, Schema] = {
        "timezone": _text(f"^{_ZONE}$", "IANA zone; default the contract's.", "Europe/London"),
        "hours": hours,
        "holidays": {"anyOf": [day, {"type": "array", "items": day}], "description": "Days on which nobody works."},
    }
    assert properties.keys() == set(calendars.KEYS)
    return _mapping(properties) | {"required": ["hours"]}


def _signal() -> Schema:
    properties: dict[str, Schema] = {
        "counts": _text(NAME_PATTERN, "Its name in the facts; default its own.", "requests"),
        "of": _names("The services it is for; default all."),
    }
    assert properties.keys() == set(signals.KEYS)
    return _mapping(properties)


def _outage() -> Schema:
    properties = {**_states(), **_edges(), **_counted()}
    assert properties.keys() == set(outages.KEYS)
    return _mapping(properties)


def _states() -> dict[str, Schema]:
    named = ["probes", "tickets", "counts requests", "another-rule"]
    source: Schema = {"type": "string", "minLength": 1, "examples": named}
    several: Schema = {"anyOf": [source, {"type": "array", "minItems": 1, "items": source}]}
    bad = r"^(all +fail|any +fail|error +ratio +(>=|>|≥) *[0-9.]+ ?%|[^<>≤≥=]+ *(>=|<=|==|>|<|≥|≤) *[^<>≤≥=]+)$"
    length: Schema = {"anyOf": [_time("Judged bucket by bucket of this length.", "5m"), {"const": "day"}]}
    return {
        "from": several | {"description": "Where it is seen; default probes."},
        "any of": several | {"description": "Down while any of these is."},
        "all of": several | {"description": "Down only while all of these are."},
        "of": _names("The services it is for; default all."),
        "bad when": _text(bad, "When a bucket is bad.", "all fail", "error ratio > 5%", "packet loss > 0.1%"),
        "bucket": length,
        "minimum samples": _whole("With fewer, a bucket is empty.", 1),
        "empty": _one_of("What an empty bucket is; default good, where a figure judges it skip.", *outage_fields.EMPTY),
        "consecutive": _whole("So many failing samples or bad buckets in a row.", 1),
        "only while up": _text(NAME_PATTERN, "Counts only while that service is up.", "origin"),
    }


def _edges() -> dict[str, Schema]:
    return {
        "starts": _moments(outage_fields.STARTS, "When it starts; default first failure."),
        "ends": _moments(outage_fields.ENDS, "When it ends; default first success."),
        "confirm after": _time("Shorter is no outage.", "5m"),
        "merge within": _time("With at most this between them, outages are one.", "3h"),
        "merge at least": _time("Only outages of that length are merged.", "30m"),
        "merge counts": _one_of("Whether what lies between counts; default sum.", "sum", "span"),
        "grace from": _moments(outage_fields.TOLD, "The moment of its ticket that the grace runs from."),
        "reopen": _one_of("What a ticket opened again is; default continues.", "continues", "new"),
        "split": _one_of("Divided there.", "day", "period"),
    }


def _counted() -> dict[str, Schema]:
    cause = _text(f"^{_CAUSE}$", "A cause of pauses.")
    step = _text(rf"^{_DURATION}( +(half up|up|down))? *$", "Each outage's own duration.", "1m down")
    mode = _one_of("Default half up.", "half up", "half_up", "up", "down")
    return {
        "longer than": _time("Shorter ones, and those just as long, do not count.", "3m"),
        "at least": _time("Shorter ones do not count.", "10m"),
        "counts": _one_of("All of it, or what is beyond the length; default whole.", "whole", "excess"),
        "accumulate": _text(
            rf"^ *{_DURATION} +within +{_DURATION} *$", "Outage time in any such window.", "60s within 15m"
        ),
        "overlap": _one_of("What outages at the same time count; default union.", "union", "longest", "sum"),
        "clock": _text(NAME_PATTERN, "The calendar whose hours count; default 24x7.", "office"),
        "pauses": {
            "anyOf": [cause, {"type": "array", "items": cause}],
            "description": "Causes of pauses that stop the clock; all (default) or none.",
        },
        "grace": _time("Restored within it, it does not count.", "15m"),
        "grace counts": _one_of("What counts of one that outlasts it; default whole.", "whole", "beyond"),
        "reported within": _time("Counts only with a ticket so soon after its start.", "72h"),
        "if": condition(),
        "affected at least": _whole("With fewer affected it is none.", 0),
        "round": {"anyOf": [step, _mapping({"to": _time("Multiples of it.", "1m"), "mode": mode})]},
        "weight": _one_of("Times the share affected; default none.", "none", "share"),
    }


def _moments(names: tuple[str, ...], description: str) -> Schema:
    words = "|".join(name.replace("_", "[ _]+") for name in names)
    return _text(rf"^ *({words}|(earliest|latest) +of +.+) *$", description, names[0].replace("_", " "))


def _text(pattern: str, description: str, *examples: str) -> Schema:
    return {"type": "string", "pattern": pattern, "description": description, "examples": list(examples)}


def _time(description: str, example: str) -> Schema:
    return _text(DURATION_PATTERN, description, example)


def _one_of(description: str, *words: str) -> Schema:
    return {"enum": list(words), "description": description}


def _whole(description: str, least: int) -> Schema:
    return {"type": "integer", "minimum": least, "description": description}


def _number(description: str) -> Schema:
    typed: list[Schema] = [{"type": "number", "exclusiveMinimum": 0}, _text(r"^[0-9]+(\.[0-9]+)?$", "")]
    return {"anyOf": typed, "description": description}


def _mapping(properties: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


def _named(value: Schema, description: str) -> Schema:
    return {
        "type": "object",
        "propertyNames": {"pattern": rf"{NAME_PATTERN}|\{{"},
        "additionalProperties": value,
        "description": description,
    }


def _names(description: str) -> Schema:
    one: Schema = {"type": "string", "pattern": NAME_PATTERN}
    return {"anyOf": [one, {"type": "array", "items": one, "uniqueItems": True}], "description": description}
