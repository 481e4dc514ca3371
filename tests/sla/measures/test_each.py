"""Each: every ticket by itself, or one statistic of them; what is open or untold stays between bounds."""

from fractions import Fraction

import pytest

from config.contract.model import ExclusionTerm, OutageRule
from config.contract.noun import Condition
from config.contract.rules import Source
from monitor.sla.facts import Pause, StateFact, TicketFact
from monitor.sla.measure import Measured
from monitor.sla.measures.each import measure
from tests.nouns import made
from tests.sla.desk import HOUR, MINUTE, MONTH, at, calendar, limit, rule, scene, ticket


def repairs(*hours: str, **more: object) -> list[TicketFact]:
    """Faults opened at noon of the days of one week, restored after so many hours."""
    start = at("Mon 12:00")
    return [
        TicketFact(f"T{n}", "hq", start + n * 24 * HOUR, restored=start + n * 24 * HOUR + int(Fraction(one) * HOUR))
        for n, one in enumerate(hours)
    ]


def hours(value: Fraction | None) -> Fraction | None:
    return None if value is None else value / HOUR


def triple(found: Measured) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
    return hours(found.lower), hours(found.value), hours(found.upper)


def test_every_ticket_is_listed_with_its_due_time_and_the_worst_is_the_figure() -> None:
    waited = ticket("Mon 09:00", "Mon 15:30", "T2", severity="1", pauses=(Pause(at("Mon 10:00"), at("Mon 12:00")),))
    one = scene(ticket("Tue 09:00", "Tue 11:00"), waited)
    found = measure([one], rule("resolution"), limit(5 * HOUR))
    assert triple(found) == (Fraction(9, 2), Fraction(9, 2), Fraction(9, 2))
    assert [(item.key, item.due, item.severity) for item in found.items] == [
        ("T2", at("Mon 16:00"), "1"),
        ("T1", at("Tue 14:00"), None),
    ]
    assert found.samples == 2


def test_a_limit_in_business_hours_runs_on_its_calendar() -> None:
    one = scene(ticket("Fri 16:00", "Sat 12:00"), calendars=(calendar("09:00-18:00"),))
    found = measure([one], rule("resolution"), limit(4 * HOUR, clock="office"))
    assert found.value == 2 * HOUR
    assert found.items[0].due == at("next Mon 11:00")


def test_a_limit_in_business_days_counts_days() -> None:
    """Opened on Friday, restored on the Wednesday after: three business days."""
    told = ticket("Fri 16:00", None, closed="next Wed 09:00")
    one = scene(told, calendars=(calendar("09:00-18:00"),))
    found = measure([one], rule("resolution"), limit(2, unit="business_days", clock="office"))
    assert (found.value, found.items[0].due) == (3, at("next Wed 00:00"))


@pytest.mark.parametrize(
    ("statistic", "given", "value"),
    [
        ("mean", ("1", "1", "3.9"), Fraction(59, 30)),
        ("max", ("1", "1", "3.9"), Fraction(39, 10)),
        ("mean", ("1", "1", "5"), Fraction(7, 3)),
        ("max", ("1", "1", "5"), Fraction(5)),
        ("min", ("2", "1", "5"), Fraction(1)),
        ("sum", ("2", "1", "5"), Fraction(8)),
        ("median", ("2", "1", "5", "9"), Fraction(2)),
        ("p90", ("1", "1", "2", "2", "3", "3", "3", "4", "4", "6"), Fraction(4)),
    ],
)
def test_a_statistic_is_one_figure_of_them_all(statistic: str, given: tuple[str, ...], value: Fraction) -> None:
    found = measure([scene(*repairs(*given))], rule("resolution", statistic), None)
    assert triple(found) == (value, value, value)
    assert found.items == ()


