"""The vantage: what it stamps, what it probes, how it stops."""

from collections.abc import Callable

from pydantic import BaseModel

from config.model import Config, Target
from config.model import Vantage as Place
from probes.columns import to_samples
from probes.kind import Kit, Seen
from probes.life import Epoch, Heartbeat
from probes.sample import Outcome, Sample
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
    Options: type[BaseModel] = Nothing

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


class Site:
    """A vantage on a clockwork."""

    def __init__(self, polite: bool = True) -> None:
        self.time = Clockwork()
        self.kind = FakeKind(polite)
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
    site.vantage.start(aims.model_copy(update={"vantage": Place(name="fra", witnesses=("gateway",))}))
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
