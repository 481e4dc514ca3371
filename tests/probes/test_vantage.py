"""The vantage: what it stamps, what it probes, how it stops."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from config.model import Config, Target
from config.model import Vantage as Place
from config.typed import Options
from monitor.door import quantised
from probes.columns import to_samples
from probes.kind import Cohort, Kit, Seen, Well
from probes.launch import Launch
from probes.life import Epoch, Heartbeat
from probes.sample import Outcome, Sample
from probes.slots import phase
from probes.together import SPARE, Stamps
from probes.vantage import Vantage
from tests.probes.clockwork import SECOND, Clockwork, Nothing, target, targets


class Loopback:
    """A prober whose runs end when the test says so; closing ends those ``polite`` asks it to."""

    def __init__(self, kit: Kit, polite: bool) -> None:
        self.kit, self.polite = kit, polite
        self.open: list[Callable[[Seen], None]] = []

    def start(self, target: Target, done: Callable[[Seen], None], explain: bool = False) -> None:
        self.open.append(done)

    def answer(self, outcome: Outcome = Outcome.UP, reason: str | None = None) -> None:
        waiting, self.open = self.open, []
        for done in waiting:
            done(Seen(self.kit.clock.wall(), outcome, reason, took=7, sent=1, received=1, rtts=(7,)))

    def close(self) -> None:
        if self.polite:
            self.answer(Outcome.UNKNOWN, "shutdown")


class FakeKind:
    """A kind handed to the vantage as a module would be."""

    NAME = "fake"
    Options: type[Options] = Nothing

    def __init__(self, polite: bool = True) -> None:
        self.polite = polite
        self.probers: list[Loopback] = []

    def open(self, kit: Kit) -> Loopback:
        self.probers.append(Loopback(kit, self.polite))
        return self.probers[-1]


class NoNames:
    """A resolver for probes that need none."""

    async def resolve(self, name: str, family: int, timeout: int) -> str:  # noqa: ASYNC109
        return name

    def known(self, name: str, family: int) -> str | None:
        return name


class Watched(Clockwork):
    """Each beat asks once how far the machine's clock has drifted."""

    asked = 0

    def drift(self) -> int:
        self.asked += 1
        return super().drift()


class Site:
    """A vantage on a clockwork."""

    def __init__(self, polite: bool = True, kind: FakeKind | None = None) -> None:
        self.time = Watched()
        self.kind = kind or FakeKind(polite)
        self.samples: list[Sample] = []
        self.heartbeats: list[Heartbeat] = []
        self.epochs: list[Epoch] = []
        self.vantage = Vantage(
            {"fake": self.kind},
            self.time,
            self.time,
            NoNames(),
            self.samples.append,
            lambda columns: self.samples.extend(to_samples(columns)),
            self.heartbeats.append,
            self.epochs.append,
        )

    def live(self, ns: int, outcome: Outcome = Outcome.UP) -> None:
        """Time passes, and runs end 50 ms later at most."""
        end = self.time.monotonic() + ns
        while self.time.monotonic() < end:
            self.time.run(50_000_000)
            self.kind.probers[0].answer(outcome)


def settings(*them: Target, digest: str = "d1") -> Config:
    return Config(vantage=Place(name="fra"), targets=targets(*them), digest=digest)


def test_a_sample_carries_its_identity_slot_and_configuration() -> None:
    site = Site()
    site.vantage.start(settings(target("a", every=SECOND)))
    for _ in range(3):
        site.time.run(SECOND)
        site.kind.probers[0].answer()
    assert [sample.identity for sample in site.samples] == [("fra", site.vantage.boot, n) for n in (1, 2, 3)]
    last = site.samples[-1]
    assert (last.target, last.config, last.outcome, last.rtts) == ("a", "d1", Outcome.UP, (7,))
    assert last.clock in ("synchronised", "unsynchronised")
    assert last.scheduled_at is not None
    assert last.scheduled_at % SECOND == site.samples[0].scheduled_at % SECOND  # type: ignore[operator]


def test_each_process_has_a_boot_of_its_own() -> None:
    assert Site().vantage.boot != Site().vantage.boot


def test_a_target_of_another_vantage_is_left_to_it() -> None:
    site = Site()
    elsewhere = target("b", every=SECOND, vantages=("ams",))
    here = target("a", every=SECOND, vantages=("ams", "fra"))
    site.vantage.start(settings(here, elsewhere))
    site.time.run(3 * SECOND)
    site.kind.probers[0].answer()
    assert {sample.target for sample in site.samples} == {"a"}


def test_one_prober_serves_all_targets_of_its_kind_over_every_reload() -> None:
    site = Site()
    site.vantage.start(settings(target("a"), target("b")))
    site.vantage.reload(settings(target("c"), digest="d2"))
    assert len(site.kind.probers) == 1


