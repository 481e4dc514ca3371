"""Which tickets and outages a promise is judged by: those of its condition, less what another stands for instead."""

from config.contract.model import Contract, Promise
from config.contract.rules import MeasureRule
from monitor.sla.matching import Qualities, matches

__all__ = ["Qualities", "concerns", "matches"]


def concerns(contract: Contract, rule: MeasureRule, promise: Promise | None, service: str, known: Qualities) -> bool:
    """Whether something of a service counts for a measure, and for the promise that is made on it."""
    if not matches(rule.where, known):
        return False
    if promise is None:
        return True
    return matches(promise.where, known) and not any(
        matches(other.where, known)
        for other in contract.promises
        if other.replaces == promise.id and service in other.services
    )
