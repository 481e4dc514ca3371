"""Which text of a contract is in force: for a period, for an event, at an instant.

    by period start         the text whose date the period's start has reached
    by event start          for what is judged outage by outage, the text whose date the event's start has reached
    by subscription start   the text whose date the contract's own ``starts`` has reached, for as long as it runs

A revision is the whole contract as it reads from its date on, with a digest of its own. The functions give a contract
that can be judged by itself: its parties and its digest are those of the instant asked for.
"""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from config import periods
from config.contract.model import Contract, PartySpan, Revision
from config.contract.roles import ROLES, party
from config.periods import Period


def in_force(contract: Contract, period_start: int) -> Contract:
    """The contract that a period is judged by: revisions of any kind, by the instant at which the period begins."""
    revision = revision_of_period(contract, period_start)
    return _as_of(contract if revision is None else revision.contract, period_start)


def at_event(contract: Contract, instant: int, period_start: int | None = None) -> Contract:
    """The contract that an event (an outage, a ticket) is judged by: revisions that apply by event start by the event's
    own instant, others by that of its period (None: by the same instant)."""
    begins = instant if period_start is None else period_start
    revision = _latest(contract, lambda one: instant if one.applies_by == "event_start" else begins)
    return _as_of(contract if revision is None else revision.contract, begins)


def revision_of_period(contract: Contract, period_start: int) -> Revision | None:
    """The revision in force for a period; None for the text as it was first agreed."""
    return _latest(contract, lambda one: period_start)


def period_at(contract: Contract, instant: int) -> Period:
    """The contract's own period that holds an instant, by the kind of period in force then."""
    zone = ZoneInfo(contract.timezone)
    for kind in dict.fromkeys(one.period for one in reversed(texts(contract))):
        period = periods.containing(kind, instant, zone)
        if in_force(contract, period.start).period == kind:
            return period
    return periods.containing(contract.period, instant, zone)


def period_named(contract: Contract, text: str) -> Period:
    """A period by what it is called, read by the kind of period in force when it begins. Raises ValueError saying what
    would be right."""
    zone = ZoneInfo(contract.timezone)
    for kind in dict.fromkeys(one.period for one in reversed(texts(contract))):
        period = periods.parse(text, zone, kind)
        if period.kind == in_force(contract, period.start).period:
            return period
    return periods.parse(text, zone, contract.period)


def texts(contract: Contract) -> tuple[Contract, ...]:
    """Every text that may be in force: the first, and each revision's."""
    return contract, *(one.contract for one in contract.revisions)


def parties_in(contract: Contract, start: int, end: int) -> tuple[PartySpan, ...]:
    """Who was a party in ``[start, end)`` with their parts of it, for roles that change hands within; else empty."""
    found: list[PartySpan] = []
    for role in ROLES:
        mine = [span for span in contract.parties if span.role == role]
        cuts = sorted(span.start for span in mine if span.start is not None and start < span.start < end)
        for since, until in zip([start, *cuts], [*cuts, end], strict=True) if cuts else ():
            called = party(contract.parties, role, since) or ""
            found.append(PartySpan(role=role, name=called, start=since, end=until))
    return tuple(found)


def _latest(contract: Contract, reached: Callable[[Revision], int]) -> Revision | None:
    """The last revision whose date has come; they are in the order of their dates."""
    chosen = None
    for one in contract.revisions:
        if one.applies_by == "subscription_start":
            came = contract.starts is not None and contract.starts >= one.start
        else:
            came = reached(one) >= one.start
        chosen = one if came else chosen
    return chosen


def _as_of(contract: Contract, at: int) -> Contract:
    """With the parties and the digest of an instant."""
    if not contract.parties:
        return contract
    update: dict[str, object] = {}
    for role in ROLES:
        called = party(contract.parties, role, at)
        update |= {} if called is None else {role: called}
    digests = [text for since, text in contract.digests if since is None or since <= at]
    return contract.but(**(update | ({"digest": digests[-1]} if digests else {})))
