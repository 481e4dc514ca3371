"""Who promises whom, what the services are, by what periods it is accounted, and since when."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from config.calendars import Calendar, Minutes
from config.contract.model import Contract, Service
from config.period_kinds import noun, told
from config.periods import from_ns
from monitor.render.explaining.words import listed, number

_LANGUAGES = {"de": "German"}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def parties(contract: Contract) -> Iterator[str]:
    """The frame of the contract."""
    yield f"{contract.provider} promises, {contract.customer} is promised."
    if contract.language != "en":
        yield f"Statements are written in {_LANGUAGES.get(contract.language, contract.language)}."
    yield from _history(contract)
    kind = noun(contract.period)
    yield (
        f"Accounted by {told(contract.period)} in the time zone {contract.timezone}: a {kind} begins "
        f"there with the first instant of its first day, and is as long as the clock changes make it."
    )
    for service in contract.services:
        charge = f", {service.charge} {contract.currency} a {kind}" if service.charge is not None else ""
        yield f"- {service.name}{charge}: {_down_rule(service)}"
        yield from (f"  {line}." for line in _about(contract, service))
    for calendar in contract.calendars:
        if not calendar.always:
            yield f"- The hours of {calendar.name}: {hours(calendar)}."


def _history(contract: Contract) -> Iterator[str]:
    for one in contract.parties:
        since = f" from {date_of(contract, one.start)}" if one.start is not None else ""
        until = f" until {date_of(contract, one.end)}" if one.end is not None else ""
        if since or until:
            yield f"The {one.role} was {one.name}{since}{until}." if until else f"The {one.role} is {one.name}{since}."
    if contract.starts is not None:
        yield f"The contract began on {date_of(contract, contract.starts)}."
    if contract.ends is not None:
        yield f"It ends on {date_of(contract, contract.ends)}; time after that is not judged."
    if contract.judged_from is not None:
        yield f"Before {date_of(contract, contract.judged_from)} nothing is judged (warm-up)."
    if contract.review_by is not None:
        yield f"It is to be reviewed by {date_of(contract, contract.review_by)}."


def date_of(contract: Contract, ns: int) -> str:
    return f"{from_ns(ns, ZoneInfo(contract.timezone)):%Y-%m-%d}"


def _about(contract: Contract, service: Service) -> Iterator[str]:
    zone = ZoneInfo(contract.timezone)
    if service.in_service_from not in (None, contract.starts):
        since = from_ns(service.in_service_from or 0, zone)
        yield f"In service from {since.isoformat(sep=' ')}; time before that is not judged"
    if service.in_service_until not in (None, contract.ends):
        until = from_ns(service.in_service_until or 0, zone)
        yield f"In service until {until.isoformat(sep=' ')}; time after that is not judged"
    named = [f"{name} {amount} {contract.currency or ''}".rstrip() for name, amount in service.charges]
    if named:
        yield f"Its charges: {listed(named, 'and')}"
    qualities = [f"class {service.category}"] * bool(service.category) + [f"region {service.region}"] * bool(
        service.region
    )
    if qualities:
        yield f"Of {listed(qualities, 'and')}"
    if service.weight != 1:
        yield f"Weighs {number(service.weight)} where services are taken together"


def _down_rule(service: Service) -> str:
    parts, what = (service.of, "service") if service.of else (service.targets, "target")
    if not parts:
        return "judged by what is reported of it."
    names = ", ".join(parts)
    if len(parts) == 1:
        return f"down while its {what} {names} is."
    if service.down_when == 1:
        return f"down while any of its {what}s ({names}) is."
    if service.down_when == len(parts):
        return f"down while all of its {what}s ({names}) are."
    return f"down while at least {service.down_when} of its {what}s ({names}) are."


def hours(calendar: Calendar) -> str:
    """``Monday to Friday 09:00-17:30, …, but not on 12-25 of every year, in Europe/London``."""
    days = [f"{named} {_ranges(calendar.hours[first])}" for named, first in _same_days(calendar)]
    yearly = [f"{month:02d}-{day:02d}" for month, day in sorted(calendar.yearly)]
    free = [f"{listed(yearly)} of any year"] if yearly else []
    free += [f"{day:%Y-%m-%d}" for day in sorted(calendar.holidays)]
    without = f", but not on {listed(free)}" if free else ""
    return f"{', '.join(days)}{without}, in {calendar.timezone}"


def _same_days(calendar: Calendar) -> Iterator[tuple[str, int]]:
    """Days in a row that have the same hours, by name, and the first of them."""
    first = 0
    for place in range(1, 8):
        if place < 7 and calendar.hours[place] == calendar.hours[first]:
            continue
        if calendar.hours[first]:
            named = _DAYS[first] if place - first == 1 else f"{_DAYS[first]} to {_DAYS[place - 1]}"
            yield "every day" if place - first == 7 else named, first
        first = place


def _ranges(spans: tuple[Minutes, ...]) -> str:
    return " and ".join(f"{_clock(since)}-{_clock(to)}" for since, to in spans)


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24 if minute > 1440 else minute // 60:02d}:{minute % 60:02d}"
