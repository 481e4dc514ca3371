"""Tickets, counts, values and claims: what they may not say, and that nothing of a file is taken where one does."""

from fractions import Fraction

import pytest

from monitor.render import facts
from monitor.sla.facts import Pause, TicketFact, ValueFact
from probes.notation import instant
from tests.render.fact_kit import CLAIM, COUNTS, CSAT, STATE, T1
from tests.render.test_facts import lines, problems


def at(clock: str) -> str:
    return f"2026-10-01T{clock}:00Z"


def paused(start: str, end: str | None, cause: str = "access") -> dict[str, object]:
    told = {"from": at(start), "cause": cause}
    return told if end is None else told | {"to": at(end)}


def test_a_ticket_reads_as_it_says() -> None:
    written = T1 | {"class": "gold", "weight": "2.1%", "pauses": [paused("09:30", "10:15")], "by": "customer"}
    (ticket,) = facts.read(lines(written), "f")
    assert isinstance(ticket, TicketFact)
    assert (ticket.severity, ticket.category, ticket.type, ticket.by) == ("1", "gold", "fault", "customer")
    assert ticket.weight == Fraction(21, 1000)
    assert ticket.pauses == (Pause(instant(at("09:30")), instant(at("10:15")), "access"),)
    assert (ticket.start, ticket.end) == (instant(at("08:00")), instant(at("14:00")))


@pytest.mark.parametrize(
    ("change", "end"),
    [
        ({"reopened": [at("15:00")]}, None),
        ({"reopened": [at("13:00")]}, at("14:00")),
        ({"restored": None}, None),
        ({"restored": None, "closed": at("16:00")}, at("16:00")),
        ({"reopened": [at("15:00")], "restored": at("17:00"), "closed": at("14:30")}, at("17:00")),
    ],
)
def test_a_ticket_ends_with_its_last_restoration(change: dict[str, object], end: str | None) -> None:
    (ticket,) = facts.read(lines(T1 | change), "f")
    assert isinstance(ticket, TicketFact)
    assert ticket.end == (None if end is None else instant(end))


@pytest.mark.parametrize(
    ("value", "exact"),
    [
        ("4.6", Fraction(46, 10)),
        (4.6, Fraction(46, 10)),
        ("97.2%", Fraction(972, 1000)),
        ("2/3", Fraction(2, 3)),
        (-3, Fraction(-3)),
        ("0", Fraction(0)),
    ],
)
def test_a_value_is_exact(value: object, exact: Fraction) -> None:
    (fact,) = facts.read(lines(CSAT | {"value": value}), "f")
    assert isinstance(fact, ValueFact)
    assert fact.value == exact


def test_a_ticket_may_be_closed_before_the_service_is_back() -> None:
    """Contracts that end an outage at the earlier of both have to be told of both."""
    (fact,) = facts.read(lines(T1 | {"closed": at("13:00")}), "f")
    assert isinstance(fact, TicketFact)
    assert fact.closed is not None and fact.restored is not None and fact.closed < fact.restored


