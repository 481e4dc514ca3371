"""From the text of a contract and facts to what is owed: outages and days one by one, months that look back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from zoneinfo import ZoneInfo

from config import periods
from config.periods import to_ns
from monitor.sla.evidence import Facts
from monitor.sla.facts import AssumeFact, ClaimFact, Fact, StateFact, TicketFact
from monitor.sla.model import Statement
from monitor.sla.statement import build
from tests.config.kit import config

HEAD = """\
upheld: 1
contracts:
  acme:
    provider: ExampleNet
    customer: ACME GmbH
    currency: EUR
    timezone: UTC
    services: {line: {charge: 900.00}}
"""
UP = AssumeFact("line", "up")


def at(text: str) -> int:
    return to_ns(datetime.fromisoformat(text).replace(tzinfo=UTC))


def down(start: str, end: str, cause: str | None = None) -> StateFact:
    return StateFact("line", at(start), at(end), "down", cause)


class Counted(Facts):
    """Facts that count how often they are read."""

    reads = 0

    def facts(self, start: int, end: int) -> Iterator[Fact]:
        self.reads += 1
        return super().facts(start, end)


def judged(tmp_path: Path, terms: str, period: str, *facts: Fact, evidence: Facts | None = None) -> Statement:
    found = config(tmp_path, HEAD + terms)
    contract = found.contracts["acme"]
    own = periods.parse(period, ZoneInfo("UTC"), contract.period)
    return build(found, contract, own, evidence or Facts([UP, *facts]), None)


PER_OUTAGE = """\
    promises: [longest outage <= 4h]
    credits:
      - {id: each, for: longest outage, per: outage, per unit: 2% per started hour beyond 4h, at most per outage: 10%}
    claim: {within: 30d, of: ticket closed, ticket within: 72h of outage start}
"""
LONG = down("2026-06-05T10:00", "2026-06-05T16:30")
SHORT = down("2026-06-10T10:00", "2026-06-10T12:00")
LONGER = down("2026-06-20T10:00", "2026-06-20T22:00")


def ticket(id: str, opened: str, closed: str) -> TicketFact:
    return TicketFact(id, "line", at(opened), closed=at(closed))


def test_every_outage_beyond_the_limit_has_a_line_and_needs_a_ticket(tmp_path: Path) -> None:
    """6.5 h are three started hours beyond four, 12 h eight of which five are paid; the second has its ticket 72 h
    late."""
    tickets = (
        ticket("T1", "2026-06-08T09:59", "2026-06-08T12:00"),
        ticket("T2", "2026-06-23T10:00", "2026-06-24T10:00"),
    )
    statement = judged(tmp_path, PER_OUTAGE, "2026-06", LONG, SHORT, LONGER, *tickets)
    first, second = statement.credits
    assert (first.item, first.amount, first.claim_by) == (
        "2026-06-05T10:00:00+00:00",
        Decimal("54.00"),
        at("2026-07-08T12:00"),
    )
    assert (second.amount, second.withheld) == (Decimal("90.00"), "no ticket was open within 3d of the outage")
    assert (statement.credit_total, statement.claim_by) == (Decimal("54.00"), at("2026-07-08T12:00"))


DAILY = """\
    measures: {worst: {longest: outage, per: day}}
    promises: [{id: day, promise: worst <= 1m, per: day}]
    credits: [{id: day, for: day, per: day, flat: 1/30}]
"""


def test_a_day_with_an_outage_is_credited_by_itself(tmp_path: Path) -> None:
    """Two minutes on the 3rd, exactly one on the 4th, an hour on the 6th."""
    found = judged(
        tmp_path,
        DAILY,
        "2026-06",
        down("2026-06-03T10:00", "2026-06-03T10:02"),
        down("2026-06-04T10:00", "2026-06-04T10:01"),
        down("2026-06-06T10:00", "2026-06-06T11:00"),
    )
    assert [(line.item, line.amount) for line in found.credits] == [
        ("2026-06-03", Decimal("30.00")),
        ("2026-06-06", Decimal("30.00")),
    ]


YEARLY = """\
    period: trailing 365 days
    promises: [availability >= 99.9%]
    credits: {availability: {"< 99.9%": 10%}}
    claim: {within: 30d, consumes: outages}
