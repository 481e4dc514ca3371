"""``provider:`` and ``customer:`` a name, or who it was when: a contract passes from one party to the next by novation.

    provider: [{name: OldNet, until: 2026-07-01}, {name: NewNet, from: 2026-07-01}]

The spans of one role follow each other without a gap. What was stated before stays as it was: a period's statement
names the party that was one when it began, and carries the digest of the text as it read then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from config.contract.model import PartySpan
from config.contract.roles import ROLES, Role, party
from config.contract.services import instant
from config.digest import Known, digest
from config.places import Node
from config.reader import Fields, Reader
from config.units import line

KEYS = ("name", "from", "until")
_EXAMPLES: Mapping[Role, str] = {"provider": "provider: ExampleNet", "customer": "customer: ACME GmbH"}


@dataclass(frozen=True, slots=True)
class Parties:
    """Those of today, and every span of a role that has a history."""

    provider: str
    customer: str
    spans: tuple[PartySpan, ...]


def read_parties(fields: Fields, zone: ZoneInfo) -> Parties:
    """Both roles."""
    spans: list[PartySpan] = []
    today: dict[Role, str] = {}
    for role in ROLES:
        at = fields.at(role) if role in fields else None
        if at is not None and isinstance(at.node.value, list):
            history = _history(at, role, zone)
            spans += history
            today[role] = history[-1].name if history else ""
        else:
            today[role] = fields.need(role, line, _EXAMPLES[role]) or ""
    return Parties(today["provider"], today["customer"], tuple(spans))


def dated_digests(
    node: Node, spans: Sequence[PartySpan], known: Known | None = None
) -> tuple[tuple[int | None, str], ...]:
    """The digest of the contract's text from each instant on at which a party changed, as if the party of then had been
    typed alone; the first (None) holds for all time before. Empty for a contract without history."""
    if not spans or not isinstance(node.value, dict):
        return ()
    instants = sorted({span.start for span in spans if span.start is not None})
    before = (instants or [0])[0] - 1
    since: list[int | None] = [None, *instants]
    return tuple((at, digest(_then(node, spans, before if at is None else at), True, known)) for at in since)


def _then(node: Node, spans: Sequence[PartySpan], at: int) -> Node:
    assert isinstance(node.value, dict)
    value = dict(node.value)
    for role in ROLES:
        called = party(spans, role, at)
        if called is not None:
            value[role] = Node(value[role].place, called, called)
    return Node(node.place, value, keys=node.keys)


def _history(reader: Reader, role: Role, zone: ZoneInfo) -> list[PartySpan]:
    found: list[PartySpan] = []
    items = reader.items()
    for item in items:
        span = _span(item, role, zone)
        if span is None:
            continue
        if found:
            span = _joined(item, found[-1], span)
        found.append(span)
    if not items:
        reader.wrong(f"is empty; write '{_EXAMPLES[role]}'", reader.key)
    if found and found[-1].end is not None and len(found) == len(items):
        at = items[-1].fields(KEYS).at("until")
        at.wrong(f"nobody is the {role} from then on; name who is, or leave 'until' out", at.key)
    return found


def _span(item: Reader, role: Role, zone: ZoneInfo) -> PartySpan | None:
    fields = item.fields(KEYS)
    if fields.broken:
        return None
    called = fields.need("name", line, "name: NewNet")
    start = fields.get("from", lambda value: instant(value, zone), None)
    end = fields.get("until", lambda value: instant(value, zone), None)
    if start is not None and end is not None and end <= start:
        fields.at("until").wrong(f"{called!r} would end before it begins; write a later day")
        return None
    return None if called is None else PartySpan(role=role, name=called, start=start, end=end)


def _joined(item: Reader, before: PartySpan, span: PartySpan) -> PartySpan:
    """The span as it follows the one before it; either of the two dates at which one becomes the other will do."""
    start = before.end if span.start is None else span.start
    if start is None:
        item.wrong(f"does not say since when; write 'from: 2026-07-01', the day on which it follows {before.name!r}")
    elif before.start is not None and start <= before.start:
        item.wrong(f"begins before {before.name!r} does, who stands ahead of it; list them in the order of time")
    elif before.end is not None and start != before.end:
        what = "two parties have one role for a time" if start < before.end else "nobody has the role for a time"
        item.wrong(f"does not begin when {before.name!r} ends: {what}; write the same day at both")
    return span.but(start=start)
