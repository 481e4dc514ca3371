"""What was sampled at one cadence stays judged by it, whatever the configuration says later."""

from config.model import Config
from monitor.sla.facts import ScheduleFact
from monitor.sla.known import cadence_changes
from tests.sla.histories import MINUTE, TARGET, TEN, judge, samples

SLOW = TARGET.model_copy(update={"every": 10 * MINUTE})


def test_a_cadence_is_told_once_and_again_when_it_changes() -> None:
    first = cadence_changes([TARGET], [], TEN)
    assert first == [ScheduleFact("hq", TEN, TARGET.every, TARGET.timeout)]
    assert cadence_changes([TARGET], first, TEN + MINUTE) == []
    second = cadence_changes([SLOW], first, TEN + MINUTE)
    assert second == [ScheduleFact("hq", TEN + MINUTE, SLOW.every, SLOW.timeout)]
    assert cadence_changes([TARGET], [*second, *first], TEN + 2 * MINUTE)[0].every == TARGET.every


def test_a_gap_at_the_old_cadence_stays_a_gap_at_the_new_one() -> None:
    """Sampled every minute, five missing; the configuration now says every ten minutes, which would span them."""
    facts = [*samples("U" * 10 + "....." + "U" * 15, start=TEN - 10 * MINUTE)]
    told = [ScheduleFact("hq", TEN - 10 * MINUTE, TARGET.every, TARGET.timeout)]
    now = Config(targets={"hq": SLOW})
    assert judge([*facts, *told], config=now).services[0].unknown == 5 * MINUTE
    assert judge(list(facts), config=now).services[0].unknown == 0
