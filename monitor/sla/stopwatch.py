"""A clock that runs in the hours of a calendar and stands still while somebody else is awaited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from config.calendars import Calendar
from config.periods import day_of, start_of
from config.spans import Span, clip, subtract, union
from monitor.sla.words import FOREVER


@dataclass(frozen=True, slots=True)
class Stopwatch:
    """``stops`` is a set of spans in which it stands still; one that reaches ``FOREVER`` has not ended."""

    calendar: Calendar
    stops: tuple[Span, ...] = ()

    def stopped(self, more: Iterable[Span]) -> "Stopwatch":
        """The same clock, standing still in further spans too, each instant once."""
        return Stopwatch(self.calendar, tuple(union([*self.stops, *more])))

    def elapsed(self, start: int, end: int) -> int:
        """How much ran from ``start`` to ``end`` (ns)."""
        ran = self.calendar.elapsed(start, end)
        return ran - sum(self.calendar.elapsed(*stop) for stop in clip(self.stops, start, end))

    def due(self, start: int, ns: int) -> int | None:
        """When ``ns`` will have run since ``start``; None while that hangs on a stop that has not ended."""
        at, left = start, ns
        for first, last in self.stops:
            if last <= at:
                continue
            runs = self.calendar.elapsed(at, first) if at < first else 0
            if runs >= left:
                break
            left -= runs
            at = last
            if at >= FOREVER:
                return None
        return self.calendar.after(at, left)

    def days(self, start: int, end: int) -> int:
        """How many business days after that of ``start`` were used up to ``end``; those on which it stood still all
        day are not used."""
        return self.calendar.business_days_used(start, end) - self._lost(start, end, self.stops)

    def due_day(self, start: int, days: int) -> int | None:
        """The end of the n-th business day after that of ``start`` (n above zero); None while that hangs on a stop
        that has not ended."""
        ended = [stop for stop in self.stops if stop[1] < FOREVER]
        lost = -1
        found, more = 0, 0
        while lost != more:
            lost = more
            found = self.calendar.nth_business_day_after(start, days + lost)[1]
            more = self._lost(start, found, ended)
        return None if any(first < found for first, last in self.stops if last >= FOREVER) else found

    def _lost(self, start: int, end: int, stops: Sequence[Span]) -> int:
        """How many business days after that of ``start``, begun before ``end``, have no running hour."""
        zone = ZoneInfo(self.calendar.timezone)
        tomorrow = day_of(start, zone) + timedelta(days=1)
        touched: set[date] = set()
        for first, last in stops:
            day = max(day_of(first, zone), tomorrow)
            while start_of(day, zone) < min(last, end):
                touched.add(day)
                day += timedelta(days=1)
        return sum(1 for day in touched if self._stands(day, stops, zone))

    def _stands(self, day: date, stops: Sequence[Span], zone: ZoneInfo) -> bool:
        hours = self.calendar.open_spans(start_of(day, zone), start_of(day + timedelta(days=1), zone))
        return bool(hours) and self.calendar.is_business_day(day) and not subtract(hours, stops)
