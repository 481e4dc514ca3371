"""The conditions on which a cause is not charged: notice in business days, times, windows, classes, effects."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from config.calendars import Calendar
from config.contract.model import ExclusionTerm, Service
from config.contract.noun import Condition
from config.periods import instant_of
from config.spans import Span, total
from monitor.sla.exclusions import Excluded, resolve
from monitor.sla.facts import ExclusionFact, StateFact
from tests.nouns import made
from tests.sla.outages.kit import HOUR, at, contract, minutes

WEB = Service(name="web", category="gold", region="emea")
H = 60


def excluded(
    *facts: ExclusionFact,
    states: Sequence[StateFact] = (),
    service: Service = WEB,
    calendars: tuple[Calendar, ...] = (),
    **term: object,
) -> Excluded:
    terms = contract(
        services=(service,),
        calendars=calendars,
        exclusions=(made(ExclusionTerm, {"cause": "maintenance", **term}),),
    )
    return resolve(terms, service, facts, states, -(1 << 62))


def told(start: float, end: float, ahead: float = 10_000, id: str = "M", **more: object) -> ExclusionFact:
    """Announced so many minutes ahead."""
    return ExclusionFact(f"{id}{start}", at(start), at(end), "maintenance", announced_at=at(start - ahead), **more)  # type: ignore[arg-type]


def lengths(found: Sequence[Span]) -> float:
    return minutes(total(found))


def test_so_many_times_a_period_and_no_more() -> None:
    found = excluded(told(0, 10), told(100, 500), told(600, 601), cap_times=2, cap_period="day")
    assert lengths(found.out_of_base) == 410
    assert [use.lapsed for use in found.uses] == [(), (), ((at(600), at(601), "beyond the cap"),)]
    again = excluded(told(0, 10), told(1440, 1450), cap_times=1, cap_period="day")
    assert lengths(again.out_of_base) == 20


def test_what_exceeds_a_yearly_cap_or_had_too_little_notice_counts() -> None:
    facts = [told(0, 500, id="a"), told(1000, 1180, id="b"), told(2000, 2030, ahead=24 * H, id="c")]
    found = excluded(*facts, cap=10 * HOUR, cap_period="year", notice=48 * HOUR)
    assert lengths(found.out_of_base) == 600
    assert [reason for use in found.uses for *_, reason in use.lapsed] == ["beyond the cap", "without the notice"]


def test_only_the_part_within_the_daily_window_is_excluded() -> None:
    chicago = ZoneInfo("America/Chicago")
    night = Calendar("window", "America/Chicago", (((0, 240),),) * 7)
    start, end = (instant_of(datetime(2026, 10, 6, hour), chicago) for hour in (2, 6))
    found = excluded(ExclusionFact("M1", start, end, "maintenance"), window=night)
    assert found.out_of_base == ((start, start + 2 * HOUR),)
    assert found.uses[0].lapsed == ((start + 2 * HOUR, end, "outside the window"),)


def test_a_cause_may_hold_longer_than_it_lasted() -> None:
    """The credit begins a day after the power is back: a state says so as well as an announcement, and both at once
    count once."""
    power = StateFact("web", at(0), at(60), "down", "maintenance")
    assert excluded(states=[power], extends=24 * HOUR).out_of_base == ((at(0), at(60) + 24 * HOUR),)
    both = excluded(told(30, 120), states=[power], extends=24 * HOUR)
    assert both.out_of_base == ((at(0), at(120) + 24 * HOUR),)


@pytest.mark.parametrize(("ahead_days", "kept"), [(7, False), (8, True)])
def test_notice_in_business_days_is_of_whole_days(ahead_days: int, kept: bool) -> None:
    # Monday the 5th at noon; five business days before it end on the Friday, those from the 28th on.
    fact = told(12 * H, 13 * H, ahead=ahead_days * 24 * H)
    assert bool(excluded(fact, notice_days=5).out_of_base) is kept


def test_holidays_are_no_days_of_notice() -> None:
    office = Calendar("office", "UTC", (((540, 1020),),) * 5 + ((), ()), frozenset({date(2026, 10, 1)}))
    fact = told(12 * H, 13 * H, ahead=10 * 24 * H)  # the Friday of the week before: five days lie between
    assert excluded(fact, notice_days=5).out_of_base
    assert not excluded(fact, notice_days=5, calendar="office", calendars=(office,)).out_of_base


def test_a_term_is_about_some_services_and_classes_only() -> None:
    assert excluded(told(0, 10), where=Condition(category=("gold",))).out_of_base
    assert not excluded(told(0, 10), where=Condition(category=("silver",))).out_of_base
    assert not excluded(told(0, 10), services=("line",)).out_of_base
    (use,) = excluded(told(0, 10), services=("line",)).uses
    assert use.lapsed[0][2] == "not a cause that the contract excludes"
    state = StateFact("web", at(0), at(10), "down", "maintenance", severity="2")
    assert excluded(states=[state], where=Condition(severity=("2",))).out_of_base
    assert not excluded(states=[state], where=Condition(severity=("1",))).out_of_base


def test_pausing_and_voiding_leave_the_base_alone() -> None:
    paused, void = excluded(told(0, 10), effect="pause"), excluded(told(0, 10), effect="void")
    assert (paused.paused, paused.out_of_base, paused.not_down) == (((at(0), at(10)),), (), ())
    assert (void.voided, void.all) == (((at(0), at(10)),), [])
    assert paused.left_out == [] and lengths(paused.all) == 10


def test_a_service_is_promised_from_its_first_day_to_its_last() -> None:
    service = Service(name="web", in_service_from=at(10), in_service_until=at(100))
    found = excluded(service=service)
    assert found.out_of_base[0][1] == at(10) and found.out_of_base[1][0] == at(100)
