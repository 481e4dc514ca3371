"""Two evaluators that share nothing agree on random contracts of outage rules and measures."""

import pytest

from tests.laws.rule_compare import differences
from tests.laws.rule_worlds import rule_world

BATCH = 10


@pytest.mark.parametrize("start", range(0, 20, BATCH))
def test_both_evaluators_count_the_same_outages_and_give_the_same_figures(start: int) -> None:
    """Every counted outage, and values within their bounds. ``python -m tests.laws.rule_compare SEED`` tells the story,
    ``--seeds FROM TO`` runs as many as one likes."""
    found = {seed: lines for seed in range(start, start + BATCH) if (lines := differences(rule_world(seed)))}
    assert not found, f"{len(found)} of {BATCH} differ: {found}"
