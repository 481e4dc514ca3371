"""What follows from the verdicts, as JSON values: credits, what they come to, claims, rights, and the outages as each
rule of the contract counts them."""

from fractions import Fraction

from monitor.render.numbers import decimal, lasting
from monitor.sla.model import ClaimLine, Counted, CreditLine, RightLine
from probes.notation import instant_text

Members = dict[str, object]


def credit(line: CreditLine) -> Members:
    """One line: a share and an amount of money, or a quantity of something else, and how it was found."""
    return {
        "id": line.id,
        "for": line.promise,
        "service": line.service,
        "item": line.item,
        "share": None if line.share is None else str(line.share),
        "amount": None if line.amount is None else f"{line.amount:f}",
        "currency": line.currency,
        "quantity": None if line.quantity is None or line.unit is None else quantity(line.quantity, line.unit),
        "withheld": line.withheld,
        "claim_by": _instant(line.claim_by),
        "steps": list(line.steps),
    }


def quantity(amount: Fraction, unit: str) -> Members:
    """So much of something that is not money."""
    return {"exact": str(amount), "unit": unit, "display": f"{decimal(amount)} {unit}"}


def claim(line: ClaimLine) -> Members:
    """A claim and whether it came in time."""
    return {"at": instant_text(line.at), "incident": line.incident, "in_time": line.in_time, "note": line.note}


def right(line: RightLine) -> Members:
    """A right and whether it has arisen."""
    return {
        "id": line.id,
        "gives": line.gives,
        "arisen": line.arisen,
        "exercise_by": _instant(line.exercise_by),
        "steps": list(line.steps),
    }


def counted(outage: Counted) -> Members:
    """An outage as one rule counts it; ``charged`` may be a fraction of a nanosecond after rounding."""
    return {
        "rule": outage.rule,
        "service": outage.service,
        "start": instant_text(outage.start),
        "end": _instant(outage.end),
        "charged": {"exact": str(outage.charged), "unit": "ns", "display": lasting(int(outage.charged))},
        "weight": str(outage.weight),
        "ticket": outage.ticket,
        "cause": outage.cause,
        "severity": outage.severity,
    }


def _instant(ns: int | None) -> str | None:
    return None if ns is None else instant_text(ns)
