"""Until when something has to be done: an instant, exclusive: a window of 30 days ends where the 31st begins."""

import calendar as months_of
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from config.calendars import ALWAYS, Calendar
from config.contract.model import Contract
from config.contract.money import Deadline
from config.periods import Period, day_of, following, from_ns, instant_of, start_of

_OF_THE_PERIOD = ("period_end", "eligibility")


def until(deadline: Deadline, contract: Contract, period: Period, event: int) -> int:
    """The first instant that is too late. ``event``: what it counts from (ns UTC). Whole days count from the day of the
    event on; at the end of a period that is its last day."""
    zone = ZoneInfo(contract.timezone)
    last = event - 1 if deadline.of in _OF_THE_PERIOD else event
    if deadline.end_of_period is not None:
        return following(period, deadline.end_of_period, zone).end
    if deadline.day_of_next_month is not None:
        return start_of(_in_next_month(day_of(last, zone), deadline.day_of_next_month) + timedelta(days=1), zone)
    if deadline.business_days is not None:
        return business_calendar(contract, deadline.calendar).nth_business_day_after(last, deadline.business_days)[1]
    if deadline.months is not None:
        return _months_after(event, deadline.months, zone)
    return event + (deadline.within or 0)


def business_calendar(contract: Contract, name: str | None) -> Calendar:
    """The contract's calendar of that name; ``24x7`` always is one; without a name Monday to Friday."""
    for known in contract.calendars:
        if known.name == name:
            return known
    whole = ((0, 1440),)
    weekend = whole if name == ALWAYS else ()
    return Calendar(name or "mon-fri", contract.timezone, (whole,) * 5 + (weekend,) * 2)


def _in_next_month(day: date, number: int) -> date:
    year, month = divmod(day.year * 12 + day.month, 12)
    return date(year, month + 1, min(number, months_of.monthrange(year, month + 1)[1]))


def _months_after(instant: int, months: int, zone: ZoneInfo) -> int:
    """The same local time so many months later; on the last day of a month that is shorter."""
    local = from_ns(instant, zone)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, months_of.monthrange(year, month + 1)[1])
    moved = local.replace(year=year, month=month + 1, day=day, tzinfo=None, fold=0)
    return instant_of(moved, zone) + instant % 1_000
