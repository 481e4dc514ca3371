"""One file a measure: figures small enough to be checked on paper."""

from collections.abc import Sequence
from fractions import Fraction

from monitor.sla.evidence import Facts
from monitor.sla.facts import Fact
from monitor.sla.model import PromiseResult
from monitor.sla.statement import build
from probes.sample import Sample
from tests.oracle.build import MS, S, config, contract, period, promise, sample, service, target

MINUTE = 60 * S


def figure(facts: Sequence[Fact], length: int, id: str, **change: object) -> PromiseResult:
    """One promise of one service of one target every minute, judged over ``[0, length)``."""
    own = contract(service("t"), promises=(promise(id, **change),))
    return build(config(target("t")), own, period(0, length), Facts(facts), None).promises[0]


def triple(result: PromiseResult) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
    """Lower bound, value, upper bound."""
    return result.lower, result.value, result.upper


def burst(minute: int, *rtts: int | None) -> Sample:
    """One sample of that minute with these round trips in milliseconds."""
    answered = sum(rtt is not None for rtt in rtts)
    return sample(
        minute * MINUTE,
        "up" if answered else "down",
        seq=minute,
        sent=len(rtts),
        received=answered,
        rtts=tuple(None if rtt is None else rtt * MS for rtt in rtts),
    )
