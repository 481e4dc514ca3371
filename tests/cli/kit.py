"""Runs verbs as a shell does, in this process; and a small configuration with its facts."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from monitor.cli import main

CONFIG = """upheld: 1
targets:
  hq-router: {probe: {kind: icmp, host: 192.0.2.7}, every: 60s, timeout: 2s}
contracts:
  acme:
    provider: ExampleNet
    customer: ACME GmbH
    timezone: Europe/Berlin
    currency: EUR
    period: month
    services:
      hq: {targets: [hq-router], charge: 1200.00}
    promises:
      - availability >= 99.9%
      - longest outage <= 4h
      - p95 latency <= 80ms
    exclusions:
      - planned maintenance: {notice: 72h}
    credits:
      availability: {"< 99.9%": 10%}
"""


def upheld(*arguments: object, given: str | bytes | None = None) -> Result:
    """One run of the command; a traceback of ours fails the test."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], input=given)
    assert "Traceback" not in result.output
    return result


def written(directory: Path) -> Path:
    """The configuration, in a directory of its own."""
    path = directory / "upheld.yaml"
    path.write_text(CONFIG)
    return path


def sample(minute: int, outcome: str = "up", **more: object) -> dict[str, object]:
    """One on the minute, counted from 2026-09-30T20:00Z: two hours before October begins in Berlin."""
    hour, minute_ = divmod(20 * 60 + minute, 60)
    at = f"2026-09-30T{hour:02d}:{minute_:02d}:00Z" if hour < 24 else f"2026-10-01T{hour - 24:02d}:{minute_:02d}:00Z"
    known: dict[str, object] = {"kind": "sample", "target": "hq-router", "vantage": "here", "boot": "b1"}
    return known | {"seq": minute, "at": at, "outcome": outcome, "took_ms": "12.5"} | more


def lines(facts: list[dict[str, object]]) -> str:
    return "".join(json.dumps(fact) + "\n" for fact in facts)
