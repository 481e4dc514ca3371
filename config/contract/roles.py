"""Who is a party of a contract at an instant: see ``parties``, which reads it."""

from collections.abc import Sequence
from typing import Literal

from config.contract.model import PartySpan

Role = Literal["provider", "customer"]
ROLES: tuple[Role, ...] = ("provider", "customer")


def party(spans: Sequence[PartySpan], role: str, at: int) -> str | None:
    """Who had a role at an instant; None for a role without history. Before the first span it is who came first."""
    mine = [span for span in spans if span.role == role]
    now = [span for span in mine if span.start is None or span.start <= at]
    return now[-1].name if now else mine[0].name if mine else None
