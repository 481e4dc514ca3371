"""The schedule, on a clock that the test turns by hand."""

import gc
import time
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

from config.model import Target
from probes.kind import Seen
from probes.launch import Run
from probes.sample import Outcome
from probes.schedule import Schedule
from probes.slots import GRID, next_slot, phase
from tests.probes.clockwork import SECOND, Clockwork, target, targets


class Bench:
    """A schedule whose runs take ``took`` and see ``outcome``; ``took`` None: they never end."""

    def __init__(self, took: int | None = SECOND // 10, outcome: Outcome = Outcome.UP) -> None:
        self.time = Clockwork()
        self.took, self.outcome = took, outcome
        self.runs: list[Run] = []
        self.outcomes: list[Outcome] = []
        self.reasons: list[str | None] = []
        self.open: list[Callable[[Seen], None]] = []
        self.schedule = Schedule(self.time, self.time, self._start, self._ended)

    def _start(self, _: Target, done: Callable[[Seen], None]) -> None:
        self.open.append(done)
        if self.took is not None:
            seen = Seen(at=self.time.wall(), outcome=self.outcome)
            self.time.call_later(self.took / SECOND, lambda: done(seen))

    def _ended(self, run: Run, seen: Seen) -> None:
        self.runs.append(run)
        self.outcomes.append(seen.outcome)
        self.reasons.append(seen.reason)

    def slots(self, name: str = "a") -> list[int]:
        return [run.scheduled_at for run in self.runs if run.target.name == name]


def test_slots_are_multiples_of_the_interval_plus_a_phase_that_depends_on_the_name_alone() -> None:
    bench = Bench()
    one = target("a")
    bench.schedule.swap(targets(one), "c1")
    bench.time.run(300 * SECOND)
    slots = bench.slots()
    assert len(slots) == 10
    assert {slot % one.every for slot in slots} == {phase("a", one.every)}
    assert {after - before for before, after in pairwise(slots)} == {one.every}
    assert phase("a", one.every) == 1_800_000_000  # the same in every process and for ever


def test_phases_lie_on_the_grid_and_spread_evenly() -> None:
    phases = [phase(f"t{i}", 30 * SECOND) for i in range(10_000)]
    assert all(p % GRID == 0 for p in phases)
    per_second = Counter(p // SECOND for p in phases)
    assert len(per_second) == 30
    assert max(per_second.values()) < 420  # 333 expected


def test_an_interval_shorter_than_the_grid_still_has_its_slots() -> None:
    bench = Bench(took=1_000_000)
    bench.schedule.swap(targets(target("a", every=20_000_000)), "")
    bench.time.run(SECOND)
    assert len(bench.runs) in (49, 50)


def test_a_start_that_is_late_moves_no_later_slot() -> None:
    bench = Bench()
    bench.schedule.swap(targets(target("a", every=SECOND)), "")
    for _ in range(200):
        bench.time.run(SECOND - 7_000_000)
        bench.time.hold(7_000_000)
    bench.time.run(SECOND)
    slots = bench.slots()
    assert len(slots) in (200, 201)
    assert {slot % SECOND for slot in slots} == {phase("a", SECOND)}


def test_after_a_stall_each_target_is_started_at_most_once_and_no_burst_follows() -> None:
    """every 30 s; stopped for 10 minutes: 20 slots of each of 1,000 targets are missed and stay missed."""
    bench = Bench()
    bench.schedule.swap(targets(*(target(f"t{i}") for i in range(1000))), "")
    bench.time.run(60 * SECOND)
    before = len(bench.runs)
    bench.time.hold(600 * SECOND)
    bench.time.run(SECOND)
    soon = Counter(run.target.name for run in bench.runs[before:])
    assert max(soon.values()) == 1
    assert len(soon) < 120  # two seconds' worth at the usual rate, not 1,000
    bench.time.run(29 * SECOND)
    assert max(Counter(run.target.name for run in bench.runs[before:]).values()) <= 2
    assert bench.schedule.missed > 18_000


def test_a_machine_that_is_always_late_starves_no_target_for_more_than_two_intervals() -> None:
    bench = Bench()
    every = 10 * SECOND
    bench.schedule.swap(targets(*(target(f"t{i}", every=every) for i in range(200))), "")
    for _ in range(60):
        bench.time.hold(3 * SECOND)
        bench.time.run(1)
    bench.time.run(SECOND)
    for i in range(200):
        starts = [run.started_at for run in bench.runs if run.target.name == f"t{i}"]
        assert max(after - before for before, after in pairwise(starts)) <= 3 * every


def test_runs_of_one_target_never_overlap() -> None:
    """every 1 s, each run takes 2.5 s: slots 0, 3, 6 … are used, those between are missed."""
    bench = Bench(took=SECOND * 5 // 2)
    bench.schedule.swap(targets(target("a", every=SECOND, timeout=3 * SECOND)), "")
    bench.time.run(31 * SECOND)
    slots = bench.slots()
    assert {after - before for before, after in pairwise(slots)} == {3 * SECOND}
    assert bench.schedule.missed == 20


def test_a_failing_probe_is_run_again_after_recheck_and_keeps_its_slots() -> None:
    bench = Bench(outcome=Outcome.DOWN)
    bench.schedule.swap(targets(target("a", recheck=25 * SECOND)), "")
    bench.time.run(next_slot(bench.time.wall(), 30 * SECOND, phase("a", 30 * SECOND)) - bench.time.wall())
    bench.time.run(59 * SECOND)
    first = bench.slots()[0]
    assert [slot - first for slot in bench.slots()] == [0, 25_100_000_000, 30_000_000_000, 55_100_000_000]


def test_a_good_or_unknown_sample_brings_no_recheck() -> None:
    for outcome in (Outcome.UP, Outcome.UNKNOWN):
        bench = Bench(outcome=outcome)
        bench.schedule.swap(targets(target("a", recheck=SECOND)), "")
        bench.time.run(90 * SECOND)
        assert len(bench.runs) == 3


def test_a_recheck_that_would_come_after_the_next_slot_is_that_slot() -> None:
    bench = Bench(outcome=Outcome.DOWN)
    bench.schedule.swap(targets(target("a", recheck=30 * SECOND)), "")
    bench.time.run(90 * SECOND)
    assert len(bench.runs) == 3


def test_a_swap_misses_no_slot_of_an_unchanged_target_and_stops_what_left() -> None:
    bench = Bench()
    bench.schedule.swap(targets(target("a"), target("b")), "c1")
    for turn in range(100):
        bench.schedule.swap(targets(target("a"), target(f"c{turn}")), f"c{turn}")
        bench.time.run(3 * SECOND)
    assert len(bench.slots()) == 10
    assert bench.slots("b") == []
    assert {run.config for run in bench.runs} <= {f"c{turn}" for turn in range(100)}


def test_a_swap_during_a_run_keeps_what_the_run_saw_under_the_old_configuration() -> None:
    bench = Bench(took=2 * SECOND)
    bench.schedule.swap(targets(target("a")), "old")
    bench.time.run(phase("a", 30 * SECOND) + SECOND)
    assert bench.schedule.in_flight == 1
    bench.schedule.swap({}, "new")
    bench.time.run(60 * SECOND)
    assert [run.config for run in bench.runs] == ["old"]


def test_a_changed_interval_takes_effect_at_once() -> None:
    bench = Bench()
    bench.schedule.swap(targets(target("a", every=3600 * SECOND)), "")
    bench.schedule.swap(targets(target("a", every=SECOND)), "")
    bench.time.run(10 * SECOND)
    assert len(bench.runs) in (9, 10)


def test_a_target_with_a_long_interval_is_first_looked_at_within_a_minute() -> None:
    bench = Bench()
    bench.schedule.swap(targets(target("a", every=86_400 * SECOND)), "")
    bench.time.run(61 * SECOND)
    assert len(bench.runs) == 1


def test_a_run_whose_end_is_never_told_is_unknown_and_blocks_its_target_no_longer() -> None:
    """timeout 2 s: after twice that and ten seconds the run is a bug of ours; its late word is not taken."""
    bench = Bench(took=None)
    bench.schedule.swap(targets(target("a")), "")
    bench.time.run(70 * SECOND)
    assert bench.outcomes[:1] == [Outcome.UNKNOWN]
    assert bench.reasons[:1] == ["bug"]
    told = len(bench.outcomes)
    bench.open[0](Seen(at=0, outcome=Outcome.DOWN))
    assert len(bench.outcomes) == told
    assert bench.schedule.lost == told


def test_a_run_is_given_the_time_it_began_with() -> None:
    bench = Bench(took=40 * SECOND, outcome=Outcome.DOWN)
    bench.schedule.swap(targets(target("a", every=5 * SECOND, timeout=60 * SECOND)), "")
    bench.time.run(6 * SECOND)
    bench.schedule.swap(targets(target("a", every=5 * SECOND, timeout=SECOND)), "")
    bench.time.run(45 * SECOND)
    assert bench.outcomes[:1] == [Outcome.DOWN] and bench.schedule.lost == 0


def test_done_called_twice_is_one_sample() -> None:
    bench = Bench()
    bench.schedule.swap(targets(target("a")), "")
    bench.time.run(12 * SECOND)
    bench.open[0](Seen(at=0, outcome=Outcome.DOWN))
    assert bench.outcomes == [Outcome.UP]


def test_a_step_of_the_wall_clock_brings_the_next_slot_of_the_new_epoch_and_no_burst() -> None:
    for step in (-86_400, -3600, 3600, 86_400, -1_790_000_000, 400_000_000):
        bench = Bench()
        bench.schedule.swap(targets(*(target(f"t{i}") for i in range(50))), "")
        bench.time.run(60 * SECOND)
        before = len(bench.runs)
        bench.time.anchor += step * SECOND
        bench.schedule.realign()
        bench.time.run(30 * SECOND)
        assert Counter(run.target.name for run in bench.runs[before:]).total() in range(49, 52)


def test_stop_starts_nothing_more_and_names_the_runs_in_flight() -> None:
    bench = Bench(took=5 * SECOND)
    bench.schedule.swap(targets(target("a", every=10 * SECOND)), "")
    bench.time.run(phase("a", 10 * SECOND) + SECOND)
    assert [run.target.name for run in bench.schedule.stop()] == ["a"]
    bench.time.run(60 * SECOND)
    assert len(bench.runs) == 1


def test_the_delay_of_starts_is_known() -> None:
    bench = Bench()
    bench.schedule.swap(targets(target("a", every=SECOND)), "")
    bench.time.run(20 * SECOND)
    assert bench.schedule.delays.quantile(0.99) <= 1
    bench.time.run(phase("a", SECOND) + SECOND // 2)
    bench.time.hold(SECOND)
    bench.time.run(5 * SECOND)
    assert 0 < bench.schedule.delays.quantile(1) <= SECOND // 2


def test_ten_thousand_targets_cost_microseconds_a_start_and_hundreds_of_bytes() -> None:
    bench = Bench(took=0)
    many = targets(*(target(f"t{i}", every=10 * SECOND) for i in range(10_000)))
    bench.schedule.swap(many, "")
    gc.collect()
    began = time.process_time()
    bench.time.run(30 * SECOND)
    spent = time.process_time() - began
    assert len(bench.runs) in range(29_900, 30_101)
    assert spent / 30_000 < 100e-6
    assert bench.schedule.delays.quantile(0.99) < 1_000_000
