"""Business hours: which hours of which local days count, without holidays; time measured inside them.

A range of hours is the span between two readings of the local clock. Where a reading comes twice the first counts,
where it is skipped the next that exists: a day of 00:00-24:00 is as long as the clock changes make it, and ranges
that meet leave nothing between them. A range over midnight belongs to the day it begins on.

A *business day* is a local date with any hours that is no holiday. Instants and lengths are integer nanoseconds.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from config.periods import day_of, from_ns, instant_of, start_of
from config.spans import Span, clip, union

Minutes = tuple[int, int]  # of the local day, [from, to); to may pass 1440 into the next day

ALWAYS = "24x7"
_MINUTE = 60_000_000_000
_DAY = 1440 * _MINUTE
_WHOLE: tuple[tuple[Minutes, ...], ...] = (((0, 1440),),) * 7
_YEARS = 40  # a rare weekday on a rare date comes within 28 years, or 40 around 2100


@dataclass(frozen=True, slots=True)
class Calendar:
    """``hours`` for Monday to Sunday; ``holidays`` are local dates, ``yearly`` (month, day) of every year."""

    name: str
    timezone: str
    hours: tuple[tuple[Minutes, ...], ...]
    holidays: frozenset[date] = frozenset()
    yearly: frozenset[tuple[int, int]] = frozenset()

    @property
    def always(self) -> bool:
        """Whether every instant is inside it."""
        return self.hours == _WHOLE and not self.holidays and not self.yearly

    @property
    def day_length(self) -> int | None:
        """The hours of one business day, as the clock shows them; None where days differ."""
        lengths = {sum(to - since for since, to in day) for day in self.hours if day}
        return lengths.pop() * _MINUTE if len(lengths) == 1 else None

    def open_spans(self, start: int, end: int) -> list[Span]:
        """The part of ``[start, end)`` that is inside, as a set of spans. Years far from now cost their reading."""
        if end <= start or self.always:
            return [(start, end)] if start < end else []
        out: list[Span] = []
        year = _holding(self, start)
        while True:
            out += year.within(start, end)
            if end <= year.end:
                return union(out)
            year = _year(self, year.number + 1)

    def elapsed(self, start: int, end: int) -> int:
        """How much of ``[start, end)`` is inside."""
        if end <= start or self.always:
            return max(0, end - start)
        year = _holding(self, start)
        found = -year.until(start)
        while end > year.end:
            found += year.total
            year = _year(self, year.number + 1)
        return found + year.until(end)

    def after(self, start: int, ns: int) -> int:
        """The first instant by which ``ns`` inside it have run since ``start``: where that is all of a day's hours,
        the instant at which the day closes. ValueError where the calendar never has so much."""
        if ns <= 0 or self.always:
            return start + max(0, ns)
        year = _holding(self, start)
        left = ns + year.until(start)
        last = year.number + _YEARS
        while left > year.total:
            left -= year.total
            year = _year(self, year.number + 1)
            if year.total:
                last = year.number + _YEARS
            elif year.number > last:
                raise ValueError(f"the calendar {self.name!r} has no hours after {from_ns(start, self._zone)}")
        return year.at(left)

    def is_open(self, at: int) -> bool:
        """Whether the instant is inside."""
        return bool(self.open_spans(at, at + 1))

    def opening(self, at: int) -> int:
        """The first instant inside from ``at`` on."""
        return self.after(at, 1) - 1

    def is_business_day(self, day: date) -> bool:
        """Whether a local date has any hours; a date that a zone skipped has none."""
        return day.toordinal() in _year(self, day.year).dates

    def business_days(self, first: date, last: date) -> int:
        """How many business days there are from ``first`` to before ``last``."""
        found = 0
        for number in range(first.year, last.year + 1):
            days = _year(self, number).days
            found += bisect_left(days, last.toordinal()) - bisect_left(days, first.toordinal())
        return max(0, found)

    def business_days_used(self, start: int, end: int) -> int:
        """How many business days after the day of ``start`` were used up to ``end``: 0 on the same day, k from the
        end of the one before until the end of the k-th. Something due on the k-th was done in time if this is at most
        k."""
        first, last = day_of(start, self._zone), day_of(end, self._zone)
        return self.business_days(first + timedelta(days=1), last) + 1 if first < last else 0

    def nth_business_day_after(self, instant: int, n: int) -> Span:
        """The local day that is the n-th business day after the day of ``instant``, from its first to past its last
        nanosecond; for 0 that day itself. What happens at the end of a period is asked for with its last instant.
        ValueError where there is none."""
        today = day_of(instant, self._zone)
        if n < 1:
            return self._day(today)
        year = _year(self, today.year)
        place = bisect_right(year.days, today.toordinal()) + n - 1
        last = year.number + _YEARS
        while place >= len(year.days):
            place -= len(year.days)
            year = _year(self, year.number + 1)
            if year.days:
                last = year.number + _YEARS
            elif year.number > last:
                raise ValueError(f"the calendar {self.name!r} has no business day after {today}")
        return self._day(date.fromordinal(year.days[place]))

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def _day(self, day: date) -> Span:
        return start_of(day, self._zone), start_of(day + timedelta(days=1), self._zone)

    def works_on(self, day: date) -> bool:
        """Whether hours are written for that date: those of its weekday, unless it is a holiday."""
        holiday = day in self.holidays or (day.month, day.day) in self.yearly
        return bool(self.hours[day.weekday()]) and not holiday


def always(timezone: str) -> Calendar:
    """The calendar ``24x7``: every instant; its days are those of the zone."""
    return Calendar(ALWAYS, timezone, _WHOLE)


@dataclass(frozen=True, slots=True)
class _Year:
    """One local year of a calendar. ``before[i]`` is what is inside before ``opens[i]``; ``days`` are the ordinals
    of its business days."""

    number: int
    start: int
    end: int
    opens: tuple[int, ...]
    closes: tuple[int, ...]
    before: tuple[int, ...]
    total: int
    days: tuple[int, ...]
    dates: frozenset[int]

    def until(self, at: int) -> int:
        """What is inside from the year's start to ``at``."""
        i = bisect_right(self.opens, at) - 1
        return self.before[i] + min(at, self.closes[i]) - self.opens[i] if i >= 0 else 0

    def at(self, ns: int) -> int:
        """The instant at which ``ns`` (above zero, at most ``total``) have run since the year's start."""
        i = bisect_left(self.before, ns) - 1
        return self.opens[i] + ns - self.before[i]

    def within(self, start: int, end: int) -> list[Span]:
        """The spans, cut to ``[start, end)``."""
        first, last = bisect_right(self.closes, start), bisect_left(self.opens, end)
        return clip(list(zip(self.opens[first:last], self.closes[first:last], strict=True)), start, end)