def test_a_share_within_counts_those_that_took_exactly_so_long() -> None:
    """Twenty tickets, one over four hours: 95 %."""
    one = scene(*repairs(*["4"] * 19, "4.1"))
    found = measure([one], rule("resolution", "share within", threshold=4 * HOUR, unit="ratio"), None)
    assert (found.lower, found.value, found.upper) == (Fraction(95, 100),) * 3
    over = measure([one], rule("resolution", "share over", threshold=4 * HOUR, unit="ratio"), None)
    assert over.value == Fraction(5, 100)


def test_business_days_have_quantiles_too() -> None:
    """Faults opened on a Monday, restored on that business day after it: nine in ten within four."""
    office = calendar("00:00-24:00")
    end = {1: "Tue", 2: "Wed", 3: "Thu", 4: "Fri", 6: "next Tue"}
    told = [ticket("Mon 12:00", f"{end[n]} 12:00", f"T{i}") for i, n in enumerate((1, 1, 2, 2, 3, 3, 3, 4, 4, 6))]
    one = scene(*told, calendars=(office,))
    days = limit(4, unit="business_days", clock="office")
    assert measure([one], rule("resolution", "p90"), days).value == 4
    assert measure([one], rule("resolution", "max"), days).value == 6


def test_an_open_ticket_has_no_upper_bound_and_can_breach_already() -> None:
    one = scene(ticket("Mon 09:00"), ticket("Mon 09:00", "Mon 10:00", "T2"), now=at("Mon 15:00"))
    assert triple(measure([one], rule("resolution"), limit(5 * HOUR))) == (6, 6, None)
    within = measure([one], rule("resolution", "share within", threshold=8 * HOUR), None)
    assert (within.lower, within.value, within.upper) == (0, 1, 1)
    assert triple(measure([one], rule("resolution", "mean"), None)) == (0, Fraction(7, 2), None)


def test_what_was_not_told_in_a_closed_month_stays_between_bounds() -> None:
    """Restored after two hours; nobody wrote down the response."""
    one = scene(ticket("Mon 09:00", "Mon 11:00"), ticket("Tue 09:00", "Tue 12:00", "T2", responded="Tue 10:00"))
    assert triple(measure([one], rule("response"), limit(HOUR))) == (1, 1, 2)
    within = measure([one], rule("response", "share within", threshold=HOUR), None)
    assert (within.lower, within.value, within.upper) == (Fraction(1, 2), 1, 1)
    assert triple(measure([one], rule("response", "mean"), None)) == (Fraction(1, 2), 1, Fraction(3, 2))


@pytest.mark.parametrize(("statistic", "kept"), [(None, 0), ("mean", 0), ("share within", 1)])
def test_without_tickets_nothing_was_missed(statistic: str | None, kept: int) -> None:
    found = measure([scene()], rule("resolution", statistic, threshold=HOUR), None)
    assert (found.lower, found.value, found.upper, found.samples) == (kept, None, kept, 0)


def test_as_long_as_the_month_runs_a_ticket_may_still_come() -> None:
    found = measure([scene(now=at("Mon 09:00"))], rule("resolution"), limit(HOUR))
    assert (found.lower, found.value, found.upper) == (0, None, None)


def test_a_ticket_belongs_to_the_month_in_which_its_leg_begins() -> None:
    before = TicketFact("T0", "hq", MONTH.start - 1, restored=MONTH.start + HOUR)
    last = TicketFact("T1", "hq", MONTH.end - 1, restored=MONTH.end + HOUR - 1)
    assert triple(measure([scene(before, last)], rule("resolution"), limit(HOUR))) == (1, 1, 1)


