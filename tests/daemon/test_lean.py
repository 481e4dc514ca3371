"""A daemon that pings holds no code that only others need: each of these would stay for as long as it runs."""

import subprocess
import sys

import pytest

LOADED = """
import sys
from importlib import import_module
from monitor.cli.run import LATER, OBSERVING
for name in (*OBSERVING, *LATER):
    import_module(name)
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    """The modules of a daemon that has begun."""
    ended = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    return set(ended.stdout.split())


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
