"""What the JSON Schema of a contract says of what follows: credits, limits, claims, rights, what is earned back."""

from collections.abc import Mapping

from config.contract import caps, claims, credit_items, credit_tables, credit_terms, credits, rights, shapes
from config.contract.conditions import QUALITIES
from config.contract.following import KEYS
from config.contract.gives import GIVE_PATTERN, NUMBER
from config.contract.schema_measures import condition
from config.contract.table_rows import ROW_PATTERN
from config.contract.terms import ID_PATTERN
from config.units import DURATION_PATTERN, LINE_PATTERN, NAME_PATTERN, SHARE_PATTERN

Schema = dict[str, object]

_ID = f"^{ID_PATTERN}$"
_DURATION = DURATION_PATTERN[1:-1]
_NUMBER: Schema = {"type": "number", "minimum": 0}
_YES: Schema = {"anyOf": [{"type": "boolean"}, {"enum": ["yes", "no", "true", "false"]}]}
_ACCEPT: Schema = {"const": "accept"}
_MULTIPLE: Schema = {"anyOf": [_NUMBER, {"type": "string", "pattern": rf"^\s*{NUMBER} ?%?\s*$"}]}


def following() -> dict[str, Schema]:
    """The keys of a contract that say what follows from a breach."""
    listed: Schema = {"type": "array", "minItems": 1, "items": _credit()}
    properties: dict[str, Schema] = {
        "credits": {
            "anyOf": [{"type": "object", "additionalProperties": _short()}, listed],
            "description": "What follows: by promise, or a list that says each part.",
        },
        "cap": _cap() | {"description": "What credits add up to at most."},
        "caps": {
            "type": "array",
            "minItems": 1,
            "items": _limit(),
            "description": "The same, several, in their order.",
        },
        "combine": {
            "type": "array",
            "items": _combine(),
            "description": "How credits go together; default they add up.",
        },
        "floor": _floor(),
        "claim": _claim(),
        "claim within": _text(DURATION_PATTERN, "How long after the period's end to claim.", "30d"),
        "rights": {"type": "array", "items": _right(), "description": "What a party may do once something happened."},
        "earn back": _earn_back(),
    }
    assert properties.keys() == set(KEYS)
    return properties


def _credit() -> Schema:
    most = _give("At most so much.", "30%", "15 service days")
    properties: dict[str, Schema] = {
        "id": _text(_ID, "Its name; that of the promise if it is for one.", "hours"),
        "for": _names("The promises of which one has to be broken; without it the shape alone decides.", LINE_PATTERN),
        "of": _names("The services; default those of the promise.", NAME_PATTERN),
        "by": _text(r"\S", "The figure read; default the promise's.", "down", "shortfall", "points of kpi"),
        "base": _base(),
        **_table(),
        "per unit": _per_unit(),
        "pro rata": _pro_rata(),
        "flat": _give("The same for every breach.", "10%", "25.00 EUR", "1 service day"),
        "brackets": {"type": "array", "minItems": 1, "items": _bracket(), "description": "Units at changing rates."},
        "mode": {"enum": ["total", "marginal"], "description": "How brackets are read; default total."},
        "even if met": _ACCEPT | {"description": "A row may hold where the promise was kept."},
        "per": {"enum": list(credit_items.PERS), "description": "What it is read for one by one; default period."},
        "escalate": _escalate(),
        "times": _times(),
        "if": condition(),
        "round": {
            "anyOf": [_NUMBER, _text(rf"^{NUMBER}", "To which amounts.", "0.01 half up"), _rounding()],
            "description": "Default to the currency's coin, half up.",
        },
        "at most": most,
        **dict.fromkeys(credit_items.MOST_PER, most),
        "at least": _give("A smaller amount is raised to it.", "1.00 EUR"),
        "pay days as money": _YES | {"description": "Days and hours of service are paid as their part of the base."},
        "value of day": _text(_spaced(credit_terms.DAY_PATTERN), "Default 1/30 of charge.", "base / days in period"),
    }
    assert properties.keys() == set(credit_items.KEYS)
    return _mapping(properties)


