"""What was sampled at one cadence stays judged by it, whatever the configuration says later."""

from dataclasses import replace
from fractions import Fraction

from config.model import Config
from monitor.sla.evidence import Facts
from monitor.sla.facts import ClaimFact, CountsFact, Fact, ScheduleFact, TicketFact, ValueFact
from monitor.sla.known import Index, Known, cadence_changes, known
from monitor.sla.words import FOREVER
from tests.sla.histories import MINUTE, TARGET, TEN, contract, judge, samples

SLOW = replace(TARGET, every=10 * MINUTE)


def test_a_cadence_is_told_once_and_again_when_it_changes() -> None:
    first = cadence_changes([TARGET], [], TEN)
    assert first == [ScheduleFact("hq", TEN, TARGET.every, TARGET.timeout)]
    assert cadence_changes([TARGET], first, TEN + MINUTE) == []
    second = cadence_changes([SLOW], first, TEN + MINUTE)
    assert second == [ScheduleFact("hq", TEN + MINUTE, SLOW.every, SLOW.timeout)]
    assert cadence_changes([TARGET], [*second, *first], TEN + 2 * MINUTE)[0].every == TARGET.every


def test_a_gap_at_the_old_cadence_stays_a_gap_at_the_new_one() -> None:
    """Sampled every minute, five missing; the configuration now says every ten minutes, which would span them."""
    facts = [*samples("U" * 10 + "....." + "U" * 15, start=TEN - 10 * MINUTE)]
    told = [ScheduleFact("hq", TEN - 10 * MINUTE, TARGET.every, TARGET.timeout)]
    now = Config(targets={"hq": SLOW})
    assert judge([*facts, *told], config=now).services[0].unknown == 5 * MINUTE
    assert judge(list(facts), config=now).services[0].unknown == 0


def found(*facts: Fact) -> Known:
    return known(contract(), Index(Facts(facts), TEN, FOREVER))


def test_the_version_of_a_ticket_recorded_last_is_the_one_known() -> None:
    first = TicketFact("T1", "hq", TEN, recorded_at=TEN)
    ended = replace(first, restored=TEN + MINUTE, recorded_at=TEN + 5 * MINUTE)
    assert found(ended, first).tickets["hq"] == [ended]
    assert found(replace(ended, service="web"), first).tickets["hq"] == []


def test_a_ticket_without_a_time_of_recording_is_the_oldest_version() -> None:
    ticket = TicketFact("T1", "hq", TEN)
    later = replace(ticket, severity="2", recorded_at=TEN - MINUTE)
    assert found(later, ticket).tickets["hq"] == [later]


def test_of_versions_without_a_time_of_recording_the_one_that_tells_more_is_known() -> None:
    ticket = TicketFact("T1", "hq", TEN)
    ended = replace(ticket, restored=TEN + MINUTE)
    again = replace(ended, reopened=(TEN + MINUTE,))
    assert found(ended, ticket).tickets["hq"] == [ended]
    assert found(again, ended, ticket).tickets["hq"] == [again]


def test_reports_are_known_by_what_they_are_about_and_only_to_their_contract() -> None:
    ours = CountsFact("calls", TEN, TEN + MINUTE, 9, 1, service="hq")
    whole = CountsFact("calls", TEN + MINUTE, TEN + 2 * MINUTE, 9, 0, contract="acme")
    others = [replace(ours, service="web"), replace(ours, contract="beta")]
    csat = ValueFact("csat", Fraction(4), period="2026-10")
    claim = ClaimFact("acme", TEN, "T1")
    granted = replace(claim, granted=True)
    told = found(whole, ours, *others, csat, replace(csat, contract="beta"), claim, granted, ClaimFact("beta", TEN))
    assert told.counts["calls"] == [ours, whole]
    assert told.values["csat"] == [csat]
    assert told.claims == [granted]
