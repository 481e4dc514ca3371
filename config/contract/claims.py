"""``claim:`` how a credit is asked for, until when, and what has to be there first.

    claim: {how: on request, within: 30d, of: ticket closed, ticket within: 72h of outage start, standing: paid up}
    claim: {within: 5 business days, calendar: office}      {until: day 15 of the next month}
    claim: {until: end of the second period after}          {how: automatic, settle: next invoice}

``claim within: 30d`` is the short form of a window that begins with the period's end.
"""

import re
from typing import Literal, get_args

from config.contract.measure_fields import chosen, meant, only_calendar, yes
from config.contract.money import ClaimTerms, Deadline
from config.contract.scope import Scope
from config.reader import Fields
from config.units import duration, line, said

KEYS = ("claim", "claim within")
CLAIM_KEYS = (
    "how", "within", "of", "calendar", "until", "ticket within", "standing", "settle", "expires", "consumes",
)  # fmt: skip
Event = Literal[
    "period_end", "outage_start", "outage_end", "ticket_opened", "ticket_closed", "publication", "eligibility"
]
EVENTS: dict[str, Event] = {event.replace("_", " "): event for event in get_args(Event)}
WITHIN_PATTERN = r"[1-9][0-9]{0,2} (?:business days?|months?)"
UNTIL_PATTERN = (
    r"(?:day [0-9]{1,2} of the next month"
    r"|end of the (?:next|first|second|third|fourth|fifth|sixth|[0-9]{1,2}(?:st|nd|rd|th)) period(?: after)?)"
)
TICKET_PATTERN = r".+ of outage start"

_BUSINESS = re.compile(r"([0-9]{1,3}) business days?")
_MONTHS = re.compile(r"([0-9]{1,3}) months?")
_NUMBERLESS = re.compile(r"(?:an? |one )?(business days?|months?|days?)")
_DAY = re.compile(r"day ([0-9]{1,2}) of the next month")
_END = re.compile(r"end of the (\w+) period(?: after)?")
_ORDINALS = ("next", "first", "second", "third", "fourth", "fifth", "sixth")
_NTH = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th)")
_TICKET = re.compile(r"(.+?)(?: of outage start)?")


def read_claim(fields: Fields, scope: Scope) -> ClaimTerms | None:
    """The terms, short or long; None where the contract says nothing of claims."""
    if "claim within" in fields and "claim" in fields:
        at = fields.at("claim within")
        at.wrong("stands beside 'claim'; write it there as 'within: 30d'", at.key)
    if "claim" in fields:
        at = fields.at("claim")
        own = at.fields(CLAIM_KEYS)
        if at.node.value == {}:
            at.wrong("is empty; write '{how: on request, within: 30d}', or leave it out")
        return None if own.broken else _terms(own, scope)
    within = fields.get("claim within", duration, None)
    return None if within is None else ClaimTerms(deadline=Deadline(within=within))


def _terms(fields: Fields, scope: Scope) -> ClaimTerms:
    how = fields.get("how", lambda value: chosen(value, "way to claim", ("on request", "automatic")), "on request")
    return ClaimTerms(
        automatic=how == "automatic",
        deadline=_deadline(fields, scope),
        ticket_within=fields.get("ticket within", _ticket, None),
        standing=fields.get("standing", line, None),
        settle=fields.get("settle", line, None),
        expires=fields.get("expires", line, None),
        consumes=fields.get("consumes", _consumes, False),
    )


def _deadline(fields: Fields, scope: Scope) -> Deadline | None:
    if "within" in fields and "until" in fields:
        at = fields.at("until")
        at.wrong("stands beside 'within', and there is one deadline; write one of them", at.key)
        return None
    if "until" in fields:
        for key in ("of", "calendar"):
            if key in fields:
                fields.at(key).wrong("belongs to 'within'; leave it out", fields.at(key).key)
        return fields.get("until", _until, None)
    if "within" not in fields:
        for key in ("of", "calendar"):
            if key in fields:
                fields.at(key).wrong("says nothing without 'within'; write 'within: 30d'", fields.at(key).key)
        return None
    deadline = fields.get("within", _within, None)
    event = fields.get("of", lambda value: meant(value, "event that a window begins with", EVENTS), "period_end")
    if deadline is None:
        return None
    return deadline.but(of=event, calendar=_calendar(fields, scope, deadline))


def _within(value: object) -> Deadline:
    """``30d``, ``5 business days``, ``3 months``."""
    words = " ".join(value.split()) if isinstance(value, str) else ""
    if found := _NUMBERLESS.fullmatch(words):
        what = found[1] if found[1].endswith("s") else f"{found[1]}s"
        example = "30d" if what == "days" else f"3 {what}"
        raise ValueError(f"{words!r} does not say how many; write it as {example}")
    business, months = _BUSINESS.fullmatch(words), _MONTHS.fullmatch(words)
    if (business and not int(business[1])) or (months and not int(months[1])):
        raise ValueError(f"{words!r} leaves no time to claim; write it as 30d or 5 business days")
    if business:
        return Deadline(business_days=int(business[1]))
    if months:
        return Deadline(months=int(months[1]))
    length = duration(value)
    if length <= 0:
        raise ValueError(f"{said(value)} leaves no time to claim; write it as 30d or 5 business days")
    return Deadline(within=length)


def _calendar(fields: Fields, scope: Scope, deadline: Deadline) -> str | None:
    """The calendar that business days are of: the one named, or the contract's only one."""
    named = fields.get("calendar", line, None)
    if deadline.business_days is None:
        if "calendar" in fields:
            at = fields.at("calendar")
            at.wrong("is for business days, and 'within' counts none; leave it out", at.key)
        return None
    try:
        if named is not None:
            scope.calendar(named)
            return named
        return None if "calendar" in fields else only_calendar(scope, "calendar")
    except ValueError as error:
        at = fields.at("calendar" if named is not None else "within")
        at.wrong(str(error))
        return None


def _until(value: object) -> Deadline:
    """``day 15 of the next month``, ``end of the second period after``."""
    words = " ".join(value.split()) if isinstance(value, str) else ""
    if found := _DAY.fullmatch(words):
        if not 1 <= int(found[1]) <= 31:
            raise ValueError(f"{words!r}: there is no day {found[1]}; write 1 to 31")
        return Deadline(day_of_next_month=int(found[1]))
    number = _ordinal(found[1]) if (found := _END.fullmatch(words)) else None
    if number is None:
        right = "'day 15 of the next month' or 'end of the second period after'"
        raise ValueError(f"{said(value)} is no deadline; write {right}")
    return Deadline(end_of_period=number)


def _ordinal(word: str) -> int | None:
    if word in _ORDINALS:
        return max(1, _ORDINALS.index(word))
    found = _NTH.fullmatch(word)
    return int(found[1]) or None if found else None


def _ticket(value: object) -> int:
    """``72h of outage start``, or ``72h``."""
    found = _TICKET.fullmatch(" ".join(value.split())) if isinstance(value, str) else None
    length = duration(found[1] if found else value)
    if length <= 0:
        raise ValueError(f"{said(value)} leaves no time to open a ticket; write it as 72h of outage start")
    return length


def _consumes(value: object) -> bool:
    if value == "outages":
        return True
    try:
        return yes(value)
    except ValueError:
        raise ValueError(f"{said(value)} cannot be spent; write 'outages', or leave it out") from None