def test_conditions_choose_the_tickets() -> None:
    told = [
        ticket("Mon 09:00", "Mon 10:00", "T1", severity="1", cause="fibre_break"),
        ticket("Mon 09:00", "Mon 12:00", "T2", severity="1"),
        ticket("Mon 09:00", "Mon 18:00", "T3", severity="2"),
        ticket("Mon 09:00", "Mon 23:00", "T4", severity="1", by="customer"),
    ]
    one = scene(*told)
    first = rule("resolution", where=Condition(severity=("1",)))
    assert measure([one], first, None).value == 3 * HOUR
    fibre = limit(HOUR, id="fibre", where=Condition(cause=("fibre break",)), replaces="high")
    assert measure([one], first, fibre).value == HOUR
    high = limit(HOUR, id="high")
    assert measure([scene(told[0], promises=(high, fibre))], first, high).samples == 0
    assert measure([one], rule("resolution"), limit(HOUR, by="customer")).value == 14 * HOUR


def test_time_that_is_paused_for_everybody_is_paused_for_a_ticket() -> None:
    away = ExclusionTerm(cause="customer pending", effect="pause")
    told = [ticket("Mon 09:00", "Mon 15:00"), StateFact("hq", at("Mon 10:00"), at("Mon 11:00"), "up", away.cause)]
    assert measure([scene(*told, exclusions=(away,))], rule("resolution"), None).value == 5 * HOUR


def test_a_ticket_whose_cause_is_excluded_counts_only_where_exclusions_are_taken_off() -> None:
    """Six hours and four, of which the four are the customer's: a mean of six, or of three where both are counted."""
    customer = ExclusionTerm(cause="customer")
    told = [ticket("Mon 09:00", "Mon 15:00"), ticket("Tue 09:00", "Tue 13:00", "T2", cause="customer")]
    one = scene(*told, exclusions=(customer,))
    assert measure([one], rule("resolution", "mean"), None).value == 6 * HOUR
    assert measure([one], rule("resolution", "mean", less_excluded=True), None).value == 3 * HOUR


def outage(name: str = "unavailable", **more: object) -> OutageRule:
    return made(OutageRule, {"name": name, "sources": (Source(kind="tickets"),), **more})


def test_every_outage_can_be_taken_by_itself() -> None:
    """Outages of six and four hours, two of them excluded: on average four."""
    maintenance = ExclusionTerm(cause="maintenance")
    told = [
        ticket("Mon 09:00", "Mon 15:00"),
        ticket("Tue 09:00", "Tue 13:00", "T2"),
        StateFact("hq", at("Mon 10:00"), at("Mon 12:00"), "up", "maintenance"),
    ]
    one = scene(*told, exclusions=(maintenance,), outages=(outage(),))
    assert triple(measure([one], rule("unavailable", "mean"), None)) == (4, 4, 4)
    found = measure([one], rule("unavailable"), None)
    assert [(item.key, item.value) for item in found.items] == [("T1", 4 * HOUR), ("T2", 4 * HOUR)]


def test_an_outage_that_is_wholly_excluded_is_counted_where_exclusions_are_taken_off() -> None:
    maintenance = ExclusionTerm(cause="maintenance")
    told = [
        ticket("Mon 09:00", "Mon 15:00"),
        ticket("Tue 09:00", "Tue 13:00", "T2"),
        StateFact("hq", at("Tue 09:00"), at("Tue 13:00"), "up", "maintenance"),
    ]
    one = scene(*told, exclusions=(maintenance,), outages=(outage(),))
    assert measure([one], rule("unavailable", "mean"), None).value == 6 * HOUR
    assert measure([one], rule("unavailable", "mean", less_excluded=True), None).value == 3 * HOUR


def test_an_outage_that_runs_is_at_least_so_long() -> None:
    one = scene(ticket("Mon 09:00"), outages=(outage(),), now=at("Mon 11:00"))
    found = measure([one], rule("unavailable"), None)
    assert triple(found) == (2, 2, None)
    assert (found.items[0].value, found.items[0].upper, found.items[0].end) == (2 * HOUR, None, None)


def test_services_are_pooled_by_asking_them_all() -> None:
    both = [scene(*repairs("1")), scene(*repairs("3"))]
    assert measure(both, rule("resolution", "mean"), None).value == 120 * MINUTE
