"""The first instant of a local date, found by looking at every minute around it."""

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

NS = 1_000_000_000


@cache
def first_instant(day: date, zone: str) -> int:
    """The first instant (ns UTC) whose local date is ``day``; where there is none, the first of a later date."""
    tz = ZoneInfo(zone)
    midnight = datetime(day.year, day.month, day.day, tzinfo=tz).astimezone(UTC).replace(second=0)
    for reach in (4, 30):  # hours; a whole date may be missing
        minutes = [midnight + timedelta(minutes=i) for i in range(-reach * 60, reach * 60)]
        dates = [minute.astimezone(tz).date() for minute in minutes]
        if day in dates:
            return int(minutes[dates.index(day)].timestamp()) * NS
    later = next(i for i, local in enumerate(dates) if local > day)
    return int(minutes[later].timestamp()) * NS


def first_day(kind: str, day: date) -> date:
    """The date a calendar period of that kind begins on, if it holds ``day``."""
    while not _begins(kind, day):
        day -= timedelta(days=1)
    return day


def next_day(kind: str, first: date) -> date:
    """The date the next period of that kind begins on."""
    day = first + timedelta(days=1)
    while not _begins(kind, day):
        day += timedelta(days=1)
    return day


def _begins(kind: str, day: date) -> bool:
    """Whether a period of that kind begins on a date, from the words as they stand."""
    unit, _, rest = kind.partition(" from ")
    if unit == "day":
        return True
    if unit == "week":
        return day.strftime("%A").lower() == (rest or "monday")
    words = rest.replace("day ", "").split()
    number = next((int(word) for word in words if word.isdigit()), 1)
    named = [word for word in words if word.isalpha() and word != "of"]
    month = datetime.strptime(named[0], "%B").month if named else 1
    every = {"month": 1, "quarter": 3, "year": 12}[unit]
    last = (day + timedelta(days=1)).day == 1
    return (day.month - month) % every == 0 and (day.day == number or (last and day.day < number))


def boundaries(kind: str, start: int, end: int, zone: str) -> list[int]:
    """Where periods of that kind begin: from the last one not after ``start`` to the first not before ``end``."""
    local = datetime.fromtimestamp(start // NS, UTC).astimezone(ZoneInfo(zone)).date() + timedelta(days=1)
    day = first_day(kind, local)
    while first_instant(day, zone) > start:
        day = first_day(kind, day - timedelta(days=1))
    found = [first_instant(day, zone)]
    while found[-1] < end:
        day = next_day(kind, day)
        found.append(first_instant(day, zone))
    return found
