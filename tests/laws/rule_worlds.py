"""Random contracts of outage rules and measures, and what happened under them; all on ticks of five minutes.

One rule and one measure of each sort a world, a few services, and facts dense in trouble: days on which the clocks
change, tickets that overlap, reopen and pause, holidays, states with weights, counts over the edges of buckets.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from random import Random
from zoneinfo import ZoneInfo

from config.calendars import Calendar
from config.contract.model import Contract, ExclusionTerm, Promise, Service
from config.contract.noun import Condition, Rounding
from config.contract.rules import Base, Bucket, Edge, MeasureRule, OutageRule, Source
from config.periods import Period, parse
from monitor.sla.facts import Fact
from tests.laws.rule_facts import CAUSES, announced, happened
from tests.laws.worlds import ZONES
from tests.nouns import made
from tests.oracle.build import HOUR, S
from tests.oracle.ticks import TICK, Grid

MINUTE = 60 * S
DAY = 24 * HOUR


@dataclass(frozen=True)
class RuleWorld:
    """``seed`` makes it again."""

    seed: int
    contract: Contract
    period: Period
    facts: tuple[Fact, ...]
    grid: Grid


def rule_world(seed: int) -> RuleWorld:
    """The world of that seed."""
    rng = Random(seed)
    zone, changing = rng.choice(sorted(ZONES.items()))
    day = date.fromisoformat(changing) + timedelta(days=rng.choice((0, 0, 0, -1, 1)))
    period = parse(day.isoformat(), ZoneInfo(zone))
    if period.end <= period.start:
        period = parse((day + timedelta(days=1)).isoformat(), ZoneInfo(zone))
    grid = Grid(period.start - 3 * DAY, (period.end - period.start + 6 * DAY) // TICK)
    offices = (_calendar(rng, "office", zone, day), _calendar(rng, "window", rng.choice((zone, "UTC")), day))
    rule = outage_rule(rng)
    services = _services(rng, period)
    measures = tuple(_measures(rng, services))
    names = tuple(service.name for service in services)
    contract = Contract(
        name="acme",
        provider="p",
        customer="c",
        timezone=zone,
        period="day",
        services=services,
        calendars=offices,
        outages=(rule,),
        measures=measures,
        exclusions=tuple(_terms(rng, offices[1])),
        promises=tuple(_promise(measure, names) for measure in measures),
    )
    facts = [fact for service in services for fact in happened(rng, service, period, rule)]
    facts += announced(rng, names, period)
    rng.shuffle(facts)
    return RuleWorld(seed, contract, period, tuple(facts), grid)


def _calendar(rng: Random, name: str, zone: str, day: date) -> Calendar:
    hours = rng.choice((((540, 1020),), ((480, 720), (780, 1080)), ((1320, 1800),), ((0, 1440),), ((60, 180),)))
    week = tuple(hours if rng.random() < 0.8 else () for _ in range(7))
    holidays = frozenset({day} if rng.random() < 0.15 else ())
    return Calendar(name, zone, week, holidays)


def _some(rng: Random, share: float, *values: object) -> object:
    return rng.choice(values) if rng.random() < share else None


def outage_rule(rng: Random) -> OutageRule:
    """A rule of which a few parameters are set."""
    kind = rng.choice(("probes", "probes", "tickets", "tickets", "counts", "buckets", "any", "all"))
    more: dict[str, object] = {"name": "rule"}
    if kind == "tickets":
        more |= _of_tickets(rng)
    elif kind in ("counts", "buckets"):
        sort = "probes" if kind == "buckets" else "counts"
        more["sources"] = (Source(kind=sort, name=None if sort == "probes" else "requests"),)
        more["bucket"] = _bucket(rng, sort)
        more["consecutive"] = rng.choice((1, 1, 2, 3))
    elif kind in ("any", "all"):
        more["sources"] = (Source(kind="probes"), Source(kind="tickets"))
        more["every_source"] = kind == "all"
    if kind == "probes" and rng.random() < 0.2:
        more["control"] = "line"
    if kind == "probes" and rng.random() < 0.15:
        more["starts"], more["confirm_after"] = Edge(of=("confirmation",)), rng.choice((10, 30)) * MINUTE
    elif rng.random() < 0.15:
        more["confirm_after"] = rng.choice((10, 30, 60)) * MINUTE
    more |= _lengths(rng) | _counted(rng)
    return made(OutageRule, more)


def _of_tickets(rng: Random) -> dict[str, object]:
    starts = ("first_failure", "report", "detection", "acknowledgement", "occurred")
    ends = ("first_success", "restored", "closed")

    def edge(names: tuple[str, ...]) -> Edge:
        pick = rng.choice(("one", "one", "earliest", "latest"))
        return Edge(pick=pick, of=tuple(rng.sample(names, 1 if pick == "one" else 2)))  # type: ignore[arg-type]

    return {
        "sources": (Source(kind="tickets"),),
        "starts": edge(starts),
        "ends": edge(ends),
        "overlap": rng.choice(("union", "union", "longest", "sum")),
        "pauses": _some(rng, 0.4, ("power",), (), ("customer pending", "power")),
        "reopen": rng.choice(("continues", "new")),
        "where": rng.choice((Condition(), Condition(), Condition(severity=("1", "2")))),
        "affected": rng.choice((0, 0, 0, 100)),
        "grace_from": _some(rng, 0.3, "report", "detection"),
    }


def _bucket(rng: Random, sort: str) -> Bucket:
    return Bucket(
        length=rng.choice((10, 15, 20, 60)) * MINUTE,
        when=rng.choice(("all_fail", "any_fail", "error_ratio")),
        ratio=rng.choice((Fraction(1, 2), Fraction(1, 20), Fraction(1, 4))),
        strict=rng.random() < 0.5,
        minimum=rng.choice((1, 1, 50)) if sort == "counts" else 1,
        empty=rng.choice(("good", "good", "skip", "bad", "carry")),
    )


def _lengths(rng: Random) -> dict[str, object]:
    """Which of them count, and which are one."""
    more: dict[str, object] = {}
    if rng.random() < 0.25:
        more |= {"least": rng.choice((10, 30, 60)) * MINUTE, "strict": rng.random() < 0.5, "excess": rng.random() < 0.4}
    if rng.random() < 0.25:
        more |= {"grace": rng.choice((10, 30, 60)) * MINUTE, "grace_beyond": rng.random() < 0.5}
    if rng.random() < 0.2:
        more |= {"accumulate": rng.choice(((30 * MINUTE, HOUR), (HOUR, 4 * HOUR), (90 * MINUTE, 2 * HOUR)))}
    if rng.random() < 0.3:
        more |= {
            "merge_within": rng.choice((10, 60, 180)) * MINUTE,
            "merge_least": rng.choice((0, 0, 20 * MINUTE)),
            "merge_span": rng.random() < 0.3,
        }
    return more


def _counted(rng: Random) -> dict[str, object]:
    """How much of them counts."""
    return {
        "clock": _some(rng, 0.25, "office"),
        "reported_within": _some(rng, 0.1, 30 * MINUTE, 2 * HOUR),
        "split": _some(rng, 0.2, "day", "period"),
        "weighted": rng.random() < 0.15,
        "round": _some(rng, 0.25, *(Rounding(to=Fraction(7 * MINUTE), mode=m) for m in ("up", "down", "half_up"))),
    }


def _services(rng: Random, period: Period) -> tuple[Service, ...]:
    web = Service(
        name="web",
        weight=rng.choice((Fraction(1), Fraction(3))),
        in_service_from=_some(rng, 0.1, period.start + 5 * HOUR, period.start - HOUR),
        in_service_until=_some(rng, 0.05, period.end - 5 * HOUR),
    )
    return (web, Service(name="line"))


def _measures(rng: Random, services: tuple[Service, ...]) -> list[MeasureRule]:
    base = _some(
        rng,
        0.5,
        Base(),
        Base(kind="flat", flat=30 * DAY),
        Base(kind="existing"),
        Base(kind="scheduled", calendar="office"),
    )
    hour = rng.choice((30 * MINUTE, HOUR, 4 * HOUR))
    stat = rng.choice((None, "mean", "max", "min", "sum", "median", "p90", "share within", "share over"))
    unit = "ratio" if stat and stat.startswith("share") else "ns"
    leg = rng.choice(
        (
            "response",
            "acknowledgement",
            "resolution",
            "closure",
            "notification",
            "start of repair",
            "detected to closed",
        )
    )
    clock = _some(rng, 0.4, "office")
    where = rng.choice((Condition(), Condition(severity=("1",)), Condition(category=("gold",))))

    def measure(name: str, kind: str, of: str, unit: str, **more: object) -> MeasureRule:
        return made(MeasureRule, {"name": name, "kind": kind, "of": of, "unit": unit, **more})

    legs = (("response", hour), ("resolution", 2 * hour))
    empty = _some(rng, 0.7, "good", "bad", "skip", "carry")
    pool = rng.random() < 0.2
    return [
        measure("ratio", "ratio", "rule", "ratio", base=base, absent=rng.choice(("shrink", "up")), pool=pool),
        measure("total", "total", "rule", "ns", beyond=rng.choice((0, 0, hour)), weighted=rng.random() < 0.2),
        measure("longest", "longest", "rule", "ns"),
        measure("count", "count", "rule", "count", longer=rng.choice((0, hour)), strict_longer=rng.random() < 0.5),
        measure("each", "each", "rule", unit, statistic=stat, threshold=hour if unit == "ratio" else None),
        measure("leg", "each", leg, unit, statistic=stat, threshold=hour, clock=clock, where=where),
        measure("legs", "tickets", "tickets", "ratio", legs=legs, clock=clock, where=where),
        measure("requests", "requests", "requests", "ratio", empty=empty),
        measure("mean", "requests", "requests", "ratio", aggregate="mean_of_ratios", bucket=45 * MINUTE, empty=empty),
        measure("runs", "counts", "requests", "count", number=rng.choice(("failed", "total"))),
        measure("given", "given", "csat", "score", statistic=rng.choice((None, "mean", "sum", "last", "max", "min"))),
    ]


def _promise(measure: MeasureRule, names: tuple[str, ...]) -> Promise:
    return Promise(
        id=measure.name,
        text=measure.name,
        measure=measure.kind,
        rule=measure.name,
        operator=">=" if measure.unit == "ratio" else "<=",
        target=Fraction(1, 2) if measure.unit == "ratio" else Fraction(HOUR),
        unit=measure.unit,
        services=names,
    )


def _terms(rng: Random, window: Calendar) -> list[ExclusionTerm]:
    terms = [
        ExclusionTerm(
            cause=cause,
            notice=_some(rng, 0.3, 0, 72 * HOUR),  # type: ignore[arg-type]
            notice_days=_some(rng, 0.2, 2, 5),  # type: ignore[arg-type]
            calendar="office",  # type: ignore[arg-type]
            cap=_some(rng, 0.3, HOUR, 4 * HOUR),  # type: ignore[arg-type]
            cap_times=_some(rng, 0.2, 1, 2),  # type: ignore[arg-type]
            cap_period=rng.choice(("day", "week", "month")),
            window=window if rng.random() < 0.2 else None,
            extends=rng.choice((0, 0, 0, 0, HOUR)),
            effect=rng.choice(("out_of_base", "out_of_base", "not_down", "pause", "void")),
        )
        for cause in CAUSES
        if rng.random() < 0.4
    ]
    rng.shuffle(terms)
    return [term.but(notice=None) if term.notice_days else term for term in terms]
