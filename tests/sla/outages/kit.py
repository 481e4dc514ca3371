"""Scenes built by hand: a service that was up all the time but for a few spans; instants in minutes from the period's
start, 2026-10-05T00:00 UTC."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from fractions import Fraction

from config.contract.model import Contract, Service
from config.contract.rules import MeasureRule, OutageRule
from config.periods import Period, to_ns
from config.spans import Span, clip, union
from monitor.sla.evidence import Facts
from monitor.sla.exclusions import Excluded
from monitor.sla.facts import CountsFact, Fact, TicketFact
from monitor.sla.figures import look
from monitor.sla.known import Index, known
from monitor.sla.model import State
from monitor.sla.occurrence import Occurrence, World
from monitor.sla.scene import Heard, Scene
from monitor.sla.timeline import PENDING, Piece, overlay
from monitor.sla.words import FOREVER
from tests.nouns import made

SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = to_ns(datetime(2026, 10, 5, tzinfo=UTC))
MARGIN = 2 * DAY
NOBODY: Excluded = Excluded((), (), ())


def at(minutes: float) -> int:
    """So many minutes into the period."""
    return START + round(minutes * 60) * SECOND


def spans(*found: tuple[float, float]) -> list[Span]:
    return [(at(start), at(end)) for start, end in found]


def pieces(down: Sequence[Span] = (), unknown: Sequence[Span] = (), now: int | None = None) -> list[Piece]:
    """Up from two days before the period to two days after it, but for these."""
    whole = [Piece(START - MARGIN, START + DAY + MARGIN, State.UP, None)]
    whole = overlay(whole, [Piece(a, b, State.DOWN, None) for a, b in union(down)])
    whole = overlay(whole, [Piece(a, b, State.UNKNOWN, "gap") for a, b in union(unknown)])
    if now is not None:
        whole = overlay(whole, [Piece(now, START + DAY + MARGIN, State.UNKNOWN, PENDING)])
    return whole


def contract(*rules: OutageRule, services: Sequence[Service] = (Service(name="web"),), **more: object) -> Contract:
    """A contract accounted by the day, in UTC unless it says otherwise."""
    fields: dict[str, object] = {
        "name": "acme",
        "provider": "p",
        "customer": "c",
        "timezone": "UTC",
        "period": "day",
        "services": tuple(services),
        "promises": (),
        "outages": rules,
    }
    return made(Contract, fields | more)


def scene(
    *rules: OutageRule,
    down: Iterable[tuple[float, float]] = (),
    unknown: Iterable[tuple[float, float]] = (),
    excluded: Excluded = NOBODY,
    facts: Iterable[Fact] = (),
    heard: Heard | None = None,
    now: float | None = None,
    others: dict[str, Scene] | None = None,
    terms: Contract | None = None,
    service: Service | None = None,
    days: int = 1,
) -> Scene:
    """The scene of the service ``web`` on that day (or ``days`` of them)."""
    own = terms or contract(*rules)
    period = Period("test", own.period, START, START + days * DAY)
    until = None if now is None else at(now)
    known_facts = known(own, Index(Facts(facts), -FOREVER, FOREVER))
    found = pieces(spans(*down), spans(*unknown), until)
    view = look(found, excluded, period.start, period.end)
    nothing: Heard = lambda start, end: ()  # noqa: E731
    one = service or own.services[0]
    return Scene(own, one, period, view, known_facts, heard or nothing, until, others or {})


def outages(rule: OutageRule, world: World = "measured", **more: object) -> list[Occurrence]:
    """What a rule counts, those of which nothing counts left out."""
    return [one for one in scene(rule, **more).outages(rule.name, world) if one.charged]  # type: ignore[arg-type]


def counted(rule: OutageRule, world: World = "measured", **more: object) -> list[tuple[float, float, float]]:
    """(start, end, charged) of each outage, in minutes."""
    return [
        (minutes(one.start - START), minutes(one.end - START), minutes(one.charged))
        for one in outages(rule, world, **more)
    ]


def minutes(ns: int | Fraction) -> float:
    """Nanoseconds in minutes, for reading."""
    return float(Fraction(ns) / MINUTE)


def rule(**fields: object) -> OutageRule:
    """An outage rule named ``bad``."""
    return made(OutageRule, {"name": "bad", **fields})


def measure(kind: str, **fields: object) -> MeasureRule:
    """A measure of the outages ``bad``."""
    units = {"ratio": "ratio", "count": "count"}
    return made(MeasureRule, {"name": "m", "kind": kind, "of": "bad", "unit": units.get(kind, "ns"), **fields})


def ticket(id: str, opened: float, **instants: object) -> TicketFact:
    """A fault of ``web``; instants in minutes."""
    moments = {"detected", "confirmed", "occurred", "acknowledged", "responded", "restored", "closed"}
    fields = {name: at(value) if name in moments else value for name, value in instants.items()}  # type: ignore[arg-type]
    return TicketFact(id, "web", at(opened), **fields)  # type: ignore[arg-type]


def requests(start: float, end: float, total: int, failed: int) -> CountsFact:
    """Requests of all services together."""
    return CountsFact("requests", at(start), at(end), total, failed)


def cut(found: Sequence[Span], start: float, end: float) -> list[Span]:
    return clip(found, at(start), at(end))