def test_runs_in_flight_end_unknown_at_shutdown_whether_or_not_the_prober_says_so() -> None:
    for polite in (True, False):
        site = Site(polite)
        site.vantage.start(settings(target("a", every=SECOND), target("b", every=SECOND)))
        site.time.run(SECOND + SECOND // 2)
        site.vantage.stop()
        assert [(s.outcome, s.reason) for s in site.samples] == [(Outcome.UNKNOWN, "shutdown")] * 2
        assert site.heartbeats[-1].at == site.time.wall()
        site.time.run(60 * SECOND)
        assert len(site.samples) == 2


def test_a_step_of_the_clock_is_told() -> None:
    site = Site()
    site.vantage.start(settings(target("a")))
    site.time.machine += 3600 * SECOND
    site.time.run(SECOND)
    assert [epoch.step for epoch in site.epochs] == [3600 * SECOND]


def test_when_a_target_fails_the_witnesses_are_asked_at_once() -> None:
    """The witness has its slots every 10 minutes; a Down brings one more run of it, and a failing witness none."""
    site = Site()
    aims = settings(target("a", every=10 * SECOND), target("gateway", every=600 * SECOND))
    site.vantage.start(aims.but(vantage=Place(name="fra", witnesses=("gateway",))))
    site.time.run(100 * SECOND)
    site.kind.probers[0].answer()
    asked = [sample.target for sample in site.samples].count("gateway")
    site.time.run(10 * SECOND)
    site.kind.probers[0].answer(Outcome.DOWN, "timeout")
    site.time.run(SECOND // 10)
    site.kind.probers[0].answer(Outcome.DOWN, "timeout")
    site.time.run(SECOND // 10)
    site.kind.probers[0].answer()
    assert [sample.target for sample in site.samples].count("gateway") == asked + 1


class Crowd(Loopback):
    """A prober that begins all at once; ``stamped``: as if the kernel told when answers come."""

    def __init__(self, kit: Kit, polite: bool, stamped: bool) -> None:
        super().__init__(kit, polite)
        self.stamped = stamped
        self.told: list[tuple[Sequence[int], Callable[[int, Seen], None], Callable[[Well], None]]] = []

    def start_all(
        self, cohort: Cohort, places: Sequence[int], done: Callable[[int, Seen], None], well: Callable[[Well], None]
    ) -> None:
        self.told.append((places, done, well))


class Together(FakeKind):
    """The kind of such probers."""

    def __init__(self, stamped: bool) -> None:
        super().__init__()
        self.stamped = stamped

    def open(self, kit: Kit) -> Crowd:
        self.probers.append(made := Crowd(kit, True, self.stamped))
        return made


def crowd(stamped: bool) -> tuple[Site, Crowd]:
    """Three targets with the same slots, begun once."""
    site = Site(kind=Together(stamped))
    names = [f"t{i}" for i in range(400) if phase(f"t{i}", 10 * SECOND) == phase("t0", 10 * SECOND)][:3]
    site.vantage.start(settings(*(target(name, every=10 * SECOND) for name in names)))
    site.time.run(10 * SECOND)
    prober = site.kind.probers[0]
    assert isinstance(prober, Crowd)
    return site, prober


def test_samples_that_went_well_together_are_stamped_as_each_by_itself() -> None:
    site, prober = crowd(stamped=True)
    ((places, done, well),) = prober.told
    assert list(places) == [0, 1, 2]
    at = site.time.wall()
    trips = np.array([[7_499, 8_500], [500, 1_499]])
    well(Well(np.array([2, 0]), at + 999_999, 9_501, trips, ["192.0.2.1", "192.0.2.2", "192.0.2.3"]))
    done(1, Seen(at + 999_999, Outcome.UP, None, 9_501, 2, 2, (7_499, 8_500), address="192.0.2.2"))
    first, second, alone = site.samples
    assert [sample.seq for sample in site.samples] == [1, 2, 3]
    like = {"target": first.target, "seq": 1, "address": "192.0.2.3"}
    assert quantised(replace(alone, **like), site.time.wall()) == first
    assert (first.took, first.rtts) == (10_000, (7_000, 9_000))
    assert (second.rtts, second.address, second.target) == ((1_000, 1_000), "192.0.2.1", "t0")
    assert len({sample.target for sample in site.samples}) == 3
    assert alone.scheduled_at is not None and alone.clock is not None and alone.config == "d1"


def beats(site: Site) -> int:
    """Heartbeats of the loop in the next second."""
    before = site.time.asked
    site.time.run(SECOND)
    return site.time.asked - before


def test_it_beats_finely_only_while_a_run_is_under_way_whose_answer_no_kernel_stamps() -> None:
    site = Site()
    site.vantage.start(settings(target("a", every=3600 * SECOND, timeout=60 * SECOND)))
    site.time.run(SECOND + 200_000_000 - site.time.wall() % 200_000_000 + 5_000_000)
    before = site.time.asked
    site.vantage.schedule.hasten("a")
    site.time.run(90_000_000)
    assert site.time.asked - before >= 4  # at once, not from the schedule's next instant on
    site.time.run(SECOND)
    assert beats(site) == 50
    site.kind.probers[0].answer()
    site.time.run(SECOND)
    assert beats(site) == 5
    for stamped, expected in ((True, 5), (False, 50)):
        site, _ = crowd(stamped)
        assert site.vantage.schedule.in_flight == 3
        site.time.run(SECOND)
        assert beats(site) == expected


def test_words_of_cohorts_that_are_gone_are_not_kept_for_ever() -> None:
    stamps, seen = Stamps(), set()
    for turn in range(300):
        cohort = Cohort(tuple(target(f"{turn}-{number}") for number in range(100)))
        launch = Launch(cohort, range(100), 1, 1, 1, "d1", lambda place, what: None, lambda found: None)
        well = Well(np.array([3]), 5, 6, np.array([[7]]), [f"{turn}.{number}" for number in range(100)])
        columns = stamps.columns(launch, well, ("fra", "b1", None, None), 1, 9)
        seen.add(id(columns.words))
        assert len(columns.words) <= SPARE + 1000
        (sample,) = to_samples(columns)
        assert (sample.target, sample.address, sample.config, sample.clock) == (f"{turn}-3", f"{turn}.3", None, None)
    assert len(seen) > 1