@pytest.mark.parametrize(
    ("fact", "message"),
    [
        (T1 | {"restored": at("07:00")}, "ticket: restored: 2026-10-01T07:00:00Z is before opened, {opened}"),
        (T1 | {"responded": at("07:59")}, "ticket: responded: 2026-10-01T07:59:00Z is before opened, {opened}"),
        (
            T1 | {"occurred": at("15:00")},
            "ticket: restored: 2026-10-01T14:00:00Z is before occurred, 2026-10-01T15:00:00Z",
        ),
        (T1 | {"reopened": [at("07:00")]}, "ticket: reopened[0]: 2026-10-01T07:00:00Z is before opened, {opened}"),
        (
            T1 | {"updates": [at("09:00"), at("07:00")]},
            "ticket: updates[1]: 2026-10-01T07:00:00Z is before its first instant, {opened}",
        ),
        (
            T1 | {"pauses": [paused("07:00", "09:00")]},
            "ticket: pauses[0]: from: 2026-10-01T07:00:00Z is before its first instant, {opened}",
        ),
        (
            T1 | {"pauses": [paused("09:00", "10:00"), paused("13:00", "15:00")]},
            "ticket: pauses[1]: to: 2026-10-01T15:00:00Z is after the ticket ended at 2026-10-01T14:00:00Z",
        ),
        (
            T1 | {"pauses": [paused("13:00", None)]},
            "ticket: pauses[0]: to is missing, but the ticket ended at 2026-10-01T14:00:00Z",
        ),
        (
            T1 | {"pauses": [paused("10:00", "09:00")]},
            "ticket: pauses[0]: to: 2026-10-01T09:00:00Z is not after from, 2026-10-01T10:00:00Z",
        ),
        (T1 | {"pauses": [{"cause": "access"}]}, "ticket: pauses[0]: from is missing"),
        (T1 | {"pauses": ["x"]}, "ticket: pauses[0]: 'x' is no object"),
        (T1 | {"pauses": "x"}, "ticket: pauses: 'x' is no list of objects"),
        (T1 | {"updates": "x"}, "ticket: updates: 'x' is no list of times"),
        (T1 | {"updates": [None]}, "ticket: updates[0]: null is no time; leave it out"),
        (T1 | {"by": "noc"}, "ticket: by: 'noc' is none of them; there are provider, customer"),
        (
            STATE | {"weight": "1.2"},
            'state: weight: \'1.2\' is no share of a whole; write it from 0 to 1, as "0.25" or "25%"',
        ),
        (COUNTS | {"failed": 1001}, "counts: failed: 1001 is more than total, 1000"),
        (COUNTS | {"total": -1}, "counts: total: -1 is no whole number from 0 up"),
        (CSAT | {"at": at("10:00")}, "value: period: give either period or at, not both"),
        (CSAT | {"period": None}, "value: period: give either period or at"),
        (CSAT | {"value": "good"}, 'value: value: \'good\' is no figure; write it as "4.6", "97.2%" or "2/3"'),
        (CSAT | {"value": "1/0"}, "value: value: '1/0' divides by zero"),
        (CLAIM | {"granted": "yes"}, "claim: granted: 'yes' is neither true nor false"),
    ],
)
def test_what_cannot_be_is_told_with_what_would_be_right(fact: dict[str, object], message: str) -> None:
    opened = "2026-10-01T08:00:00Z"
    assert problems(STATE, fact) == (f"f.jsonl:2: {message.replace('{opened}', opened)}",)


def test_a_reopened_ticket_may_have_been_closed_before_its_restoration() -> None:
    again = {"reopened": [at("12:30")], "closed": at("12:00")}
    assert len(facts.read(lines(T1 | again), "f")) == 1


@pytest.mark.parametrize(
    ("fact", "change", "message"),
    [
        (T1, {"responded": None}, "ticket 'T1' of the same recorded_at is given other content on line 1"),
        (CSAT, {"value": "4.7"}, "value of 'csat' for 2026-10 is given other content on line 1"),
        (
            CLAIM | {"granted": True},
            {"granted": False},
            "claim of contract 'acme' at 2026-11-02T09:00:00Z is given other content on line 1",
        ),
        (
            COUNTS,
            {"to": at("00:10")},
            "counts of 'requests' 2026-10-01T00:00:00Z/2026-10-01T00:10:00Z overlap those "
            "2026-10-01T00:00:00Z/2026-10-01T00:05:00Z on line 1",
        ),
        (
            COUNTS | {"to": at("02:00")},
            {"from": at("01:00"), "to": at("01:05"), "service": "hq"},
            "counts of 'requests' 2026-10-01T01:00:00Z/2026-10-01T01:05:00Z overlap those "
            "2026-10-01T00:00:00Z/2026-10-01T02:00:00Z on line 1",
        ),
        (
            STATE,
            {"weight": "0.5"},
            "state down (weight 0.5) 2026-10-01T00:00:00Z/2026-10-01T02:00:00Z of service 'hq' overlaps "
            "down 2026-10-01T00:00:00Z/2026-10-01T02:00:00Z on line 1",
        ),
    ],
)
def test_what_contradicts_itself_is_named(fact: dict[str, object], change: dict[str, object], message: str) -> None:
    assert problems(fact, fact | change) == (f"f.jsonl:2: {message}",)


@pytest.mark.parametrize(
    ("fact", "change"),
    [
        (T1, {"recorded_at": at("20:00"), "restored": at("15:00")}),
        (T1, {"contract": "acme", "restored": at("15:00")}),
        (CSAT, {"service": "hq", "value": "3"}),
        (CSAT, {"period": "2026-11", "value": "3"}),
        (CLAIM, {"granted": True}),
        (COUNTS, {"from": at("00:05"), "to": at("00:10")}),
        (COUNTS | {"service": "hq"}, {"service": "web"}),
        (COUNTS | {"contract": "acme"}, {"contract": "beta"}),
        (COUNTS, {"signal": "logins"}),
    ],
)
def test_what_differs_in_its_matter_is_no_contradiction(fact: dict[str, object], change: dict[str, object]) -> None:
    assert len(facts.read(lines(fact, fact | change), "f")) == 2
