"""The main line, real at every point: a site that is broken and repaired, the daemon as a process that is killed in the
middle, a webhook receiver, a Mosquitto, and a statement that is worked out by hand from the probe log.

    site      ── up ──────┬── broken ────────────────────────┬── repaired ──────
    daemon    ────────────┴──────── kill -9, started again ──┴──────────────────
    told                  opened, confirmed, at risk … breached (once) … closed
"""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from fractions import Fraction
from pathlib import Path

import pytest

from tests.acceptance.receiver import Receiver
from tests.daemon.process import ROOT, Running, Site
from tests.hooks.mosquitto import Mosquitto, Watcher, watching

SECOND = 10**9
LIMIT = 8 * SECOND


def configuration(site: Site, receiver: Receiver, broker: Mosquitto) -> str:
    return f"""
upheld: 1
daemon: {{listen: "127.0.0.1:0", metrics: "127.0.0.1:0"}}
targets:
  site: {{probe: {{kind: http, url: "{site.url}"}}, every: 1s, timeout: 900ms, confirm: 2 of 2}}
contracts:
  acme:
    provider: P
    customer: C
    timezone: UTC
    currency: EUR
    period: month
    services:
      web: {{targets: [site], charge: 100.00}}
    promises:
      - availability >= 99.9%
      - longest outage <= 8s
    credits:
      longest outage: 5% per started minute beyond 8s
hooks:
  ops: {{kind: webhook, url: "{receiver.url}", secret: "{receiver.secret}"}}
  bus: {{kind: mqtt, host: 127.0.0.1, port: {broker.port}}}
"""


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    await broker.start()
    yield broker
    await broker.kill()


def upheld(daemon: Running, *words: str) -> str:
    """What a verb prints."""
    command = [sys.executable, "-m", "monitor.cli", words[0], "-c", str(daemon.config), *words[1:]]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def instant(text: str) -> int:
    """RFC 3339 with at most milliseconds, as ns."""
    return round(datetime.fromisoformat(text).timestamp() * 1000) * 1_000_000


def by_hand(log: list[dict[str, str]]) -> tuple[int, int, int]:
    """First failure, first success after it, and how many failures: from the probe log alone."""
    downs = [instant(line["at"]) for line in log if line["outcome"] == "down"]
    ups = [instant(line["at"]) for line in log if line["outcome"] == "up"]
    return min(downs), min(at for at in ups if at > max(downs)), len(downs)


@pytest.mark.needs("mosquitto")
async def test_the_main_line(tmp_path: Path, site: Site, receiver: Receiver, broker: Mosquitto) -> None:
    """Opened and back-dated, warned before the breach, told once, counted right, through a ``kill -9``."""
    text = configuration(site, receiver, broker)
    daemon = Running(tmp_path, text)
    try:
        daemon.until_ready()
        daemon.until(lambda: daemon.samples("up") >= 3)
        site.status = 503
        daemon.until(lambda: "outage.confirmed" in receiver.names())
        daemon.process.kill()
        daemon.process.wait()
        daemon = Running(tmp_path, text, name="again")
        daemon.until_ready()
        daemon.until(lambda: "promise.breached" in receiver.names("longest-outage"))
        site.status = 200
        daemon.until(lambda: "outage.closed" in receiver.names())
        daemon.until(lambda: "risk.cleared" in receiver.names("longest-outage"))
        async with watching(broker.port) as bus:
            daemon.until(lambda: daemon.samples("up") >= 3)
            await _retained(bus)
        log = [json.loads(line) for line in upheld(daemon, "export", "acme", _month(daemon)).splitlines()]
        statement = json.loads(upheld(daemon, "statement", "acme", _month(daemon), "--format", "json"))
        assert daemon.end()[0] == 0
    finally:
        daemon.kill()
    _told(receiver, [line for line in log if line["kind"] == "sample"])
    _stated(statement, [line for line in log if line["kind"] == "sample"])


def _month(daemon: Running) -> str:
    return str(json.loads(upheld(daemon, "status", "acme", "--json"))["acme"]["period"]["label"])


async def _retained(bus: Watcher) -> None:
    """The broker holds how things stand: the service is up again."""
    async with asyncio.timeout(10):
        while json.loads(bus.last("upheld/state/acme/web") or b"{}").get("state") != "up":  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def _told(receiver: Receiver, log: list[dict[str, str]]) -> None:
    """Nothing forged, nothing twice, in order, and the outage back-dated to its first failure."""
    first, end, _ = by_hand(log)
    assert receiver.forged == 0
    assert receiver.names() == ["outage.opened", "outage.confirmed", "outage.closed"]
    longest = receiver.names("longest-outage")
    assert longest.count("promise.breached") == 1
    assert longest[0] == "risk.raised"
    assert longest.index("promise.breached") > longest.index("risk.raised")
    at = {(told.name, told.promise): instant(told.time) for told in receiver.once()}
    assert at["outage.opened", None] == first
    assert at["promise.breached", "longest-outage"] >= first + LIMIT
    assert at["risk.raised", "longest-outage"] < at["promise.breached", "longest-outage"]
    assert at["outage.closed", None] == end


def _stated(statement: dict[str, object], log: list[dict[str, str]]) -> None:
    """The statement's numbers are those worked out from the log."""
    first, end, failures = by_hand(log)
    assert failures >= 6
    [incident] = statement["incidents"]  # type: ignore[misc]
    assert (instant(incident["start"]), instant(incident["end"])) == (first, end)
    unknown = sum(
        min(instant(u["to"]), end) - max(instant(u["from"]), first)
        for u in statement["unknown"]  # type: ignore[attr-defined]
        if instant(u["to"]) > first and instant(u["from"]) < end
    )
    charged = end - first - unknown
    assert int(incident["charged_ns"]) == charged
    service = statement["services"]["web"]  # type: ignore[index]
    assert int(service["down_ns"]) == charged
    promises = {promise["id"]: promise for promise in statement["promises"]}  # type: ignore[attr-defined]
    up = int(service["up_ns"])
    assert Fraction(promises["availability"]["value"]["exact"]) == Fraction(up, up + charged)
    assert int(promises["longest-outage"]["value"]["exact"]) == charged
    assert promises["longest-outage"]["verdict"] == "breached"
    assert statement["credits"][0]["amount"] == "5.00"  # type: ignore[index]
