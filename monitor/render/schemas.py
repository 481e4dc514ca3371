"""JSON Schemas (draft 2020-12) of what goes in and out: a line of facts, and a statement.

They are for other people's tools. The program itself reads with its own reader, which says more when something is
wrong, and checks across lines.
"""

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
FLAG: Schema = {"type": "boolean"}
LENGTH: Schema = {"type": "string", "examples": ["30s", "1h30m"]}
EXACT: Schema = {"type": "string", "pattern": "^-?[0-9]+(/[0-9]+)?$", "description": "an integer or a reduced fraction"}
NS: Schema = {"type": "string", "pattern": "^-?[0-9]+$", "description": "nanoseconds"}
STATE: Schema = {"enum": ["up", "down", "unknown"]}
VERDICT: Schema = {"enum": ["met", "breached", "indeterminate", None]}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _or_null(of: Schema) -> Schema:
    return {"anyOf": [of, {"type": "null"}]}


def _object(properties: dict[str, Schema], optional: tuple[str, ...] = ()) -> Schema:
    """All keys are there, except the optional ones; there are no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": [key for key in properties if key not in optional],
        "additionalProperties": False,
    }


SAMPLE: dict[str, Schema] = {
    "version": {"const": 1},
    "target": TEXT,
    "vantage": TEXT,
    "boot": TEXT,
    "seq": COUNT,
    "at": TIME,
    "outcome": STATE,
    "reason": TEXT,
    "scheduled_at": TIME,
    "took_ms": MS,
    "sent": COUNT,
    "received": COUNT,
    "rtt_ms": _list(_or_null(MS)),
    "duplicates": COUNT,
    "late": COUNT,
    "phases_ms": {"type": "object", "additionalProperties": MS},
    "address": TEXT,
    "config": TEXT,
    "clock": TEXT,
    "received_at": TIME,
}
# kind: (its keys, those that are needed)
FACTS: dict[str, tuple[dict[str, Schema], str]] = {
    "sample": (SAMPLE, "target vantage boot seq at outcome"),
    "state": (
        {"service": TEXT, "from": TIME, "to": TIME, "state": STATE, "cause": TEXT, "contract": TEXT},
        "service from to state",
    ),
    "exclusion": (
        {
            "from": TIME,
            "to": TIME,
            "id": TEXT,
            "cause": TEXT,
            "announced_at": TIME,
            "services": _list(TEXT),
            "author": TEXT,
            "reason": TEXT,
            "evidence": TEXT,
            "contract": TEXT,
            "recorded_at": TIME,
            "withdrawn": FLAG,
        },
        "id from to cause",
    ),
    "charge": (
        {
            "service": TEXT,
            "name": TEXT,
            "period": {"type": "string", "examples": ["2026-10"]},
            "amount": {"type": ["string", "number"], "examples": ["1200.00"]},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            "contract": TEXT,
        },
        "service name period amount currency",
    ),
    "assume": ({"service": TEXT, "state": STATE, "contract": TEXT}, "service state"),
    "schedule": ({"every": LENGTH, "timeout": LENGTH, "target": TEXT, "from": TIME}, "target from every timeout"),
    "heartbeat": (
        {"vantage": TEXT, "boot": TEXT, "at": TIME, "loop_lag_ms": MS, "clock_error_ms": MS, "suspended_ms": MS},
        "vantage boot at",
    ),
    "epoch": (
        {"vantage": TEXT, "boot": TEXT, "at": TIME, "step_ms": MS, "synchronised": FLAG},
        "vantage boot at",
    ),
    "incident": (
        {
            "service": TEXT,
            "start": TIME,
            "action": {"enum": ["acknowledge", "note", "pause", "resume", "resolve"]},
            "at": TIME,
            "author": TEXT,
            "note": TEXT,
            "contract": TEXT,
        },
        "service start action at",
    ),
}


def facts_schema() -> Schema:
    """One line of facts."""
    kinds = []
    for kind, (keys, needed) in FACTS.items():
        optional = tuple(key for key in keys if key not in needed.split())
        kinds.append(_object({"kind": {"const": kind}, **keys}, optional))
    return {"$schema": DRAFT, "title": "One fact of Upheld, a line of JSON Lines", "oneOf": kinds}


_SPAN = {"from": TIME, "to": TIME}
_FIGURE = _or_null(_object({"exact": EXACT, "unit": {"enum": ["ratio", "ns", "count", "score"]}, "display": TEXT}))
_SERVICE = _object(
    {
        "up_ns": NS,
        "down_ns": NS,
        "unknown_ns": NS,
        "excluded_ns": NS,
        "pending_ns": NS,
        "coverage": _or_null(EXACT),
    }
)
_PROMISE = _object(
    {
        "id": TEXT,
        "service": TEXT,
        "text": TEXT,
        "measure": TEXT,
        "statistic": _or_null(TEXT),
        "operator": {"enum": ["<", "<=", "==", ">=", ">"]},
        "target": EXACT,
        "value": _FIGURE,
        "lower": _FIGURE,
        "upper": _FIGURE,
        "verdict": VERDICT,
        "method": TEXT,
        "samples": _or_null(COUNT),
        "sufficiency": {"enum": ["high", "usable", "insufficient", None]},
        "below_target_so_far": FLAG,
        "at_risk": FLAG,
    },
    ("below_target_so_far", "at_risk"),
)
_INCIDENT = _object(
    {
        "service": TEXT,
        "start": TIME,
        "end": _or_null(TIME),
        "charged_ns": NS,
        "lower_ns": NS,
        "upper_ns": _or_null(NS),
        "cause": _or_null(TEXT),
        "spans": _list(_object(_SPAN)),
        "seen_by": _list(TEXT),
        "samples": _list(_object({"vantage": TEXT, "boot": TEXT, "seq": COUNT})),
        "counted": FLAG,
        "handling": _list(_object({"at": TIME, "action": TEXT, "author": _or_null(TEXT), "note": _or_null(TEXT)})),
    }
)
_EXCLUSION = _object(
    {
        "id": _or_null(TEXT),
        "service": TEXT,
        "cause": TEXT,
        **_SPAN,
        "effect": TEXT,
        "applied": _list(_object(_SPAN)),
        "lapsed": _list(_object({**_SPAN, "why": TEXT})),
        "announced_at": _or_null(TIME),
        "author": _or_null(TEXT),
        "reason": _or_null(TEXT),
        "evidence": _or_null(TEXT),
        "retroactive": FLAG,
    }
)
_AMOUNT: Schema = {"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$"}
_CREDIT = _object(
    {
        "id": TEXT,
        "for": TEXT,
        "service": TEXT,
        "share": EXACT,
        "amount": _or_null(_AMOUNT),
        "currency": _or_null(TEXT),
        "steps": _list(TEXT),
    }
)


def statement_schema() -> Schema:
    """A statement of format upheld/statement/1."""
    text: Schema = {"type": "string"}
    keys: dict[str, Schema] = {
        "format": {"const": "upheld/statement/1"},
        "contract": TEXT,
        "contract_digest": text,
        "provider": text,
        "customer": text,
        "revision": COUNT,
        "issued": FLAG,
        "as_of": _or_null(TIME),
        "period": _object({"label": TEXT, **_SPAN, "timezone": TEXT, "seconds": EXACT}),
        "tzdata": TEXT,
        "services": {"type": "object", "additionalProperties": _SERVICE},
        "promises": _list(_PROMISE),
        "incidents": _list(_INCIDENT),
        "exclusions": _list(_EXCLUSION),
        "unknown": _list(_object({"service": TEXT, **_SPAN, "cause": TEXT})),
        "partial": _list(_object({"service": TEXT, "target": TEXT, "seen_by": _list(TEXT), **_SPAN})),
        "credits": _list(_CREDIT),
        "credit_total": _or_null(_object({"amount": _AMOUNT, "currency": _or_null(TEXT)})),
        "claim_by": _or_null(TIME),
        "rights": _list(TEXT),
        "insecure": _list(TEXT),
        "digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
        "software": _object({"name": TEXT, "version": TEXT}),
    }
    return {"$schema": DRAFT, "title": "A statement of Upheld", **_object(keys)}
