"""The worked examples of the semantics, and what else can be counted on fingers. One target every 60 s, timeout 2 s."""

from fractions import Fraction

from monitor.sla.facts import AssumeFact, ExclusionFact, HeartbeatFact, StateFact
from probes.sample import Sample
from tests.oracle.build import (
    HOUR,
    MS,
    S,
    at,
    config,
    contract,
    minutes,
    period,
    promise,
    sample,
    service,
    target,
    term,
)
from tests.oracle.figures import Judged, Totals, judge

TEN = at("2026-10-05 10:00:00")
BEFORE = TEN - 10 * 60 * S
TWENTY = period(BEFORE, BEFORE + 20 * 60 * S)
CONTRACT = contract(service("t"))
CONFIG = config(target("t"))


def day(words: str) -> list[Sample]:
    """Ten minutes up, then these."""
    return minutes(BEFORE, "u" * 10 + words)


def judged(facts: list, **change: object) -> Judged:
    return judge(CONFIG, CONTRACT.but(**change), TWENTY, facts)


def triple(result: Judged, promise: str) -> tuple[object, object, object]:
    figure = result.figures["web", promise]
    return figure.value, figure.lower, figure.upper


def test_an_outage_runs_from_its_first_failing_sample_to_the_first_good_one() -> None:
    result = judged(day("ddddd" + "u" * 5))
    assert result.totals["web"] == Totals(900 * S, 300 * S, 0, 0)
    assert triple(result, "total-outage") == (300 * S, 300 * S, 300 * S)


def test_unknown_between_two_downs_is_one_incident_with_wide_bounds() -> None:
    result = judged(day("dd?dd" + "u" * 5))
    assert result.totals["web"] == Totals(900 * S, 240 * S, 60 * S, 0)
    assert [i.charged for i in result.incidents["web"]] == [240 * S]
    assert triple(result, "total-outage") == (240 * S, 240 * S, 300 * S)
    assert triple(result, "longest-outage") == (240 * S, 120 * S, 300 * S)
    assert triple(result, "outages") == (1, 1, 2)


def test_maintenance_inside_an_outage_shortens_it_and_the_base() -> None:
    window = ExclusionFact("M", TEN + 120 * S, TEN + 240 * S, "planned_maintenance", announced_at=0)
    terms = (term("planned maintenance", notice=72 * HOUR),)
    result = judged([*day("ddddd" + "u" * 5), window], exclusions=terms)
    assert result.totals["web"] == Totals(900 * S, 180 * S, 0, 120 * S)
    assert [i.charged for i in result.incidents["web"]] == [180 * S]
    kept = judged([*day("ddddd" + "u" * 5), window], exclusions=(term("planned maintenance", effect="not_down"),))
    assert kept.totals["web"] == Totals(1020 * S, 180 * S, 0, 0)


def test_a_long_gap_is_unknown_after_one_interval() -> None:
    result = judged(day("u" + "." * 9))
    assert result.totals["web"] == Totals(660 * S, 0, 540 * S, 0)


def test_a_gap_of_two_intervals_is_bridged() -> None:
    assert judged(day("u.uuuuuuuu")).totals["web"] == Totals(1200 * S, 0, 0, 0)


def test_a_gap_of_exactly_max_gap_is_bridged_and_a_nanosecond_more_is_not() -> None:
    for late, unknown in ((0, 0), (1, 92 * S + 1)):
        facts = [sample(BEFORE, seq=0), sample(BEFORE + 152 * S + late, seq=1)]
        span = period(BEFORE, BEFORE + 152 * S + late)
        assert judge(CONFIG, CONTRACT, span, facts).totals["web"].unknown == unknown


def test_a_good_recheck_ends_the_outage_at_its_own_at() -> None:
    result = judged([*day("d" + "u" * 9), sample(TEN + 5 * S, seq=99)])
    assert result.totals["web"].down == 5 * S


def test_a_cap_is_used_up_in_the_order_of_time() -> None:
    second, ninth, month = at("2026-10-02 00:00:00"), at("2026-10-09 00:00:00"), at("2026-10-01 00:00:00")
    facts = [
        StateFact("web", month, month + 31 * 24 * HOUR, "up"),
        ExclusionFact("B", ninth, ninth + 2 * HOUR, "planned maintenance", announced_at=0),
        ExclusionFact("A", second, second + 3 * HOUR, "planned maintenance", announced_at=0),
    ]
    terms = CONTRACT.but(exclusions=(term("planned maintenance", cap=4 * HOUR),))
    result = judge(CONFIG, terms, period(month, month + 31 * 24 * HOUR), facts)
    assert result.totals["web"].excluded == 4 * HOUR
    after = judge(CONFIG, terms, period(ninth, ninth + 24 * HOUR), facts)
    assert after.totals["web"].excluded == HOUR


