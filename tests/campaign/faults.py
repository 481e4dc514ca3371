"""The monitor's own troubles, each as it looks from the kernel. A fault takes an episode and passes its time."""

from collections.abc import Callable, Mapping
from random import Random
from typing import TYPE_CHECKING

from probes.sample import MILLISECOND
from tests.probes.clockwork import SECOND

if TYPE_CHECKING:
    from tests.campaign.episode import Episode

Fault = Callable[["Episode", Random], None]


def stall(episode: "Episode", rng: Random) -> None:
    """Stopped (SIGSTOP, a frozen machine, a blocked loop) for 20 ms to a minute; the network goes on."""
    for _ in range(rng.choice((1, 1, 3))):
        episode.machine.time.hold(round(20 * MILLISECOND * 3000 ** rng.random()))
        episode.machine.time.run(rng.randrange(SECOND))


def starved(episode: "Episode", rng: Random) -> None:
    """A starved processor: for 20 s the process runs now and then."""
    end = episode.machine.time.monotonic() + 20 * SECOND
    while episode.machine.time.monotonic() < end:
        episode.machine.time.hold(rng.randrange(50 * MILLISECOND, 1500 * MILLISECOND))
        episode.machine.time.run(rng.randrange(1, 300 * MILLISECOND))


def suspend(episode: "Episode", rng: Random) -> None:
    """Asleep for a second to a day."""
    episode.machine.sleep(round(SECOND * 86_400 ** rng.random()))


def clock(episode: "Episode", rng: Random) -> None:
    """The machine's clock is set, by 10 ms to a day, forward or back."""
    episode.machine.time.machine += rng.choice((-1, 1)) * round(10 * MILLISECOND * 8_640_000 ** rng.random())


def restart(episode: "Episode", rng: Random) -> None:
    """Killed, or ended in good order, and begun anew a little or two minutes later."""
    if rng.random() < 0.5:
        episode.vantage.stop()
    episode.kill()
    episode.machine.time.hold(round(100 * MILLISECOND * 1200 ** rng.random()))
    episode.start()


def _broken(*names: str, least: int = 50 * MILLISECOND) -> Fault:
    """One of these is broken for a while."""

    def fault(episode: "Episode", rng: Random) -> None:
        time = episode.machine.time
        lasts = round(least * (60 * SECOND / least) ** rng.random())
        now = time.monotonic()
        episode.machine.broken[rng.choice(names)] = [(now, now + lasts)]
        time.run(lasts)

    return fault


FAULTS: Mapping[str, Fault] = {
    "stall": stall,
    "starved": starved,
    "suspend": suspend,
    "descriptors": _broken("EMFILE", "ENFILE", "EADDRNOTAVAIL"),
    "buffers": _broken("ENOBUFS", "EPERM", "ENETUNREACH"),
    "resolver": _broken("dns_local"),
    "uplink": _broken("uplink", least=7 * SECOND),
    "clock": clock,
    "restart": restart,
}
