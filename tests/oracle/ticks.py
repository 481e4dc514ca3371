"""Time as a row of ticks of five minutes, and which of them a calendar holds. In the worlds judged so everything
begins and ends on a tick, so that a set of ticks says exactly what spans would."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from zoneinfo import ZoneInfo

from config.calendars import Calendar
from config.contract.noun import Rounding

TICK = 300 * 10**9


@dataclass(frozen=True)
class Grid:
    """``size`` ticks from the instant ``start`` (ns)."""

    start: int
    size: int

    def index(self, at: int) -> int:
        """The tick that begins at an instant; one outside the grid is its edge."""
        assert (at - self.start) % TICK == 0, at
        return min(max((at - self.start) // TICK, 0), self.size)

    def at(self, index: int) -> int:
        """The instant at which a tick begins."""
        return self.start + index * TICK

    def within(self, start: int, end: int | None) -> range:
        """The ticks of a span; None: to the end of the grid."""
        return range(self.index(start), self.size if end is None else self.index(end))


def local(at: int, zone: str) -> datetime:
    """What the clock on the wall reads, without its zone."""
    return datetime.fromtimestamp(at // 10**9, UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@cache
def reading(day: date, minute: int, zone: str) -> int:
    """The first instant at which the clock of a zone reads that minute of a day, or has passed it."""
    wanted = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
    at = int(wanted.replace(tzinfo=UTC).timestamp()) * 10**9 - 36 * 3600 * 10**9
    at -= at % TICK
    while local(at, zone) < wanted:
        at += TICK
    return at


def exists(day: date, zone: str) -> bool:
    """Whether a zone had that date at all."""
    return local(reading(day, 0, zone), zone).date() == day


def works(calendar: Calendar, day: date) -> bool:
    """Whether a date is a business day: there are hours, and it is no holiday."""
    free = day in calendar.holidays or (day.month, day.day) in calendar.yearly
    return bool(calendar.hours[day.weekday()]) and not free and exists(day, calendar.timezone)


@cache
def inside(calendar: Calendar, grid: Grid) -> frozenset[int]:
    """The ticks of a calendar's hours."""
    found: set[int] = set()
    day = local(grid.start, calendar.timezone).date() - timedelta(days=2)
    while day <= local(grid.at(grid.size), calendar.timezone).date() + timedelta(days=1):
        free = day in calendar.holidays or (day.month, day.day) in calendar.yearly
        for since, to in () if free else calendar.hours[day.weekday()]:
            a, b = reading(day, since, calendar.timezone), reading(day, to, calendar.timezone)
            found.update(grid.within(a, b))
        day += timedelta(days=1)
    return frozenset(found)


def midnights(grid: Grid, zone: str) -> list[int]:
    """The ticks at which a local date begins."""
    dates = [local(grid.at(i), zone).date() for i in range(grid.size)]
    return [i for i in range(1, grid.size) if dates[i] > max(dates[max(0, i - 60) : i])]


def rounded(value: Fraction, how: Rounding | None) -> Fraction:
    """A figure in multiples of what it is rounded to."""
    if how is None:
        return value
    parts = value / how.to
    whole = parts.numerator // parts.denominator
    rest = parts - whole
    more = {"down": False, "up": rest > 0, "half_up": rest >= Fraction(1, 2)}[how.mode]
    return (whole + more) * how.to
