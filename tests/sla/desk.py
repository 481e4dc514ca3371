"""A help desk to measure: tickets written with the clock of one week in New York, and the scene they are judged in."""

from datetime import date
from fractions import Fraction

from config.calendars import Calendar
from config.contract.model import Contract, ExclusionTerm, OutageRule, Promise, Service
from config.contract.rules import MeasureRule
from config.periods import Period
from monitor.sla.evidence import Facts
from monitor.sla.exclusions import resolve
from monitor.sla.facts import Fact, TicketFact
from monitor.sla.figures import look
from monitor.sla.known import Index, known
from monitor.sla.model import State
from monitor.sla.scene import Scene
from monitor.sla.timeline import Piece
from monitor.sla.words import FOREVER
from probes.notation import instant
from tests.nouns import made
from tests.sla.histories import promise

SECOND = 1_000_000_000
MINUTE, HOUR = 60 * SECOND, 3600 * SECOND
DAYS = {"Mon": 5, "Tue": 6, "Wed": 7, "Thu": 8, "Fri": 9, "Sat": 10, "Sun": 11}


def at(text: str) -> int:
    """``Fri 16:00`` of the week of Monday, 5 October 2026, in New York; ``next Mon 11:00`` of the week after."""
    words = text.split()
    day = DAYS[words[-2]] + (7 if words[0] == "next" else 0)
    return instant(f"2026-10-{day:02d}T{words[-1]}:00-04:00")


def calendar(hours: str, holidays: tuple[date, ...] = (), name: str = "office") -> Calendar:
    """Monday to Friday, ``09:00-18:00``, in New York."""
    since, to = (int(one[:2]) * 60 + int(one[3:]) for one in hours.split("-"))
    week = (((since, to),),) * 5 + ((),) * 2
    return Calendar(name, "America/New_York", week, frozenset(holidays))


MONTH = Period("2026-10", "month", instant("2026-10-01T00:00:00-04:00"), instant("2026-11-01T00:00:00-04:00"))


def ticket(opened: str, restored: str | None = None, id: str = "T1", **more: object) -> TicketFact:
    """A ticket of ``hq``; instants as ``at`` reads them."""
    told = {key: at(value) if isinstance(value, str) and key in _INSTANTS else value for key, value in more.items()}
    end = None if restored is None else at(restored)
    return TicketFact(id, "hq", at(opened), restored=end, **told)  # type: ignore[arg-type]


_INSTANTS = (
    *("detected", "confirmed", "occurred", "acknowledged", "responded", "repair_started", "closed", "notified"),
    *("requested", "due", "delivered"),
)


def scene(
    *facts: Fact,
    calendars: tuple[Calendar, ...] = (),
    exclusions: tuple[ExclusionTerm, ...] = (),
    promises: tuple[Promise, ...] = (),
    outages: tuple[OutageRule, ...] = (),
    now: int | None = None,
    service: Service = Service(name="hq"),  # noqa: B008
) -> Scene:
    """October of a service that is only judged from facts."""
    contract = Contract(
        name="acme",
        provider="ExampleNet",
        customer="ACME",
        timezone="America/New_York",
        services=(service,),
        promises=promises,
        calendars=calendars,
        exclusions=exclusions,
        outages=outages,
    )
    found = known(contract, Index(Facts(facts), MONTH.start, FOREVER))
    excluded = resolve(contract, service, found.exclusions, found.caused("hq"), MONTH.start)
    view = look([Piece(MONTH.start, MONTH.end, State.UP, None)], excluded, MONTH.start, MONTH.end)
    return Scene(contract, service, MONTH, view, found, lambda start, end: (), now)


def rule(of: str, statistic: str | None = None, **more: object) -> MeasureRule:
    """Every leg of that name, or one statistic of them."""
    return made(MeasureRule, {"name": of, "kind": "each", "of": of, "unit": "ns", "statistic": statistic, **more})


def limit(target: int | Fraction, operator: str = "<=", unit: str = "ns", **more: object) -> Promise:
    """A promise on each of them."""
    return promise("repair", operator, target, unit, **more)
