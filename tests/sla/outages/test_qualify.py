"""Which outages count: by their length, by how much there was within a window, by whether they were reported."""

from tests.sla.outages.kit import MINUTE, SECOND, START, at, counted, rule, ticket

THREE = [(10, 13), (100, 104), (300, 325)]  # 3, 4 and 25 minutes


def test_without_conditions_every_outage_counts_whole() -> None:
    assert counted(rule(), down=THREE) == [(10, 13, 3), (100, 104, 4), (300, 325, 25)]


def test_an_outage_that_is_long_enough_counts_from_its_start() -> None:
    assert counted(rule(least=4 * MINUTE), down=THREE) == [(100, 104, 4), (300, 325, 25)]
    assert counted(rule(least=4 * MINUTE, strict=True), down=THREE) == [(300, 325, 25)]


def test_a_franchise_takes_the_threshold_off_each_outage() -> None:
    assert counted(rule(least=4 * MINUTE, excess=True), down=THREE) == [(300, 325, 21)]


def test_what_was_restored_within_the_grace_does_not_count() -> None:
    assert counted(rule(grace=4 * MINUTE), down=THREE) == [(300, 325, 25)]
    assert counted(rule(grace=4 * MINUTE, grace_beyond=True), down=THREE) == [(300, 325, 21)]


def test_an_outage_that_is_never_confirmed_is_none() -> None:
    five = 5 * MINUTE
    assert counted(rule(confirm_after=five), down=[(10, 14), (20, 55)]) == [(20, 55, 35)]
    late = rule(confirm_after=five, starts={"of": ("confirmation",)})
    assert counted(late, down=[(10, 14), (20, 55)]) == [(25, 55, 30)]
    assert counted(late, down=[(20, 25)]) == []


def seconds(*found: tuple[int, int]) -> list[tuple[float, float]]:
    """(start, length) in seconds as spans in minutes."""
    return [(start / 60, (start + length) / 60) for start, length in found]


def test_short_interruptions_count_once_a_window_holds_enough_of_them() -> None:
    together = rule(accumulate=(90 * SECOND, 10 * MINUTE))
    assert counted(together, down=seconds((0, 40), (500, 49))) == []
    assert [charged for *_, charged in counted(together, down=seconds((0, 40), (500, 50)))] == [40 / 60, 50 / 60]
    assert counted(together, down=seconds((0, 40), (600, 50))) == []


def test_an_outage_outside_every_full_window_stays_none() -> None:
    together = rule(accumulate=(90 * SECOND, 10 * MINUTE))
    found = counted(together, down=seconds((0, 40), (500, 50), (3000, 89)))
    assert [start for start, *_ in found] == [0, 500 / 60]


def test_a_window_may_cut_an_outage_that_is_long_enough_by_itself() -> None:
    together = rule(accumulate=(90 * SECOND, 10 * MINUTE))
    assert [charged for *_, charged in counted(together, down=seconds((0, 1200)))] == [20]


def test_an_outage_counts_only_if_it_was_reported_in_time() -> None:
    reported = rule(reported_within=60 * MINUTE)
    down = [(10, 40), (300, 330), (600, 630)]
    facts = [ticket("early", 70, restored=90), ticket("late", 361, restored=400), ticket("before", 590, restored=640)]
    assert [start for start, *_ in counted(reported, down=down, facts=facts)] == [10, 600]


def test_outages_of_other_services_are_not_the_rules() -> None:
    assert counted(rule(services=("line",)), down=THREE) == []


def test_an_outage_over_the_edge_is_whole_in_the_period_it_begins_in() -> None:
    from tests.sla.outages.kit import outages

    before, after = outages(rule(), down=[(-30, 20), (1430, 1460)])
    assert (before.counted, after.counted) == (False, True)
    assert (before.charged, after.charged) == (50 * MINUTE, 30 * MINUTE)
    assert before.part(START, at(1440)) == 20 * MINUTE and after.part(START, at(1440)) == 10 * MINUTE