def _holding(calendar: Calendar, at: int) -> _Year:
    """The year that holds an instant; next to its ends a local clock may have shown another."""
    year = _year(calendar, from_ns(at, ZoneInfo(calendar.timezone)).year)
    if at < year.start:
        return _year(calendar, year.number - 1)
    return year if at < year.end else _year(calendar, year.number + 1)


@lru_cache(maxsize=1024)
def _year(calendar: Calendar, number: int) -> _Year:
    zone = ZoneInfo(calendar.timezone)
    edges = _midnights(calendar.timezone, number)
    first = date(number, 1, 1).toordinal() - 1
    spans: list[Span] = []
    days: list[int] = []
    for place in range(len(edges) - 1):
        day = date.fromordinal(first + place)
        if edges[place] < edges[place + 1] and calendar.works_on(day):
            days += [day.toordinal()] if place else []
            for since, to in calendar.hours[day.weekday()]:
                spans.append((_at(edges, place, since, day, zone), _at(edges, place, to, day, zone)))
    start, end = edges[1], edges[-1]
    inside = clip(union(spans), start, end)
    before, total = [], 0
    for opens, closes in inside:
        before.append(total)
        total += closes - opens
    opened, closed = tuple(span[0] for span in inside), tuple(span[1] for span in inside)
    return _Year(number, start, end, opened, closed, tuple(before), total, tuple(days), frozenset(days))


@lru_cache(maxsize=1024)
def _midnights(timezone: str, year: int) -> tuple[int, ...]:
    """Where the local days begin, from the last one of the year before to the first of the next."""
    zone = ZoneInfo(timezone)
    first, last = date(year, 1, 1) - timedelta(days=1), date(year + 1, 1, 1)
    return tuple(start_of(first + timedelta(days=i), zone) for i in range((last - first).days + 1))


def _at(edges: tuple[int, ...], place: int, minutes: int, day: date, zone: ZoneInfo) -> int:
    """When the local clock shows that many minutes of a day; on a day of 24 hours that can be counted."""
    more, minutes = divmod(minutes, 1440)
    if place + more >= len(edges) - 1:
        return instant_of(datetime.combine(day, time()) + timedelta(days=more, minutes=minutes), zone)
    start, end = edges[place + more], edges[place + more + 1]
    if minutes == 0 or end - start == _DAY:
        return start + minutes * _MINUTE
    return instant_of(datetime.combine(day, time()) + timedelta(days=more, minutes=minutes), zone)
