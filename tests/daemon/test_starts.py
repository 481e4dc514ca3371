"""How a daemon begins and ends: it observes first, loses nothing of that, and saves what it has folded."""

import json
import re
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from monitor.store.sqlite import SqliteStore, open_store
from tests.daemon.process import Running, Site, settings

Start = Callable[..., Running]
NAMES = ("site", "a", "b", "c", "d")


def talkative(url: str) -> str:
    return settings(url).replace("daemon: {", "daemon: {log: {level: debug}, ")


@contextmanager
def kept(daemon: Running) -> Iterator[SqliteStore]:
    with closing(open_store(daemon.config.parent / "upheld.db", read_only=True)) as store:
        yield store


def test_it_observes_before_it_opens_its_store_and_records_all_of_it(start: Start, site: Site) -> None:
    daemon = start(talkative(site.url))
    daemon.until_ready()
    daemon.until(lambda: daemon.samples("up") >= 7)
    assert daemon.end()[0] == 0
    steps = re.findall(r"debug \[start\] (\w+): after [0-9.]+ s, [0-9.]+ s of CPU", daemon.err)
    assert steps == ["configuration", "observing", "store", "accounts", "judged"]
    with kept(daemon) as store:
        numbers = sorted(sample.seq for sample in store.read_samples(NAMES, 0, 1 << 62))
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 7


def test_its_end_saves_the_folds_with_the_last_sample_in_them(start: Start, site: Site) -> None:
    daemon = start(settings(site.url))
    daemon.until_ready()
    daemon.until(lambda: daemon.samples("up") >= 12)
    assert daemon.end()[0] == 0
    with kept(daemon) as store:
        (saved,) = store.checkpoints().values()
        last = store.last_before("site", 1 << 62)
    assert last is not None
    assert json.loads(saved)["settled"] == [last.at, list(last.identity)]


def test_one_that_is_stopped_while_it_starts_ends_in_good_order(start: Start, site: Site) -> None:
    daemon = start(talkative(site.url))
    daemon.until(lambda: "[start] observing" in daemon.err)
    assert daemon.end(signal.SIGTERM)[0] == 0
    assert "Traceback" not in daemon.err
    with kept(daemon) as store:
        assert not store.integrity()


def test_a_store_that_is_only_busy_at_the_end_is_waited_for(start: Start, site: Site) -> None:
    """Another program has it for three seconds, as a reload of a large one may; half of that cost what waited."""
    daemon = start(settings(site.url))
    daemon.until_ready()
    daemon.until(lambda: daemon.samples("up") >= 7)
    with closing(sqlite3.connect(daemon.config.parent / "upheld.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        daemon.process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            daemon.process.wait(3)
        other.execute("ROLLBACK")
    assert (daemon.process.wait(10), daemon.err) == (0, "")
    with kept(daemon) as store:
        numbers = sorted(sample.seq for sample in store.read_samples(NAMES, 0, 1 << 62))
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_hangup_while_it_starts_is_a_reload_and_no_end(start: Start, site: Site) -> None:
    """Its store is held by another program for so long; systemd starts nothing again that ended with SIGHUP."""
    first = start(talkative(site.url))
    first.until_ready()
    assert first.end()[0] == 0
    with closing(sqlite3.connect(first.config.parent / "upheld.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        daemon = start(talkative(site.url))
        daemon.until(lambda: "[start] observing" in daemon.err)
        daemon.process.send_signal(signal.SIGHUP)
        other.execute("ROLLBACK")
    daemon.until_ready()
    daemon.until(lambda: "[reloaded] configuration: 5 targets in force" in daemon.err)
    assert daemon.end()[0] == 0
