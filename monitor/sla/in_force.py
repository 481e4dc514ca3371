"""What a contract's dates say of one period: the text it is judged by, its parties, and why it is not judged."""

from dataclasses import dataclass

from config.contract.model import NOTICE, Contract, PartySpan
from config.contract.revisions import in_force, parties_in, revision_of_period
from config.periods import Period


@dataclass(frozen=True, slots=True)
class InForce:
    """``terms``: the contract that the period is judged by. ``revision``: its id and date (ns), None for the text as
    first agreed. ``parties``: who was one when, where one changed in the period. ``review_by``: where it is time to
    tell of it. ``unjudged``: why the period has no verdicts: ``other_period``, ``warm_up``, ``not_started``, ``ended``.
    """

    terms: Contract
    revision: tuple[str, int] | None
    parties: tuple[PartySpan, ...]
    review_by: int | None
    unjudged: str | None


def of_period(contract: Contract, period: Period, now: int | None = None) -> InForce:
    """For a period of a contract; ``now`` is where it stands while it is open."""
    terms = in_force(contract, period.start)
    revision = revision_of_period(contract, period.start)
    until = period.end if now is None else min(now, period.end)
    due = terms.review_by is not None and until >= terms.review_by - NOTICE
    return InForce(
        terms=terms,
        revision=None if revision is None else (revision.id, revision.start),
        parties=parties_in(contract, period.start, period.end),
        review_by=terms.review_by if due else None,
        unjudged=unjudged(terms, period),
    )


def unjudged(contract: Contract, period: Period) -> str | None:
    """Why a period has figures without verdicts and credits; None where it has them."""
    if period.kind != contract.period:
        return "other_period"
    if contract.ends is not None and period.start >= contract.ends:
        return "ended"
    if contract.starts is not None and period.end <= contract.starts:
        return "not_started"
    if contract.judged_from is not None and period.start < contract.judged_from:
        return "warm_up"
    return None
