"""A small part of ``make campaign-crash``."""

import json
import subprocess
import sys


def test_fifteen_kills_lose_and_double_nothing_and_every_restart_agrees_with_its_store() -> None:
    command = [sys.executable, "-m", "tests.campaign.crash", "--kills", "15"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
    found = json.loads(run.stdout)
    assert found["acked"] > 200
    assert {found[key] for key in ("acked_lost", "double_counted", "recompute_differs", "unsound")} == {0}
