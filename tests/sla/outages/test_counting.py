"""How much of an outage counts: inside its clock, less what is excluded or paused, divided at midnight, weighed."""

from datetime import date
from fractions import Fraction

from config.calendars import Calendar
from monitor.sla.exclusions import Excluded
from monitor.sla.facts import Pause, StateFact
from tests.sla.outages.kit import MINUTE, at, contract, counted, outages, rule, scene, spans, ticket

OFFICE = Calendar("office", "UTC", (((540, 1020),),) * 5 + ((), ()), frozenset({date(2026, 10, 6)}))
TICKETS = {"sources": ({"kind": "tickets"},)}


def test_only_time_inside_the_clock_counts() -> None:
    own = rule(clock="office", least=30 * MINUTE)
    terms = contract(own, calendars=(OFFICE,))
    down = [(500, 560), (600, 660), (1000, 1500), (1980, 2100)]  # the last on the holiday
    assert counted(own, terms=terms, down=down) == [(600, 660, 60)]
    any_length = rule(clock="office")
    assert counted(any_length, terms=contract(any_length, calendars=(OFFICE,)), down=down) == [
        (500, 560, 20),
        (600, 660, 60),
        (1000, 1500, 20),
    ]


def test_an_exclusion_shortens_an_outage_before_its_length_is_asked() -> None:
    gone = Excluded(tuple(spans((20, 28))), (), ())
    assert counted(rule(least=10 * MINUTE), down=[(15, 30)], excluded=gone) == []
    assert counted(rule(least=7 * MINUTE), down=[(15, 30)], excluded=gone) == [(15, 30, 7)]


def test_a_paused_outage_goes_on_without_counting() -> None:
    waiting = Excluded((), (), (), paused=tuple(spans((20, 28))))
    assert counted(rule(), down=[(15, 30)], excluded=waiting) == [(15, 30, 7)]
    view = scene(rule(), down=[(15, 30)], excluded=waiting).view
    assert (view.down, view.base) == (7 * MINUTE, 1440 * MINUTE)


def test_a_void_outage_is_none_at_all() -> None:
    void = Excluded((), (), (), voided=tuple(spans((29, 31))))
    found = scene(rule(), down=[(15, 30), (40, 45)], excluded=void)
    assert [(one.start, one.charged) for one in found.outages("bad")] == [(at(40), 5 * MINUTE)]
    assert (found.view.down, found.view.out) == (5 * MINUTE, 0)


def test_what_is_wholly_excluded_happened_and_counts_for_nothing() -> None:
    gone = Excluded(tuple(spans((10, 60))), (), ())
    (one,) = scene(rule(), down=[(15, 30)], excluded=gone).outages("bad")
    assert (one.charged, one.kept) == (0, ())


def test_pauses_of_a_ticket_stop_its_clock_by_their_cause() -> None:
    pauses = (Pause(at(20), at(30), "customer_pending"), Pause(at(25), at(45), "power"), Pause(at(50), None, "power"))
    facts = [ticket("T1", 0, restored=60, pauses=pauses)]
    assert [c for *_, c in counted(rule(**TICKETS), facts=facts)] == [25]
    assert [c for *_, c in counted(rule(pauses=("customer pending",), **TICKETS), facts=facts)] == [50]
    assert [c for *_, c in counted(rule(pauses=(), **TICKETS), facts=facts)] == [60]


def test_an_outage_over_midnight_is_one_for_each_day() -> None:
    own = rule(split="day", least=MINUTE, strict=True)
    terms = contract(own, timezone="America/New_York", period="month")
    midnight = 240  # 00:00 in New York
    short = [(midnight - 0.75, midnight + 0.75)]
    assert counted(own, terms=terms, down=short) == []
    long = [(midnight - 10, midnight + 20)]
    assert counted(own, terms=terms, down=long) == [(230, 240, 10), (240, 260, 20)]


def test_the_parts_of_an_outage_belong_to_the_periods_they_lie_in() -> None:
    own = rule(split="period")
    found = outages(own, down=[(-30, 20), (1430, 1460)])
    assert [(one.charged, one.counted) for one in found] == [(20 * MINUTE, True), (10 * MINUTE, True)]


def test_an_outage_weighs_what_the_facts_say() -> None:
    facts = [
        StateFact("web", at(0), at(60), "down", weight=Fraction(1, 4)),
        StateFact("web", at(60), at(80), "down"),
    ]
    (one,) = outages(rule(weighted=True), down=[(0, 100)], facts=facts)
    assert one.charged * one.weight == (15 + 40) * MINUTE
    (one,) = outages(rule(), down=[(0, 100)], facts=facts)
    assert one.weight == 1


def test_few_affected_are_no_outage() -> None:
    facts = [
        StateFact("web", at(0), at(60), "down", affected=99),
        StateFact("web", at(90), at(99), "down", affected=100),
    ]
    own = rule(affected=100)
    assert counted(own, down=[(0, 60), (90, 99), (200, 300)], facts=facts) == [(90, 99, 9)]
