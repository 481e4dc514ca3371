"""States judged bucket by bucket, and rows of failing samples."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import pytest

from config.contract.model import Service
from config.contract.rules import OutageRule, Source
from monitor.sla.exclusions import Excluded
from monitor.sla.model import State
from probes.sample import Outcome, Sample
from tests.sla.outages.kit import DAY, MINUTE, START, at, contract, counted, outages, requests, rule, scene, spans


def bucketed(length: int, when: str, share: str = "0", **more: object) -> OutageRule:
    state = {"length": length * MINUTE, "when": when, "ratio": Fraction(share), **more.pop("state", {})}  # type: ignore[dict-item]
    return rule(bucket=state, **more)


def test_a_bucket_of_probed_time_is_bad_by_its_share_of_failure() -> None:
    down = [(3, 14)]  # of [0, 5) 2 minutes, all of [5, 10), of [10, 15) 4
    assert counted(bucketed(5, "all_fail"), down=down) == [(5, 10, 5)]
    assert counted(bucketed(5, "any_fail"), down=down) == [(0, 15, 15)]
    assert counted(bucketed(5, "error_ratio", "0.4"), down=down) == [(5, 15, 10)]
    assert counted(bucketed(5, "error_ratio", "0.4", state={"strict": False}), down=down) == [(0, 15, 15)]


def test_unknown_time_is_no_part_of_a_bucket_and_settles_nothing() -> None:
    own = bucketed(5, "all_fail")
    down, unknown = [(5, 8)], [(8, 10), (20, 26)]
    assert counted(own, down=down, unknown=unknown) == [(5, 10, 5)]
    assert counted(own, "least", down=down, unknown=unknown) == []
    assert counted(own, "greatest", down=down, unknown=unknown) == [(5, 10, 5), (20, 25, 5)]
    view = scene(own, down=down, unknown=unknown).states(own)
    assert (view.unknown, view.down) == (5 * MINUTE, 5 * MINUTE)


def test_excluded_time_makes_no_bucket_bad() -> None:
    gone = Excluded(tuple(spans((0, 3))), (), ())
    assert counted(bucketed(5, "any_fail"), down=[(1, 3)], excluded=gone) == []
    assert counted(bucketed(5, "all_fail"), down=[(3, 5)], excluded=gone) == []


def test_so_many_bad_buckets_in_a_row_are_an_outage_counted_whole() -> None:
    own = bucketed(1, "all_fail", consecutive=3)
    assert counted(own, down=[(10, 12), (20, 23), (30, 34.5)]) == [(20, 23, 3), (30, 34, 4)]


COUNTS = {"sources": ({"kind": "counts", "name": "requests"},)}


@pytest.mark.parametrize(("failed", "bad"), [(5, False), (6, True), (100, True), (0, False)])
def test_a_bucket_of_requests_is_bad_above_its_error_ratio(failed: int, bad: bool) -> None:
    own = bucketed(1, "error_ratio", "0.05", **COUNTS)
    found = counted(own, facts=[requests(7, 8, 100, failed)])
    assert found == ([(7, 8, 1)] if bad else [])


def test_counts_of_parts_of_a_bucket_add_up() -> None:
    own = bucketed(5, "error_ratio", "0.5", **COUNTS)
    facts = [requests(0, 1, 10, 10), requests(1, 2, 10, 10), requests(2, 3, 15, 0)]
    assert counted(own, facts=facts) == [(0, 5, 5)]
    assert counted(own, facts=[*facts, requests(3, 4, 5, 0)]) == []


@pytest.mark.parametrize(
    ("empty", "found"), [("good", []), ("bad", [(0, 7), (8, 1440)]), ("carry", [(9, 1440)]), ("skip", [])]
)
def test_an_empty_bucket_is_what_the_contract_says(empty: str, found: list[tuple[float, float]]) -> None:
    own = bucketed(1, "error_ratio", "0.5", state={"empty": empty, "minimum": 3}, **COUNTS)
    facts = [requests(7, 8, 9, 0), requests(8, 9, 2, 2)]
    if empty == "carry":
        facts = [requests(7, 8, 9, 0), requests(9, 10, 9, 9)]
    got = [(max(0, start), min(1440, end)) for start, end, _ in counted(own, facts=facts)]
    assert got == found


def test_where_nothing_was_ever_counted_nothing_is_known() -> None:
    own = bucketed(1, "error_ratio", "0.5", **COUNTS)
    assert scene(own).states(own).unknown == DAY
    assert scene(own, facts=[requests(0, 1, 1, 0)]).states(own).unknown == 0


def test_what_is_still_to_come_is_no_empty_bucket() -> None:
    own = bucketed(5, "error_ratio", "0.5", **COUNTS)
    view = scene(own, facts=[requests(0, 5, 9, 9)], now=60).states(own)
    assert (view.down, view.pending) == (5 * MINUTE, DAY - 60 * MINUTE)


def heard(tracks: dict[str, str]) -> Iterable[tuple[Sample, State, str]]:
    """A test every 6 minutes from each place: ``u`` up, ``d`` down, ``?`` unknown."""
    outcomes = {"u": Outcome.UP, "d": Outcome.DOWN, "?": Outcome.UNKNOWN}
    for place, text in tracks.items():
        for number, mark in enumerate(text):
            one = Sample("cdn", place, "b", number, START + number * 6 * MINUTE, outcomes[mark])
            yield one, State(one.outcome.value), "total"


def played(tracks: dict[str, str]) -> object:
    samples = list(heard(tracks))
    return lambda start, end: [found for found in samples if start <= found[0].at < end]


def test_failures_in_a_row_have_to_be_of_one_place() -> None:
    own = rule(consecutive=2)
    places = played({"a": "uduuu", "b": "uuduu", "c": "uuuddu"})
    assert counted(own, down=[(6, 30)], heard=places) == [(18, 30, 12)]


def test_a_failure_while_the_control_failed_too_says_nothing() -> None:
    services = (Service(name="web"), Service(name="origin"))
    own = rule(consecutive=2, control="origin")
    terms = contract(own, services=services)
    origin = scene(terms=terms, service=services[1], down=[(0, 6)])
    places = played({"a": "ddu", "b": "uudd"})
    found = counted(own, terms=terms, down=[(0, 24)], heard=places, others={"origin": origin})
    assert found == [(12, 24, 12)]


def test_an_unknown_sample_counts_in_a_row_only_at_the_greatest() -> None:
    own = rule(consecutive=2)
    places = played({"a": "d?uuuu"})
    down, unknown = [(0, 6)], [(6, 12)]
    assert counted(own, down=down, unknown=unknown, heard=places) == []
    assert counted(own, "greatest", down=down, unknown=unknown, heard=places) == [(0, 12, 12)]


def test_an_outage_counts_only_while_the_control_is_up() -> None:
    services = (Service(name="web"), Service(name="origin"))
    own = rule(control="origin")
    terms = contract(own, services=services)
    origin = scene(terms=terms, service=services[1], down=[(10, 20)], unknown=[(25, 30)])
    web = scene(terms=terms, down=[(5, 40)], others={"origin": origin})
    assert [(one.start, one.end, one.charged) for one in web.outages("bad")] == [
        (at(5), at(10), 5 * MINUTE),
        (at(20), at(40), 15 * MINUTE),
    ]
    assert outages(rule(), down=[(5, 40)])


def test_counts_say_what_share_of_people_they_stand_for() -> None:
    """Ten bad minutes that hit half of all, then ten that hit a fifth: seven count."""
    facts = [replace(requests(minute, minute + 1, 100, 10), weight=Fraction(1, 2)) for minute in range(10)]
    facts += [replace(requests(minute, minute + 1, 100, 10), weight=Fraction(1, 5)) for minute in range(10, 20)]
    own = bucketed(1, "error_ratio", "0.05", sources=(Source(kind="counts", name="requests"),), weighted=True)
    (one,) = outages(own, facts=facts)
    assert (one.charged, one.charged * one.weight) == (20 * MINUTE, 7 * MINUTE)


@pytest.mark.parametrize(("policy", "lost", "base"), [("up", 1, 1440), ("down", 1433, 1440), ("exclude", 1, 8)])
def test_a_bucket_that_nobody_knows_of_is_what_the_contract_says(policy: str, lost: float, base: float) -> None:
    """Seven good minutes and a bad one; the rest of the day was not counted."""
    own = bucketed(1, "error_ratio", "0.5", state={"empty": "skip"}, **COUNTS)
    facts = [requests(0, 7, 70, 0), requests(7, 8, 10, 10)]
    there = scene(own, facts=facts).under(policy)
    for world in ("measured", "least", "greatest"):
        found = [one.part(*there.span) for one in there.outages("bad", world)]
        assert sum(found) == lost * MINUTE
    assert there.states(own).base == base * MINUTE
