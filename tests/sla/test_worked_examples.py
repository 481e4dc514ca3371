"""The worked examples: one target every 60 s, timeout 2 s, one vantage, everything else up."""

from dataclasses import replace

import pytest

from config.contract.model import ExclusionTerm
from monitor.sla.facts import ExclusionFact
from monitor.sla.model import Verdict
from probes.sample import Sample
from tests.sla.histories import AVAILABILITY, LONGEST, MINUTE, SECOND, TEN, contract, judge, promise, result, samples

BEFORE = "U" * 10
AFTER = "U" * 15


def history(five: str) -> list[Sample]:
    """Ten minutes up, the five minutes from 10:00 on as given, then up."""
    return samples(BEFORE + five + AFTER, start=TEN - 10 * MINUTE)


def test_an_outage_lasts_from_its_first_failure_to_the_first_success() -> None:
    """UUddddd|U: DOWN [10:00, 10:05); what the interval leaves open is shown and decides nothing."""
    statement = judge(history("ddddd"))
    [incident] = statement.incidents
    assert (incident.start, incident.end) == (TEN, TEN + 5 * MINUTE)
    assert (incident.lower, incident.upper, incident.charged) == (240 * SECOND, 360 * SECOND, 300 * SECOND)
    total = result(statement, "total-outage")
    assert (total.lower, total.value, total.upper) == (300 * SECOND, 300 * SECOND, 300 * SECOND)
    assert result(statement, "longest-outage").verdict is Verdict.BREACHED


def test_unknown_between_two_downs_is_one_incident_with_unknown_inside() -> None:
    """dd?dd: one incident charged 240 s; total in [240, 300], longest in [120, 300], outages in [1, 2]."""
    statement = judge(history("dd?dd"))
    [incident] = statement.incidents
    assert incident.charged == 240 * SECOND
    bounds = {
        id: (result(statement, id).lower, result(statement, id).value, result(statement, id).upper)
        for id in ("total-outage", "longest-outage", "outages")
    }
    assert bounds == {
        "total-outage": (240 * SECOND, 240 * SECOND, 300 * SECOND),
        "longest-outage": (120 * SECOND, 240 * SECOND, 300 * SECOND),
        "outages": (1, 1, 2),
    }
    [unknown] = statement.unknown
    assert (unknown.start, unknown.end, unknown.cause) == (TEN + 2 * MINUTE, TEN + 3 * MINUTE, "stall")


MAINTENANCE = ExclusionFact(
    id="M1",
    start=TEN + 2 * MINUTE,
    end=TEN + 4 * MINUTE,
    cause="planned_maintenance",
    announced_at=TEN - 80 * 3600 * SECOND,
)


def test_an_announced_maintenance_leaves_the_base() -> None:
    """dd[dd]d: charged 180 s, the base shorter by 120 s."""
    term = ExclusionTerm(cause="planned maintenance", notice=72 * 3600 * SECOND)
    statement = judge([*history("ddddd"), MAINTENANCE], contract(exclusions=(term,)))
    [figures] = statement.services
    assert (figures.down, figures.excluded, figures.up) == (180 * SECOND, 120 * SECOND, 1500 * SECOND)
    assert statement.incidents[0].charged == 180 * SECOND
    assert result(statement, "availability").value == result(statement, "availability").lower


def test_a_maintenance_that_is_not_down_counts_as_up() -> None:
    """dd[dd]d with not_down: the base whole, UP 120 s more."""
    term = ExclusionTerm(cause="planned_maintenance", effect="not_down")
    [figures] = judge([*history("ddddd"), MAINTENANCE], contract(exclusions=(term,))).services
    assert (figures.down, figures.excluded, figures.up) == (180 * SECOND, 0, 1620 * SECOND)


@pytest.mark.parametrize("seven", ["dd?????", "?????dd"])
@pytest.mark.parametrize(("longer", "most"), [(0, 2), (3, 2), (4, 1)])
def test_unknown_beside_an_outage_may_lengthen_it_and_hide_another(seven: str, longer: int, most: int) -> None:
    """Two minutes down, five unknown: two outages longer than 3 min (2 + 1 and 4), but not two longer than 4 min."""
    terms = contract(promise("outages", "<=", 1, "count", threshold=longer * MINUTE))
    assert result(judge(history(seven), terms), "outages").upper == most


@pytest.mark.parametrize("seven", ["dd?????", "?????dd"])
def test_unknown_beside_an_excluded_outage_may_make_it_count_and_hide_another(seven: str) -> None:
    """None is charged; with the unknown down the excluded one is, and another after a moment up."""
    start = TEN + seven.index("d") * MINUTE
    announced = replace(MAINTENANCE, start=start, end=start + 2 * MINUTE)
    terms = contract(exclusions=(ExclusionTerm(cause=MAINTENANCE.cause),))
    outages = result(judge([*history(seven), announced], terms), "outages")
    assert (outages.lower, outages.value, outages.upper) == (0, 0, 2)


