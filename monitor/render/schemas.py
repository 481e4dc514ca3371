"""JSON Schemas (draft 2020-12) of what goes in and out: a line of facts, and a statement.

They are for other people's tools. The program itself reads with its own reader, which says more when something is
wrong, and checks across lines.
"""

from monitor.render.fact_schemas import FACTS, facts_schema
from monitor.render.schema_kit import (
    COUNT,
    DRAFT,
    EXACT,
    FLAG,
    NS,
    TEXT,
    TIME,
    VERDICT,
    Schema,
    list_of,
    object_of,
    or_null,
)

__all__ = ["FACTS", "facts_schema", "statement_schema"]

_SPAN = {"from": TIME, "to": TIME}
_FIGURE = or_null(
    object_of({"exact": EXACT, "unit": {"enum": ["ratio", "ns", "count", "score", "business_days"]}, "display": TEXT})
)
_SERVICE = object_of(
    {
        "up_ns": NS,
        "down_ns": NS,
        "unknown_ns": NS,
        "excluded_ns": NS,
        "pending_ns": NS,
        "coverage": or_null(EXACT),
    }
)
_PROMISE = object_of(
    {
        "id": TEXT,
        "service": TEXT,
        "text": TEXT,
        "measure": TEXT,
        "statistic": or_null(TEXT),
        "operator": {"enum": ["<", "<=", "==", ">=", ">"]},
        "target": EXACT,
        "value": _FIGURE,
        "lower": _FIGURE,
        "upper": _FIGURE,
        "verdict": VERDICT,
        "method": TEXT,
        "samples": or_null(COUNT),
        "sufficiency": {"enum": ["high", "usable", "insufficient", None]},
        "by": {"enum": ["provider", "customer"]},
        "items": list_of(
            object_of(
                {
                    "key": TEXT,
                    "start": TIME,
                    "end": or_null(TIME),
                    "value": _FIGURE,
                    "lower": _FIGURE,
                    "upper": _FIGURE,
                    "due": or_null(TIME),
                    "verdict": VERDICT,
                    "cause": or_null(TEXT),
                    "severity": or_null(TEXT),
                }
            )
        ),
        "missing": list_of(
            object_of({"what": {"enum": ["time", "end", "figure", "counts", "observation"]}, "of": TEXT})
        ),
        "below_target_so_far": FLAG,
        "at_risk": FLAG,
    },
    ("below_target_so_far", "at_risk"),
)
_INCIDENT = object_of(
    {
        "service": TEXT,
        "start": TIME,
        "end": or_null(TIME),
        "charged_ns": NS,
        "lower_ns": NS,
        "upper_ns": or_null(NS),
        "cause": or_null(TEXT),
        "spans": list_of(object_of(_SPAN)),
        "seen_by": list_of(TEXT),
        "samples": list_of(object_of({"vantage": TEXT, "boot": TEXT, "seq": COUNT})),
        "counted": FLAG,
        "handling": list_of(object_of({"at": TIME, "action": TEXT, "author": or_null(TEXT), "note": or_null(TEXT)})),
    }
)
_EXCLUSION = object_of(
    {
        "id": or_null(TEXT),
        "service": TEXT,
        "cause": TEXT,
        **_SPAN,
        "effect": TEXT,
        "applied": list_of(object_of(_SPAN)),
        "lapsed": list_of(object_of({**_SPAN, "why": TEXT})),
        "announced_at": or_null(TIME),
        "author": or_null(TEXT),
        "reason": or_null(TEXT),
        "evidence": or_null(TEXT),
        "retroactive": FLAG,
    }
)
_AMOUNT: Schema = {"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$"}
_QUANTITY = object_of({"exact": EXACT, "unit": TEXT, "display": TEXT})
_CREDIT = object_of(
    {
        "id": TEXT,
        "for": or_null(TEXT),
        "service": TEXT,
        "item": or_null(TEXT),
        "share": or_null(EXACT),
        "amount": or_null(_AMOUNT),
        "currency": or_null(TEXT),
        "quantity": or_null(_QUANTITY),
        "withheld": or_null(TEXT),
        "claim_by": or_null(TIME),
        "steps": list_of(TEXT),
    }
)
_CLAIM = object_of({"at": TIME, "incident": or_null(TEXT), "in_time": or_null(FLAG), "note": or_null(TEXT)})
_RIGHT = object_of(
    {"id": TEXT, "gives": TEXT, "arisen": or_null(FLAG), "exercise_by": or_null(TIME), "steps": list_of(TEXT)}
)
_COUNTED = object_of(
    {
        "rule": TEXT,
        "service": TEXT,
        "start": TIME,
        "end": or_null(TIME),
        "charged": object_of({"exact": EXACT, "unit": {"const": "ns"}, "display": TEXT}),
        "weight": EXACT,
        "ticket": or_null(TEXT),
        "cause": or_null(TEXT),
        "severity": or_null(TEXT),
    }
)


_PARTY = object_of({"role": {"enum": ["provider", "customer"]}, "name": TEXT, **_SPAN})
# only where the contract's dates say so
_BY_DATES: dict[str, Schema] = {
    "revision_in_force": object_of({"id": TEXT, "from": TIME}),
    "parties": list_of(_PARTY),
    "review_by": TIME,
    "unjudged": {"enum": ["other_period", "warm_up", "not_started", "ended"]},
}


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
        "as_of": or_null(TIME),
        "period": object_of({"label": TEXT, **_SPAN, "timezone": TEXT, "seconds": EXACT}),
        "tzdata": TEXT,
        "services": {"type": "object", "additionalProperties": _SERVICE},
        "promises": list_of(_PROMISE),
        "incidents": list_of(_INCIDENT),
        "exclusions": list_of(_EXCLUSION),
        "unknown": list_of(object_of({"service": TEXT, **_SPAN, "cause": TEXT})),
        "partial": list_of(object_of({"service": TEXT, "target": TEXT, "seen_by": list_of(TEXT), **_SPAN})),
        "credits": list_of(_CREDIT),
        "credit_total": or_null(object_of({"amount": _AMOUNT, "currency": or_null(TEXT)})),
        "claim_by": or_null(TIME),
        "in_kind": list_of(_QUANTITY),
        "claims": list_of(_CLAIM),
        "rights": list_of(_RIGHT),
        "counted": list_of(_COUNTED),
        "remarks": list_of(object_of({"path": TEXT, "text": or_null(TEXT), "interpret": or_null(TEXT)})),
        "insecure": list_of(TEXT),
        "digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
        "software": object_of({"name": TEXT, "version": TEXT}),
    }
    return {"$schema": DRAFT, "title": "A statement of Upheld", **object_of(keys | _BY_DATES, tuple(_BY_DATES))}
