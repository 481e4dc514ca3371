"""A small part of ``make campaign-disk``, and that it would find what it looks for."""

import json
import subprocess
import sys

import pytest

from tests.campaign.sabotage import SABOTAGES


def campaign(*words: str) -> tuple[int, dict[str, int], str]:
    """How it ended, what it found, and what it said of it."""
    command = [sys.executable, "-m", "tests.campaign.disk", *words]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.stdout, run.stderr
    return run.returncode, json.loads(run.stdout), run.stderr


@pytest.mark.needs("cc")
def test_a_disk_that_fails_at_any_call_costs_nothing_acknowledged() -> None:
    """Every way of failing, at calls spread over a life of 12 commits."""
    ended, found, told = campaign("--commits", "12", "--every", "96")
    assert ended == 0, told
    assert found["failed"] == found["unmet"] == 0 and found["faults"] > 20


@pytest.mark.needs("cc")
@pytest.mark.parametrize("wrong", SABOTAGES)
def test_a_store_that_does_wrong_where_a_disk_fails_is_told_from_a_sound_one(wrong: str) -> None:
    """Every call fails, each in one or two of the four ways."""
    ended, found, _ = campaign("--commits", "6", "--every", "3", "--sabotage", wrong)
    assert ended == 1 and found["failed"] == 1
