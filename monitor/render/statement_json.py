"""A statement as canonical JSON: sorted keys, no floats, nanoseconds and exact fractions as text.

Same facts, same bytes. The digest is SHA-256 over the canonical form without ``digest`` and without ``software``,
so that another version of the program that finds the same figures finds the same digest.
"""

import hashlib
import json
from collections.abc import Sequence
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version

from config.spans import Span
from monitor.render import money_json
from monitor.render.numbers import SECOND, Scale
from monitor.sla.missing import missing
from monitor.sla.model import (
    ExclusionUse,
    Incident,
    Item,
    PromiseResult,
    ServiceFigures,
    Statement,
)
from probes.notation import instant_text

Members = dict[str, object]


def render(statement: Statement) -> str:
    """The canonical JSON, with a newline at its end."""
    return canonical(members(statement)) + "\n"


def canonical(value: object) -> str:
    """The one way to write a value: sorted keys, two spaces, no floats by construction."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, indent=2, allow_nan=False)


def members(statement: Statement) -> Members:
    """The statement as JSON values, digest and software included."""
    return sealed(body(statement))


def sealed(body: Members) -> Members:
    """A body with its digest and the software that found it."""
    compact = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    digest = hashlib.sha256(compact.encode()).hexdigest()
    return body | {"digest": f"sha256:{digest}", "software": {"name": "upheld", "version": _version()}}


def _version() -> str:
    try:
        return version("upheld")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "unknown"


def body(statement: Statement) -> Members:
    period = statement.period
    seconds = Fraction(period.end - period.start, SECOND)
    return {
        "format": statement.format,
        "contract": statement.contract,
        "contract_digest": statement.contract_digest,
        "provider": statement.provider,
        "customer": statement.customer,
        "revision": statement.revision,
        "issued": statement.issued,
        "as_of": _instant(statement.as_of),
        "period": {
            "label": period.label,
            "from": instant_text(period.start),
            "to": instant_text(period.end),
            "timezone": statement.timezone,
            "seconds": exact(seconds),
        },
        "tzdata": statement.tzdata,
        "services": {figures.service: _service(figures) for figures in statement.services},
        "promises": [promise(result) for result in statement.promises],
        "incidents": [_incident(incident) for incident in statement.incidents],
        "exclusions": [_exclusion(use) for use in statement.exclusions],
        "unknown": [
            {"service": one.service, "cause": one.cause, **_span((one.start, one.end))} for one in statement.unknown
        ],
        "partial": [
            {
                "service": one.service,
                "target": one.target,
                "seen_by": list(one.seen_by),
                **_span((one.start, one.end)),
            }
            for one in statement.partial
        ],
        "credits": [money_json.credit(line) for line in statement.credits],
        "credit_total": _total(statement),
        "claim_by": _instant(statement.claim_by),
        "in_kind": [money_json.quantity(amount, unit) for unit, amount in statement.in_kind],
        "claims": [money_json.claim(line) for line in statement.claims],
        "rights": [money_json.right(line) for line in statement.rights],
        "counted": [money_json.counted(outage) for outage in statement.counted],
        "remarks": [{"path": one.path, "text": one.text, "interpret": one.interpret} for one in statement.remarks],
        "insecure": list(statement.insecure),
        **_by_dates(statement),
    }


def _by_dates(statement: Statement) -> Members:
    """What the contract's dates say of the period; what they do not say is left out."""
    members: Members = {}
    if statement.revision_in_force is not None:
        named, since = statement.revision_in_force
        members["revision_in_force"] = {"id": named, "from": instant_text(since)}
    if statement.parties:
        members["parties"] = [
            {"role": one.role, "name": one.name, "from": _instant(one.start), "to": _instant(one.end)}
            for one in statement.parties
        ]
    if statement.review_by is not None:
        members["review_by"] = instant_text(statement.review_by)
    if statement.unjudged is not None:
        members["unjudged"] = statement.unjudged
    return members


