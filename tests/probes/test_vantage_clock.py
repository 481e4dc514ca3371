"""A vantage whose machine's clock is set: whoever finds it out, everybody goes on at the slots of the new epoch."""

from collections import Counter

import pytest

from config.model import Vantage as Place
from probes.sample import Outcome
from probes.slots import phase
from tests.probes.clockwork import SECOND, target
from tests.probes.test_vantage import Site, settings


@pytest.mark.parametrize("step", [-3600, 3600])
def test_a_step_that_a_start_finds_out_first_makes_nobody_wait_and_nobody_start_twice(step: int) -> None:
    """The slots of both coincide between two beats; beginning the first run is what looks at the clock."""
    site, one, two = Site(), named(SECOND), named(2 * SECOND)
    site.vantage.start(settings(target(one, every=SECOND), target(two, every=2 * SECOND)))
    site.live(10 * SECOND - site.time.wall() % (2 * SECOND) + 250_000_000)
    before, missed = len(site.samples), site.vantage.schedule.missed
    site.time.machine += step * SECOND
    site.live(20 * SECOND)
    runs = Counter(sample.target for sample in site.samples[before:])
    assert runs[one] in (19, 20) and runs[two] in (9, 10)
    assert site.vantage.schedule.missed == missed


def named(every: int) -> str:
    """A name whose slots lie 300 ms behind its interval's."""
    return next(name for name in map(f"{every}-{{}}".format, range(10_000)) if phase(name, every) == 300_000_000)


def test_a_clock_set_back_keeps_no_witness_from_being_asked() -> None:
    site, long = Site(), 600 * SECOND
    place = Place(name="fra", witnesses=("w",))
    config = settings(target("a"), target("w", every=long)).but(vantage=place)
    site.vantage.start(config)
    site.live(100 * SECOND)
    site.time.machine -= 3600 * SECOND
    site.live(SECOND)
    site.samples.clear()
    site.live(32 * SECOND, Outcome.DOWN)
    assert "w" in [sample.target for sample in site.samples]
