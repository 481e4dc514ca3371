"""Promises on measures that a contract defines: verdicts, items, pooling, composed services, and what is at risk."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from config.contract.model import Contract, Promise, Service
from config.contract.rules import Edge, MeasureRule, OutageRule, Source
from config.model import Config, Target
from config.periods import Period
from monitor.sla.evidence import Facts
from monitor.sla.exclusions import Excluded
from monitor.sla.facts import AssumeFact, Fact, StateFact, TicketFact
from monitor.sla.figures import look
from monitor.sla.model import PromiseResult, State, Statement, Verdict
from monitor.sla.statement import build
from monitor.sla.telling import breach_events
from monitor.sla.timeline import Piece
from tests.nouns import made
from tests.sla.histories import MINUTE, TARGET, TEN, samples

DAY = 1440 * MINUTE
MIDNIGHT = TEN - 600 * MINUTE
TICKETS = OutageRule(name="faults", sources=(Source(kind="tickets"),), starts=Edge(of=("report",)))
SECOND_TARGET = Target(name="dr", kind="icmp", options=TARGET.options, every=MINUTE, timeout=2 * 10**9)


def at(minutes: int) -> int:
    """Minutes from ten o'clock."""
    return TEN + minutes * MINUTE


def terms(
    rules: Sequence[OutageRule], measures: Sequence[MeasureRule], *promises: Promise, services: Sequence[Service] = ()
) -> Contract:
    return Contract(
        name="acme",
        provider="p",
        customer="c",
        timezone="UTC",
        period="day",
        services=tuple(services) or (Service(name="hq", targets=("hq",)),),
        promises=promises,
        outages=tuple(rules),
        measures=tuple(measures),
    )


def said(rule: str, kind: str, operator: str, target: Fraction | int, unit: str = "ns", **more: object) -> Promise:
    fields = {"id": rule, "text": rule, "measure": kind, "rule": rule, "operator": operator, "unit": unit}
    return made(Promise, {**fields, "target": Fraction(target), "services": ("hq",), **more})


def measure(name: str, kind: str, of: str, unit: str = "ns", **more: object) -> MeasureRule:
    return made(MeasureRule, {"name": name, "kind": kind, "of": of, "unit": unit, **more})


def judged(own: Contract, facts: Sequence[Fact], as_of: int | None = None) -> Statement:
    config = Config(targets={"hq": TARGET, "dr": SECOND_TARGET}, contracts={"acme": own})
    return build(config, own, Period("2026-10-01", "day", MIDNIGHT, MIDNIGHT + DAY), Facts(facts), as_of)


def only(statement: Statement) -> PromiseResult:
    [result] = statement.promises
    return result


def told(minutes: int, until: int, service: str = "hq", state: str = "down") -> StateFact:
    return StateFact(service, at(minutes), at(until), state)


UP = AssumeFact("hq", "up")
REPAIR = measure("repair", "each", "faults")


def test_each_outage_is_judged_by_itself() -> None:
    own = terms([TICKETS], [REPAIR], said("repair", "each", "<=", 60 * MINUTE), services=(Service(name="hq"),))
    facts = [TicketFact("T1", "hq", at(0), restored=at(50)), TicketFact("T2", "hq", at(100), restored=at(161))]
    result = only(judged(own, facts))
    assert [(item.key, item.verdict) for item in result.items] == [("T1", Verdict.MET), ("T2", Verdict.BREACHED)]
    assert (result.value, result.verdict) == (61 * MINUTE, Verdict.BREACHED)
    assert only(judged(own, facts[:1])).verdict is Verdict.MET


def test_without_any_item_a_promise_is_kept() -> None:
    own = terms([TICKETS], [REPAIR], said("repair", "each", "<=", 60 * MINUTE), services=(Service(name="hq"),))
    result = only(judged(own, []))
    assert (result.value, result.items, result.verdict) == (None, (), Verdict.MET)
    assert only(judged(own, [], as_of=at(0))).verdict is Verdict.INDETERMINATE


