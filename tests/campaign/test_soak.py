"""A small part of ``make campaign-soak``."""

import asyncio

from tests.campaign.soak import loopback, soak
from tests.lab.space import needs_root


@needs_root
def test_forty_thousand_probes_leave_no_descriptor_task_or_object_behind() -> None:
    """Nor objects: one kept per ten probes would show."""
    with loopback():
        found = asyncio.run(soak(40_000))
    assert found.outcomes == {"up": 40_000}
    assert (found.descriptors, found.tasks) == (0, 0)
    assert found.blocks_per_1000 < 100
