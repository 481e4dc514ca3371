"""The probe kind ``icmp``: its options, and runs over the loopback interface."""

import asyncio
import errno
import socket

import pytest

from config.model import Target
from config.options import checked
from probes.clock import SystemClock
from probes.kind import Cohort, Kit, ResolveError, Seen, Well
from probes.kinds import KINDS, icmp
from probes.net.icmp import sockets
from probes.net.icmp.engine import Engine
from probes.net.icmp.prober import Icmp
from probes.net.icmp.run import Party, Run, Squad
from probes.net.icmp.sockets import Unavailable, open_socket
from probes.sample import Outcome
from tests.lab.bursts import MS, Alive, burst, kit, plan, until


def can_open() -> bool:
    try:
        open_socket(socket.AF_INET).sock.close()
    except Unavailable:
        return False
    return True


needs_icmp = pytest.mark.skipif(not can_open(), reason="needs the right to send ICMP")


class Names:
    """A resolver with an answer, or a failure, made by hand; it takes a moment."""

    def __init__(self, answer: str | ResolveError, cached: str | None = None) -> None:
        self._answer, self.cached = answer, cached
        self.asked: list[tuple[str, int]] = []

    def known(self, name: str, family: int) -> str | None:
        return self.cached

    async def resolve(self, name: str, family: int, timeout: int) -> str:  # noqa: ASYNC109
        self.asked.append((name, family))
        await asyncio.sleep(0.01)
        if isinstance(self._answer, ResolveError):
            raise self._answer
        return self._answer


def options_of(name: str, **options: object) -> Target:
    return Target(name=name, kind="icmp", options=checked(icmp.Options, options), every=10**10, timeout=500 * MS)


def target(**options: object) -> Target:
    return options_of("t", **options)


async def once(prober: Icmp, what: Target, explain: bool = False) -> Seen:
    future: asyncio.Future[Seen] = asyncio.get_running_loop().create_future()
    prober.start(what, future.set_result, explain)
    return await asyncio.wait_for(future, 10)


def test_the_kind_is_listed() -> None:
    assert KINDS["icmp"] is icmp and icmp.NAME == "icmp"


@pytest.mark.parametrize(
    ("options", "family"),
    [
        ({"host": "a.example"}, socket.AF_INET),
        ({"host": "a.example", "family": 4}, socket.AF_INET),
        ({"host": "a.example", "family": 6}, socket.AF_INET6),
    ],
)
@pytest.mark.parametrize(
    ("reason", "outcome"),
    [("nxdomain", Outcome.DOWN), ("no_address", Outcome.DOWN), ("dns_local", Outcome.UNKNOWN)],
)
async def test_a_name_is_looked_up_in_one_family_and_its_failure_is_told_apart(
    options: dict[str, object], family: int, reason: str, outcome: Outcome
) -> None:
    names = Names(ResolveError(reason, "no such name"))
    prober = icmp.open(Kit(SystemClock(), Alive(), names))
    seen = await once(prober, target(**options), explain=True)
    prober.close()
    assert (seen.outcome, seen.reason, seen.sent) == (outcome, reason, None)
    assert names.asked == [("a.example", family)]
    assert "no such name" in seen.steps[0]


@needs_icmp
async def test_a_name_that_resolves_is_probed_and_says_where() -> None:
    prober = icmp.open(Kit(SystemClock(), Alive(), Names("127.0.0.1")))
    seen = await once(prober, target(host="a.example", packets=1))
    prober.close()
    assert (seen.outcome, seen.address, seen.received) == (Outcome.UP, "127.0.0.1", 1)
    assert [name for name, _ in seen.phases] == ["resolve"]


@needs_icmp
async def test_a_name_whose_address_is_at_hand_needs_no_lookup() -> None:
    names = Names(ResolveError("dns_local", "asked"), cached="127.0.0.1")
    prober = icmp.open(Kit(SystemClock(), Alive(), names))
    seen = await once(prober, target(host="a.example", packets=1))
    prober.close()
    assert (seen.outcome, seen.address, names.asked) == (Outcome.UP, "127.0.0.1", [])