def test_every_outage_that_counts_is_on_the_statement() -> None:
    long = OutageRule(name="long", least=10 * MINUTE)
    own = terms([long], [measure("down", "total", "long")], said("down", "total", "<=", 5 * MINUTE))
    statement = judged(own, [UP, told(0, 9), told(20, 31)])
    assert [(one.rule, one.start, one.charged) for one in statement.counted] == [("long", at(20), 11 * MINUTE)]
    assert only(statement).verdict is Verdict.BREACHED
    assert [line.charged for line in statement.incidents] == [9 * MINUTE, 11 * MINUTE]


def test_one_figure_is_made_of_all_that_are_pooled() -> None:
    services = (Service(name="hq", targets=("hq",)), Service(name="dr", targets=("dr",)))
    pooled = measure("together", "ratio", "outage", "ratio", pool=True)
    promise = said("together", "ratio", ">=", Fraction(99, 100), "ratio", services=("hq", "dr"))
    own = terms([], [pooled], promise, services=services)
    facts = [UP, told(0, 20), AssumeFact("dr", "up")]
    result = only(judged(own, facts))
    assert (result.service, result.value) == ("hq+dr", Fraction(2860, 2880))
    assert result.verdict is Verdict.MET


def test_a_service_composed_of_others_is_down_as_they_are() -> None:
    parts = (Service(name="hq", targets=("hq",)), Service(name="dr", targets=("dr",)))
    facts: list[Fact] = [*samples("UUUdddUUUU")]
    facts += [replace(one, target="dr", seq=one.seq + 1) for one in samples("UUUUUddUUU")]
    for down_when, lost in ((1, 4), (2, 1)):
        pair = Service(name="pair", of=("hq", "dr"), down_when=down_when)
        own = terms(
            [],
            [],
            said("total-outage", "total-outage", "<=", 0, services=("pair",)).but(rule=None),
            services=(pair, *parts),
        )
        result = only(judged(own, facts))
        assert result.value == lost * MINUTE
    assert judged(own, facts).incidents[0].service == "pair"


def test_people_are_warned_before_a_defined_promise_breaks() -> None:
    ratio = measure("up", "ratio", "outage", "ratio")
    own = terms([], [ratio], said("up", "ratio", ">=", Fraction(99, 100), "ratio"))  # 14.4 minutes a day
    facts = [UP, told(0, 8)]
    assert only(judged(own, facts[:1], as_of=at(60))).at_risk is False
    assert only(judged(own, facts, as_of=at(60))).at_risk is True


def test_an_outage_that_is_not_yet_one_warns_all_the_same() -> None:
    late = OutageRule(name="late", least=30 * MINUTE)
    own = terms([late], [measure("down", "total", "late")], said("down", "total", "<=", 31 * MINUTE))
    facts = [UP, told(0, 20)]
    result = only(judged(own, facts, as_of=at(20)))
    assert (result.value, result.verdict, result.at_risk) == (0, Verdict.INDETERMINATE, True)


def test_a_ticket_that_is_nearly_late_is_at_risk() -> None:
    own = terms([TICKETS], [REPAIR], said("repair", "each", "<=", 600 * MINUTE), services=(Service(name="hq"),))
    fact = TicketFact("T1", "hq", at(0))
    assert only(judged(own, [fact], as_of=at(5))).at_risk is False
    assert only(judged(own, [fact], as_of=at(595))).at_risk is True
    assert only(judged(own, [fact], as_of=at(605))).verdict is Verdict.BREACHED


def test_every_item_that_breaks_a_promise_is_told_once_when_it_was_due() -> None:
    promise = said("repair", "each", "<=", 60 * MINUTE)
    own = terms([TICKETS], [REPAIR], promise, services=(Service(name="hq"),))
    facts = [TicketFact("T1", "hq", at(0), restored=at(90)), TicketFact("T2", "hq", at(100), restored=at(110))]
    result = only(judged(own, facts))
    period = Period("2026-10-01", "day", MIDNIGHT, MIDNIGHT + DAY)
    view = look([Piece(MIDNIGHT, MIDNIGHT + DAY, State.UP, None)], Excluded((), (), ()), MIDNIGHT, MIDNIGHT + DAY)
    [event] = breach_events(own, promise, result, view, period, at(200))
    assert event.key.endswith("T1") and event.at in (at(60), at(90))
