"""What happened, to be told: the closed set of events.

An event's ``key`` is made of what it is about and of nothing else, so that the same happening found twice
(after a restart, by a recomputation) is told once.
"""

from dataclasses import dataclass
from enum import StrEnum


class EventName(StrEnum):
    """Every happening a hook may be told of."""

    OUTAGE_OPENED = "outage.opened"
    OUTAGE_CONFIRMED = "outage.confirmed"
    OUTAGE_CLOSED = "outage.closed"
    RISK_RAISED = "risk.raised"
    RISK_ESCALATED = "risk.escalated"
    RISK_CLEARED = "risk.cleared"
    PROMISE_BREACHED = "promise.breached"


@dataclass(frozen=True, slots=True)
class Event:
    """One happening. ``at`` is when it happened (ns UTC), not when it was found.

    ``subject`` groups the events whose order matters: one incident, one risk. ``summary`` is one line for people.
    ``data`` holds the figures as text (exact fractions and nanoseconds as strings), ready for JSON.
    """

    name: EventName
    key: str
    at: int
    contract: str
    service: str
    subject: str
    summary: str
    promise: str | None = None
    data: tuple[tuple[str, str], ...] = ()
