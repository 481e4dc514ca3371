"""Outages from tickets, and observed outages whose edges tickets say."""

from tests.sla.outages.kit import MINUTE, at, counted, outages, rule, ticket

TICKETS = {"sources": ({"kind": "tickets"},)}


def from_to(starts: object, ends: object, **more: object) -> object:
    def edge(value: object) -> object:
        return {"of": (value,)} if isinstance(value, str) else value

    return rule(starts=edge(starts), ends=edge(ends), **more)


FULL = ticket("T1", 10, occurred=5, detected=7, confirmed=12, acknowledged=15, responded=20, restored=60, closed=90)


def test_a_ticket_runs_between_the_moments_that_the_rule_names() -> None:
    assert counted(rule(**TICKETS), facts=[FULL]) == [(5, 60, 55)]
    for moment, start in (("report", 10), ("detection", 7), ("confirmation", 12), ("acknowledgement", 15)):
        assert counted(from_to(moment, "closed", **TICKETS), facts=[FULL]) == [(start, 90, 90 - start)]  # type: ignore[arg-type]


def test_the_earliest_and_the_latest_of_several_moments() -> None:
    early = {"pick": "earliest", "of": ("report", "detection")}
    late = {"pick": "latest", "of": ("report", "confirmation")}
    ends = {"pick": "earliest", "of": ("restored", "closed")}
    assert counted(from_to(early, ends, **TICKETS), facts=[FULL]) == [(7, 60, 53)]  # type: ignore[arg-type]
    assert counted(from_to(late, "closed", **TICKETS), facts=[FULL]) == [(12, 90, 78)]  # type: ignore[arg-type]
    plain = ticket("T2", 10, restored=60)
    assert counted(from_to(early, ends, **TICKETS), facts=[plain]) == [(10, 60, 50)]  # type: ignore[arg-type]
    assert counted(from_to(late, "closed", **TICKETS), facts=[plain]) == []  # type: ignore[arg-type]


def test_a_ticket_that_is_not_over_runs_as_far_as_is_known() -> None:
    (one,) = outages(rule(**TICKETS), facts=[ticket("T1", 10)], now=100)
    assert (one.open, one.charged) == (True, 90 * MINUTE)
    (one,) = outages(rule(**TICKETS), facts=[ticket("T1", 10)])
    assert (one.open, one.end) == (True, at(1440))
    (one,) = outages(rule(**TICKETS), facts=[ticket("T1", 1400, restored=1500)])
    assert (one.open, one.charged, one.counted) == (False, 100 * MINUTE, True)


def test_a_reopened_ticket_runs_on_or_begins_anew() -> None:
    again = ticket("T1", 0, restored=100, reopened=(at(60),))
    assert counted(rule(**TICKETS), facts=[again]) == [(0, 100, 100)]
    assert counted(rule(reopen="new", **TICKETS), facts=[again]) == [(0, 60, 60), (60, 100, 40)]
    open_again = ticket("T2", 0, restored=50, reopened=(at(60),))
    (one,) = outages(rule(**TICKETS), facts=[open_again], now=200)
    assert (one.open, one.charged) == (True, 200 * MINUTE)
    assert counted(rule(reopen="new", **TICKETS), facts=[open_again], now=200) == [(0, 50, 50), (60, 200, 140)]


def test_only_tickets_that_the_condition_names_are_outages() -> None:
    facts = [ticket("T1", 0, restored=10, severity="1"), ticket("T2", 20, restored=30, severity="3")]
    facts += [ticket("T3", 40, restored=50, severity="1", type="change")]
    own = rule(where={"severity": ("1", "2")}, **TICKETS)
    assert [one.ticket for one in outages(own, facts=facts)] == ["T1"]


def test_an_observed_outage_may_begin_when_it_was_reported_and_end_when_it_was_closed() -> None:
    facts = [ticket("T1", 20, restored=50, closed=70)]
    own = from_to("report", "closed")
    assert counted(own, down=[(10, 55), (300, 320)], facts=facts) == [(20, 70, 50)]  # type: ignore[arg-type]
    early = from_to({"pick": "earliest", "of": ("report", "first_failure")}, "first_success")
    assert counted(early, down=[(10, 55), (300, 320)], facts=facts) == [(10, 55, 45), (300, 320, 20)]  # type: ignore[arg-type]


def test_any_source_or_every_source_makes_the_outage() -> None:
    facts = [ticket("T1", 20, restored=50)]
    both = ({"kind": "probes"}, {"kind": "tickets"})
    assert counted(rule(sources=both), down=[(10, 30), (100, 110)], facts=facts) == [(10, 50, 40), (100, 110, 10)]
    assert counted(rule(sources=both, every_source=True), down=[(10, 30)], facts=facts) == [(20, 30, 10)]
    (one,) = outages(rule(sources=both, every_source=True), down=[(10, 30)], facts=facts)
    assert one.ticket == "T1"


def test_what_has_not_happened_yet_may_be_one_more_outage() -> None:
    facts = [ticket("T1", 10, restored=30)]
    least, most = (outages(rule(**TICKETS), world, facts=facts, now=100) for world in ("least", "greatest"))  # type: ignore[arg-type]
    assert [one.start for one in least] == [at(10)]
    assert [one.start for one in most] == [at(10), at(100)]
