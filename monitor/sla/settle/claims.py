"""Asking for a credit: until when, whether a ticket was open in time, and what became of the claims that were made.

A credit that nobody has claimed yet is not held back: its line says until when it can be.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from config.contract.money import Deadline
from config.periods import following, from_ns, to_ns
from config.units import format_duration
from monitor.sla.facts import FAULT, ClaimFact, TicketFact
from monitor.sla.judgement import Judgement
from monitor.sla.model import ClaimLine
from monitor.sla.occurrence import Occurrence
from monitor.sla.settle.deadlines import until
from monitor.sla.settle.owed import Owed

_BY_EVENT = ("outage_start", "outage_end", "ticket_opened", "ticket_closed")


def with_deadlines(judgement: Judgement, lines: Sequence[Owed]) -> list[Owed]:
    """Each line with the instant by which it has to be claimed, where the contract asks for that and it is known."""
    terms = judgement.contract.claim
    if terms is None or terms.automatic or terms.deadline is None:
        return list(lines)
    deadline = terms.deadline
    return [replace(line, claim_by=_claim_by(deadline, judgement, line)) if line.issued else line for line in lines]


def ticketed(judgement: Judgement, lines: Sequence[Owed]) -> list[Owed]:
    """The lines, with those held back for whose outage no ticket was open in time. A line for a whole period needs one
    for any of its outages; where there was no outage, none is asked for."""
    terms = judgement.contract.claim
    if terms is None or terms.ticket_within is None:
        return list(lines)
    out = []
    for line in lines:
        starts = [line.thing.start] if line.thing.key is not None else [o.start for o in _outages(judgement, line)]
        known = judgement.scenes.get(line.service) is not None
        if known and starts and not any(_in_time(judgement, line, start, terms.ticket_within) for start in starts):
            line = line.hold_back(f"no ticket was open within {format_duration(terms.ticket_within)} of the outage")
        out.append(line)
    return out


def decided(judgement: Judgement, lines: Sequence[Owed]) -> list[Owed]:
    """The lines, with those held back whose claims were all refused or came too late."""
    terms = judgement.contract.claim
    if terms is None or terms.automatic:
        return list(lines)
    out = []
    for line in lines:
        mine = [claim for claim in judgement.claims if _is_for(judgement, claim, line)]
        if mine and all(claim.granted is False for claim in mine):
            line = line.hold_back("its claim was refused")
        elif mine and line.claim_by is not None and all(claim.at >= line.claim_by for claim in mine):
            line = line.hold_back(f"it was claimed too late, at {_said(judgement, mine[0].at)}")
        out.append(line)
    return out


def claim_lines(judgement: Judgement, lines: Sequence[Owed]) -> tuple[ClaimLine, ...]:
    """The claims that were made for the period."""
    found = []
    for claim in judgement.claims:
        mine = [line for line in lines if _is_for(judgement, claim, line)]
        if mine or _is_of_the_period(judgement, claim):
            ends = [line.claim_by for line in mine if line.claim_by is not None]
            in_time = claim.at < max(ends) if ends else None
            found.append(ClaimLine(claim.at, claim.incident, in_time, _note(claim, mine)))
    return tuple(found)


def chosen(judgement: Judgement) -> frozenset[str]:
    """The credits that were asked for by name, for the period and not in vain."""
    return frozenset(
        claim.credit
        for claim in judgement.claims
        if claim.credit is not None and claim.granted is not False and _is_of_the_period(judgement, claim)
    )


def _note(claim: ClaimFact, lines: Sequence[Owed]) -> str | None:
    if not lines:
        return "nothing is owed for it"
    if claim.granted is not None:
        return "granted" if claim.granted else "refused"
    held = [line.withheld for line in lines if line.withheld is not None]
    return held[0] if len(held) == len(lines) else None


def _is_for(judgement: Judgement, claim: ClaimFact, line: Owed) -> bool:
    """Whether a claim asks for a line: it names its incident, or none and comes after the period's end."""
    if claim.credit not in (None, line.credit.id):
        return False
    if claim.incident is None:
        return _in_season(judgement, claim, line.claim_by)
    thing = line.thing
    if thing.key is None:
        return _is_of_the_period(judgement, claim)
    at = _instant(claim.incident)
    return claim.incident in (thing.key, thing.ticket) or at == thing.start