def test_two_of_three_vantages_make_it_down_from_their_earliest() -> None:
    voters = config(target("t", vantages=("a", "b", "c")))
    facts = [
        sample(slot + late * S, word, vantage=vantage, seq=n)
        for n, slot in enumerate(range(BEFORE, BEFORE + 1200 * S, 60 * S))
        for vantage, late, word in (
            ("a", 3, "down" if slot == TEN else "up"),
            ("b", 4, "up"),
            ("c", 5, "down" if slot == TEN else "up"),
        )
    ]
    result = judge(voters, CONTRACT, period(TEN, TEN + 120 * S), facts)
    assert [(i.start, i.end) for i in result.incidents["web"]] == [(TEN + 3 * S, TEN + 63 * S)]


def test_an_incident_open_at_the_end_is_indeterminate_until_it_passes_its_limit() -> None:
    month = at("2026-10-01 00:00:00")
    end = month + 31 * 24 * HOUR
    limit = (promise("longest-outage", target=Fraction(4 * HOUR)),)
    terms = CONTRACT.but(promises=limit)
    for hours, verdict in ((3, "indeterminate"), (4, "indeterminate"), (5, "breached")):
        down = end - hours * HOUR
        facts = [StateFact("web", month, down, "up"), StateFact("web", down, end, "down")]
        assert judge(CONFIG, terms, period(month, end), facts).figures["web", "longest-outage"].verdict == verdict


def test_availability_of_744_hours_with_40_minutes_down_and_10_unknown_is_indeterminate() -> None:
    month = at("2026-10-01 00:00:00")
    facts = [
        StateFact("web", month, month + 40 * 60 * S, "down"),
        StateFact("web", month + 40 * 60 * S, month + 50 * 60 * S, "unknown"),
        AssumeFact("web", "up"),
    ]
    result = judge(CONFIG, CONTRACT, period(month, month + 744 * HOUR), facts)
    assert triple(result, "availability") == (
        Fraction(44590, 44630),
        Fraction(44590, 44640),
        Fraction(44600, 44640),
    )
    assert result.figures["web", "availability"].verdict == "indeterminate"


def test_a_restart_is_unknown_from_the_last_heartbeat_to_the_first_new_sample() -> None:
    before = minutes(BEFORE, "uu", boot="b1")
    after = [sample(BEFORE + 180 * S, boot="b2", seq=1)]
    beat = HeartbeatFact("v", "b1", BEFORE + 100 * S)
    span = period(BEFORE, BEFORE + 240 * S)
    assert judge(CONFIG, CONTRACT, span, [*before, *after, beat]).totals["web"].unknown == 80 * S
    assert judge(CONFIG, CONTRACT, span, [*before, *after]).totals["web"].unknown == 60 * S


def test_a_down_while_every_witness_fails_is_unknown() -> None:
    from config.model import Vantage

    own = config(target("t"), target("w"), vantage=Vantage(name="v", witnesses=("w",)))
    facts = [
        *minutes(TEN, "udddduu"),
        *list(_witness("uuudduu")),
    ]
    result = judge(own, CONTRACT, period(TEN, TEN + 420 * S), facts)
    # the last good witness sample is 10:02:30, the next good one 10:05:30: what was down between is unknown
    assert result.totals["web"] == Totals(180 * S, 90 * S, 150 * S, 0)


def _witness(words: str) -> list[Sample]:
    return [sample(s.at + 30 * S, str(s.outcome), target="w", seq=1000 + s.seq) for s in minutes(TEN, words)]


def test_statistics_of_samples_are_exact() -> None:
    bursts = [(10, 14, None, 11), (20, None, 21, 29), (None, None, None, None)]
    facts = [
        sample(
            BEFORE + i * 60 * S,
            "up" if any(burst) else "down",
            seq=i,
            sent=4,
            received=sum(rtt is not None for rtt in burst),
            rtts=tuple(None if rtt is None else rtt * MS for rtt in burst),
        )
        for i, burst in enumerate(bursts)
    ]
    result = judge(CONFIG, CONTRACT, period(BEFORE, BEFORE + 180 * S), facts)
    value = {id: figure.value for (_, id), figure in result.figures.items()}
    assert value["mean-latency"] == Fraction(105 * MS, 6)
    assert value["median-latency"] == 14 * MS
    assert value["p95-latency"] == value["max-latency"] == 29 * MS
    assert value["packet-delivery"] == Fraction(6, 12)
    assert value["packet-loss"] == Fraction(6, 12)
    assert value["mean-jitter"] == Fraction((4 + 8) * MS, 2)