def _table() -> dict[str, Schema]:
    rows: Schema = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": rf"^{ROW_PATTERN}"},
        "additionalProperties": _give("What is given.", "10%"),
    }
    properties: dict[str, Schema] = {
        "table": rows | {"description": 'Rows as "< 99.9%", "[95%, 99%)" or "1h - 4h"; the worst that holds is paid.'},
        "durations": rows | {"description": "The same rows in time."},
        "columns": {"enum": list(credit_tables.COLUMNS), "description": "Which of the two columns decides."},
        "gaps": _ACCEPT | {"description": "Figures may lie in no row."},
        "overlaps": _ACCEPT | {"description": "Figures may lie in several rows; the one that pays most counts."},
        "then": _units(shapes.TAIL_KEYS) | {"description": "Units beyond the table, added to its last row."},
    }
    assert properties.keys() == set(credit_tables.KEYS)
    return properties


def _short() -> Schema:
    """A credit of the mapping by promise."""
    per_unit = _text(_spaced(credits.PER_UNIT_PATTERN), "An amount per time.", "5% per started hour beyond 4h")
    table: Schema = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": r"^\s*(<=|>=|<|>|≤|≥)"},
        "additionalProperties": _give("What is given.", "10%"),
        "description": 'Nested one-sided rows, as "< 99.9%": 10%; the worst that holds is paid.',
    }
    return {"anyOf": [table, per_unit]}


def _units(keys: tuple[str, ...]) -> Schema:
    figure: Schema = {"anyOf": [_NUMBER, {"type": "string", "pattern": r"\S"}]}
    properties: dict[str, Schema] = {
        "unit": figure | {"description": "One unit of the figure.", "examples": ["1h"]},
        "of": _text(r"\S", "The figure that is counted.", "down"),
        "count": {
            "enum": [*shapes.COUNTS, "pro_rata"],
            "description": "Whether a part of a unit counts as a whole one, not at all, or as the part it is.",
        },
        "beyond": figure | {"description": "From where it counts; default 0.", "examples": ["2h", "promise"]},
        "up to": figure | {"description": "Where the bracket ends.", "examples": ["2h"]},
        "give": _give("What each unit gives.", "5%", "1 service day"),
        "at most": _give("At most so much.", "100%"),
    }
    return _mapping({key: properties[key] for key in keys})


def _per_unit() -> Schema:
    short = _text(_spaced(shapes.PER_UNIT_PATTERN), "In one line.", "5% per started hour beyond 4h")
    return {"anyOf": [short, _units(shapes.PER_UNIT_KEYS)], "description": "So much for each unit."}


def _bracket() -> Schema:
    return _units(shapes.BRACKET_KEYS)


def _pro_rata() -> Schema:
    properties: dict[str, Schema] = {
        "of": _text(r"\S", "The figure: a time, or a share that was lost.", "down"),
        "times": _MULTIPLE | {"description": "So many times; default 1."},
        "over": _text(_spaced(shapes.OVER_PATTERN), "The whole that it is a part of; default period.", "flat 30 days"),
        "round fraction": _text(_spaced(shapes.PLACES_PATTERN), "Before it is multiplied.", "4 places"),
        "give": _text(r"^[a-z]+(\s+[a-z]+){0,3}$", "What the base counts, if it is no money.", "transactions"),
    }
    assert tuple(properties) == shapes.PRO_RATA_KEYS
    return _mapping(properties) | {"description": "A part of the base."}


def _escalate() -> Schema:
    properties: dict[str, Schema] = {
        "if": {"type": "string", "pattern": r"^\s*failed\s+previous\s+period\s*$"},
        "after": _text(_spaced(r"[0-9]{1,3} consecutive periods?"), "After so many that failed."),
        "times": _MULTIPLE | {"description": "So many times the credit."},
    }
    assert tuple(properties) == credit_terms.ESCALATE_KEYS
    one = _mapping(properties)
    return {"anyOf": [one, {"type": "array", "items": one}], "description": "More where it failed before."}


def _times() -> Schema:
    return {
        "type": "object",
        "propertyNames": {"pattern": rf"^\s*({'|'.join(QUALITIES)})\s+\S"},
        "additionalProperties": _MULTIPLE,
        "description": "So many times for a class, a severity, a region.",
        "examples": [{"class c1": 1, "class c2": "60%"}],
    }


def _rounding() -> Schema:
    return _mapping({"to": _MULTIPLE, "mode": {"type": "string"}, "for": {"type": "string"}})


def _base() -> Schema:
    said = _text(r"\S", "What shares are of; default the charge.", "mrc", "greatest of mrc, usage", "previous period")
    return {"anyOf": [_NUMBER, said]}


def _cap() -> Schema:
    return _text(_spaced(caps.CAP_PATTERN), "A limit.", "100% of charge per month", "15 service days per month")


