"""Two days in UTC of services whose figures are counted, given or sampled: the scene that measures are taken from."""

from fractions import Fraction

from config.calendars import Calendar
from config.contract.model import Contract, ExclusionTerm, Promise, Service
from config.contract.rules import MeasureRule, OutageRule
from config.periods import Period
from monitor.sla.evidence import Facts
from monitor.sla.exclusions import resolve
from monitor.sla.facts import CountsFact, ExclusionFact, Fact, ValueFact
from monitor.sla.figures import look
from monitor.sla.known import Index, known
from monitor.sla.measure import Measured
from monitor.sla.measures import RULES
from monitor.sla.model import State
from monitor.sla.scene import Scene
from monitor.sla.timeline import Piece
from monitor.sla.words import FOREVER
from probes.notation import instant
from probes.sample import Outcome, Sample
from tests.nouns import made

SECOND = 1_000_000_000
MS, MINUTE, HOUR, DAY = SECOND // 1000, 60 * SECOND, 3600 * SECOND, 86_400 * SECOND
START = instant("2026-10-05T00:00:00Z")
BOTH = Period("2026-10-05/2026-10-07", None, START, START + 2 * DAY)
HQ = Service(name="hq")
STATES = {Outcome.UP: State.UP, Outcome.DOWN: State.DOWN, Outcome.UNKNOWN: State.UNKNOWN}


def counts(hour: float, length: float, total: int, failed: int, **more: object) -> CountsFact:
    """What was counted of ``requests`` from an hour on."""
    start = START + int(hour * HOUR)
    return CountsFact("requests", start, start + int(length * HOUR), total, failed, **more)  # type: ignore[arg-type]


def value(number: str, **more: object) -> ValueFact:
    """A figure named ``csat``."""
    return ValueFact("csat", Fraction(number), **more)  # type: ignore[arg-type]


def excluded(hour: float, length: float, cause: str = "planned_maintenance") -> ExclusionFact:
    """A span that somebody wants not charged."""
    start = START + int(hour * HOUR)
    return ExclusionFact(f"X{hour}", start, start + int(length * HOUR), cause)


def burst(hour: float, *rtts: int | None) -> Sample:
    """One sample of packets with their round trips in ms."""
    at = START + int(hour * HOUR)
    got = tuple(None if rtt is None else rtt * MS for rtt in rtts)
    answered = sum(rtt is not None for rtt in rtts)
    outcome = Outcome.UP if answered else Outcome.DOWN
    return Sample("hq", "fra", "b1", at, at, outcome, sent=len(rtts), received=answered, rtts=got)


def scene(
    *facts: Fact,
    service: Service = HQ,
    down: tuple[tuple[float, float], ...] = (),
    exclusions: tuple[ExclusionTerm, ...] = (ExclusionTerm(cause="planned_maintenance"),),
    calendars: tuple[Calendar, ...] = (),
    promises: tuple[Promise, ...] = (),
    outages: tuple[OutageRule, ...] = (),
    period: Period = BOTH,
    now: int | None = None,
) -> Scene:
    """One service over both days, up but for ``down`` (hour, to hour); its samples are among the facts."""
    contract = Contract(
        name="acme",
        provider="ExampleNet",
        customer="ACME",
        timezone="UTC",
        services=(service,),
        promises=promises,
        calendars=calendars,
        exclusions=exclusions,
        outages=outages,
    )
    heard = [fact for fact in facts if isinstance(fact, Sample)]
    found = known(contract, Index(Facts(fact for fact in facts if not isinstance(fact, Sample)), 0, FOREVER))
    cut = resolve(contract, service, found.exclusions, found.caused(service.name), 0)
    view = look(_pieces(down), cut, period.start, period.end)

    def hears(start: int, end: int) -> list[tuple[Sample, State, str]]:
        return [(one, STATES[one.outcome], "total") for one in heard if start <= one.at < end]

    return Scene(contract, service, period, view, found, hears, now)


def _pieces(down: tuple[tuple[float, float], ...]) -> list[Piece]:
    out, at = [], START - 40 * DAY
    for since, to in down:
        first, last = START + int(since * HOUR), START + int(to * HOUR)
        out += [Piece(at, first, State.UP, None), Piece(first, last, State.DOWN, "timeout")]
        at = last
    return [*out, Piece(at, START + 40 * DAY, State.UP, None)]


def taken(where: Scene | list[Scene], kind: str, of: str, unit: str = "ratio", **more: object) -> Measured:
    """The figure of a measure that is defined so."""
    promise = more.pop("promise", None)
    rule = made(MeasureRule, {"name": of, "kind": kind, "of": of, "unit": unit, **more})
    scenes = where if isinstance(where, list) else [where]
    found: Measured = RULES[kind].measure(scenes, rule, promise)
    return found
