"""A small part of ``make campaign-fuzz``."""

from tests.campaign.fuzz import fuzz


def test_four_hundred_wrecked_files_are_read_or_refused_at_once() -> None:
    found = fuzz(400, 7)
    assert found.inputs == 400
    assert found.wrecks == ()
    assert found.refused > 200
    assert found.slowest < 0.1, found.worst.decode(errors="replace")
