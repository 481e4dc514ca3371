"""What happened to the made-up provider: the same story every time, laid into the months before now.

month −2   the vantage itself was cut off for 47 minutes; nobody may blame the provider
month −1   the clinic's line broke; a maintenance at the bakery overran; the logistics firm cut its own fibre
its end    the hotel's outage crosses the boundary between the months
a night    the school's outage spans the change of the clocks, where a month back has one
this month the clinic had some trouble again: the month is not lost yet
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from config.periods import from_ns, start_of, to_ns
from monitor.sla.facts import ExclusionFact, Fact, ScheduleFact

SECOND = 1_000_000_000
MINUTE, HOUR, DAY = 60 * SECOND, 3_600 * SECOND, 86_400 * SECOND
EVERY, TIMEOUT = 300 * SECOND, 5 * SECOND
LIVE_EVERY = 10 * SECOND
VANTAGE, WITNESS = "demo", "anchor"
HOME = "Europe/Berlin"
ZONES = (HOME, "America/New_York", "Australia/Sydney", "America/Santiago", "Africa/Cairo")


@dataclass(frozen=True, slots=True)
class Customer:
    """One contract of the provider, with one service on one target. ``base`` is its usual latency, ns."""

    contract: str
    name: str
    service: str
    target: str
    zone: str
    charge: str
    base: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Targets did not answer over ``[start, end)``."""

    targets: tuple[str, ...]
    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Story:
    """All of it, over ``[start, end)`` ns UTC."""

    start: int
    end: int
    customers: tuple[Customer, ...]
    troubles: tuple[Trouble, ...]
    facts: tuple[Fact, ...]

    @property
    def targets(self) -> tuple[str, ...]:
        """Every target, the vantage's witness last."""
        return (*(customer.target for customer in self.customers), WITNESS)


def tell(now: int, months: int) -> Story:
    """The story of ``months`` whole months before the current one, and of the current one up to now."""
    home = ZoneInfo(HOME)
    firsts = _firsts(from_ns(now, home).date(), months)
    start = start_of(firsts[0], home)
    change = _change(start, now)
    zone = change[0] if change else HOME
    customers = _customers(zone)
    troubles = [trouble for trouble in _troubles(firsts, home, change) if trouble.end <= now]
    facts = [fact for fact in _facts(firsts, home) if _known_at(fact) <= now]
    for name in (*(customer.target for customer in customers), WITNESS):
        facts += [ScheduleFact(name, start, EVERY, TIMEOUT), ScheduleFact(name, now, LIVE_EVERY, TIMEOUT)]
    return Story(start, now, customers, tuple(troubles), tuple(facts))


def _firsts(today: date, months: int) -> list[date]:
    """The first days of the last ``months`` months and of the current one."""
    index = today.year * 12 + today.month - 1
    return [date(i // 12, i % 12 + 1, 1) for i in range(index - months, index + 1)]


def _change(start: int, end: int) -> tuple[str, int] | None:
    """A zone whose clocks changed in the time, and the instant of its last change; home if it can be."""
    for name in ZONES:
        zone = ZoneInfo(name)
        for day in range((end - start) // DAY, 0, -1):
            before, after = start + (day - 1) * DAY, start + day * DAY
            if from_ns(before, zone).utcoffset() != from_ns(after, zone).utcoffset():
                return name, _transition(zone, before, after)
    return None


def _transition(zone: ZoneInfo, low: int, high: int) -> int:
    """The instant between two at which the offset changes, to the second."""
    old = from_ns(low, zone).utcoffset()
    while high - low > SECOND:
        middle = (low + high) // 2
        low, high = (middle, high) if from_ns(middle, zone).utcoffset() == old else (low, middle)
    return high // SECOND * SECOND


def _customers(zone: str) -> tuple[Customer, ...]:
    return (
        Customer("clinic", "Alder Clinic", "internet", "clinic-line", HOME, "1200.00", 14_000_000),
        Customer("bakery", "Birch Bakery", "shop", "bakery-shop", HOME, "300.00", 22_000_000),
        Customer("logistics", "Cedar Logistics", "tracking", "logistics-api", HOME, "950.00", 9_000_000),
        Customer("hotel", "Dune Hotel", "booking", "hotel-booking", HOME, "640.00", 31_000_000),
        Customer("school", "Elm School", "campus", "school-campus", zone, "480.00", 18_000_000),
    )


def _troubles(firsts: list[date], home: ZoneInfo, change: tuple[str, int] | None) -> Iterator[Trouble]:
    at = _placer(home)
    everything = ("clinic-line", "bakery-shop", "logistics-api", "hotel-booking", "school-campus", WITNESS)
    last, current = firsts[-2], firsts[-1]
    if len(firsts) > 2:
        blind = at(firsts[-3], 16, "14:06")
        yield Trouble(everything, blind, blind + 47 * MINUTE, "timeout")
    broken = at(last, 8, "10:12")
    yield Trouble(("clinic-line",), broken, broken + 85 * MINUTE, "timeout")
    works = at(last, 12, "01:00")
    yield Trouble(("bakery-shop",), works, works + 2 * HOUR + 50 * MINUTE, "refused")
    digger = at(last, 20, "15:30")
    yield Trouble(("logistics-api",), digger, digger + 135 * MINUTE, "unreachable_host")
    midnight = start_of(current, home)
    yield Trouble(("hotel-booking",), midnight - 40 * MINUTE, midnight + 46 * MINUTE, "timeout")
    if change is not None:
        yield Trouble(("school-campus",), change[1] - 20 * MINUTE, change[1] + 24 * MINUTE, "status")
    again = at(current, 2, "09:40")
    yield Trouble(("clinic-line",), again, again + 28 * MINUTE, "timeout")


def _facts(firsts: list[date], home: ZoneInfo) -> list[Fact]:
    at = _placer(home)
    works, digger = at(firsts[-2], 12, "01:00"), at(firsts[-2], 20, "15:30")
    return [
        ExclusionFact(
            id="CHG-1042",
            start=works,
            end=works + 2 * HOUR,
            cause="planned_maintenance",
            announced_at=works - 5 * DAY,
            services=("shop",),
            author="noc",
            reason="new load balancer",
            contract="bakery",
            recorded_at=works - 5 * DAY,
        ),
        ExclusionFact(
            id="INC-2217",
            start=digger,
            end=digger + 135 * MINUTE,
            cause="customer",
            services=("tracking",),
            author="service desk",
            reason="their own digger cut the fibre; confirmed by their site manager",
            contract="logistics",
            recorded_at=digger + DAY,
        ),
    ]


def _known_at(fact: Fact) -> int:
    return fact.recorded_at or 0 if isinstance(fact, ExclusionFact) else 0


def _placer(zone: ZoneInfo) -> Callable[[date, int, str], int]:
    """Local wall time of a day of a month, as an instant."""

    def at(first: date, day: int, clock: str) -> int:
        moment = datetime.combine(first + timedelta(days=day - 1), time.fromisoformat(clock), tzinfo=zone)
        return to_ns(moment)

    return at
