"""What is not charged of a service: what the contract excludes, and what a granted claim has spent. Outages before it
cannot be claimed for again, and no longer count."""

from collections.abc import Iterable
from dataclasses import replace

from config.contract.model import Contract, Service
from config.periods import Period
from config.spans import union
from monitor.sla.exclusions import Excluded, resolve
from monitor.sla.facts import ClaimFact
from monitor.sla.known import Known
from monitor.sla.model import ExclusionUse
from monitor.sla.words import FOREVER

CLAIMED = "claimed"


def spent_before(claims: Iterable[ClaimFact], end: int) -> int | None:
    """The instant before which outages are spent: that of the last granted claim made before the period's end."""
    return max((claim.at for claim in claims if claim.granted and claim.at < end), default=None)


def resolved(contract: Contract, service: Service, period: Period, facts: Known, since: int) -> Excluded:
    """All that is not charged of a service, for a period; ``since`` as for exclusions."""
    found = resolve(contract, service, facts.exclusions, facts.caused(service.name), since)
    return without_spent(contract, service.name, period, facts.claims, found)


def without_spent(
    contract: Contract, service: str, period: Period, claims: Iterable[ClaimFact], excluded: Excluded
) -> Excluded:
    """What is excluded, and what is spent besides: it counts as up, as what nobody observed before it does too, since
    an outage in it would be spent as well."""
    if contract.claim is None or not contract.claim.consumes:
        return excluded
    at = spent_before(claims, period.end)
    if at is None:
        return excluded
    uses = excluded.uses
    if at > period.start:
        span = period.start, at
        use = ExclusionUse(None, service, CLAIMED, *span, "not_down", (span,), ())
        uses = (*uses, use)
    return replace(excluded, not_down=tuple(union([*excluded.not_down, (-FOREVER, at)])), uses=uses)
