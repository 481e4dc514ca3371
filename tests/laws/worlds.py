"""Random worlds from a seed: a configuration, a contract, a period of it, and what became known.

They are small (some dozens of samples) and dense in trouble: outages, gaps, restarts, suspends, clock steps, blind
vantages, dissent, exclusions of every sort, days on which the clocks change. The same seed gives the same world.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from zoneinfo import ZoneInfo

from config.contract.model import Contract, ExclusionTerm, Promise, Service
from config.model import Config, Target, Vantage
from config.periods import Period, parse, start_of
from monitor.sla.facts import AssumeFact, EpochFact, ExclusionFact, Fact, ScheduleFact, StateFact, WitnessesFact
from probes.sample import Sample
from tests.laws.observers import Observer, many_vantages
from tests.oracle.build import HOUR, PROMISES, S, config, contract, promise, service, target

ZONES = {
    "UTC": "2026-10-05",
    "Europe/Berlin": "2026-10-25",
    "Europe/Madrid": "2026-03-29",
    "America/Havana": "2026-11-01",
    "America/Asuncion": "2023-10-01",
    "Australia/Lord_Howe": "2026-04-05",
    "Asia/Kathmandu": "2026-02-28",
    "Pacific/Apia": "2011-12-29",
}
CAUSES = ("planned maintenance", "customer", "force_majeure")
MINUTE = 60 * S


@dataclass(frozen=True)
class World:
    """One history and what it is judged by. ``seed`` makes it again."""

    seed: int
    config: Config
    contract: Contract
    period: Period
    facts: tuple[Fact, ...]


def world(seed: int) -> World:
    """The world of that seed."""
    rng = Random(seed)
    zone, changing = rng.choice(sorted(ZONES.items()))
    day = date.fromisoformat(changing) + timedelta(days=rng.choice((0, 0, 0, -1, 1, 3)))
    own = contract(*_services(rng), zone=zone, period="day")
    period = parse(day.isoformat(), ZoneInfo(zone))
    if period.end <= period.start:
        period = parse((day + timedelta(days=1)).isoformat(), ZoneInfo(zone))
    names = sorted({name for each in own.services for name in each.targets})
    witnesses = tuple(f"w{i}" for i in range(rng.choice((0, 0, 0, 1, 2))))
    targets = [_target(rng, name) for name in names] + [target(name, every=HOUR) for name in witnesses]
    settings = config(*targets, vantage=Vantage(name="v", witnesses=witnesses))
    facts = _observed(rng, settings, period) + _named(Random(seed + 1), settings.vantage, period)
    own = _terms(rng, own, period)
    facts += [fact for each in own.services for fact in _told(rng, each, period)]
    facts += _exclusions(rng, own, period, ZoneInfo(zone))
    if any(isinstance(fact, EpochFact) for fact in facts):
        facts = [fact for fact in facts if not isinstance(fact, AssumeFact)]
    facts += [rng.choice(facts) for _ in range(3) if facts] + _contradictions(rng, facts)
    rng.shuffle(facts)
    return World(seed, settings, own, period, tuple(facts))


def _contradictions(rng: Random, facts: list[Fact]) -> list[Fact]:
    """Sometimes a second sample of an identity that says something else: neither may count."""
    samples = [fact for fact in facts if isinstance(fact, Sample)]
    if not samples or rng.random() < 0.9:
        return []
    return [replace(sample, at=sample.at + 1_000_000) for sample in rng.choices(samples, k=2)]


def _services(rng: Random) -> list[Service]:
    services = []
    for name in ("web", "line")[: rng.choice((1, 1, 1, 1, 1, 2))]:
        count = rng.choice((1, 1, 1, 1, 2, 3))
        targets = tuple(f"{name}{i}" for i in range(count))
        services.append(service(*targets, name=name, down_when=rng.randint(1, count)))
    return services


def _target(rng: Random, name: str) -> Target:
    every = rng.choice((30, 60, 60, 90, 90, 120)) * MINUTE
    several = rng.random() < 0.25
    return target(
        name,
        every=every,
        timeout=rng.choice((2 * S, 10 * S, every // 2)),
        recheck=None if several or rng.random() < 0.5 else 5 * S,
        vantages=("v", "x", "y")[: rng.choice((2, 3))] if several else (),
        quorum=rng.choice((None, None, 1, 2)) if several else None,
    )


def _observed(rng: Random, settings: Config, period: Period) -> list[Fact]:
    margin = rng.choice((0, 2 * HOUR, 4 * HOUR))
    start, end = period.start - margin, period.end + rng.choice((0, 2 * HOUR, 4 * HOUR))
    observer = Observer(rng, "v", start, end)
    facts: list[Fact] = []
    for own in settings.targets.values():
        if len(own.vantages) > 1:
            facts += many_vantages(rng, own, observer, start, end)
        else:
            facts += observer.samples(own, schedule := _schedule(rng, own, period))
            facts += schedule
    return facts + observer.signs_of_life()


def _schedule(rng: Random, own: Target, period: Period) -> list[ScheduleFact]:
    if rng.random() < 0.85:
        return []
    change = period.start + rng.randrange(12) * HOUR
    return [
        ScheduleFact(own.name, period.start - 24 * HOUR, own.every, own.timeout),
        ScheduleFact(own.name, change, own.every // 2, own.timeout),
    ]


def _named(rng: Random, vantage: Vantage, period: Period) -> list[Fact]:
    """Who the witnesses were, where that changed: some of them, none, or in another order."""
    if not vantage.witnesses or rng.random() < 0.6:
        return []
    changes = [period.start + rng.randrange(24 * 3600) * S for _ in range(rng.choice((1, 2, 3)))]
    starts = [period.start - 24 * HOUR, *dict.fromkeys(changes)]
    chosen = [rng.sample(vantage.witnesses, rng.randint(0, len(vantage.witnesses))) for _ in starts]
    return [WitnessesFact(vantage.name, at, tuple(names)) for at, names in zip(starts, chosen, strict=True)]


def _terms(rng: Random, own: Contract, period: Period) -> Contract:
    terms = [
        ExclusionTerm(
            cause=cause,
            notice=rng.choice((None, 0, 72 * HOUR)),
            cap=rng.choice((None, HOUR, 4 * HOUR)),
            cap_period=rng.choice(("day", "week", "month")),
            effect=rng.choice(("out_of_base", "out_of_base", "not_down")),
        )
        for cause in CAUSES
        if rng.random() < 0.5
    ]
    rng.shuffle(terms)
    names = tuple(each.name for each in own.services)
    services = tuple(
        each.but(in_service_from=period.start + rng.randrange(-4, 20) * HOUR) if rng.random() < 0.08 else each
        for each in own.services
    )
    return own.but(
        services=services,
        exclusions=tuple(terms),
        promises=tuple(_promise(rng, id, names) for id in PROMISES),
        unknown=rng.choice(("indeterminate",) * 5 + ("up", "down", "exclude")),
        minimum_coverage=rng.choice((Fraction(1, 2), Fraction(9, 10))),
    )


def _promise(rng: Random, id: str, names: tuple[str, ...]) -> Promise:
    whole = {"total-outage": 4, "longest-outage": 3, "outages": None}
    change: dict[str, object] = {}
    if id in whole:
        hours = whole[id]
        change["target"] = Fraction(rng.randrange(4) if hours is None else rng.randrange(hours * 2) * HOUR)
    if id == "outages" and rng.random() < 0.4:
        change["threshold"] = rng.choice((30 * MINUTE, HOUR))
    if id == "availability":
        change["target"] = rng.choice((Fraction(1), Fraction(9, 10), Fraction(1, 2)))
    if id == "mean-latency" and rng.random() < 0.5:
        change |= {"statistic": "share under", "threshold": 15_000_000, "target": Fraction(1, 2), "operator": ">="}
        change["unit"] = "ratio"
    return promise(id, names, **change)


def _told(rng: Random, told: Service, period: Period) -> list[Fact]:
    """States judged elsewhere, and what is assumed."""
    facts: list[Fact] = []
    clock = period.start - 3 * HOUR
    while rng.random() < 0.25:
        clock += rng.randrange(1, 10 * 3600) * S
        end = clock + rng.randrange(1, 4 * 3600) * S
        state = rng.choice(("up", "down", "down", "unknown"))
        facts.append(StateFact(told.name, clock, end, state, rng.choice((None, "customer", "fibre_cut"))))
        clock = end
    if rng.random() < 0.15:
        facts.append(AssumeFact(told.name, rng.choice(("up", "down"))))
    return facts


def _exclusions(rng: Random, own: Contract, period: Period, zone: ZoneInfo) -> list[Fact]:
    facts: list[Fact] = []
    for number in range(rng.choice((0, 0, 1, 2, 3))):
        first = start_of(date.fromisoformat(period.label).replace(day=1), zone)
        start = rng.choice((first, period.start)) + rng.randrange(-2 * 3600, 22 * 3600) * S
        names = tuple(s.name for s in own.services if rng.random() < 0.5)
        fact = ExclusionFact(
            f"M{number}",
            start,
            start + rng.randrange(1, 6 * 3600) * S,
            rng.choice((*CAUSES, "sunspots")),
            announced_at=rng.choice((None, start - 72 * HOUR, start - 72 * HOUR + 1, start, start - 100 * HOUR)),
            services=names,
            recorded_at=start - 200 * HOUR,
        )
        facts.append(fact)
        if rng.random() < 0.2:
            later = replace(fact, end=fact.end + HOUR, recorded_at=start, withdrawn=rng.random() < 0.3)
            facts.append(later)
    return facts