"""


def test_a_granted_claim_spends_the_outages_before_it(tmp_path: Path) -> None:
    """Six hours in March and five in June of 8760: together below 99.9 %, each of the latter alone is not."""
    outages = (down("2026-03-01T00:00", "2026-03-01T06:00"), down("2026-06-10T00:00", "2026-06-10T05:00"))
    both = judged(tmp_path, YEARLY, "2026-07-01", *outages)
    assert both.promises[0].value == 1 - Fraction(11, 8760)
    assert both.credit_total == Decimal("90.00")
    claim = ClaimFact("acme", at("2026-03-15T00:00"), granted=True)
    spent = judged(tmp_path, YEARLY, "2026-07-01", *outages, claim)
    assert (spent.promises[0].value, spent.credits) == (1 - Fraction(5, 8760), ())
    assert [(use.cause, use.end) for use in spent.exclusions] == [("claimed", claim.at)]


REPEATED = """\
    starts: 2026-02-01
    promises: [total outage <= 1h]
    credits:
      - id: repeated
        for: total outage
        flat: 5%
        escalate: [{if: failed previous period, times: 2}, {after: 3 consecutive periods, times: 4}]
    rights:
      - {id: exit, gives: termination, if: {promise: total outage, breached: 3 consecutive periods}}
"""
MONTHLY = tuple(down(f"2026-{month:02d}-05T10:00", f"2026-{month:02d}-05T12:00") for month in range(1, 7))


def test_months_are_judged_again_by_those_that_look_back(tmp_path: Path) -> None:
    """January failed before the contract began; from the fifth month on three have failed before."""
    paid, arisen = [], []
    for month in range(2, 7):
        statement = judged(tmp_path, REPEATED, f"2026-{month:02d}", *MONTHLY)
        paid.append(str(statement.credit_total))
        arisen.append(statement.rights[0].arisen)
    assert paid == ["45.00", "90.00", "90.00", "180.00", "180.00"]
    assert arisen == [False, False, True, True, True]


def test_a_contract_that_does_not_look_back_judges_one_period(tmp_path: Path) -> None:
    plain = "    promises: [total outage <= 1h]\n    credits: [{id: plain, for: total outage, flat: 5%}]\n"
    once, often = Counted([UP, *MONTHLY]), Counted([UP, *MONTHLY])
    judged(tmp_path, plain, "2026-06", evidence=once)
    judged(tmp_path, REPEATED, "2026-06", evidence=often)
    assert once.reads == 1 < often.reads


CHRONIC = """\
    promises: [availability >= 99.9%]
    rights:
      - id: chronic
        gives: termination
        if:
          all:
            - {promise: availability, breached: 1 consecutive period}
            - {any: ["outages over 30m >= 3 per trailing 30 days", "total outage > 12h"]}
        exercise within: 30d
"""


def test_a_right_needs_the_miss_and_the_outages(tmp_path: Path) -> None:
    three = [down(f"2026-06-{day}T10:00", f"2026-06-{day}T10:31") for day in ("03", "12", "21")]
    [right] = judged(tmp_path, CHRONIC, "2026-06", *three).rights
    assert (right.arisen, right.exercise_by) == (True, at("2026-07-31T00:00"))
    [right] = judged(tmp_path, CHRONIC, "2026-06", *three[:2]).rights
    assert (right.arisen, right.exercise_by) == (False, None)
    [right] = judged(tmp_path, CHRONIC, "2026-06", down("2026-06-03T10:00", "2026-06-03T23:00")).rights
    assert right.arisen is True


PARTS = """\
    measures: {down: {total: outage}}
    promises: [availability >= 99.5%]
    credits: [{id: excess, for: availability, per unit: {unit: 1h, of: down, beyond: promise, count: full, give: 5%}}]
"""


def test_units_count_beyond_what_the_promise_allows(tmp_path: Path) -> None:
    """216 min of 43,200 are allowed: of 275 there are 59 beyond, of 276 an hour."""
    for minutes, amount in ((275, None), (276, Decimal("45.00"))):
        start = datetime(2026, 6, 5, tzinfo=UTC)
        outage = StateFact("line", to_ns(start), to_ns(start) + minutes * 60 * 10**9, "down")
        assert judged(tmp_path, PARTS, "2026-06", outage).credit_total == amount


DESK = """\
    measures: {answer: {each: response}}
    promises: [availability >= 99%]
    credits:
      - {id: slow, by: answer, per: ticket, if: {type: change}, table: {"> 1h": 2%, "> 4h": 5%}}
"""


def test_tickets_are_looked_at_one_by_one_and_outages_are_none_of_them(tmp_path: Path) -> None:
    """Of three tickets one is a change answered after two hours; an outage without a ticket is no ticket."""
    tickets = [
        TicketFact("C1", "line", at("2026-06-05T10:00"), type="change", responded=at("2026-06-05T12:00")),
        TicketFact("C2", "line", at("2026-06-06T10:00"), type="change", responded=at("2026-06-06T11:00")),
        TicketFact("F1", "line", at("2026-06-07T10:00"), responded=at("2026-06-07T16:00")),
    ]
    found = judged(tmp_path, DESK, "2026-06", LONGER, *tickets)
    assert [(line.item, line.amount) for line in found.credits] == [("C1", Decimal("18.00"))]
    assert judged(tmp_path, DESK, "2026-06", LONGER).credits == ()
