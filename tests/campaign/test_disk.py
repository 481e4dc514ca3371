"""A small part of ``make campaign-disk``."""

import json
import subprocess
import sys

import pytest


@pytest.mark.needs("cc")
def test_a_disk_that_fails_at_any_call_costs_nothing_acknowledged() -> None:
    """Every way of failing, at calls spread over a life of 16 commits."""
    command = [sys.executable, "-m", "tests.campaign.disk", "--commits", "16", "--every", "64"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    found = json.loads(run.stdout)
    assert found["failed"] == 0 and found["faults"] > 20