def _is_of_the_period(judgement: Judgement, claim: ClaimFact) -> bool:
    if claim.incident is None:
        return _in_season(judgement, claim, None)
    period, at = judgement.period, _instant(claim.incident)
    if at is not None:
        return period.start <= at < period.end
    return any(t.id == claim.incident and period.start <= t.opened < period.end for t in _tickets(judgement))


def _in_season(judgement: Judgement, claim: ClaimFact, claim_by: int | None) -> bool:
    """Whether a claim that names no incident is for this period: made after its end, and while it can be claimed or
    before the next period ends. Where windows run from an event, it may come in the period itself."""
    period, terms = judgement.period, judgement.contract.claim
    deadline = None if terms is None else terms.deadline
    first = period.start if deadline is not None and deadline.of in _BY_EVENT else period.end
    last = following(period, 1, ZoneInfo(judgement.contract.timezone)).end
    return first <= claim.at < max(last, claim_by or 0)


def _instant(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else to_ns(moment)


def _said(judgement: Judgement, instant: int) -> str:
    return from_ns(instant, ZoneInfo(judgement.contract.timezone)).isoformat()


def _claim_by(deadline: Deadline, judgement: Judgement, line: Owed) -> int | None:
    event = _event(deadline, judgement, line)
    return None if event is None else until(deadline, judgement.contract, judgement.period, event)


def _event(deadline: Deadline, judgement: Judgement, line: Owed) -> int | None:
    """What a window counts from; of a line for the whole period, the last such event in it. None: nobody told it."""
    match deadline.of:
        case "period_end" | "eligibility":
            return judgement.period.end
        case "publication":
            return None
        case "outage_start" | "outage_end":
            if line.thing.key is not None:
                return line.thing.start if deadline.of == "outage_start" else line.thing.end
            outages = _outages(judgement, line)
            return None if not outages else outages[-1].start if deadline.of == "outage_start" else outages[-1].end
    tickets = [t for start in _starts(judgement, line) if (t := _ticket(judgement, line, start)) is not None]
    if not tickets:
        return None
    return tickets[-1].opened if deadline.of == "ticket_opened" else tickets[-1].closed or tickets[-1].end


def _starts(judgement: Judgement, line: Owed) -> list[int]:
    return [line.thing.start] if line.thing.key is not None else [one.start for one in _outages(judgement, line)]


def _outages(judgement: Judgement, line: Owed) -> list[Occurrence]:
    """The outages of a line's service that began in the period."""
    scene = judgement.scenes.get(line.service)
    if scene is None:
        return []
    names = [rule.name for rule in judgement.contract.outages] or ["outage"]
    found = [one for name in names for one in scene.outages(name) if one.counted]
    return sorted(found, key=lambda one: one.start)


def _in_time(judgement: Judgement, line: Owed, start: int, within: int) -> bool:
    ticket = _ticket(judgement, line, start, within)
    return ticket is not None and ticket.opened < start + within


def _ticket(judgement: Judgement, line: Owed, start: int, within: int | None = None) -> TicketFact | None:
    """The ticket of an outage: the one it was made of, or the first that was open at its start or opened soon after."""
    terms = judgement.contract.claim
    window = within or (terms.ticket_within if terms is not None else None)
    last = start + window if window else max(line.thing.end, judgement.period.end)
    mine = [t for t in _tickets(judgement) if t.service == line.service]
    named = [t for t in mine if t.id in (line.thing.key, line.thing.ticket)]
    around = [t for t in mine if t.type == FAULT and t.opened < last and (t.end is None or t.end > start)]
    return next(iter([*named, *around]), None)


def _tickets(judgement: Judgement) -> list[TicketFact]:
    """All tickets of the contract's services, by their opening."""
    scenes = judgement.scenes.values()
    found = [ticket for scene in scenes for ticket in scene.known.tickets.get(scene.service.name, ())]
    return sorted(found, key=lambda ticket: ticket.opened)