@needs_icmp
@pytest.mark.parametrize("batched", [True, False], ids=["sendmmsg", "sendmsg"])
@pytest.mark.parametrize("size", [24, 56, 57, 1400])
async def test_loopback_answers_every_packet_by_either_way_of_sending(batched: bool, size: int) -> None:
    before = SystemClock().wall()
    prober = Icmp(kit(), Engine(kit(), batched=batched))
    seen = await once(prober, target(host="127.0.0.1", packets=3, spacing="20ms", size=size), explain=True)
    prober.close()
    assert (seen.outcome, seen.sent, seen.received, seen.duplicates) == (Outcome.UP, 3, 3, 0)
    assert all(rtt is not None and 0 < rtt < 50 * MS for rtt in seen.rtts)
    assert before <= seen.at <= SystemClock().wall()
    assert seen.took is not None and 40 * MS <= seen.took < 5_000 * MS
    assert ("sendmmsg" if batched else "sendmsg") in seen.steps[0]
    assert [line.split(":")[0] for line in seen.steps[2:5]] == ["packet 0", "packet 1", "packet 2"]
    assert seen.steps[-1] == "3 of 3 packets proven sent were answered; up when at least one reply: up"


@needs_icmp
async def test_a_thousand_runs_at_once_are_all_answered_and_each_is_told_once() -> None:
    engine = Engine(kit())
    seen = await asyncio.gather(*(burst(engine, plan(f"127.1.{n // 250}.{n % 250}", packets=3)) for n in range(1000)))
    counts = engine.counts(socket.AF_INET)
    engine.close()
    assert {(s.outcome, s.received) for s in seen} == {(Outcome.UP, 3)}
    assert len({s.address for s in seen}) == 1000
    assert (counts.sent, counts.replies, counts.duplicates, counts.late) == (3000, 3000, 0, 0)


@needs_icmp
async def test_two_engines_on_one_machine_do_not_hear_each_other() -> None:
    one, two = Engine(kit(), kinds=("raw",)), Engine(kit(), kinds=("raw",))
    try:
        await asyncio.gather(*(burst(engine, plan("127.0.0.1", packets=10)) for engine in (one, two)))
    finally:
        counts = [engine.counts(socket.AF_INET) for engine in (one, two)]
        one.close()
        two.close()
    assert [(c.sent, c.replies, c.forged, c.mismatched) for c in counts] == [(10, 10, 0, 0)] * 2


@needs_icmp
async def test_closing_ends_every_run_as_unknown_shutdown() -> None:
    prober = icmp.open(Kit(SystemClock(), Alive(), Names("127.0.0.1")))
    seen: list[Seen] = []
    prober.start(target(host="127.0.0.1", packets=5), seen.append)
    await asyncio.sleep(0.08)
    prober.start(target(host="127.0.0.1", packets=5), seen.append)
    prober.start(target(host="a.example"), seen.append)
    await asyncio.sleep(0)
    prober.close()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [(s.outcome, s.reason) for s in seen] == [(Outcome.UNKNOWN, "shutdown")] * 3


async def test_a_socket_that_cannot_be_had_is_unknown_with_its_errno_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No descriptor is left: the run says so, and the next one after a second tries again."""

    def full(family: int, kind: str) -> sockets.Opened:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(sockets, "_ready", full)
    prober = icmp.open(kit())
    seen = await once(prober, target(host="127.0.0.1"))
    prober.close()
    assert (seen.outcome, seen.reason, seen.sent) == (Outcome.UNKNOWN, "EMFILE", 0)
    assert "LimitNOFILE" in seen.steps[0]


@needs_icmp
async def test_a_bug_of_ours_ends_every_open_run_as_unknown_and_the_next_run_begins_anew(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whoever is told of the first run raises: the others, under way and waiting, are each told once, as ``bug``."""
    engine = Engine(kit())
    seen: list[Seen] = []

    def broken(what: Seen) -> None:
        raise RuntimeError("a bug")

    engine.add(Run(plan("127.0.0.1", packets=1), broken))
    engine.add(Run(plan("127.0.0.2", packets=5), seen.append))
    engine.add(Run(plan("127.0.0.3", packets=50), seen.append))
    await until(lambda: len(seen) == 2)
    after = await burst(engine, plan("127.0.0.1", packets=1))
    engine.close()
    assert [(s.outcome, s.reason) for s in seen] == [(Outcome.UNKNOWN, "bug")] * 2
    assert after.outcome is Outcome.UP
    assert "icmp_bug" in caplog.text and "RuntimeError: a bug" in caplog.text


