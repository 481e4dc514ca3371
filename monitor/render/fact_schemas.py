"""The JSON Schema of a line of facts."""

from monitor.render.schema_kit import (
    COUNT,
    DRAFT,
    FIGURE,
    FLAG,
    LABEL,
    LENGTH,
    MS,
    PERIOD,
    STATE,
    TEXT,
    TIME,
    Schema,
    list_of,
    object_of,
    or_null,
)

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
    "rtt_ms": list_of(or_null(MS)),
    "duplicates": COUNT,
    "late": COUNT,
    "phases_ms": {"type": "object", "additionalProperties": MS},
    "address": TEXT,
    "config": TEXT,
    "clock": TEXT,
    "received_at": TIME,
}
_PAUSE = object_of({"from": TIME, "to": TIME, "cause": TEXT}, ("to", "cause"))
TICKET: dict[str, Schema] = {
    "id": TEXT,
    "service": TEXT,
    "severity": LABEL,
    "class": LABEL,
    "region": LABEL,
    "type": TEXT,
    "opened": TIME,
    "occurred": TIME,
    "detected": TIME,
    "confirmed": TIME,
    "acknowledged": TIME,
    "responded": TIME,
    "repair_started": TIME,
    "restored": TIME,
    "reopened": list_of(TIME),
    "closed": TIME,
    "notified": TIME,
    "requested": TIME,
    "due": TIME,
    "delivered": TIME,
    "pauses": list_of(_PAUSE),
    "updates": list_of(TIME),
    "cause": TEXT,
    "weight": FIGURE,
    "affected": COUNT,
    "by": {"enum": ["provider", "customer"]},
    "contract": TEXT,
    "recorded_at": TIME,
}
# kind: (its keys, those that are needed)
FACTS: dict[str, tuple[dict[str, Schema], str]] = {
    "sample": (SAMPLE, "target vantage boot seq at outcome"),
    "state": (
        {
            "service": TEXT,
            "from": TIME,
            "to": TIME,
            "state": STATE,
            "cause": TEXT,
            "contract": TEXT,
            "weight": FIGURE,
            "severity": LABEL,
            "affected": COUNT,
        },
        "service from to state",
    ),
    "exclusion": (
        {
            "from": TIME,
            "to": TIME,
            "id": TEXT,
            "cause": TEXT,
            "announced_at": TIME,
            "services": list_of(TEXT),
            "author": TEXT,
            "author_id": TEXT,
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
            "period": PERIOD,
            "amount": {"type": ["string", "number"], "examples": ["1200.00"]},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            "contract": TEXT,
        },
        "service name period amount currency",
    ),
    "assume": ({"service": TEXT, "state": STATE, "contract": TEXT}, "service state"),
    "witnesses": ({"vantage": TEXT, "from": TIME, "witnesses": list_of(TEXT)}, "vantage from"),
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
            "author_id": TEXT,
            "note": TEXT,
            "contract": TEXT,
        },
        "service start action at",
    ),
    "ticket": (TICKET, "id service opened"),
    "counts": (
        {
            "signal": TEXT,
            "from": TIME,
            "to": TIME,
            "total": COUNT,
            "failed": COUNT,
            "weight": FIGURE,
            "service": TEXT,
            "contract": TEXT,
        },
        "signal from to total failed",
    ),
    "value": (
        {
            "measure": TEXT,
            "value": FIGURE,
            "period": PERIOD,
            "at": TIME,
            "service": TEXT,
            "contract": TEXT,
            "n": COUNT,
        },
        "measure value",
    ),
    "claim": (
        {"contract": TEXT, "at": TIME, "incident": TEXT, "granted": FLAG, "credit": TEXT},
        "contract at",
    ),
    "damage": ({"from": TIME, "to": TIME, "target": TEXT, "service": TEXT}, "from to"),
}


def facts_schema() -> Schema:
    """One line of facts."""
    kinds = []
    for kind, (keys, needed) in FACTS.items():
        optional = tuple(key for key in keys if key not in needed.split())
        kinds.append(object_of({"kind": {"const": kind}, **keys}, optional))
    return {"$schema": DRAFT, "title": "One fact of Upheld, a line of JSON Lines", "oneOf": kinds}
