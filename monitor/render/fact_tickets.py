"""A ticket's line: read, held against itself, and written again."""

from collections.abc import Iterator

from monitor.render.exact import figure_text, share
from monitor.sla.facts import FAULT, Pause, TicketFact
from probes.fields import Fields
from probes.notation import instant_text

OWNERS = ("provider", "customer")
AFTER_OPENED = ("acknowledged", "responded", "repair_started", "restored", "closed", "delivered")
_INSTANTS = (
    *("opened", "occurred", "detected", "confirmed", "acknowledged", "responded", "repair_started", "restored"),
    *("closed", "notified", "requested", "due", "delivered"),
)


def read(fields: Fields) -> TicketFact:
    """The ticket of a line; what it says of itself that cannot be so is among the problems."""
    ticket = TicketFact(
        id=fields.text("id"),
        service=fields.text("service"),
        severity=fields.label_or_none("severity"),
        category=fields.label_or_none("class"),
        region=fields.label_or_none("region"),
        type=fields.text_or_none("type") or FAULT,
        opened=fields.instant("opened"),
        detected=fields.instant_or_none("detected"),
        confirmed=fields.instant_or_none("confirmed"),
        occurred=fields.instant_or_none("occurred"),
        acknowledged=fields.instant_or_none("acknowledged"),
        responded=fields.instant_or_none("responded"),
        repair_started=fields.instant_or_none("repair_started"),
        restored=fields.instant_or_none("restored"),
        reopened=fields.instants("reopened"),
        closed=fields.instant_or_none("closed"),
        notified=fields.instant_or_none("notified"),
        requested=fields.instant_or_none("requested"),
        due=fields.instant_or_none("due"),
        delivered=fields.instant_or_none("delivered"),
        pauses=fields.objects("pauses", _pause),
        updates=fields.instants("updates"),
        cause=fields.text_or_none("cause"),
        weight=fields.exact_or_none("weight", share),
        affected=fields.count_or_none("affected"),
        by="customer" if fields.word_or_first("by", OWNERS) == "customer" else "provider",
        contract=fields.text_or_none("contract"),
        recorded_at=fields.instant_or_none("recorded_at"),
    )
    if not fields.problems:
        for key, text in _impossible(ticket):
            fields.wrong(key, text)
    return ticket


def _pause(fields: Fields) -> Pause:
    pause = Pause(fields.instant("from"), fields.instant_or_none("to"), fields.text_or_none("cause"))
    if not fields.problems and pause.end is not None and pause.end <= pause.start:
        fields.wrong("to", f"{instant_text(pause.end)} is not after from, {instant_text(pause.start)}")
    return pause


def _impossible(ticket: TicketFact) -> Iterator[tuple[str, str]]:
    """Instants in an order in which nothing happens."""
    for key in AFTER_OPENED:
        yield from _before(key, getattr(ticket, key), "opened", ticket.opened)
    yield from _before("restored", ticket.restored, "occurred", ticket.occurred)
    yield from _before("delivered", ticket.delivered, "requested", ticket.requested)
    for index, at in enumerate(ticket.reopened):
        yield from _before(f"reopened[{index}]", at, "opened", ticket.opened)
    for index, at in enumerate(ticket.updates):
        yield from _before(f"updates[{index}]", at, "its first instant", ticket.start)
    for index, pause in enumerate(ticket.pauses):
        yield from _before(f"pauses[{index}]: from", pause.start, "its first instant", ticket.start)
        yield from _beyond(f"pauses[{index}]", pause, ticket.end)


def _before(key: str, at: int | None, other: str, first: int | None) -> Iterator[tuple[str, str]]:
    if at is not None and first is not None and at < first:
        yield key, f"{instant_text(at)} is before {other}, {instant_text(first)}"


def _beyond(key: str, pause: Pause, end: int | None) -> Iterator[tuple[str, str]]:
    if end is None:
        return
    if pause.end is None:
        yield key, f"to is missing, but the ticket ended at {instant_text(end)}"
    elif pause.end > end:
        yield f"{key}: to", f"{instant_text(pause.end)} is after the ticket ended at {instant_text(end)}"


def members(ticket: TicketFact) -> dict[str, object]:
    """The members of a ticket's line; None where there is nothing to say."""
    instants = {key: getattr(ticket, key) for key in _INSTANTS}
    return {
        "kind": "ticket",
        "id": ticket.id,
        "service": ticket.service,
        "severity": ticket.severity,
        "class": ticket.category,
        "region": ticket.region,
        "type": None if ticket.type == FAULT else ticket.type,
        **{key: None if at is None else instant_text(at) for key, at in instants.items()},
        "reopened": [instant_text(at) for at in ticket.reopened] or None,
        "updates": [instant_text(at) for at in ticket.updates] or None,
        "pauses": [_pause_members(pause) for pause in ticket.pauses] or None,
        "cause": ticket.cause,
        "weight": None if ticket.weight is None else figure_text(ticket.weight),
        "affected": ticket.affected,
        "by": None if ticket.by == "provider" else ticket.by,
        "contract": ticket.contract,
        "recorded_at": None if ticket.recorded_at is None else instant_text(ticket.recorded_at),
    }


def _pause_members(pause: Pause) -> dict[str, object]:
    told = {
        "from": instant_text(pause.start),
        "to": None if pause.end is None else instant_text(pause.end),
        "cause": pause.cause,
    }
    return {key: value for key, value in told.items() if value is not None}
