"""Outages that are a figure missed, and outages made of other outages."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from zoneinfo import ZoneInfo

from config.contract.model import Contract, Service
from config.contract.rules import MeasureRule, OutageRule, Source
from config.periods import Period, start_of
from monitor.sla.evidence import Facts
from monitor.sla.exclusions import Excluded
from monitor.sla.facts import CountsFact
from monitor.sla.figures import look
from monitor.sla.known import Index, known
from monitor.sla.model import State
from monitor.sla.occurrence import World
from monitor.sla.scene import Scene
from monitor.sla.timeline import Piece
from monitor.sla.words import FOREVER
from tests.sla.outages.kit import (
    DAY,
    HOUR,
    MINUTE,
    NOBODY,
    START,
    contract,
    minutes,
    requests,
    rule,
    scene,
    spans,
    ticket,
)

SERVED = MeasureRule(name="served", kind="requests", of="requests", unit="ratio")
WEEKLY = SERVED.but(name="weekly", over="trailing 2 days")
UP = MeasureRule(name="up", kind="ratio", of="outage", unit="ratio")


def judged(measure: MeasureRule, length: int, target: str, empty: str = "skip", **more: object) -> OutageRule:
    """Bad below a target."""
    state = {"length": length, "when": "measure", "operator": "<", "target": Fraction(target), "empty": empty}
    state |= {name: more.pop(name) for name in ("minimum", "daily") if name in more}
    return rule(bucket=state, sources=({"kind": "measure", "name": measure.name},), **more)


def terms(*rules: OutageRule, **more: object) -> Contract:
    return contract(*rules, measures=(SERVED, WEEKLY, UP), **more)  # type: ignore[arg-type]


def found(own: Scene, name: str = "bad", world: World = "measured") -> list[tuple[float, float]]:
    return [(minutes(one.start - START), minutes(one.end - START)) for one in own.outages(name, world) if one.charged]


def test_a_bucket_is_bad_while_its_figure_misses() -> None:
    bad = judged(SERVED, 5 * MINUTE, "0.99")
    facts = [requests(0, 10, 1000, 0), requests(10, 15, 500, 6), requests(15, 20, 500, 5), requests(20, 25, 100, 50)]
    own = scene(terms=terms(bad), facts=facts)
    assert found(own) == [(10, 15), (20, 25)]  # 5 of 500 are 99%, which does not miss


def test_a_bucket_without_a_figure_is_unknown_unless_the_contract_says_what_it_is() -> None:
    facts = [requests(10, 15, 500, 6), requests(20, 1440, 5000, 0)]
    unknown = scene(terms=terms(judged(SERVED, 5 * MINUTE, "0.99")), facts=facts)
    assert found(unknown) == [(10, 15)] and found(unknown, world="least") == [(10, 15)]
    assert (10, 20) in [(start, end) for start, end in _within(found(unknown, world="greatest"))]
    carried = scene(terms=terms(judged(SERVED, 5 * MINUTE, "0.99", empty="carry")), facts=facts)
    assert _within(found(carried)) == [(10, 20)]
    few = judged(SERVED, 5 * MINUTE, "0.99", empty="good", minimum=501)
    assert found(scene(terms=terms(few), facts=facts)) == []


def _within(outages: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(max(start, 10), end) for start, end in outages if end > 10]


def test_so_many_bad_buckets_in_a_row_are_an_outage() -> None:
    facts = [requests(0, 1440, 1440, 0), requests(10, 15, 500, 50), requests(30, 40, 500, 50)]
    own = scene(terms=terms(judged(SERVED, 5 * MINUTE, "0.99", consecutive=2)), facts=facts)
    assert found(own) == [(30, 40)]


def test_a_window_is_judged_at_the_end_of_each_day() -> None:
    """Of 1000 requests a day 30 fail on the first: 1.5% of two days, until the second day after."""
    bad = judged(WEEKLY, DAY, "0.99", daily=True)
    facts = [requests(1440 * day, 1440 * (day + 1), 1000, 30 if day == 0 else 0) for day in range(-2, 3)]
    own = scene(terms=terms(bad), facts=facts)
    assert found(own) == [(0, 2880)]
    assert own.states(bad).pieces[0].end == START - DAY  # before, not all of two days was read


def test_days_are_local_whatever_the_clocks_do() -> None:
    """In Berlin 25 October 2026 has 25 hours; the scene is of 24 October to 27 October."""
    bad = judged(SERVED, DAY, "0.99", daily=True)
    since = start_of(date(2026, 10, 25), ZoneInfo("Europe/Berlin"))
    own = terms(bad, timezone="Europe/Berlin")
    known_facts = known(
        own, Index(Facts([CountsFact("requests", since, since + 25 * HOUR, 100, 50)]), -FOREVER, FOREVER)
    )
    period = Period("test", "month", since - DAY, since + 49 * HOUR)
    pieces = [Piece(period.start - DAY, period.end + DAY, State.UP, None)]
    view = look(pieces, NOBODY, period.start, period.end)
    one = Scene(own, own.services[0], period, view, known_facts, lambda start, end: (), None)
    assert [(o.start, o.end) for o in one.outages("bad")] == [(since, since + 25 * HOUR)]


def test_the_figure_may_be_of_other_outages() -> None:
    bad = judged(UP, HOUR, "0.9")
    own = scene(terms=terms(bad), down=[(10, 15), (70, 78)])
    assert found(own) == [(60, 120)]  # 8 of 60 minutes are more than a tenth, 5 are not


def test_what_has_not_happened_yet_is_open() -> None:
    bad = judged(SERVED, 5 * MINUTE, "0.99")
    own = scene(terms=terms(bad), facts=[requests(0, 12, 120, 120)], now=12)
    assert found(own) == [(0, 10)]
    assert found(own, world="greatest")[-1][1] >= 1440
    assert found(own, world="least") == [(0, 10)]


def test_excluded_time_is_not_charged() -> None:
    bad = judged(SERVED, 5 * MINUTE, "0.99")
    gone = Excluded(tuple(spans((10, 12))), (), ())
    own = scene(terms=terms(bad), facts=[requests(0, 1440, 1440, 0), requests(10, 15, 500, 500)], excluded=gone)
    assert [minutes(one.charged) for one in own.outages("bad")] == [3]


def test_an_outage_may_be_any_of_several() -> None:
    bad = judged(SERVED, 5 * MINUTE, "0.99")
    short = OutageRule(name="long", least=10 * MINUTE)
    any_of = OutageRule(name="any", sources=(Source(kind="outage", name="long"), Source(kind="outage", name="bad")))
    facts = [requests(0, 1440, 1440, 0), requests(10, 15, 500, 500)]
    own = scene(terms=terms(bad, short, any_of), down=[(12, 30), (50, 55)], facts=facts)
    assert found(own, "any") == [(10, 30)]
    both = any_of.but(every_source=True)
    own = scene(terms=terms(bad, short, both), down=[(12, 30), (50, 55)], facts=facts)
    assert found(own, "any") == [(12, 15)]


def test_what_a_source_does_not_know_is_unknown_of_all() -> None:
    bad = judged(SERVED, 5 * MINUTE, "0.99")
    any_of = OutageRule(name="any", sources=(Source(kind="outage", name="bad"),))
    own = scene(terms=terms(bad, any_of), facts=[requests(0, 10, 10, 0), requests(15, 1440, 10, 0)])
    assert found(own, "any") == found(own, "any", "least") == []
    assert (10, 15) in found(own, "any", "greatest")


def test_a_source_of_other_services_says_nothing_of_this_one() -> None:
    other = OutageRule(name="bad", services=("mail",))
    any_of = OutageRule(name="any", sources=(Source(kind="outage", name="bad"),))
    two = (Service(name="web"), Service(name="mail"))
    own = scene(terms=terms(other, any_of, services=two), down=[(10, 20)])
    assert found(own, "any") == []


def test_grace_may_run_from_the_notice() -> None:
    """Down at 10, notified at 30, two minutes of grace beyond: from 40 on."""
    whole = rule(grace=10 * MINUTE, grace_from="report")
    beyond = whole.but(grace_beyond=True)
    told = [ticket("T", 30, restored=60)]
    assert _charged(whole, (10, 60), told) == [50]
    assert _charged(beyond, (10, 60), told) == [20]
    assert _charged(whole, (10, 40), told) == []  # remedied in time
    assert _charged(whole, (10, 60), []) == []  # nobody was notified
    assert _charged(beyond, (10, 60), [ticket("T", 5, restored=60)]) == [45]
    assert _charged(beyond, (10, 60), [ticket("T", -30, restored=60)]) == [50]  # over before it began


def _charged(own: OutageRule, down: tuple[float, float], facts: Sequence[object]) -> list[float]:
    return [minutes(one.charged) for one in scene(own, down=[down], facts=facts).outages("bad") if one.charged]  # type: ignore[arg-type]