def _limit() -> Schema:
    properties: dict[str, Schema] = {
        "max": _text(r"\S", "So much.", "30% of charge"),
        "of": {"enum": ["service", "contract"]},
        "per": _text(r"\S", "A period, outage or contract; default the contract's period.", "trailing 12 months"),
        "credits": _names("Which credits; default all.", _ID),
        "base": _base(),
    }
    assert tuple(properties) == caps.CAP_KEYS
    return {"anyOf": [_cap(), _mapping(properties)]}


def _combine() -> Schema:
    properties: dict[str, Schema] = {
        "credits": _names("Those that go together.", _ID),
        "not with": _names("Those of which the first that gives something is taken.", _ID),
        "take": {"enum": ["sum", "greatest", "one"]},
        "per": {"enum": ["period", "outage"]},
        "chooser": _text(LINE_PATTERN, "Who may choose otherwise.", "customer"),
    }
    assert tuple(properties) == caps.COMBINE_KEYS
    return _mapping(properties)


def _floor() -> Schema:
    money = _text(rf"^\s*{NUMBER} [A-Z]{{3}}\s*$", "An amount.", "1.00 EUR")
    properties: dict[str, Schema] = {"only above": money, "raise to": money}
    assert tuple(properties) == caps.FLOOR_KEYS
    return _mapping(properties) | {"description": "Below what nothing is issued, or what is raised to it."}


def _claim() -> Schema:
    within = rf"^\s*({_DURATION}|{claims.WITHIN_PATTERN})\s*$".replace(" business", r"\s+business")
    events = [*claims.EVENTS, *claims.EVENTS.values()]
    properties: dict[str, Schema] = {
        "how": {"enum": ["on request", "automatic", "on_request"]},
        "within": _text(within, "How long there is to claim.", "30d", "5 business days", "3 months"),
        "of": {"enum": list(dict.fromkeys(events)), "description": "What that counts from; default period end."},
        "calendar": _text(r"\S", "The calendar of business days.", "office"),
        "until": _text(_spaced(claims.UNTIL_PATTERN), "A day instead.", "day 15 of the next month"),
        "ticket within": _text(rf"^\s*{_DURATION}(\s+of outage start)?\s*$", "A ticket has to be open by then.", "72h"),
        "standing": _text(LINE_PATTERN, "Who may claim; printed.", "paid up"),
        "settle": _text(LINE_PATTERN, "How it is paid; printed.", "next invoice"),
        "expires": _text(LINE_PATTERN, "When it lapses; printed.", "termination"),
        "consumes": {"anyOf": [{"const": "outages"}, _YES], "description": "Outages of a granted claim are spent."},
    }
    assert tuple(properties) == claims.CLAIM_KEYS
    return _mapping(properties) | {"description": "How credits are asked for."}


def _right() -> Schema:
    properties: dict[str, Schema] = {
        "id": _text(_ID, "Its name.", "chronic"),
        "gives": _text(LINE_PATTERN, "What may be done.", "termination"),
        "if": {
            "anyOf": [{"type": "string"}, {"type": "object"}],
            "description": "A line that holds, any or all of several, or a promise breached period after period.",
            "examples": ["outages over 30m >= 3 per trailing 30 days"],
        },
        "exercise within": _text(DURATION_PATTERN, "For how long.", "30d"),
    }
    assert tuple(properties) == rights.RIGHT_KEYS
    return _mapping(properties)


def _earn_back() -> Schema:
    properties: dict[str, Schema] = {
        "share": _text(SHARE_PATTERN, "Of the credit.", "50%"),
        "after": _text(_spaced(r"[0-9]{1,3} consecutive periods?"), "So many good periods.", "6 consecutive periods"),
        "credits": _names("Which credits; default all.", _ID),
    }
    assert tuple(properties) == rights.EARN_KEYS
    return _mapping(properties) | {"description": "What good periods take back."}


def _give(description: str, *examples: str) -> Schema:
    return _text(_spaced(GIVE_PATTERN), description, *examples)


def _spaced(pattern: str) -> str:
    """A pattern of words, with any space between and around them."""
    return rf"^\s*{pattern}\s*$".replace(" ?", r"\s*").replace(" ", r"\s+")


def _text(pattern: str, description: str, *examples: str) -> Schema:
    return {"type": "string", "pattern": pattern, "description": description, "examples": list(examples)}


def _names(description: str, pattern: str) -> Schema:
    one: Schema = {"type": "string", "pattern": pattern}
    return {"anyOf": [one, {"type": "array", "items": one}], "description": description}


def _mapping(properties: Mapping[str, Schema]) -> Schema:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}
