"""A daemon that pings holds no code that only others need: each of these would stay for as long as it runs."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.hooks.kinds import KINDS as HOOKS
from probes.kinds import KINDS as PROBES
from tests.daemon.process import Running, Site, settings

LOADED = """
import sys
from importlib import import_module
from monitor.cli.run import LATER, OBSERVING
for name in (*OBSERVING, *LATER, *sys.argv[1:]):
    import_module(name)
print(*sys.modules)
"""
KINDS = (*(f"probes.kinds.{name}" for name in PROBES), *(f"monitor.hooks.kinds.{name}" for name in HOOKS))
TOLD = """
hooks:
  ops: {{kind: webhook, url: "{url}"}}
  broker: {{kind: mqtt, host: 127.0.0.1, port: 1}}
"""


def modules(*more: str) -> set[str]:
    """What a daemon has loaded when it has begun, and needs these besides."""
    ended = subprocess.run([sys.executable, "-c", LOADED, *more], capture_output=True, text=True, check=True)
    return set(ended.stdout.split())


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The modules of a daemon that has begun."""
    return modules()


@pytest.mark.parametrize(
    ("name", "whose"),
    [
        ("aiomqtt", "brokers, which load it"),
        ("cryptography", "signing, which is another process"),
        ("dns", "names, at the first of which it is loaded"),
        ("probes.kinds.http", "targets of that kind, with which it is loaded"),
        ("numpy.ma", "masked arrays, which no code of ours has (plain numpy.unique loads it)"),
        ("psycopg", "a store in a database, which loads it"),
        ("pydantic", "reading options, which is another process"),
        ("yaml", "reading contracts, which is another process"),
    ],
)
def test_a_daemon_that_pings_does_without(loaded: set[str], name: str, whose: str) -> None:
    assert "monitor.daemon" in loaded and "probes.kinds.icmp" in loaded
    assert name not in loaded, f"only for {whose}"


def test_no_kind_needs_what_reads_its_options() -> None:
    loaded = modules(*KINDS)
    assert set(KINDS) <= loaded and "pydantic" not in loaded and "pydantic_core" not in loaded


def test_a_daemon_that_probes_tells_and_reads_again_does_without_it(start: Callable[..., Running], site: Site) -> None:
    daemon = start(settings(site.url) + TOLD.format(url=site.url))
    daemon.until_ready()
    site.status = 503
    daemon.until(lambda: daemon.metrics()['upheld_incident_open{contract="acme",service="web"}'] == 1)
    site.status = 200
    assert daemon.ask(daemon.url("/-/reload"), "POST") == (200, "reloaded\n")
    daemon.until(lambda: daemon.samples("up") >= 7)
    mapped = Path(f"/proc/{daemon.process.pid}/maps").read_text()
    assert "pydantic" not in mapped and "aiohttp" in mapped
