"""Targets that start together, on a clock that the test turns by hand."""

from dataclasses import replace

import numpy as np

from probes.kind import Seen, Well
from probes.launch import Launch
from probes.sample import Outcome
from probes.schedule import Schedule
from probes.slots import GRID, WIDE, phase
from tests.probes.clockwork import SECOND, target, targets
from tests.probes.test_schedule import Bench


class Crowd(Bench):
    """Whose runs are begun together; the test ends them by hand."""

    def __init__(self) -> None:
        super().__init__(took=None)
        self.launches: list[Launch] = []
        self.wells: list[tuple[Launch, Well]] = []
        self.schedule = Schedule(
            self.time, self.time, self._start, self._ended, self.launches.append, lambda *told: self.wells.append(told)
        )

    def begin(self, count: int = 10, **more: int) -> Launch:
        """A cohort at its first slot."""
        phases = {f"t{i}": phase(f"t{i}", 10 * SECOND, WIDE) for i in range(400)}
        names = [name for name, when in phases.items() if when == phases["t0"]][:count]
        self.schedule.swap(targets(*(target(name, every=10 * SECOND, **more) for name in names)), "c", {"fake"})
        self.time.run(10 * SECOND)
        return self.launches[-1]

    @staticmethod
    def well(places: list[int]) -> Well:
        return Well(np.array(places), 5, 6, np.full((len(places), 1), 7), [])


def test_targets_with_the_same_slots_are_begun_together_and_may_end_together() -> None:
    bench = Crowd()
    launch = bench.begin(3)
    assert list(launch.places) == [0, 1, 2] and launch.scheduled_at == launch.started_at
    assert bench.schedule.in_flight == 3
    launch.well(bench.well([0, 2]))
    launch.done(1, Seen(at=1, outcome=Outcome.UNKNOWN, reason="dns_local"))
    assert bench.schedule.in_flight == 0
    assert bench.wells[0][1].places.tolist() == [0, 2]
    (run,) = bench.runs
    assert (run.target.name, run.scheduled_at, run.config) == (launch.cohort.targets[1].name, launch.scheduled_at, "c")
    bench.time.run(10 * SECOND)
    assert bench.launches[-1].cohort is launch.cohort
    assert bench.launches[-1].scheduled_at == launch.scheduled_at + 10 * SECOND
    assert bench.schedule.delays.quantile(1) == 0


def test_they_are_begun_on_a_wider_grid_than_others_and_a_target_takes_the_grid_of_its_kind() -> None:
    bench = Crowd()
    crowd = targets(*(target(f"t{i}", every=SECOND) for i in range(50)))
    bench.schedule.swap(crowd, "c", {"fake"})
    bench.time.run(2 * SECOND)
    assert {launch.scheduled_at % SECOND for launch in bench.launches} == {WIDE * at for at in range(5)}
    for launch in bench.launches:
        launch.well(bench.well(list(launch.places)))
    for name, one in crowd.items():
        crowd[name] = replace(one, kind="other")
    bench.schedule.swap(crowd, "d", {"fake"})
    count = len(bench.launches)
    bench.time.run(2 * SECOND)
    assert len(bench.launches) == count
    assert {run.target.name: run.scheduled_at % SECOND for run in bench.schedule.stop()} == {
        name: phase(name, SECOND, GRID) for name in crowd
    }


def test_who_is_still_under_way_is_left_out_and_the_others_of_the_cohort_begin() -> None:
    bench = Crowd()
    first = bench.begin(3)
    first.well(bench.well([0, 1]))
    bench.time.run(10 * SECOND)
    assert list(bench.launches[-1].places) == [0, 1]
    assert bench.schedule.missed == 1
    bench.launches[-1].well(bench.well([0, 1]))
    first.done(2, Seen(at=1, outcome=Outcome.UP))
    bench.time.run(10 * SECOND)
    assert list(bench.launches[-1].places) == [0, 1, 2]


def test_who_was_given_up_on_is_not_told_of_again_with_the_others() -> None:
    """timeout 2 s: at the second slot after, the run is a bug of ours."""
    bench = Crowd()
    first = bench.begin(2)
    bench.time.run(20 * SECOND)
    assert bench.reasons == ["bug", "bug"]
    second = bench.launches[-1]
    first.well(bench.well([0, 1]))
    assert bench.wells == [] and second is not first
    second.done(0, Seen(at=1, outcome=Outcome.UP))
    second.well(bench.well([0, 1]))
    assert bench.wells[0][1].places.tolist() == [1] and bench.wells[0][1].rtts.tolist() == [[7]]


def test_who_of_a_cohort_is_down_is_looked_at_again_alone() -> None:
    bench = Crowd()
    launch = bench.begin(3, recheck=SECOND)
    launch.well(bench.well([0, 2]))
    launch.done(1, Seen(at=1, outcome=Outcome.DOWN))
    bench.time.run(2 * SECOND)
    assert len(bench.launches) == 1 and len(bench.open) == 1
    assert bench.schedule.in_flight == 1


def test_a_cohort_that_comes_too_late_waits_for_its_next_slot() -> None:
    bench = Crowd()
    launch = bench.begin(3)
    launch.well(bench.well([0, 1, 2]))
    bench.time.run(launch.scheduled_at + 9 * SECOND - bench.time.wall())
    bench.time.hold(3 * SECOND)
    bench.time.run(SECOND)
    assert (len(bench.launches), bench.schedule.missed) == (1, 3)


def test_who_changes_under_way_is_told_of_as_it_began() -> None:
    bench = Crowd()
    launch = bench.begin(2)
    changed = [target(one.name, every=one.every, timeout=3 * SECOND) for one in launch.cohort.targets]
    bench.schedule.swap(targets(*changed), "d", {"fake"})
    launch.done(1, Seen(at=1, outcome=Outcome.UP))
    (run,) = bench.runs
    assert run.target is launch.cohort.targets[1] and run.config == "c"