@needs_icmp
async def test_a_cohort_is_told_of_together_and_what_differs_one_by_one() -> None:
    """Literal addresses of one shape go as one; another shape, a name and an address of no use each go their way."""
    hosts = {"a": "127.0.0.1", "b": "127.0.0.2", "name": "a.example", "zone": "fe80::1%nosuch", "six": "::1"}
    them = [options_of(name, host=host, packets=2, spacing="20ms") for name, host in hosts.items()]
    cohort = Cohort((*them, options_of("more", host="127.0.0.4", packets=3, spacing="20ms")))
    prober = Icmp(Kit(SystemClock(), Alive(), Names("127.0.0.3")))
    single: dict[int, Seen] = {}
    together: list[Well] = []
    for _ in range(2):  # what is found out in the first round serves the second
        single.clear()
        together.clear()
        prober.start_all(cohort, range(6), single.__setitem__, together.append)
        await asyncio.wait_for(until(lambda: len(single) + sum(len(well.places) for well in together) == 6), 5)
        assert sorted((well.places.tolist(), well.rtts.shape) for well in together) == [([0, 1], (2, 2)), ([5], (1, 3))]
        assert all((well.rtts > 0).all() and well.rtts.max() < 500 * MS for well in together)
        assert [together[0].addresses[place] for place in (0, 1, 5)] == ["127.0.0.1", "127.0.0.2", "127.0.0.4"]
        assert (single[2].outcome, single[2].address, single[2].received) == (Outcome.UP, "127.0.0.3", 2)
        assert (single[3].outcome, single[3].reason) == (Outcome.UNKNOWN, "ENODEV")
        assert (single[4].outcome, single[4].received) == (Outcome.UP, 2)  # its squad has an address of no use
    single.clear()
    prober.start_all(cohort, [1, 5], single.__setitem__, together.append)
    await asyncio.wait_for(until(lambda: len(single) == 2), 5)
    assert {place: seen.received for place, seen in single.items()} == {1: 2, 5: 3}
    prober.close()


@needs_icmp
@pytest.mark.parametrize("pause", [0, 0.05], ids=["waiting", "under way"])
async def test_closing_ends_every_run_of_a_party_once(pause: float) -> None:
    engine = Engine(kit())
    plans = [plan(f"127.0.0.{number}", packets=50) for number in range(1, 5)]
    seen: list[tuple[int, str | None]] = []
    squad = Squad(plans, [10, 11, 12, 13], [None] * 14)
    engine.add(Party(squad, lambda place, what: seen.append((place, what.reason)), lambda well: None))
    await asyncio.sleep(pause)
    engine.close()
    assert sorted(seen) == [(place, "shutdown") for place in (10, 11, 12, 13)]


@needs_icmp
async def test_a_squad_goes_on_after_a_bug_has_ended_its_party_and_the_socket() -> None:
    engine = Engine(kit())
    squad = Squad([plan(f"127.0.0.{number}", packets=1) for number in (1, 2)], [0, 1], ["127.0.0.1", "127.0.0.2"])
    seen: list[tuple[int, Seen]] = []
    together: list[Well] = []

    def broken(well: Well) -> None:
        raise RuntimeError("a bug")

    def done(place: int, what: Seen) -> None:
        seen.append((place, what))

    engine.add(Run(plan("127.0.0.3", packets=50), lambda what: seen.append((9, what))))
    engine.add(Party(squad, done, broken))
    await until(lambda: len(seen) == 1)
    engine.add(Party(squad, done, together.append))
    await asyncio.wait_for(until(lambda: len(seen) > 1 or bool(together)), 5)
    engine.close()
    assert [(place, what.reason) for place, what in seen] == [(9, "bug")]
    assert together[0].places.tolist() == [0, 1]