def test_without_the_notice_the_exclusion_lapses() -> None:
    """The announcement came 80 h ahead, the contract wants 96 h: what was measured stands."""
    term = ExclusionTerm(cause="planned_maintenance", notice=96 * 3600 * SECOND)
    statement = judge([*history("ddddd"), MAINTENANCE], contract(exclusions=(term,)))
    assert statement.services[0].down == 300 * SECOND
    assert statement.exclusions[0].lapsed == ((MAINTENANCE.start, MAINTENANCE.end, "without the notice"),)


def test_no_sample_for_longer_than_max_gap_is_unknown_after_one_interval() -> None:
    """Nothing from 10:01 to 10:09: UP until 10:01, UNKNOWN [10:01, 10:10)."""
    statement = judge(samples(BEFORE + "U" + "." * 9 + "U" * 10, start=TEN - 10 * MINUTE))
    [unknown] = statement.unknown
    assert (unknown.start, unknown.end, unknown.cause) == (TEN + MINUTE, TEN + 10 * MINUTE, "gap")


def test_one_missing_sample_is_within_max_gap() -> None:
    assert judge(history("U.UUU")).services[0].unknown == 0


def test_a_recheck_ends_the_outage_at_its_own_instant() -> None:
    """10:00 down, 10:00:05 recheck up: DOWN for 5 s."""
    again = samples("U", start=TEN + 5 * SECOND)
    statement = judge([*history("dUUUU"), *again])
    assert statement.services[0].down == 5 * SECOND


def test_a_cap_is_used_up_in_the_order_of_time() -> None:
    """Two maintenances of 3 and 2 minutes under a cap of 4: the second is excluded for its first minute only."""
    term = ExclusionTerm(cause="planned_maintenance", cap=4 * MINUTE)
    first = ExclusionFact(id="A", start=TEN - 9 * MINUTE, end=TEN - 6 * MINUTE, cause="planned_maintenance")
    second = ExclusionFact(id="B", start=TEN, end=TEN + 2 * MINUTE, cause="planned_maintenance")
    statement = judge([*history("ddddd"), first, second], contract(exclusions=(term,)))
    [a, b] = statement.exclusions
    assert a.applied == ((first.start, first.end),)
    assert b.applied == ((TEN, TEN + MINUTE),)
    assert b.lapsed == ((TEN + MINUTE, TEN + 2 * MINUTE, "beyond the cap"),)
    assert statement.services[0].down == 4 * MINUTE


def test_an_open_incident_leaves_its_promise_undecided_until_it_exceeds_it() -> None:
    """The facts end in an outage of 3 min (limit 4): indeterminate; of 6 min: breached."""
    ended = judge(samples("U" * 27 + "ddd", start=TEN - 10 * MINUTE))
    assert result(ended, "longest-outage").verdict is Verdict.INDETERMINATE
    assert ended.incidents[0].end is None
    longer = judge(samples("U" * 24 + "dddddd", start=TEN - 10 * MINUTE))
    assert result(longer, "longest-outage").verdict is Verdict.BREACHED


def test_gaps_neither_create_a_breach_nor_hide_one() -> None:
    """744 h, DOWN 40 min, UNKNOWN 10 min: [44590, 44600] / 44640 around 99.9 %."""
    hours = 744 * 60
    text = "U" * 1000 + "d" * 40 + "?" * 10 + "U" * (hours - 1050)
    statement = judge(samples(text), contract(AVAILABILITY, LONGEST), TEN, TEN + hours * MINUTE)
    found = result(statement, "availability")
    assert found.value is not None and found.lower is not None and found.upper is not None
    assert (found.value * 44630, found.lower * 44640, found.upper * 44640) == (44590, 44590, 44600)
    assert found.verdict is Verdict.INDETERMINATE


def test_three_vantages_vote_once_a_slot() -> None:
    """Slot 10:00: down at :03, up at :04, down at :05, quorum 2: DOWN from 10:00:03; the dissent is kept."""
    marks = {"fra": ("d", 3), "ams": ("U", 4), "par": ("d", 5)}
    facts = []
    for vantage, (mark, late) in marks.items():
        for minute, state in enumerate("U" * 10 + mark + "U" * 19):
            slot = TEN + (minute - 10) * MINUTE
            [sample] = samples(state, start=slot + late * SECOND, scheduled_at=slot)
            facts.append(replace(sample, vantage=vantage))
    statement = judge(facts)
    [incident] = statement.incidents
    assert (incident.start, incident.end) == (TEN + 3 * SECOND, TEN + 63 * SECOND)
    assert incident.seen_by == ("fra", "par")
