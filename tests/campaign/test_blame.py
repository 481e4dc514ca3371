"""A small part of ``make campaign-blame``: every fault, over healthy targets and over a true outage."""

from tests.campaign.blame import judged
from tests.campaign.faults import FAULTS
from tests.campaign.real import real_episodes
from tests.lab.space import needs_root


def test_our_own_trouble_is_never_down_and_hides_no_outage() -> None:
    found = [judged(seed, fault) for fault in FAULTS for seed in range(2)]
    assert [(one.fault, one.seed) for one in found if one.false_down] == []
    assert sum(one.found for one in found) >= sum(one.there for one in found) * 0.99 > 0


@needs_root
def test_a_real_daemon_stopped_starved_and_cut_off_blames_nobody() -> None:
    """One episode of each, on daemons side by side."""
    assert real_episodes(4) == (4, 0)
