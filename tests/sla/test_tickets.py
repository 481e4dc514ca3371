"""The legs of a ticket, and what is known of those that have not ended."""

from fractions import Fraction

import pytest

from config.calendars import always
from config.contract.rules import Edge
from monitor.sla.facts import Pause, TicketFact
from monitor.sla.stopwatch import Stopwatch
from monitor.sla.tickets import Timing, as_of, due, leg_of, pauses_of, restored, timing
from tests.sla.desk import HOUR, MINUTE, at, calendar, ticket

EVER = Stopwatch(always("America/New_York"))
FULL = ticket(
    "Mon 09:00",
    "Mon 15:00",
    occurred="Mon 08:00",
    detected="Mon 08:30",
    confirmed="Mon 08:40",
    acknowledged="Mon 09:05",
    responded="Mon 09:20",
    repair_started="Mon 10:00",
    closed="Tue 09:00",
    notified="Mon 09:10",
    updates=(at("Mon 11:00"), at("Mon 10:00"), at("Mon 16:00")),
)


def took(one: TicketFact, leg: str, horizon: str = "Fri 00:00", watch: Stopwatch = EVER) -> Timing | None:
    found = leg_of(one, leg)
    return None if found is None else timing(found, watch.stopped(pauses_of(one)), at(horizon))


def exactly(ns: int) -> Timing:
    return Timing(Fraction(ns), Fraction(ns), Fraction(ns))


@pytest.mark.parametrize(
    ("leg", "minutes"),
    [
        ("response", 20),
        ("acknowledgement", 5),
        ("resolution", 360),
        ("repair", 420),
        ("closure", 24 * 60),
        ("notification", 40),
        ("update gap", 240),
        ("start of repair", 60),
        ("detected to repair_started", 90),
        ("repair_started to responded", 0),
    ],
)
def test_each_leg_runs_between_its_two_instants(leg: str, minutes: int) -> None:
    assert took(FULL, leg) == exactly(minutes * MINUTE)


def test_an_order_has_a_delivery_and_no_resolution() -> None:
    order = ticket("Mon 09:00", requested="Mon 08:00", delivered="Wed 08:00", due="Tue 08:00", type="installation")
    assert took(order, "delivery") == exactly(48 * HOUR)
    assert took(order, "due to delivered") == exactly(24 * HOUR)
    assert took(order, "resolution") is None
    assert took(FULL, "delivery") is None
    assert took(FULL, "requested to delivered") is None


def test_a_repair_begins_where_the_contract_lets_its_outages_begin() -> None:
    later = Edge(pick="latest", of=("detection", "confirmation"))
    leg = leg_of(FULL, "repair", later)
    assert leg is not None
    assert timing(leg, EVER, at("Fri 00:00")) == exactly(380 * MINUTE)


def test_the_clock_waits_with_the_customer() -> None:
    """09:00 to 15:30, of which two hours for the customer: 4.5 of 5 hours, due at 16:00."""
    waited = ticket("Mon 09:00", "Mon 15:30", pauses=(Pause(at("Mon 10:00"), at("Mon 12:00"), "customer"),))
    assert took(waited, "resolution") == exactly(9 * HOUR // 2)
    leg = leg_of(waited, "resolution")
    assert leg is not None
    assert due(leg, EVER.stopped(pauses_of(waited)), Fraction(5 * HOUR)) == at("Mon 16:00")
    assert due(leg, Stopwatch(calendar("09:00-17:00")), Fraction(2), days=True) == at("Thu 00:00")


def test_a_ticket_that_was_opened_again_runs_to_its_last_restoration() -> None:
    again = ticket("Mon 09:00", "Tue 09:00", reopened=(at("Mon 20:00"),), closed="Mon 18:00")
    assert took(again, "resolution") == exactly(24 * HOUR)
    open_ = ticket("Mon 09:00", "Mon 18:00", reopened=(at("Mon 20:00"),))
    assert restored(open_) is None
    assert took(open_, "resolution", "Tue 09:00") == Timing(Fraction(24 * HOUR), Fraction(24 * HOUR), None)


def test_an_open_leg_has_lasted_so_long_at_least() -> None:
    one = ticket("Mon 09:00", updates=(at("Mon 10:00"),))
    assert took(one, "response", "Mon 11:00") == Timing(Fraction(2 * HOUR), Fraction(2 * HOUR), None)
    assert took(one, "update gap", "Mon 14:00") == Timing(Fraction(4 * HOUR), Fraction(4 * HOUR), None)
    assert took(one, "update gap", "Mon 10:30") == Timing(Fraction(HOUR), Fraction(HOUR), None)
    assert took(one, "resolution", "Sun 00:00") == took(one, "closure", "Sun 00:00")


def test_what_a_ticket_that_is_over_does_not_tell_came_before_its_end() -> None:
    silent = ticket("Mon 09:00", "Mon 11:00")
    assert took(silent, "response") == Timing(None, Fraction(0), Fraction(2 * HOUR))
    assert took(silent, "notification") == Timing(None, Fraction(0), Fraction(2 * HOUR))
    assert took(ticket("Mon 09:00", closed="Mon 11:00"), "resolution") == exactly(2 * HOUR)


def test_what_came_later_has_not_happened() -> None:
    paused = ticket("Mon 09:00", "Mon 15:00", pauses=(Pause(at("Mon 10:00"), at("Mon 12:00")), Pause(at("Mon 14:00"))))
    seen = as_of(paused, at("Mon 11:00"))
    assert seen is not None
    assert seen.restored is None
    assert seen.pauses == (Pause(at("Mon 10:00"), None),)
    assert took(seen, "resolution", "Mon 11:00") == Timing(Fraction(HOUR), Fraction(HOUR), None)
    assert as_of(paused, at("Mon 08:59")) is None
    full = as_of(FULL, at("Mon 10:00"))
    assert full is not None
    assert (full.updates, full.responded, full.closed) == ((at("Mon 10:00"),), at("Mon 09:20"), None)
