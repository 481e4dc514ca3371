"""What happened in a random world of rules: states, tickets, counts, values, announcements."""

from fractions import Fraction
from random import Random

from config.contract.model import Service
from config.contract.rules import OutageRule
from config.periods import Period
from monitor.sla.facts import AssumeFact, CountsFact, ExclusionFact, Fact, Pause, StateFact, TicketFact, ValueFact
from tests.oracle.build import HOUR
from tests.oracle.ticks import TICK

DAY = 24 * HOUR
CAUSES = ("planned maintenance", "customer", "power")


def _tick(rng: Random, period: Period, since: int = -8, until: int = 32) -> int:
    return period.start + rng.randrange(since * HOUR, until * HOUR, TICK)


def _length(rng: Random) -> int:
    return rng.choice((TICK, 2 * TICK, 6 * TICK, 12 * TICK, rng.randrange(TICK, 10 * HOUR, TICK)))


def happened(rng: Random, service: Service, period: Period, rule: OutageRule) -> list[Fact]:
    facts: list[Fact] = [AssumeFact(service.name, "up")]
    clock = _tick(rng, period, -10, 6)
    for _ in range(rng.choice((0, 2, 4, 7))):
        end = clock + _length(rng)
        weight = rng.choice((None, Fraction(1, 4), Fraction(3, 7)))
        cause = rng.choice((None, None, "customer", "fibre cut"))
        facts.append(
            StateFact(service.name, clock, end, rng.choice(("down", "down", "down", "up")), cause, None, weight)
        )
        clock = end + rng.choice((0, TICK, 2 * TICK, 12 * TICK, 36 * TICK))
    facts += [_ticket(rng, service.name, period, n) for n in range(rng.choice((0, 1, 3, 5)))]
    facts += _counted_things(rng, service.name, period)
    facts += [
        ValueFact(
            "csat", Fraction(rng.randrange(10), 2), at=_tick(rng, period), service=rng.choice((None, service.name)), n=3
        )
        for _ in range(rng.choice((0, 1, 3)))
    ]
    return facts


def _ticket(rng: Random, service: str, period: Period, number: int) -> TicketFact:
    opened = _tick(rng, period)
    marks = [opened + part * TICK for part in sorted(rng.randrange(1, 80) for _ in range(5))]
    acknowledged, responded, repair, restored, closed = marks
    reopened: tuple[int, ...] = ()
    if rng.random() < 0.2 and restored - repair > TICK:
        reopened = (rng.randrange(repair, restored, TICK),)
    pauses = tuple(
        Pause(start, start + _length(rng), rng.choice(("power", "customer_pending", None)))
        for start in (opened + rng.randrange(0, 60) * TICK for _ in range(rng.choice((0, 0, 1, 2))))
    )
    detected = opened - rng.choice((-2, 0, 1, 6)) * TICK

    def told(at: int, share: float = 0.9) -> int | None:
        return at if rng.random() < share else None

    return TicketFact(
        f"{service}-{number}",
        service,
        opened,
        severity=rng.choice((None, "1", "2", "3")),
        category=rng.choice((None, "gold", "silver")),
        detected=told(detected, 0.7),
        occurred=told(detected - TICK, 0.5),
        acknowledged=told(acknowledged),
        responded=told(responded),
        repair_started=told(repair),
        restored=restored,
        reopened=reopened,
        closed=closed,
        notified=told(responded, 0.5),
        pauses=pauses,
        updates=tuple(sorted({acknowledged, repair})),
        cause=rng.choice((None, None, None, "customer", "fibre cut")),
        weight=rng.choice((None, Fraction(1, 4))),
        affected=rng.choice((None, 99, 100, 500)),
    )


def _counted_things(rng: Random, service: str, period: Period) -> list[Fact]:
    facts: list[Fact] = []
    clock = period.start - 9 * HOUR
    facts.append(CountsFact("requests", clock - HOUR, clock, 100, 0, None, service))
    while clock < period.end + 8 * HOUR:
        end = clock + rng.choice((2, 3, 5, 12)) * TICK
        total = rng.choice((0, 10, 60, 100))
        failed = rng.choice((0, 0, total, total // 2, total // 4))
        if rng.random() < 0.8:
            facts.append(CountsFact("requests", clock, end, total, failed, None, service))
        clock = end
    facts.append(CountsFact("requests", clock, clock + 2 * HOUR, 400, 0, None, service))
    return facts if rng.random() < 0.8 else []


def announced(rng: Random, names: tuple[str, ...], period: Period) -> list[Fact]:
    facts: list[Fact] = []
    for number in range(rng.choice((0, 0, 1, 2, 4))):
        start = _tick(rng, period)
        ahead = rng.choice((None, 0, 72 * HOUR, 72 * HOUR - TICK, 4 * DAY, 9 * DAY))
        facts.append(
            ExclusionFact(
                f"M{number}",
                start,
                start + _length(rng),
                rng.choice(CAUSES),
                announced_at=None if ahead is None else start - ahead,
                services=rng.choice(((), (), names[:1])),
            )
        )
    return facts