def exact(value: Fraction) -> str:
    """A reduced fraction, or an integer, as text."""
    return str(value)


def _service(figures: ServiceFigures) -> Members:
    return {
        "up_ns": str(figures.up),
        "down_ns": str(figures.down),
        "unknown_ns": str(figures.unknown),
        "excluded_ns": str(figures.excluded),
        "pending_ns": str(figures.pending),
        "coverage": None if figures.coverage is None else exact(figures.coverage),
    }


def scale(result: PromiseResult) -> Scale:
    """How the figures of a promise are shown."""
    return Scale(result.unit, result.measure, result.operator, result.target)


def promise(result: PromiseResult) -> Members:
    """One promise; what only an open period has is left out of a closed one."""
    members: Members = {
        "id": result.id,
        "service": result.service,
        "text": result.text,
        "measure": result.measure,
        "statistic": result.statistic,
        "operator": result.operator,
        "target": exact(result.target),
        "value": _figure(result, result.value),
        "lower": _figure(result, result.lower),
        "upper": _figure(result, result.upper),
        "verdict": None if result.verdict is None else result.verdict.value,
        "method": result.method,
        "samples": result.samples,
        "sufficiency": None if result.sufficiency is None else result.sufficiency.value,
    }
    members["by"] = result.by
    members["items"] = [_item(result, item) for item in result.items]
    members["missing"] = [{"what": one.what, "of": one.of} for one in missing(result)]
    if result.below_target_so_far is not None:
        members["below_target_so_far"] = result.below_target_so_far
    if result.at_risk is not None:
        members["at_risk"] = result.at_risk
    return members


def _item(result: PromiseResult, item: Item) -> Members:
    """One ticket, outage or day that is judged by itself."""
    return {
        "key": item.key,
        "start": instant_text(item.start),
        "end": _instant(item.end),
        "value": _figure(result, item.value),
        "lower": _figure(result, item.lower),
        "upper": _figure(result, item.upper),
        "due": _instant(item.due),
        "verdict": None if item.verdict is None else item.verdict.value,
        "cause": item.cause,
        "severity": item.severity,
    }


def _figure(result: PromiseResult, value: Fraction | None) -> Members | None:
    if value is None:
        return None
    return {"exact": exact(value), "unit": result.unit, "display": scale(result).display(value)}


def _incident(incident: Incident) -> Members:
    return {
        "service": incident.service,
        "start": instant_text(incident.start),
        "end": _instant(incident.end),
        "charged_ns": str(incident.charged),
        "lower_ns": str(incident.lower),
        "upper_ns": None if incident.upper is None else str(incident.upper),
        "cause": incident.cause,
        "spans": _spans(incident.spans),
        "seen_by": list(incident.seen_by),
        "samples": [{"vantage": v, "boot": boot, "seq": seq} for v, boot, seq in incident.samples],
        "counted": incident.counted,
        "handling": [
            {"at": instant_text(at), "action": action, "author": author, "note": note}
            for at, action, author, note in incident.handling
        ],
    }


def _exclusion(use: ExclusionUse) -> Members:
    return {
        "id": use.id,
        "service": use.service,
        "cause": use.cause,
        **_span((use.start, use.end)),
        "effect": use.effect,
        "applied": _spans(use.applied),
        "lapsed": [{**_span((start, end)), "why": why} for start, end, why in use.lapsed],
        "announced_at": _instant(use.announced_at),
        "author": use.author,
        "reason": use.reason,
        "evidence": use.evidence,
        "retroactive": use.retroactive,
    }


def _total(statement: Statement) -> Members | None:
    if statement.credit_total is None:
        return None
    return {"amount": f"{statement.credit_total:f}", "currency": statement.currency}


def _spans(spans: Sequence[Span]) -> list[Members]:
    return [_span(span) for span in spans]


def _span(span: Span) -> Members:
    return {"from": instant_text(span[0]), "to": instant_text(span[1])}


def _instant(ns: int | None) -> str | None:
    return None if ns is None else instant_text(ns)
