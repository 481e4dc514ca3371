"""Share of tickets: a ticket is kept if every leg kept its limit."""

from fractions import Fraction

from config.contract.rules import MeasureRule
from monitor.sla.facts import TicketFact
from monitor.sla.measures.tickets import measure
from tests.sla.desk import HOUR, MINUTE, at, calendar, scene, ticket

BOTH = MeasureRule(
    name="both", kind="tickets", of="tickets", unit="ratio", legs=(("response", 4 * HOUR), ("resolution", 16 * HOUR))
)


def desk(number: int, response: int, resolution: int) -> TicketFact:
    """A ticket answered and resolved after so many hours."""
    start = at("Mon 09:00") + number * MINUTE
    return TicketFact(f"T{number}", "hq", start, responded=start + response * HOUR, restored=start + resolution * HOUR)


def test_a_ticket_must_keep_both_legs() -> None:
    """A hundred tickets: five answered late, five others resolved late."""
    told = [desk(n, 5 if n < 5 else 1, 17 if 5 <= n < 10 else 10) for n in range(100)]
    found = measure([scene(*told)], BOTH, None)
    assert (found.lower, found.value, found.upper, found.samples) == (*[Fraction(90, 100)] * 3, 100)


def test_a_ticket_that_misses_both_legs_is_missed_once() -> None:
    found = measure([scene(desk(1, 5, 17), desk(2, 1, 10))], BOTH, None)
    assert found.value == Fraction(1, 2)


def test_limits_in_business_hours_run_on_the_calendar_of_the_measure() -> None:
    """Raised at 18:30, answered the next day at 11:30: three and a half of four hours."""
    one = ticket("Tue 18:30", "Wed 17:00", responded="Wed 11:30")
    office = calendar("08:00-18:00")
    clocked = BOTH.but(clock="office")
    assert measure([scene(one, calendars=(office,))], clocked, None).value == 1
    assert measure([scene(one, calendars=(office,))], BOTH, None).value == 0


def test_a_ticket_that_is_open_within_its_limit_is_undecided() -> None:
    """Open since two hours in a month that is closed otherwise: kept one, missed one, one to be seen."""
    late = ticket("Mon 09:00", "Wed 09:00", "T9", responded="Mon 10:00")
    last = TicketFact("T8", "hq", scene().period.end - 2 * HOUR, responded=scene().period.end - HOUR)
    found = measure([scene(desk(1, 1, 10), late, last)], BOTH, None)
    assert (found.lower, found.value, found.upper) == (Fraction(1, 3), Fraction(1, 2), Fraction(2, 3))


def test_without_tickets_none_was_missed_and_while_the_month_runs_any_may_be() -> None:
    found = measure([scene()], BOTH, None)
    assert (found.lower, found.value, found.upper, found.samples) == (1, None, 1, 0)
    found = measure([scene(desk(1, 1, 10), now=at("Tue 12:00"))], BOTH, None)
    assert (found.lower, found.value, found.upper) == (0, 1, 1)
